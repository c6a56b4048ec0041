"""What the stage of a page is told: the runs with all their records, their scenes, and what a server would compute.

`static/stage/sources/file.js` is the other half.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import Experiment, History, Points, Run, Stop, StopReason, Sweep
from core.training.history import COLUMNS
from dashboard.stage.alignment import epoch_length
from dashboard.stage.arrangement import CHOICES, Arrangement
from dashboard.stage.figures.template import array
from dashboard.stage.moments import moment_at
from dashboard.stage.scene import make_scene, place_on_surface, scene_id
from dashboard.stage.status import device_label, stop_told
from dashboard.stage.sweep import place_in_sweep, sweep_told

__all__ = ["KeptRun", "Moments", "moments_kept", "moments_of", "so_far", "tell"]

EARLY = 100
"""Epochs from 0 on of which the page knows what a server would compute: most happens there."""

LATER = 100
"""Epochs after these of which it does, at equal distances."""


@dataclass(frozen=True, eq=False)
class KeptRun:
    """A run with the records that the page is to hold."""

    experiment: Experiment
    points: Points
    history: History
    """With what the optimizer remembers at each."""
    count: int
    """The records that are held, from the first on."""
    stop: Stop
    together: int = 1
    """How many runs were trained jointly with it at most, itself among them."""

    @classmethod
    def of(cls, run: Run, points: Points, end: Stop | None = None) -> KeptRun:
        """A run of a worker as far as it is now, or as far as a visitor has stopped it.

        Raises:
            ValueError: where it has no record yet.
        """
        end = end or run.stop  # asked first: until the records are counted it may end
        count = len(run.history) if end is None else min(len(run.history), end.epoch + 1)
        if not count:
            raise ValueError("The run has no record yet: wait for its first epoch, and ask again.")
        return cls(run.experiment, points, run.history, count, end or so_far(count - 1), run.together)


def so_far(epoch: int) -> Stop:
    """The end of a run on a page that was made before the run had come to its own."""
    return Stop(StopReason.CANCELLED, epoch, f"This page was made when epoch {epoch} was trained.")


def moments_kept(count: int) -> list[int]:
    """Of `count` records, from 0 on, those of which a page knows more: the first hundred, and a hundred after them."""
    later = np.linspace(EARLY, count - 1, LATER).round().astype(int) if count > EARLY else np.arange(0)
    return sorted({*range(min(EARLY, count)), *later.tolist()})


@dataclass(frozen=True)
class Moments:
    """What a server would compute of single epochs."""

    epochs: dict[int, Any]
    """By epoch, as `moment_at` has it."""
    layouts: dict[str, Any]
    """Of their graphs."""


def moments_of(run: KeptRun, go_on: Callable[[], bool] = lambda: True) -> Moments:
    """What happens within the epochs of `moments_kept`, for as long as `go_on` says so; of the first one at least."""
    found, dataset = Moments({}, {}), run.points.load()
    for epoch in moments_kept(run.count):
        if found.epochs and not go_on():
            break
        found.epochs[epoch] = moment_at(
            run.experiment, dataset, run.history, epoch, "loss", "both", found.layouts, agreement=True
        )
    return found


def tell(
    runs: Sequence[KeptRun],
    arrangement: Arrangement,
    message: str,
    moments: Mapping[KeptRun, Moments],
    *,
    ghost: bool = False,
    sweep: Sweep | None = None,
) -> dict[str, Any]:
    """All that the stage of a page is fed with, as JSON takes it.

    Args:
        runs: the base, its variants, and last the ghost, if there is one.
        message: what is said of them together.
        moments: what is known of the epochs of all but the ghost.
        ghost: whether the last of `runs` is there as the earlier course of the run in front alone.
        sweep: one of the run in front.
    """
    shown = runs[: len(runs) - ghost]
    names = {run: scene_id(run.experiment, run.points) for run in runs}
    front = runs[min(arrangement.front, len(shown) - 1)]
    return {
        "runs": [_run(names[run], run, several=len(shown) > 1) for run in runs],
        "scenes": {names[run]: make_scene(run.experiment, run.points.load()) for run in runs},
        "moments": {names[run]: json.dumps(vars(known), allow_nan=False) for run, known in moments.items()},
        "arrangement": arrangement.to_dict()
        | {"keep": False, "hand": "off", "projector": (), "change": None, "heard": 0},
        "choices": CHOICES,
        "ghost": ghost,
        "message": message,
        "sweep": _sweep(sweep, front, shown) if sweep else None,
    }


def _run(name: str, run: KeptRun, several: bool) -> dict[str, Any]:
    columns = run.history.columns(0, run.count)
    return {
        "scene": name,
        "epochs": run.experiment.epochs,
        "epochLengths": {
            align: epoch_length(run.experiment, run.points, align) if several else 1.0  # type: ignore[arg-type]
            for align in CHOICES["align"]
        },
        "place": place_on_surface(run.experiment, run.points),
        "count": run.count,
        "columns": {column: array(columns[column]) for column in COLUMNS if column != "epoch"},
        "status": {
            "stop": stop_told(run.stop),
            "speed": 0,
            "left": None,
            "place": 0,
            "together": run.together,
            "device": device_label(run.experiment.device),
        },
    }


def _sweep(sweep: Sweep, front: KeptRun, shown: Sequence[KeptRun]) -> dict[str, Any]:
    told = sweep_told(sweep, (front.experiment, front.points))
    here = [place_in_sweep(run.experiment, run.points, run.history, front.experiment, sweep.field) for run in shown]
    losses = array(sweep.original_loss.ravel(), "f4")
    return told | {"id": "swept", "field": sweep.field, "share": 1.0, "problem": "", "here": here, "losses": losses}
