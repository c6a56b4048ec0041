"""The autograd graph of the current method with the stage to itself."""

from dashboard.lab_page import lab_page

lab_page("graph")
