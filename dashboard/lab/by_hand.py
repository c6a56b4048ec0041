"""What a hand has done on the stage: a start, or points put elsewhere, for the run in front."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.experiment import PARAMETERS
from dashboard.lab.asked import asked_of, base_of
from dashboard.lab.comparing import comparing, front_fields, move, remove
from dashboard.lab.fields import forget_problems, renew, sentence_of

__all__ = ["DRAWN", "put_points", "reset", "start_at"]

DRAWN: dict[str, Any] = {"start_b": None, "start_w": None, "moved": ()}
"""The fields that a hand sets, as they are before it does."""


def start_at(value: Any) -> None:
    """The run in front starts at `[b, w]`."""
    if isinstance(value, list) and len(value) == 2:
        _change({"start_b": value[0], "start_w": value[1]})


def put_points(value: Any) -> None:
    """Points of the run in front lie elsewhere, or are added: `[[index, x, y], …]`, in units of the data.

    Those that were moved before stay where they are.
    """
    if isinstance(value, list) and all(isinstance(row, list) and len(row) == 3 for row in value):
        rows = [*front_fields()["moved"], *map(tuple, value)]
        _change({"moved": tuple({row[0]: row for row in rows if isinstance(row[0], int)}.values())})


def reset(_: Any = None) -> None:
    """The run in front has the start and the points that its seed draws. One that was nothing else is gone."""
    state = comparing()
    if not state.front:
        _change(DRAWN)
        return
    fields, change = st.session_state["fields"], state.changes[state.front - 1]
    rest = {name: value for name, value in change.items() if name not in DRAWN}
    rest |= {name: drawn for name, drawn in DRAWN.items() if fields[name] != drawn}
    if rest:
        state.changes[state.front - 1] = rest
    else:
        remove(state.front)
    _renewed()


def _change(values: dict[str, Any]) -> None:
    """The fields of the run in front have these values, and it starts; or a sentence says why they cannot."""
    forget_problems()
    try:
        checked = {name: PARAMETERS[name].check(name, value) for name, value in values.items()}
        tried = front_fields() | checked
        asked_of(base_of(tried), tried)
    except ValueError as error:
        st.session_state["link_problems"] = [sentence_of(error)]
        return
    for name, value in checked.items():
        move(name, value)
    _renewed()


def _renewed() -> None:
    forget_problems()
    renew(*st.session_state["fields"])
    st.session_state["start"] = True
