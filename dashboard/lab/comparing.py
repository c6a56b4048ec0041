"""The runs that the controls describe: a base, and variants that change some of its fields.

`st.session_state["fields"]` are the base's; `st.session_state["comparing"]` holds the rest. The controls show the run
in front, and move it: the base with all its variants, or one variant alone. After `keep` the next move makes a new
variant, and brings it to the front.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.comparison import MOST_VARIANTS, Change, change_between, completed
from core.experiment import PARAMETERS
from core.training.sweep import Span
from dashboard.stage.arrangement import Choices
from dashboard.stage.camera import Camera
from dashboard.stage.panels import PANELS, Panels

__all__ = [
    "FULL",
    "NEW_POINTS",
    "Comparing",
    "bring_forward",
    "compare",
    "comparing",
    "forget_moved",
    "front_fields",
    "make_base",
    "move",
    "put_beside",
    "remove",
    "shown_fields",
]

FULL = f"There is room for {MOST_VARIANTS + 1} runs: remove one first."


NEW_POINTS = ("n", "seed", "shape", "data", "x", "y", "reading")
"""The fields after whose change a point's number means another point."""


@dataclass
class Comparing(Choices):
    """What of the stage is more than one run."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    """Of each variant."""
    front: int = 0
    """The run that the controls show: 0 is the base, 1 the first variant."""
    keep: bool = False
    camera: Camera | None = None
    show: Panels = PANELS
    projector: Panels = ()
    sweep: Span | None = None


def comparing() -> Comparing:
    """This visitor's."""
    state: Comparing = st.session_state.setdefault("comparing", Comparing())
    return state


def front_fields() -> dict[str, Any]:
    """The values of the run in front."""
    fields: dict[str, Any] = st.session_state["fields"]
    state = comparing()
    return fields | (completed(fields, state.changes[state.front - 1]) if state.front else {})


def shown_fields() -> dict[str, Any]:
    """The values that the controls show: those of the run in front, of the learning rate the one that holds last."""
    fields = front_fields()
    return fields | {"learning_rate": fields["schedule"][-1][1]} if fields["schedule"] else fields


def move(name: str, value: Any) -> bool:
    """A control was moved: the field `name` has another value in the run in front, or in a new one after `keep`.

    Returns:
        Whether points that were moved by hand are the drawn ones again, since they are others now.
    """
    # What is chosen holds from the start, until somebody says something else.
    scheduled = name == "learning_rate" and front_fields()["schedule"]
    values = {name: value, "schedule": ()} if scheduled else {name: value}
    state, fields = comparing(), st.session_state["fields"]
    if name not in PARAMETERS:  # which data are trained on is the same for all
        fields[name] = value
    elif state.keep:
        put_beside((state.changes[state.front - 1] if state.front else {}) | values)
    elif state.front:
        state.changes[state.front - 1].update(values)
    else:
        fields.update(values)
    return name in NEW_POINTS and forget_moved(name)


def forget_moved(name: str) -> bool:
    """The field `name` has changed, of the run in front or of all: no points are moved in those that have others now.

    Returns:
        Whether there were any.
    """
    state, fields = comparing(), st.session_state["fields"]
    if state.front and name in PARAMETERS:
        change = state.changes[state.front - 1]
        had = bool((fields | change)["moved"])
        change.pop("moved", None)
        if fields["moved"]:
            change["moved"] = ()
        return had
    inheriting = [change for change in state.changes if name not in change]
    had = bool(fields["moved"]) or any(change.get("moved") for change in inheriting)
    fields["moved"] = ()
    for change in inheriting:
        change.pop("moved", None)
    return had


def put_beside(change: Change) -> None:
    """A new variant, in front of all others."""
    state = comparing()
    state.keep = False
    if len(state.changes) < MOST_VARIANTS:
        state.changes.append(dict(change))
        state.front = len(state.changes)


def bring_forward(number: int) -> None:
    """The run with this number is in front, if there is one."""
    state = comparing()
    if 0 <= number <= len(state.changes):
        state.front = number


def remove(number: int) -> None:
    """The run with this number leaves the stage. The base leaves it to the first variant."""
    state = comparing()
    if number == 0 and state.changes:
        make_base(1)
        number = 1
    if 1 <= number <= len(state.changes):
        del state.changes[number - 1]
        if state.front >= number:
            state.front = max(state.front - 1, 0)


def make_base(number: int) -> None:
    """The variant with this number becomes the base, and the base a variant in its place. All runs stay as they are."""
    state, fields = comparing(), st.session_state["fields"]
    if not 1 <= number <= len(state.changes):
        return
    before = {name: fields[name] for name in PARAMETERS}
    all_fields = [before | completed(before, change) for change in state.changes]
    base = all_fields[number - 1]
    all_fields[number - 1] = before
    state.changes = [_difference(base, other) for other in all_fields]
    fields.update(base)
    state.front = 0


def _difference(base: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What makes the one of the other; a method that goes along anyway need not be named."""
    change = change_between(base, other)
    without = {name: value for name, value in change.items() if name != "method"}
    return without if completed(base, without) == change else change


def compare(changes: Sequence[Change]) -> None:
    """A prepared comparison: these variants beside the base, which is in front."""
    state = comparing()
    state.changes = [dict(change) for change in changes]
    state.front, state.keep = 0, False
