"""What is said above the stage of data that were just chosen: how they were understood, and what else they could be."""

from __future__ import annotations

import re
from typing import Any
from weakref import WeakKeyDictionary

import streamlit as st

from core import Table
from dashboard.lab.comparing import forget_moved
from dashboard.lab.fields import LINE, POINTS_FORGOTTEN, forget_before_table, forget_problems, renew, tell_news
from dashboard.lab.uploads import find_table, reading_of
from dashboard.shared.verbatim import verbatim

__all__ = ["READINGS", "STYLE", "offer_readings", "show_news", "understood"]


NEWS = "data-news"
READINGS = "other-readings"

_said: WeakKeyDictionary[Table, dict[tuple[str, str], tuple[str, ...]]] = WeakKeyDictionary()

STYLE = f"""
.st-key-{NEWS} {{padding: 0.15rem 3rem 0.15rem 0.9rem; margin-bottom: -0.5rem}}
.st-key-{NEWS} p {{font-size: 0.875rem}}
.st-key-{NEWS} > [data-testid="stElementContainer"]:first-child {{flex: 1 1 24rem}}
:is(.st-key-{NEWS}, .st-key-{READINGS}) button p {{text-decoration: underline}}
"""
"""One line where there is room, beside the menu of the page."""


def show_news() -> None:
    """Draw it, if there is any."""
    told: tuple[str, ...] | None = st.session_state.get("data_news")
    fields: dict[str, Any] = st.session_state["fields"]
    if told is None:
        return
    table = None if fields["data"] == LINE else find_table(fields["data"], fields["reading"] or "")
    sentences = [*(understood(table, fields["x"], fields["y"]) if table else ()), *told]
    if not sentences:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=NEWS):
        st.markdown(f"**{verbatim(table.name if table else 'Points')}**  {verbatim(' '.join(sentences))}")
        if table is None:
            return
        offer_readings(table, fields["x"], fields["y"], "news")
        raw = fields["standardize"] == "none"
        label = "Standardise x" if raw else "Show the data as it is"
        st.button(label, type="tertiary", on_click=_scale, args=("x" if raw else "none",))


def understood(table: Table, x: str, y: str) -> tuple[str, ...]:
    """The table's own sentences about these columns, each said once by looking at all cells."""
    said = _said.setdefault(table, {})
    if (x, y) not in said:
        said[x, y] = _notices(table, x, y)
    return said[x, y]


def _notices(table: Table, x: str, y: str) -> tuple[str, ...]:
    try:
        return table.notices(x, y)
    except ValueError:  # of columns that cannot be trained on, what is wrong is said elsewhere
        return ()


def offer_readings(table: Table, x: str, y: str, place: str) -> None:
    """A button for each other way to read these columns of the table."""
    for label, reading in table.others_for(x, y):
        key = f"{place}-{re.sub('[^a-z]+', '-', reading)}"
        st.button(verbatim(label), type="tertiary", key=key, on_click=_read_as, args=(reading,))


def _read_as(reading: str) -> None:
    """Read it so: the same columns where they are still there."""
    forget_problems()
    fields: dict[str, Any] = st.session_state["fields"]
    table = find_table(fields["data"], reading)
    if table is None:
        return
    known = table.columns
    x, y = (fields[name] if fields[name] in known and known[fields[name]].usable else None for name in ("x", "y"))
    fields["reading"] = reading_of(fields["data"], table)
    forgotten = forget_moved("reading")
    try:
        fields["x"], fields["y"] = table.columns_for(x, y)
    except ValueError:
        fields["x"], fields["y"] = x, y
    renew("x", "y")
    tell_news(*([POINTS_FORGOTTEN] if forgotten else []))


def _scale(standardize: str) -> None:
    """There and back, as often as somebody wants to see the difference."""
    forget_problems()
    forget_before_table()
    st.session_state["fields"]["standardize"] = standardize
    renew("standardize")
    tell_news()
