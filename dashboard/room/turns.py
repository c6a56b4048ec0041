"""*Your turn*: every follower tries a learning rate or a start of their own in the run that the lecturer has in front.

The hall's runs differ in numbers alone, so they are trained together, and hundreds cost hardly more than one. Of each
is kept where it ended and a few places of its way; equal answers are one run. What nobody answers any longer is
forgotten, so that a turn never holds more than one run a follower.
"""

from __future__ import annotations

import atexit
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import floor, inf, log10
from secrets import token_hex
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import Experiment, Run, StopReason, Worker
from core.experiment import PARAMETERS
from core.geometry.advice import zones_of
from core.parameters import Real
from core.training.joint import joint_kind
from core.training.sparse import SparseHistory
from core.training.start import require_start
from core.training.sweep import with_value
from dashboard.lab.points import landscape_of
from dashboard.lab.server import shared_worker
from dashboard.lab.sweeps import estimate
from dashboard.room.shown_link import read_shown
from dashboard.stage.figures.template import around, array
from dashboard.stage.scene import place_on_surface
from dashboard.stage.view import View
from dashboard.stage.watching import Asked

__all__ = ["Turn", "offer", "shared_trainer"]

HALL = 300
"""Runs of so many followers must be trained in time."""

MOST_SECONDS = 30
"""A hall that would wait longer than this is not asked: nobody would know any more what they wait for."""

KEPT_BYTES = 32_000_000
"""Memory of the runs that have ended and may not have been looked at yet, of all halls together."""

GATHER_SECONDS = 0.2
"""How long answers that come at the same moment are waited for, so that they are trained together from the start."""

LEAST_SHARE, MOST_SHARE = 1 / 50, 1.5
"""Which learning rates are offered, in parts of the largest one that does not diverge: some are to."""

LOST = (StopReason.DIVERGED, StopReason.FAILED)
"""Ends after which a run has no loss."""

LOSS_DIGITS = 3
"""In which a loss is told, `lossInWords` in `static/room/turn/results.js`: no place is won by the digits after them."""

Answer = float | Sequence[float]
"""A learning rate, or a start as `[b, w]`."""

Key = tuple[float, ...]
"""The same as what a run is found by."""


@st.cache_resource(show_spinner=False)
def shared_trainer() -> Worker:
    """The worker that trains what the halls of this server try. It gives way to whoever is being answered."""
    way = shared_worker().give_way
    worker = Worker(history=SparseHistory, give_way=way, gather_seconds=GATHER_SECONDS, keep_bytes=KEPT_BYTES)
    atexit.register(worker.close)  # a thread inside torch at the interpreter's end would abort it
    return worker


@dataclass(frozen=True, eq=False)
class Outcome:
    """What is kept of a run that has ended."""

    number: int
    """What had changed in the turn by then: of two that have ended, the later one's is larger."""
    loss: float | None
    """The last training loss, in the units of the data; None where the run got lost."""
    reason: str
    """Why it ended, as `StopReason` has it."""
    epoch: int
    """The last one."""
    path: NDArray[np.float32]
    """Where it came by, from the start to the end: b and w in the units of the run, shape (2 · places,)."""


