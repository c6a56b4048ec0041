"""The data of a run: points (x, y), split into training and validation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.parameters import MAX_MAGNITUDE

__all__ = ["MAX_MAGNITUDE", "Column", "Dataset", "Order"]

Column = NDArray[np.float64]
Order = NDArray[np.integer[Any]]
Number = TypeVar("Number", float, NDArray[np.float64])


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points (x, y), split, as a run sees them. Every array is float64 of shape (n, 1) and read-only.

    Of standardised columns `x_mean` and `x_std` say where they were in the units of the data: there x is
    x_mean + x_std · x. Without any validation point the validation loss is NaN.

    Raises:
        ValueError: if there are no points, more x than y or the reverse, or values not within ±`MAX_MAGNITUDE`.
    """

    x_train: Column
    y_train: Column
    x_val: Column
    y_val: Column
    x_name: str = "x"
    y_name: str = "y"
    x_mean: float = 0.0
    x_std: float = 1.0
    y_mean: float = 0.0
    y_std: float = 1.0
    unscaled: Dataset | None = None
    """The points in the units of the data, where the run sees others."""
    order: Order | None = None
    """The numbers of the training points, then of those held out, in the data before the shuffle, shape (n,); as they
    stand here if left out."""

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
        if not len(self.x_train):
            raise ValueError("A dataset needs at least one training point.")
        # Half the memory: there are at most a few million.
        order = np.array(np.arange(len(self)) if self.order is None else self.order, dtype=np.int32)
        if order.shape != (len(self),):
            raise ValueError("order must have a number for each point.")
        order.flags.writeable = False
        object.__setattr__(self, "order", order)

    @cached_property
    def digest(self) -> str:
        """A name for the contents: equal for equal points and column names, on every machine."""
        named = (self.x_name, self.y_name, len(self.x_train), *self._units)
        digest = hashlib.sha256("\0".join(map(str, named)).encode())
        for column in (self.x_train, self.y_train, self.x_val, self.y_val):
            digest.update(np.ascontiguousarray(column, dtype="<f8").tobytes())
        return digest.hexdigest()[:16]

    @property
    def nbytes(self) -> int:
        """The memory that the points take."""
        own = sum(column.nbytes for column in (self.x_train, self.y_train, self.x_val, self.y_val))
        assert self.order is not None  # since it was made
        return own + self.order.nbytes + (self.unscaled.nbytes if self.unscaled else 0)

    @property
    def standardized(self) -> str:
        """Which columns the run sees in other units than those of the data: `x`, `y`, `xy`, or none of them."""
        return ("x" if self._units[:2] != (0.0, 1.0) else "") + ("y" if self._units[2:] != (0.0, 1.0) else "")

    @property
    def _units(self) -> tuple[float, float, float, float]:
        return self.x_mean, self.x_std, self.y_mean, self.y_std

    def original(self, b: Number, w: Number) -> tuple[Number, Number]:
        """Intercept and slope in the units of the data, for b and w in those of the run: numbers, or arrays."""
        original_w = w * (self.y_std / self.x_std)
        original_b = self.y_mean + self.y_std * b - original_w * self.x_mean
        return original_b, original_w

    def load(self) -> Dataset:
        """Itself: it is here already."""
        return self

    def __len__(self) -> int:
        return len(self.x_train) + len(self.x_val)
