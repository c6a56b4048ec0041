"""The lab: the controls and the live stage."""

from dashboard.lab_page import lab_page

lab_page("lab")
