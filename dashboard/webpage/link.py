"""The way from a page back to the lab: an address that asks for the very runs that the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from core import Comparison
from core.comparison import write_change
from core.parameters import shorten
from core.training.sweep import Span, write_sweep
from dashboard.shared.links import written

__all__ = ["LOCAL", "lab_address", "link_to", "query_of"]

LOCAL = "http://localhost:8501/"
"""Where the lab is that somebody starts on their own machine."""


def lab_address(text: str) -> str:
    """The lab's address, with a slash at its end and no query.

    Raises:
        ValueError: if it is none of a web page.
    """
    try:
        parts = urlsplit(text.strip())
    except ValueError:  # brackets that are none of an address
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"lab must be the address of a lab, as https://lab.example.org/, but got {shorten(text)}.")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + "/", "", ""))


def query_of(comparison: Comparison, sweep: Span | None, data: Mapping[str, str]) -> dict[str, list[str]]:
    """What a link says of these runs. `data` names a table that the lab knows; empty for points around a line."""
    query = {name: [text] for name, text in (data | comparison.base.to_query()).items()}
    if comparison.changes:
        query["versus"] = list(map(write_change, comparison.changes))
    return query | ({"sweep": [write_sweep(sweep)]} if sweep else {})


def link_to(lab: str, query: Mapping[str, list[str]]) -> str:
    """The whole address, for a lab at the address `lab`."""
    return lab + (written(query) if query else "")
