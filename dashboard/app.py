"""Entry point of the page: `streamlit run dashboard/app.py`."""

from pathlib import Path

import streamlit as st

from dashboard.assets import provide_plotly

# Not a Material icon: the browser would fetch that from elsewhere.
ICON = str(Path(__file__).with_name("static") / "icon.svg")

st.set_page_config(page_title="Gradient Descent Lab", page_icon=ICON, layout="wide")
provide_plotly()
st.navigation([st.Page("app_pages/lab.py", title="Gradient Descent Lab", default=True)], position="hidden").run()
