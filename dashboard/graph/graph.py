"""What Streamlit runs for the graph: the lab's controls, and of its stage the autograd graph alone."""

from dashboard.lab.page import show_lab

show_lab("graph")
