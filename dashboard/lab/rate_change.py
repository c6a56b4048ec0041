"""A new learning rate for a run that is under way: it holds from the start, or from an epoch on.

The controls know no playhead. So a rate that is chosen holds from the start, and what was before it is kept: the
browser, which knows where the run was paused, may wish that it holds from there on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import streamlit as st

from core.experiment import PARAMETERS
from dashboard.lab.comparing import comparing, front_fields
from dashboard.stage.arrangement import Change
from dashboard.stage.watching import Asked

__all__ = ["change_of_rate", "earlier_course", "forget_change", "hold_from", "note_change"]

FIELDS = ("learning_rate", "schedule")

_numbers = count(1)


@dataclass
class _Noted:
    """What the run in front had before."""

    number: int
    front: int
    rate: float
    before: dict[str, Any]
    since: int = 0


def note_change(rate: float, before: dict[str, Any]) -> None:
    """The learning rate of the run in front is `rate` now, of a run that had the fields `before`."""
    kept = {name: before[name] for name in FIELDS}
    st.session_state["rate_change"] = _Noted(next(_numbers), comparing().front, rate, kept)


def forget_change() -> None:
    """Something else was chosen since."""
    st.session_state.pop("rate_change", None)


def change_of_rate() -> Change | None:
    """The last choice, if the rate of the run in front was chosen last of all."""
    noted = _noted()
    return Change(noted.number, noted.rate, noted.since) if noted else None


def hold_from(epoch: object) -> bool:
    """The rate that was chosen last is to hold from this epoch on, which may be anything; 0 is the start.

    Returns whether that changes the run in front.
    """
    noted = _noted()
    if noted is None or type(epoch) is not int or not 0 <= epoch < front_fields()["epochs"]:
        return False
    noted.since = epoch
    if epoch == 0:
        values = {"learning_rate": noted.rate, "schedule": ()}
    else:
        earlier = [pair for pair in noted.before["schedule"] if pair[0] < epoch]
        schedule = PARAMETERS["schedule"].check("schedule", [*earlier, (epoch, noted.rate)])
        values = {"learning_rate": noted.before["learning_rate"], "schedule": schedule}
    state, fields = comparing(), st.session_state["fields"]
    if state.front:
        change = state.changes[state.front - 1] | values
        # What is the base's again need not be said.
        same = [name for name in FIELDS if change[name] == fields[name]]
        state.changes[state.front - 1] = {name: value for name, value in change.items() if name not in same}
    else:
        fields.update(values)
    return True


def earlier_course(asked: Asked) -> Asked | None:
    """The run without its last change of the learning rate; None where it has none."""
    experiment, points = asked
    return (replace(experiment, schedule=experiment.schedule[:-1]), points) if experiment.schedule else None


def _noted() -> _Noted | None:
    noted: _Noted | None = st.session_state.get("rate_change")
    return noted if noted and noted.front == comparing().front else None
