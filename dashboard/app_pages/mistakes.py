"""The mistakes of a first PyTorch course, run for real: the list of them, and the one that is chosen."""

from dashboard.mistake_page import choose, show

show(*choose())
