"""What Streamlit runs for the mistakes of a first PyTorch course: the list of them, and the one that is chosen."""

from dashboard.mistakes.page import choose, show

show(*choose())
