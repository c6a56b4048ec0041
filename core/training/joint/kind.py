"""Which runs can share a step: those that differ in numbers alone."""

from __future__ import annotations

from typing import NamedTuple

from core.data import Dataset
from core.experiment import Experiment

__all__ = ["Kind", "kind_of", "most_members"]

MOST_POINTS = 100_000
"""Training points up to which runs are trained jointly: with more, a step is all arithmetic, and nothing is saved."""

MOST_UPDATES = 200
"""Updates an epoch up to which runs are trained jointly: a joint epoch has no pause in it."""

MOST_VALUES = 4_000_000
"""Points of all runs together in one operation, so that what it makes on the way stays within tens of megabytes."""


class Kind(NamedTuple):
    """What runs must have in common to be trained jointly."""

    method: str
    optimizer: str
    reduction: str
    points: int
    """Training points of each run."""
    batch_size: int | None
    """None where every update sees all of them."""


def kind_of(experiment: Experiment, dataset: Dataset) -> Kind | None:
    """The kind of a run; None for one that can only be trained alone.

    An accelerator's sums depend on the shape of what is added up, and `nn.Linear` and the like do not arise here:
    all methods compute the line by the same formula.
    """
    points = len(dataset.x_train)
    if experiment.device != "cpu" or points > MOST_POINTS:
        return None
    batch_size = None if experiment.is_full_batch(points) else experiment.batch_size
    if batch_size is not None and -(-points // batch_size) > MOST_UPDATES:
        return None
    return Kind(experiment.method, experiment.optimizer, experiment.reduction, points, batch_size)


def most_members(kind: Kind) -> int:
    """How many runs of this kind share a step at most."""
    # An epoch of batches has no pause in it, and every run has an order of its own to make.
    values = MOST_VALUES if kind.batch_size is None else MOST_VALUES // 20
    return max(1, values // kind.points)
