"""Text that somebody else wrote, in the midst of Markdown."""

from __future__ import annotations

import re

__all__ = ["verbatim"]


def verbatim(text: str) -> str:
    """`text` as Markdown that shows it as it is: what a link or a file says must not become links or formulas."""
    unlinked = re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", "\u2060", text)
    return re.sub(r"([\\`*\[\]<>$~])", r"\\\1", unlinked)
