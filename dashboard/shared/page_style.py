"""How the pages look that Streamlit draws by itself: those of the mistakes and of the course."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.palette import DARK, LIGHT
from dashboard.shared.still_charts import Palette

__all__ = ["page_palette", "style"]

CODE = """
[data-testid="stCode"] .token:is(.keyword, .function, .builtin) {color: var(--b)}
[data-testid="stCode"] .token:is(.number, .boolean, .operator) {color: var(--w)}
[data-testid="stCode"] .token:is(.string, .triple-quoted-string) {color: var(--gradient)}
[data-testid="stCode"] :is(.punctuation, .comment, .linenumber) {color: var(--muted) !important}
"""
"""Some of Streamlit's colours for code are too faint for the back row."""


def page_palette() -> Palette:
    """The palette that goes with the page's theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def style(palette: Palette, more: str) -> None:
    """Give the page the palette's colours, as `--ROLE`, and `more` rules, for as long as it is shown."""
    colours = "".join(f"--{role}: {colour};" for role, colour in palette.items())
    st.html(f"<style>:root {{{colours}}}{CODE}{more}</style>")
