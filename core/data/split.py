"""Which points train and which validate."""

from __future__ import annotations

import numpy as np

from core.data.dataset import Column, Order

__all__ = ["shuffled", "split", "training_points"]


def training_points(points: int, validation: float) -> int:
    """How many of so many points train, if the share `validation` of them is held out."""
    return int(points * (1 - validation) + 1e-9)


def shuffled(points: int, random: np.random.RandomState) -> Order:
    """The numbers of so many points in the order in which they are split."""
    order = np.arange(points)
    random.shuffle(order)
    return order


def split(x: Column, y: Column, validation: float, order: Order) -> tuple[Column, Column, Column, Column]:
    """x_train, y_train, x_val, y_val: the points in this order, the first for training, the last for validation."""
    training, held_out = np.split(order, [training_points(len(x), validation)])
    return x[training], y[training], x[held_out], y[held_out]
