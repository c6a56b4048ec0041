"""How the methods agree at the end of the run in front: who trains those that are not there yet, and what is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from core import Dataset, Experiment, Record, Run, StopReason, Worker
from core.experiment import METHODS
from core.insight.agreement import compare_methods, four_gradients, other_ways
from core.training.four_steps import METHOD_CLASSES
from dashboard.stage.lines import Number, in_json
from dashboard.stage.watching import Asked, Watched, seconds_of

__all__ = ["Others", "gradients_told", "told_of", "watch_others"]

UNASKED_SECONDS = 10
"""Longer than this the other methods are not trained without being asked for."""


@dataclass(frozen=True)
class Others:
    """The other methods' runs beside one that has ended."""

    watched: Watched
    asked: tuple[Asked, ...]
    runs: tuple[Run, ...]
    """Theirs; none for as long as they wait to be asked for."""
    announced: str
    """Why there is none."""


def watch_others(
    current: Others | None, watched: Watched | None, go: bool, worker: Worker, viewer: str
) -> Others | None:
    """The other methods' runs, watched on for as long as they are looked at.

    The visitor watches them under a name of their own: to leave them is not to leave the same runs on the stage.

    Args:
        watched: the run that they are to stand beside; None where nobody looks, or while it has not ended.
        go: whether the visitor has asked for those that take long.
    """
    name = f"{viewer} agreement"
    if current is not None and (watched is None or _same(current.watched) != _same(watched)):
        leave_others(current, worker, viewer)
        current = None
    if watched is None:
        return None
    if current is None:
        asked = tuple((other, watched.points) for other in other_ways(_as_far_as(watched)).values())
        seconds = seconds_of(asked, UNASKED_SECONDS)
        time = f"{seconds:.0f} seconds" if seconds < 100 else f"{seconds / 60:.0f} minutes"
        announced = f"To train the other methods as well would take about {time} here."
        current = Others(watched, asked, (), announced if seconds > UNASKED_SECONDS else "")
    if current.announced and not go:
        return current
    if not current.runs or any(_was_given_up(run) for run in current.runs):
        return replace(current, runs=tuple(worker.watch_together(current.asked, name)), announced="")
    for run in current.runs:
        worker.renew(run, name)
    return current


def leave_others(others: Others, worker: Worker, viewer: str) -> None:
    for run in others.runs:
        worker.leave(run, f"{viewer} agreement")


def _same(watched: Watched) -> tuple[object, ...]:
    return *watched.key, watched.end and watched.end.epoch


def _as_far_as(watched: Watched) -> Experiment:
    """Its experiment, as long as it was watched: of one that was stopped nobody needs to train the rest."""
    experiment, end = watched.experiment, watched.end
    if end is None or end.reason is not StopReason.CANCELLED:
        return experiment
    epochs = max(watched.count - 1, 1)
    schedule = tuple(change for change in experiment.schedule if change[0] < epochs)
    return replace(experiment, epochs=epochs, schedule=schedule)


def _was_given_up(run: Run) -> bool:
    return run.stop is not None and run.stop.reason is StopReason.CANCELLED


def told_of(others: Others | None, scene: str) -> dict[str, Any] | None:
    """What the browser is told of them: how far they are, and once all have ended the comparison.

    It is made at the last epoch that all of them have. `scene` names the run in front.
    """
    if others is None:
        return None
    told: dict[str, Any] = {"scene": scene, "announced": others.announced, "share": 0.0, "methods": None}
    if not others.runs:
        return told
    if any(run.stop is None for run in others.runs):
        done = sum(1.0 if run.stop else run.epochs_done / run.experiment.epochs for run in others.runs)
        return told | {"share": done / len(others.runs)}
    return told | _compared(others)


def _compared(others: Others) -> dict[str, Any]:
    """All methods side by side, once each has ended."""
    watched = others.watched
    shown = watched.experiment.method
    # Read once: the records of runs that nobody looks at may go.
    ended = {run.experiment.method: (run.history, len(run.history), run.stop) for run in others.runs}
    ended[shown] = watched.history, watched.count, watched.end
    present = {method: ended[method] for method in METHODS if method in ended and ended[method][1]}
    if shown not in present:  # it is about to train anew
        return {}
    epoch = min(count for _, count, _ in present.values()) - 1
    records = {method: history[epoch] for method, (history, _, _) in present.items()}
    starts = {tuple(np.float32(history[0][1:3]).tolist()) for history, _, _ in present.values()}  # b and w
    full_batch = watched.experiment.is_full_batch(len(watched.dataset.x_train))
    return {
        "share": 1.0,
        "epoch": epoch,
        "shown": shown,
        "methods": [asdict(one) for one in compare_methods(records, shown, full_batch)],
        "ends": _ends((method, count - 1) for method, (_, count, _) in present.items()),
        "missing": [
            f"{METHOD_CLASSES[method].title}: {stop.message}"
            for method, (_, count, stop) in ended.items()
            if not count and stop
        ],
        "elsewhere": len(starts) > 1,
        "byHand": watched.experiment.optimizer == "sgd",
        "optimizer": watched.experiment.optimizer,
    }


def _ends(ends: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The last epoch of each method, where they are not all the same."""
    found = dict(ends)
    return found if len(set(found.values())) > 1 else {}


def gradients_told(experiment: Experiment, dataset: Dataset, record: Record) -> dict[str, Any]:
    """The gradient at a record in four ways, for the browser."""
    found = four_gradients(experiment, dataset, record.b, record.w)
    return {
        "ways": [
            {"name": way, "values": pair(values), "steps": found.steps(way)} for way, values in found.ways.items()
        ],
        "step": pair(found.step),
        "largest": pair(found.largest_term),
    }


def pair(values: tuple[float, float]) -> list[Number]:
    return [in_json(value) for value in values]
