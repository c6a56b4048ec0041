"""What a visitor wishes on the stage itself: buttons that stand beside the charts, and not among the controls.

The browser sends every wish with a number until it hears that it is fulfilled, so that none is lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.lab.comparing import bring_forward, comparing, make_base, remove
from dashboard.lab.fields import forget_problems, renew
from dashboard.shared.reruns import widget_asked
from dashboard.stage.arrangement import ALIGNMENTS, EPOCH_AXES

__all__ = ["fulfil", "heard"]


def heard() -> int:
    """The number of the last wish that is fulfilled."""
    number: int = st.session_state.get("heard", 0)
    return number


def fulfil(wishes: object) -> None:
    """Do what is wished for. `wishes` is what the browser sends, and may be anything."""
    for wish in wishes if isinstance(wishes, list) else []:
        if not isinstance(wish, dict) or type(wish.get("number")) is not int or wish["number"] <= heard():
            continue
        st.session_state["heard"] = wish["number"]
        for name, value in wish.items():
            if name in _WISHES:
                _WISHES[name](value)
        widget_asked()


def _with_run(act: Callable[[int], None]) -> Callable[[Any], None]:
    """`act` on the number of a run, after which the controls show another one."""

    def acted(value: Any) -> None:
        if type(value) is int:
            act(value)
            renew(*st.session_state["fields"])
            forget_problems()

    return acted


def _align(value: Any) -> None:
    if value in ALIGNMENTS:
        comparing().align = value


def _epoch_axis(value: Any) -> None:
    if value in EPOCH_AXES:
        comparing().epoch_axis = value


_WISHES: dict[str, Callable[[Any], None]] = {
    "front": _with_run(bring_forward),
    "remove": _with_run(remove),
    "base": _with_run(make_base),
    "align": _align,
    "epoch_axis": _epoch_axis,
}
