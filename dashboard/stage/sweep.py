"""What the browser is told of a sweep: how far it is, and once it has ended its chart, its losses and last records."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from core.parameters import Whole
from core.training.sweep import NUMERIC, SweepJob, with_value
from dashboard.stage.figures.sweep import sweep_figure
from dashboard.stage.figures.template import array
from dashboard.stage.view import View
from dashboard.stage.watching import Asked, Watched, Watching

__all__ = ["ShownSweep", "answer_sweep"]

LAST = ("b", "w", "loss", "val_loss")
"""What of the last records is told beside their epoch."""


@dataclass(frozen=True)
class ShownSweep:
    """A sweep, and the run around which it was made."""

    watch: Callable[[], SweepJob]
    """The sweep, watched on: whoever does not ask again and again has left it."""
    around: Asked


def answer_sweep(
    shown: ShownSweep | None, watching: Watching, have: object
) -> tuple[dict[str, Any] | None, pa.Table | None]:
    """What there is to say of the sweep, and its losses, if the browser has not got them.

    Args:
        have: the id of the sweep that the browser says it has.
    """
    if shown is None:
        return None, None
    job = shown.watch()
    sweep = job.sweep
    told: dict[str, Any] = {"id": job.id, "field": job.field, "share": job.share, "problem": job.problem}
    told["here"] = [_place(watched, shown.around, job.field) for watched in watching.shown]
    if sweep is None or have == job.id:
        return told, None
    experiment, points = shown.around
    view = View.of(experiment, points.load())
    told |= {
        "values": list(sweep.values),
        "epochs": sweep.epochs.tolist(),
        "whole": isinstance(NUMERIC[sweep.field], Whole),
        # Where each has ended, why, and with which numbers, in full: as JSON they would be twice as long.
        "ends": [record.epoch for record in sweep.last],
        "reasons": [reason.value for reason in sweep.reasons],
        "last": {name: array([getattr(record, name) for record in sweep.last]) for name in LAST},
        "figure": json.dumps(sweep_figure(view, sweep), allow_nan=False, separators=(",", ":")),
    }
    return told, pa.table({"loss": sweep.original_loss.ravel()})


def _place(watched: Watched, around: Asked, field: str) -> float | None:
    """Where the run stands on the axis of the sweep; None for one that is none of the sweep's runs, whatever its value.

    A batch of no size is one of all points.
    """
    value: float | None = getattr(watched.experiment, field)
    if with_value(around[0], field, value) != watched.experiment:  # type: ignore[arg-type]  # None as well
        return None
    if field == "batch_size" and value is None:
        return len(watched.dataset.x_train)
    if field in ("start_b", "start_w") and value is None and len(watched.history):
        return float(getattr(watched.history[0], field.removeprefix("start_")))
    return value or 0.0
