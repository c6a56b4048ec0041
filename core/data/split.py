"""Which points train and which validate."""

from __future__ import annotations

import numpy as np

from core.data.dataset import Column

__all__ = ["split", "training_points"]


def training_points(points: int, validation: float) -> int:
    """How many of so many points train, if the share `validation` of them is held out."""
    return int(points * (1 - validation) + 1e-9)


def split(
    x: Column, y: Column, validation: float, random: np.random.RandomState
) -> tuple[Column, Column, Column, Column]:
    """x_train, y_train, x_val, y_val: the rows shuffled, the first for training, the last for validation."""
    order = np.arange(len(x))
    random.shuffle(order)
    training, held_out = np.split(order, [training_points(len(x), validation)])
    return x[training], y[training], x[held_out], y[held_out]