class Turn:
    """What followers try in one turn. To be used in the event loop: nothing here waits but the beginning.

    Args:
        link: what the room shows: the run in front is the one in which something else is tried.
        asked: a turn as `questions.turn` returns it.
        name: the room's, among those whose runs are trained.

    Raises:
        ValueError: there is no such run, the bounds are none of its field, or training would take too long.
    """

    def __init__(self, link: str, asked: Mapping[str, Any], name: str, trainer: Worker | None = None) -> None:
        self.asked = asked
        self._token = token_hex(8)
        """Tells it from what other servers have of the same turn, where other runs have these numbers."""
        self._name = name
        self._trainer = trainer or shared_trainer()
        self._experiment, self._points = _in_front(link)
        _require_time(self._experiment, self._points)
        self._require_bounds()
        self._y_std = self._points.load().y_std
        self._place = place_on_surface(self._experiment, self._points)
        self._answered: dict[str, Key] = {}
        """By follower, what they answered last."""
        self._followers: Counter[Key] = Counter()
        """How many have answered it."""
        self._going: dict[Key, Run] = {}
        self._ended: dict[Key, Outcome] = {}
        self._changes = 0
        self._ranked: tuple[int, list[float]] = (-1, [])
        """The losses of all as they are read, rising, after so many changes."""

    def experiment(self, answer: Answer) -> Experiment:
        """The run in front as this answer changes it. Raises `ValueError` where there is no such experiment."""
        if self.asked["field"] == "start":
            assert not isinstance(answer, int | float)
            b, w = answer
            return replace(self._experiment, start_b=float(b), start_w=float(w))
        assert isinstance(answer, int | float)
        return with_value(self._experiment, "learning_rate", float(answer))

    def take(self, follower: str, answer: Answer) -> None:
        """The follower tries this, and no longer what they have tried before. It is within the bounds."""
        key = _key(answer)
        before = self._answered.get(follower)
        if before == key:
            return
        if before is not None:
            self._let_go(follower, before)
        self._answered[follower] = key
        self._followers[key] += 1
        self._changes += 1
        if key not in self._ended:
            self._begin(follower, key)

    def told(self, of: str, since: int) -> dict[str, Any]:
        """What the lecturer's page does not know yet.

        Args:
            of: the `token` of the turn that it knows.
            since: how many changes of that it knows.

        Returns:
            What was asked, `token`, `place`, which names its loss surface, and how many have `answered`. Unless nothing
            has changed, `points` is all that has ended: `[*value, loss, reason, followers, number]`, with None for the
            loss of what got lost. `paths` are `[number, path]` of those that have ended since the change `since`.
        """
        self._harvest()
        known = since if of == self._token and 0 <= since <= self._changes else 0
        told = {
            **self.asked,
            "token": self._token,
            "place": self._place,
            "answered": len(self._answered),
            "since": known,
            "changes": self._changes,
        }
        if known == self._changes and known:
            return told
        new = [outcome for outcome in self._ended.values() if outcome.number > known]
        paths = [[outcome.number, array(outcome.path, "f4")] for outcome in new]
        return told | {"points": self.points, "paths": paths}

    @property
    def points(self) -> list[list[Any]]:
        """All that has ended, as `told` has it."""
        return [
            [*key, outcome.loss, outcome.reason, self._followers[key], outcome.number]
            for key, outcome in self._ended.items()
        ]

    def shown(self) -> dict[str, Any]:
        """What all followers are told once the lecturer shows it: where all runs ended, without their ways."""
        self._harvest()
        return {"id": self.asked["id"], "field": self.asked["field"], "place": self._place, "points": self.points}

    def outcome(self, follower: str) -> dict[str, Any] | None:
        """What became of what this follower tried; None for one who has not answered.

        Returns:
            `value`, and once the run has ended `loss` (None where it got lost), `reason`, `epoch`, `path`, and `rank`,
            from 1, among `of` that have ended, with how many others are `alike`: losses that read the same are.
        """
        key = self._answered.get(follower)
        if key is None:
            return None
        self._harvest()
        told = {"id": self.asked["id"], "field": self.asked["field"], "place": self._place, "value": list(key)}
        outcome = self._ended.get(key)
        if outcome is None:
            return told
        losses = self._ranking()
        loss = _as_read(outcome.loss)
        before, after = bisect_left(losses, loss), bisect_right(losses, loss)
        return told | {
            "loss": outcome.loss,
            "reason": outcome.reason,
            "epoch": outcome.epoch,
            "path": array(outcome.path, "f4"),
            "rank": before + 1,
            "of": len(losses),
            "alike": after - before - 1,
        }

    def _ranking(self) -> list[float]:
        changes, losses = self._ranked
        if changes != self._changes:
            ended = [(self._ended[key].loss, count) for key, count in self._followers.items() if key in self._ended]
            losses = sorted(_as_read(loss) for loss, count in ended for _ in range(count))
            self._ranked = self._changes, losses
        return losses

    def _begin(self, follower: str, key: Key) -> None:
        answer = key if len(key) > 1 else key[0]
        self._going[key] = self._trainer.watch(self.experiment(answer), self._points, f"{self._name} {follower}")

    def _let_go(self, follower: str, key: Key) -> None:
        self._followers[key] -= 1
        if key in self._going:
            self._trainer.leave(self._going[key], f"{self._name} {follower}")
        if not self._followers[key]:
            del self._followers[key]
            self._going.pop(key, None)
            self._ended.pop(key, None)

    def _harvest(self) -> None:
        """Take over what has ended meanwhile."""
        for key, run in [*self._going.items()]:
            if run.stop is None:
                continue
            if run.cancelled or not (len(run.history) or run.stop.reason is StopReason.FAILED):
                # Its records had to make room before they were looked at.
                self._begin(next(one for one, answer in self._answered.items() if answer == key), key)
                continue
            del self._going[key]
            self._changes += 1
            self._ended[key] = self._outcome(run)

    def _outcome(self, run: Run) -> Outcome:
        assert run.stop is not None
        columns = run.history.columns()
        with np.errstate(over="ignore"):  # so far away it is drawn at no place anyway
            path = np.stack([columns["b"], columns["w"]], axis=1).ravel().astype(np.float32)
        lost = run.stop.reason in LOST
        loss = None if lost else float(self._y_std**2 * run.history[-1].loss)
        return Outcome(self._changes, loss, run.stop.reason.value, run.stop.epoch, path)

    def _require_bounds(self) -> None:
        """Raise `ValueError` unless all between the bounds can be tried: the loss is highest in a corner of starts."""
        asked = self.asked
        if asked["field"] == "start":
            landscape = landscape_of(self._points, self._experiment.reduction)
            for corner in product((asked["low"], asked["high"]), (asked["low_w"], asked["high_w"])):
                require_start(self.experiment(corner), landscape)
        else:
            for end in (asked["low"], asked["high"]):
                self.experiment(end)


