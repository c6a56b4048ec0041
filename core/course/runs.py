"""What chapters tell of an experiment beyond its program's variables: its records, and the loss that it descends.

What happened in the epochs before the last one is not among the variables, but the engine, which gives the same
numbers, knows it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from core.course.cell import Names
from core.course.plot import Series
from core.data import make_dataset
from core.experiment import Experiment
from core.geometry.landscape import Landscape
from core.training import Record, train

__all__ = ["landscape_of", "path", "run_of"]


def run_of(names: Names, **changed: Any) -> tuple[Record, ...]:
    """The engine's records of the cell's experiment, or of one with some of its fields changed."""
    return _records(replace(names["experiment"], **changed))


def landscape_of(names: Names) -> Landscape:
    """The loss of that experiment, over its training points."""
    experiment = names["experiment"]
    dataset = make_dataset(experiment)
    return Landscape.of(dataset.x_train, dataset.y_train, experiment.reduction)


def path(run: tuple[Record, ...], label: str, role: str = "line") -> Series:
    """The way of b and w, epoch by epoch."""
    return Series(label, role, [one.b for one in run], [one.w for one in run], "path")


@lru_cache(maxsize=32)  # a cell's answer, conclusion and chart ask for the same run
def _records(experiment: Experiment) -> tuple[Record, ...]:
    return tuple(train(experiment))
