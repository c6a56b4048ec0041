"""How long an epoch of a run is, by what the playhead may count."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from statistics import median
from threading import Lock
from time import perf_counter

from cachetools import LRUCache, cached

from core import Dataset, Experiment, Points, Training
from dashboard.stage.arrangement import Alignment

__all__ = ["epoch_length"]

TRIAL_SECONDS = 0.04
"""How long a run is tried to find out what its epochs cost."""

FEWEST = 7
"""Epochs, or parts of long ones, that are measured at least."""


def epoch_length(experiment: Experiment, points: Points, align: Alignment) -> float:
    """1, or the updates of an epoch, or the milliseconds that it takes when it is trained alone on this server."""
    if align == "epoch":
        return 1.0
    # What does not change the work of an epoch need not be looked at again: that may take making a million points.
    same = replace(
        experiment,
        seed=0,
        learning_rate=1e-6,
        epochs=100_000,
        tolerance=None,
        start_b=None,
        start_w=None,
        schedule=(),
    )
    return _found(same, points, align)


@cached(LRUCache(256), key=lambda experiment, points, align: (experiment, points.digest, align), lock=Lock())
def _found(experiment: Experiment, points: Points, align: Alignment) -> float:
    dataset = points.load()
    if align == "time":
        return _milliseconds(experiment, dataset)
    training = len(dataset.x_train)
    return float(ceil(training / min(experiment.batch_size or training, training)))


def _milliseconds(experiment: Experiment, dataset: Dataset) -> float:
    """The median of a few epochs: on a busy server some are interrupted, and the first ones load what they use."""
    training = Training(experiment, dataset)
    costs: list[float] = []
    began = perf_counter()
    while len(costs) < FEWEST or perf_counter() < began + TRIAL_SECONDS:
        done, start = training.epochs_done, perf_counter()
        while training.epochs_done <= done:
            training.advance()
        costs.append((perf_counter() - start) / (training.epochs_done - done))
    return 1000 * median(costs)
