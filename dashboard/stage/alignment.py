"""How long an epoch of a run is, by what the playhead may count."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from threading import Lock

from cachetools import LRUCache, cached

from core import Experiment, Points, estimate_seconds
from dashboard.stage.arrangement import Alignment

__all__ = ["epoch_length"]

TRIAL_SECONDS = 0.04
"""How long a run is tried to find out what its epochs cost."""


def epoch_length(experiment: Experiment, points: Points, align: Alignment) -> float:
    """1, or the updates of an epoch, or the milliseconds that it takes when it is trained alone on this server."""
    if align == "epoch":
        return 1.0
    if align == "update":
        training = len(points.load().x_train)
        return float(ceil(training / min(experiment.batch_size or training, training)))
    # What does not change the work of an epoch need not be tried again.
    same = replace(experiment, seed=0, learning_rate=1e-6, epochs=100_000, tolerance=None)
    return _milliseconds(same, points)


@cached(LRUCache(256), key=lambda experiment, points: (experiment, points.digest), lock=Lock())
def _milliseconds(experiment: Experiment, points: Points) -> float:
    return 1000 * estimate_seconds(experiment, points.load(), trial_seconds=TRIAL_SECONDS) / experiment.epochs
