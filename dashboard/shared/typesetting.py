"""Writes b, w, the loss and the rest in their colours, in sentences and in formulas.

A text says «b» for b in its colour, and «loss:L» for L in the colour of the loss.
"""

from __future__ import annotations

import re

from core.course.marks import MARK
from dashboard.shared.still_charts import Palette

__all__ = ["formula", "sentence"]


def formula(latex: str, palette: Palette) -> str:
    """LaTeX with the marked parts in colour. Raises `KeyError` for a role that the palette does not have."""

    def coloured(mark: re.Match[str]) -> str:
        role = mark[1]
        written = mark[2] or (role if len(role) == 1 else rf"\text{{{role}}}")
        return rf"\textcolor{{{palette[role]}}}{{{written}}}"

    return MARK.sub(coloured, latex)


def sentence(markdown: str, palette: Palette) -> str:
    """Markdown in which the marked words are in colour, by HTML, and the marked letters are formulas.

    Raises:
        KeyError: as `formula` does.
    """

    def coloured(mark: re.Match[str]) -> str:
        written = mark[2] or mark[1]
        if len(written) == 1:
            return f"${formula(mark[0], palette)}$"
        return f'<strong style="color: {palette[mark[1]]}">{written}</strong>'

    # What stands between backquotes is shown as it is anyway.
    parts = re.split("(`[^`]*`)", markdown)
    parts[::2] = [part.replace("&", "&amp;").replace("<", "&lt;") for part in parts[::2]]
    return MARK.sub(coloured, "".join(parts))
