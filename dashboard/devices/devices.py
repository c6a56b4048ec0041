"""What Streamlit runs for the page of the devices: the button that measures, and what was measured."""

from dashboard.devices.page import choose_points, show_devices

show_devices(*choose_points())
