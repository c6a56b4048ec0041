"""Marks in the course's texts: «b» for b in its colour, «loss:L» for L in the colour of the loss."""

from __future__ import annotations

import re

__all__ = ["MARK", "unmarked"]

MARK = re.compile(r"«(\w+)(?::([^»]+))?»")
"""A mark: its role, and what is written where that is not the role itself."""


def unmarked(text: str) -> str:
    """The text without colours, for where there are none."""
    return MARK.sub(lambda found: found[2] or found[1], text)
