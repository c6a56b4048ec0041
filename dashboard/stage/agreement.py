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
    end = watched.end
    stopped = end is not None and end.reason is StopReason.CANCELLED
    return replace(watched.experiment, epochs=max(watched.count - 1, 1)) if stopped else watched.experiment


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
    watched = others.watched
    # Read once: the records of runs that nobody looks at may go.
    histories = {run.experiment.method: (run.history, len(run.history), run.stop) for run in others.runs}
    histories[watched.experiment.method] = (watched.history, watched.count, watched.end)
    missing = [f"{METHOD_CLASSES[method].title}: {stop.message}" for method, (_, count, stop) in histories.items() if not count and stop]
    present = {method: histories[method] for method in METHODS if method in histories and histories[method][1]}
    if watched.experiment.method not in present:
        return told
    epoch = min(count for _, count, _ in present.values()) - 1
    records = {method: history[epoch] for method, (history, _, _) in present.items()}
    full_batch = watched.experiment.is_full_batch(len(watched.dataset.x_train))
    compared = compare_methods(records, watched.experiment.method, full_batch)
    return told | {
        "share": 1.0,
        "epoch": epoch,
        "shown": watched.experiment.method,
        "methods": [asdict(one) for one in compared],
        "ends": _ends((method, count - 1) for method, (_, count, _) in present.items()),
        "missing": missing,
        "elsewhere": len({(np.float32(history[0].b), np.float32(history[0].w)) for history, _, _ in present.values()})
        > 1,
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
