"""Entry point of the page: `streamlit run dashboard/app.py`."""

from pathlib import Path

import streamlit as st

from dashboard.assets import provide_plotly
from dashboard.navigation import show_way

# Not a Material icon: the browser would fetch that from elsewhere.
ICON = str(Path(__file__).with_name("static") / "icon.svg")

st.set_page_config(page_title="Gradient Descent Lab", page_icon=ICON, layout="wide")
provide_plotly()
pages = [
    st.Page("app_pages/lab.py", title="Lab", default=True),
    st.Page("app_pages/course.py", title="Course", url_path="course"),
    st.Page("app_pages/graph.py", title="Graph", url_path="graph"),
    st.Page("app_pages/mistakes.py", title="Mistakes", url_path="mistakes"),
]
page = st.navigation(pages, position="hidden")
with show_way(pages, page):
    page.run()
