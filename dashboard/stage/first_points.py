"""The points of a run as numbers, for what shows or moves single ones of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from core import Dataset
from dashboard.stage.figures.template import array

__all__ = ["MOST_POINTS", "first_points"]

MOST_POINTS = 1000
"""More rows than that nobody reads, and more points nobody takes hold of."""


def first_points(dataset: Dataset) -> dict[str, Any]:
    """The first points: those that train, then those held out as far as there is room; x and y as the run sees them.

    `index` is a point's number in the data before the shuffle; the first `train` of them train; `of` is how many there
    are in all.
    """
    x, y = (
        np.concatenate([training.ravel(), held_out.ravel()])[:MOST_POINTS]
        for training, held_out in ((dataset.x_train, dataset.x_val), (dataset.y_train, dataset.y_val))
    )
    assert dataset.order is not None  # every dataset has one
    return {
        "x": array(x),
        "y": array(y),
        "index": array(dataset.order[:MOST_POINTS], "i4"),
        "train": min(len(dataset.x_train), MOST_POINTS),
        "of": len(dataset),
    }
