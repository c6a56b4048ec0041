"""Which points train and which validate."""

from __future__ import annotations

import numpy as np

from core.data.dataset import Column

__all__ = ["TRAINING_SHARE", "split"]

TRAINING_SHARE = 0.8


def split(x: Column, y: Column, random: np.random.RandomState) -> tuple[Column, Column, Column, Column]:
    """x_train, y_train, x_val, y_val: the rows shuffled, the first 80 % for training, the rest for validation."""
    order = np.arange(len(x))
    random.shuffle(order)
    training, validation = np.split(order, [int(len(x) * TRAINING_SHARE)])
    return x[training], y[training], x[validation], y[validation]
