"""Points that somebody has put elsewhere by hand, or added."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.dataset import Column

__all__ = ["placed", "put"]

Place = tuple[int, float, float]
"""The number of a point, counted from 0, and where it lies: x and y."""


def placed(x: Column, y: Column, moved: Sequence[Place]) -> tuple[Column, Column]:
    """x and y of shape (n, 1) with these points where they were put; the same ones if there are none.

    Raises:
        ValueError: if `moved` names a point that is neither there nor the next one to be added, or if it puts all of
            them at one x.
    """
    if not moved:
        return x, y
    points = len(x)
    for index, _, _ in sorted(moved):
        if index > points:
            raise ValueError(
                f"moved names point {index}, but there are {points}, counted from 0: "
                f"name one of them, or {points} to add one."
            )
        points = max(points, index + 1)
    x, y = put(x, y, moved)
    if np.ptp(x) == 0:
        raise ValueError("All points stand at one x, so no slope can be found: move one of them back.")
    return x, y


def put(x: Column, y: Column, moved: Sequence[Place]) -> tuple[Column, Column]:
    """The same without asking; those with a number from n on are added."""
    size = max(len(x), *(index + 1 for index, _, _ in moved))
    x, y = np.resize(x, (size, 1)), np.resize(y, (size, 1))
    for index, new_x, new_y in moved:
        x[index], y[index] = new_x, new_y
    return x, y
