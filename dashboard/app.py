"""Entry point of the page: `streamlit run dashboard/app.py`."""

from pathlib import Path

import streamlit as st

from dashboard.page import show_way
from dashboard.shared.assets import provide_plotly

# Not a Material icon: the browser would fetch that from elsewhere.
ICON = str(Path(__file__).with_name("static") / "icon.svg")

st.set_page_config(page_title="Gradient Descent Lab", page_icon=ICON, layout="wide")
provide_plotly()
pages = [
    st.Page("lab/lab.py", title="Lab", default=True),
    st.Page("course/course.py", title="Course", url_path="course"),
    st.Page("graph/graph.py", title="Graph", url_path="graph"),
    st.Page("mistakes/mistakes.py", title="Mistakes", url_path="mistakes"),
]
page = st.navigation(pages, position="hidden")
with show_way(pages, page):
    page.run()
