"""A new learning rate for a run that is under way: it holds from the start, or from an epoch on.

The controls know no playhead. So a rate that is chosen holds from the start, and what was before it is kept: the
browser, which knows where the run was paused, may wish that it holds from there on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import time_ns
from typing import Any

import streamlit as st

from core.experiment import PARAMETERS
from dashboard.lab.comparing import comparing, front_fields
from dashboard.stage.arrangement import Change
from dashboard.stage.watching import Asked

__all__ = ["change_of_rate", "earlier_course", "hold_from", "note_change"]

FIELDS = ("learning_rate", "schedule")

MOST_KEPT = 20
"""Choices that a browser may have to hear of later than of the next ones."""


@dataclass
class _Choice:
    """A learning rate that was chosen for the run in front."""

    number: int
    rate: float
    before: dict[str, Any]
    """What that run's `FIELDS` were."""
    after: dict[str, Any]
    """All its fields since: where they are others, something else was chosen."""
    since: int = 0


def note_change(rate: float, before: dict[str, Any]) -> None:
    """The learning rate of the run in front is `rate` now, of a run that had the fields `before`."""
    choices = _choices()
    # By the clock: a browser may have the numbers of a server that was started again since, or of another one.
    number = max(time_ns() // 1_000_000, choices[-1].number + 1 if choices else 0)
    choices.append(_Choice(number, rate, {name: before[name] for name in FIELDS}, front_fields()))
    del choices[:-MOST_KEPT]


def change_of_rate() -> Change | None:
    """The last choice, if it is what was chosen last of all for the run in front."""
    choice = _last()
    return Change(choice.number, choice.rate, choice.since) if choice else None


def hold_from(wish: object) -> None:
    """The last choice is to hold from an epoch on.

    Args:
        wish: may be anything. What makes sense is the number of that choice, the epoch (0 is the start), and the number
            of the last choice before it that was seen: of several one after the other, none but the last need be.

    Raises:
        ValueError: if the schedule is full.
    """
    choice = _last()
    if choice is None or not isinstance(wish, list) or [type(one) for one in wish] != [int] * 3:
        return
    number, epoch, seen = wish
    if number != choice.number or not 0 <= epoch < front_fields()["epochs"]:
        return
    if epoch == 0:
        values: dict[str, Any] = {"learning_rate": choice.rate, "schedule": ()}
    else:
        before = next(one.before for one in _choices() if one.number > seen or one is choice)
        earlier = [pair for pair in before["schedule"] if pair[0] < epoch]
        schedule = PARAMETERS["schedule"].check("schedule", [*earlier, (epoch, choice.rate)])
        values = {"learning_rate": before["learning_rate"], "schedule": schedule}
    state, fields = comparing(), st.session_state["fields"]
    if state.front:
        change = state.changes[state.front - 1] | values
        # What is the base's again need not be said.
        same = [name for name in FIELDS if change[name] == fields[name]]
        state.changes[state.front - 1] = {name: value for name, value in change.items() if name not in same}
    else:
        fields.update(values)
    choice.since, choice.after = epoch, front_fields()


def earlier_course(asked: Asked) -> Asked | None:
    """The run without its last change of the learning rate; None where it has none."""
    experiment, points = asked
    return (replace(experiment, schedule=experiment.schedule[:-1]), points) if experiment.schedule else None


def _choices() -> list[_Choice]:
    choices: list[_Choice] = st.session_state.setdefault("rate_choices", [])
    return choices


def _last() -> _Choice | None:
    choices = _choices()
    return choices[-1] if choices and choices[-1].after == front_fields() else None
