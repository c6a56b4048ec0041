"""Points that somebody has put elsewhere by hand, or added."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.dataset import Column

__all__ = ["put", "require_points"]

Place = tuple[int, float, float]
"""The number of a point, counted from 0, and where it lies: x and y."""


def require_points(points: int, moved: Sequence[Place]) -> None:
    """Raises `ValueError` if `moved` names a point that is neither one of so many nor the next one behind them."""
    following = points
    for index, _, _ in sorted(moved):
        if index > following:
            raise ValueError(
                f"moved names point {index}, but there are {following}, counted from 0: "
                f"name one of them, or {following} to add one."
            )
        following = max(following, index + 1)


def put(x: Column, y: Column, moved: Sequence[Place]) -> tuple[Column, Column]:
    """x and y of shape (n, 1) with these points where they were put; those with a number from n on are added."""
    size = max(len(x), *(index + 1 for index, _, _ in moved))
    x, y = np.resize(x, (size, 1)), np.resize(y, (size, 1))
    for index, new_x, new_y in moved:
        x[index], y[index] = new_x, new_y
    return x, y
