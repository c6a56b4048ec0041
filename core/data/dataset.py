"""The data of a run: points (x, y), split into training and validation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_MAGNITUDE", "Column", "Dataset"]

Column = NDArray[np.float64]

MAX_MAGNITUDE = 1e9  # beyond it, squares of float32 soon overflow


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points (x, y), split. Every array is float64 of shape (n, 1) and read-only.

    Raises:
        ValueError: if there are no points, more x than y or the reverse, or values not within ±`MAX_MAGNITUDE`.
    """

    x_train: Column
    y_train: Column
    x_val: Column
    y_val: Column
    x_name: str = "x"
    y_name: str = "y"

    def __post_init__(self) -> None:
        for name in ("x_train", "y_train", "x_val", "y_val"):
            # A copy, so that freezing it does not freeze (or leave writable) somebody else's array.
            column = np.array(getattr(self, name), dtype=np.float64).reshape(-1, 1)
            if not (np.abs(column) <= MAX_MAGNITUDE).all():  # false for NaN too
                raise ValueError(f"{name} must be finite numbers within ±{MAX_MAGNITUDE:g}.")
            column.flags.writeable = False
            object.__setattr__(self, name, column)
        if len(self.x_train) != len(self.y_train) or len(self.x_val) != len(self.y_val):
            raise ValueError("x and y must have the same number of points.")
        if not len(self.x_train) or not len(self.x_val):
            raise ValueError("A dataset needs at least one training and one validation point.")

    @cached_property
    def digest(self) -> str:
        """A name for the contents: equal for equal points and column names, on every machine."""
        digest = hashlib.sha256(f"{self.x_name}\0{self.y_name}\0{len(self.x_train)}".encode())
        for column in (self.x_train, self.y_train, self.x_val, self.y_val):
            digest.update(np.ascontiguousarray(column, dtype="<f8").tobytes())
        return digest.hexdigest()[:16]

    @property
    def nbytes(self) -> int:
        """The memory that the points take."""
        return sum(column.nbytes for column in (self.x_train, self.y_train, self.x_val, self.y_val))

    def load(self) -> Dataset:
        """Itself: it is here already."""
        return self

    def __len__(self) -> int:
        return len(self.x_train) + len(self.x_val)