def offer(link: str) -> dict[str, Any]:
    """What a lecturer who shows `link` may have a hall try: sensible bounds of both fields.

    Returns:
        `learning_rate` as `[low, high]` and `start` as `[low, high, low_w, high_w]`, in round numbers.

    Raises:
        ValueError: nothing can be tried here, with a sentence that says what to do.
    """
    experiment, points = _in_front(link)
    _require_time(experiment, points)
    landscape = landscape_of(points, experiment.reduction)
    zones = zones_of(landscape, experiment.optimizer)
    limit = zones.limit if zones else landscape.max_learning_rate
    bounds = PARAMETERS["learning_rate"]
    assert isinstance(bounds, Real)
    rates = [min(max(float(f"{share * limit:.2g}"), bounds.low), bounds.high) for share in (LEAST_SHARE, MOST_SHARE)]
    view = View.of(experiment, points.load())
    ranges = [around((view.start[i], view.drawn_start[i]), view.minimum[i]) for i in (0, 1)]
    return {"learning_rate": rates, "start": [end for one in ranges for end in _round(*one)]}


def _in_front(link: str) -> Asked:
    shown = read_shown(link)
    if not shown.asked.runs:
        raise ValueError(shown.asked.problems[0])
    return shown.asked.runs[shown.front]


def _require_time(experiment: Experiment, points: Any) -> None:
    rates = range(HALL)
    together = joint_kind(experiment, points.load()) is not None
    seconds = (
        estimate(experiment, points, "learning_rate", rates)
        if together
        else HALL * estimate(experiment, points, "learning_rate", rates[:1])
    )
    if seconds > MOST_SECONDS:
        time = f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"
        raise ValueError(f"A hall's runs would take about {time} here: choose fewer epochs or points, or full batches.")


def _key(answer: Answer) -> Key:
    return (float(answer),) if isinstance(answer, int | float) else tuple(float(each) for each in answer)


def _as_read(loss: float | None) -> float:
    """The loss in the digits in which it is told; that of what got lost is above all others."""
    return inf if loss is None else float(f"{loss:.{LOSS_DIGITS}g}")


def _round(low: float, high: float) -> tuple[float, float]:
    """The same range in as few digits as its width bears."""
    decimals = 1 - floor(log10(high - low))
    return round(low, decimals), round(high, decimals)
