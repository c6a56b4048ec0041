"""The part of the points that a process trains on, and what it knows of all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset
from core.distributed.group import Group
from core.distributed.moments import Moments
from core.distributed.streams import BLOCK, Stream
from core.experiment import Experiment
from core.geometry.landscape import Landscape, landscapes_of

__all__ = ["ONE_POINT", "Shard", "dtype_of", "part_of", "stream_shard", "whole_shard"]

ONE_POINT = Dataset(np.zeros((1, 1)), np.zeros((1, 1)), np.empty((0, 1)), np.empty((0, 1)))
"""What a method can begin on: b, w and the optimizer do not depend on the points."""


@dataclass(frozen=True, eq=False)
class Shard:
    """A process's own training points, shape (n, 1) each, in the precision that the method computes in."""

    x: NDArray[Any]
    y: NDArray[Any]
    first: int
    """The number of the first of them among all training points, counted from 0."""
    landscape: Landscape
    """That of all training points."""
    validation: Landscape
    """That of all points held out."""
    outline: Dataset
    """`ONE_POINT` with the units of all: what can be asked of a dataset without its points."""
    digest: str = ""
    """That of a table's points, which no experiment describes."""


def dtype_of(experiment: Experiment) -> type[np.floating[Any]]:
    """What the experiment's method computes in."""
    return np.float64 if experiment.method == "numpy" else np.float32


def part_of(total: int, rank: int, size: int) -> tuple[int, int]:
    """The first of the things that are this rank's, and the one after the last: as equal parts as there can be."""
    return total * rank // size, total * (rank + 1) // size


def whole_shard(experiment: Experiment, dataset: Dataset, rank: int, size: int, digest: str = "") -> Shard:
    """This rank's part of points that every process has: landscape and units are those that one alone would have."""
    first, stop = part_of(len(dataset.x_train), rank, size)
    kind = dtype_of(experiment)
    return Shard(
        dataset.x_train[first:stop].astype(kind),
        dataset.y_train[first:stop].astype(kind),
        first,
        *landscapes_of(dataset, experiment.reduction),
        replace(ONE_POINT, x_mean=dataset.x_mean, x_std=dataset.x_std, y_mean=dataset.y_mean, y_std=dataset.y_std),
        digest,
    )


def stream_shard(experiment: Experiment, group: Group, block: int = BLOCK) -> Shard:
    """This rank's part of points that nobody has all of. Raises `ProcessLost`.

    Besides the points that are kept, it takes the memory of one block.
    """
    stream = Stream(experiment, *part_of(experiment.n, group.rank, group.size), block)
    kind, size = dtype_of(experiment), stream.training
    x, y = np.empty((size, 1), kind), np.empty((size, 1), kind)
    train, held_out = Moments(), Moments()
    place = 0
    for x_train, y_train, x_val, y_val in stream.pieces():
        train = Moments.merged((train, Moments.of(x_train, y_train)))
        held_out = Moments.merged((held_out, Moments.of(x_val, y_val)))
        stop = place + len(x_train)
        x[place:stop], y[place:stop] = x_train, y_train
        place = stop
    rows = group.gather((*train.numbers(), *held_out.numbers(), size))
    train, held_out = (Moments.merged(Moments(*row) for row in half.tolist()) for half in (rows[:, :6], rows[:, 6:12]))
    outline = _outline(train, experiment.standardize)
    if experiment.standardize != "none":
        # Once more from the start: scaled after they were rounded, numbers far from 0 would have lost their digits.
        place = 0
        for x_train, y_train, _, _ in stream.pieces():
            stop = place + len(x_train)
            x[place:stop] = (x_train - outline.x_mean) / outline.x_std
            y[place:stop] = (y_train - outline.y_mean) / outline.y_std
            place = stop
    return Shard(
        x,
        y,
        int(rows[: group.rank, -1].sum()),
        train.scaled(outline).landscape(experiment.reduction),
        held_out.scaled(outline).landscape(experiment.reduction),
        outline,
    )


def _outline(train: Moments, standardize: str) -> Dataset:
    """With the mean and standard deviation by which x, then y are scaled: 0 and 1 where it is not."""
    x_std, y_std = train.spread()
    x_mean, x_std = (train.x_mean, x_std) if "x" in standardize else (0.0, 1.0)
    y_mean, y_std = (train.y_mean, y_std) if "y" in standardize else (0.0, 1.0)
    return replace(ONE_POINT, x_mean=x_mean, x_std=x_std, y_mean=y_mean, y_std=y_std)
