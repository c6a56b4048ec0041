"""What Streamlit runs for the lab: the controls and the live stage."""

from dashboard.lab.page import show_lab

show_lab("lab")
