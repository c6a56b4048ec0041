"""Writes b, w, the loss and the rest in their colours, in sentences and in formulas.

A text says «b» for b in its colour, and «loss:L» for L in the colour of the loss.
"""

from __future__ import annotations

import re

from core.course.marks import MARK
from dashboard.still_charts import Palette

__all__ = ["formula", "sentence"]


def _coloured(found: re.Match[str], palette: Palette) -> str:
    role = found[1]
    written = found[2] or (role if len(role) == 1 else rf"\text{{{role}}}")
    return rf"\textcolor{{{palette[role]}}}{{{written}}}"


def formula(latex: str, palette: Palette) -> str:
    """LaTeX with the marked parts in colour. Raises `KeyError` for a role that the palette does not have."""
    return MARK.sub(lambda found: _coloured(found, palette), latex)


def sentence(markdown: str, palette: Palette) -> str:
    """Markdown with the marked parts as formulas in colour. Raises `KeyError` as `formula` does."""
    return MARK.sub(lambda found: f"${_coloured(found, palette)}$", markdown)
