"""What a visitor wishes on the stage itself: buttons that stand beside the charts, and not among the controls.

The browser sends every wish with a number until it hears that it is fulfilled, so that none is lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.experiment import METHODS, PARAMETERS
from core.training.sweep import NUMERIC, Span
from dashboard.lab.by_hand import put_points, reset, start_at
from dashboard.lab.comparing import bring_forward, comparing, make_base, move, remove, shown_fields
from dashboard.lab.fields import POINTS_FORGOTTEN, forget_problems, renew, sentence_of, tell_news
from dashboard.lab.link import ask_for
from dashboard.lab.rate_change import hold_from
from dashboard.shared.reruns import widget_asked
from dashboard.stage.arrangement import CHOICES
from dashboard.stage.camera import is_camera
from dashboard.stage.panels import PANELS, are_panels, are_projected

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
            if name in WISHES:
                WISHES[name](value)
        widget_asked()


def _with_run(act: Callable[[int], None]) -> Callable[[Any], None]:
    """`act` on the number of a run, after which the controls show another one."""

    def acted(value: Any) -> None:
        if type(value) is int:
            act(value)
            renew(*st.session_state["fields"])
            forget_problems()

    return acted


def _method(value: Any) -> None:
    """The run in front writes its four steps in another way."""
    if value in METHODS and value != shown_fields()["method"]:
        move("method", value)
        renew("method")
        forget_problems()


def _chooses(name: str) -> Callable[[Any], None]:
    """One of the few words that there are for it."""

    def chosen(value: Any) -> None:
        if value in CHOICES[name]:
            setattr(comparing(), name, value)

    return chosen


def _camera(value: Any) -> None:
    """From where the landscape is seen; None as at first."""
    if value is None or is_camera(value):
        comparing().camera = value and (value[0], value[1])


def _show(value: Any) -> None:
    """These panels, in whatever order they are named."""
    if are_panels(value):
        comparing().show = tuple(name for name in PANELS if name in value)


def _projector(value: Any) -> None:
    """These panels fill the window; none where the list is empty."""
    if are_projected(value):
        comparing().projector = tuple(name for name in PANELS if name in value)


def _sweep(value: Any) -> None:
    """Over the field of this name, or none where the name is empty."""
    if isinstance(value, str) and (value in NUMERIC or not value):
        comparing().sweep = Span(value) if value else None
        forget_problems()


def _with_value(keep: bool) -> Callable[[Any], None]:
    """The swept field has the value in the run in front, or in a new one beside it."""

    def taken(value: Any) -> None:
        state = comparing()
        if state.sweep is None:
            return
        field = state.sweep.field
        try:
            value = PARAMETERS[field].check(field, value)
        except ValueError:
            return
        state.keep = keep
        forgotten = move(field, value)
        renew(*st.session_state["fields"])
        forget_problems()
        if forgotten:
            tell_news(POINTS_FORGOTTEN)

    return taken


def _hold_from(value: Any) -> None:
    """The learning rate that was chosen last is to hold from an epoch on."""
    forget_problems()
    try:
        hold_from(value)
    except ValueError as error:
        st.session_state["link_problems"] = [sentence_of(error)]
    renew("learning_rate", "schedule")


def _link(value: Any) -> None:
    """Everything is as a link says: a prepared scene is opened."""
    if not isinstance(value, str):
        return
    forget_problems()
    try:
        ask_for(value)
    except ValueError as error:
        st.session_state["link_problems"] = [sentence_of(error)]


WISHES: dict[str, Callable[[Any], None]] = {
    "front": _with_run(bring_forward),
    "remove": _with_run(remove),
    "base": _with_run(make_base),
    "method": _method,
    **{name: _chooses(name) for name in CHOICES},
    "camera": _camera,
    "show": _show,
    "projector": _projector,
    "sweep": _sweep,
    "take": _with_value(keep=False),
    "beside": _with_value(keep=True),
    "rate_from": _hold_from,
    "start": start_at,
    "points": put_points,
    "drawn": reset,
    "link": _link,
}
