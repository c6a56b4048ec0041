"""The geometry of the loss: a line's squared error is a quadratic bowl in (b, w), known from six numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property
from math import nan
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset

__all__ = ["Landscape", "Surface", "digits_below", "landscapes_of", "rounded_down"]

Floats = NDArray[np.float64]
Number = TypeVar("Number", float, NDArray[np.float64])

ROUNDING = Decimal("1e-12")
"""The share by which a number that is 1 but for rounding may be below it: no run is long enough to tell."""


@dataclass(frozen=True)
class Surface:
    """The loss over a rectangle: `loss[i, j]` is that of intercept `b[j]` and slope `w[i]`."""

    b: Floats
    w: Floats
    loss: Floats


@dataclass(frozen=True)
class Landscape:
    """The squared error of the line b + w·x over n points, anywhere in O(1).

    With x̄, ȳ the means, s = var(x) and (b*, w*) the least-squares line, the mean of (b + w·x - y)² is

        lowest + (b + w·x̄ - ȳ)² + s·(w - w*)²

    Every term is a square, so the value keeps its precision where sums of raw powers would cancel: near
    the minimum, and for x far from 0. Reduction "sum" is n times that.
    """

    n: int
    x_mean: float
    y_mean: float
    x_variance: float
    w_min: float
    lowest_mean: float
    reduction: str = "mean"

    @classmethod
    def of(cls, x: Floats, y: Floats, reduction: str = "mean") -> Landscape:
        """The landscape of the points (x, y), arrays of one shape. A constant x gets the slope 0."""
        x, y = np.ravel(x), np.ravel(y)
        # The mean of equal numbers may differ from them by rounding, which would pass for a spread.
        x_mean = float(x[0]) if (x == x[0]).all() else float(x.mean())
        y_mean = float(y.mean())
        x_off, y_off = x - x_mean, y - y_mean
        x_variance = float((x_off**2).mean())
        w_min = float((x_off * y_off).mean()) / x_variance if x_variance > 0 else 0.0
        lowest = float(((y_off - w_min * x_off) ** 2).mean())
        return cls(len(x), x_mean, y_mean, x_variance, w_min, lowest, reduction)

    @classmethod
    def of_nothing(cls, reduction: str = "mean") -> Landscape:
        """The landscape of no points: NaN everywhere."""
        return cls(0, nan, nan, nan, nan, nan, reduction)

    @classmethod
    def abreast(cls, landscapes: Sequence[Landscape]) -> Landscape:
        """Several of one reduction as one, whose numbers are arrays: `loss` and `gradient` then take b and w of shape
        (…, len(landscapes)) and compute each column in its own landscape, to the last bit as that alone would."""
        names = ("n", "x_mean", "y_mean", "x_variance", "w_min", "lowest_mean")
        numbers = np.array([[getattr(one, name) for name in names] for one in landscapes], dtype=np.float64)
        return cls(**dict(zip(names, numbers.T, strict=True)), reduction=landscapes[0].reduction)

    @cached_property
    def scale(self) -> float:
        """The factor on the mean of the squared errors: 1, or n for reduction "sum"."""
        return self.n * 1.0 if self.reduction == "sum" else 1.0

    @cached_property
    def b_min(self) -> float:
        """The intercept of the least-squares line."""
        return self.y_mean - self.w_min * self.x_mean

    @cached_property
    def loss_min(self) -> float:
        """The loss of the least-squares line: no line has less."""
        return self.scale * self.lowest_mean

    def loss(self, b: Number, w: Number) -> Number:
        """The loss at (b, w): numbers, or arrays that broadcast."""
        offset = b + w * self.x_mean - self.y_mean
        slope = w - self.w_min
        return self.scale * (self.lowest_mean + offset * offset + self.x_variance * slope * slope)

    def gradient(self, b: Number, w: Number) -> tuple[Number, Number]:
        """∂loss/∂b and ∂loss/∂w at (b, w): numbers, or arrays that broadcast."""
        offset = b + w * self.x_mean - self.y_mean
        b_grad = 2 * self.scale * offset
        return b_grad, b_grad * self.x_mean + 2 * self.scale * self.x_variance * (w - self.w_min)

    @cached_property
    def hessian(self) -> Floats:
        """The second derivatives in (b, w), shape (2, 2). They are the same everywhere."""
        x_mean = self.x_mean
        return 2 * self.scale * np.array([[1.0, x_mean], [x_mean, self.x_variance + x_mean**2]])

    @cached_property
    def eigenvalues(self) -> tuple[float, float]:
        """The curvatures along the bowl's flattest and steepest direction, in this order."""
        # Their sum and product are the trace and the determinant. The larger root adds, so it is exact;
        # the smaller comes from the product, where subtracting would lose a long valley's digits.
        square = self.x_variance + self.x_mean**2
        largest = (1 + square) / 2 + float(np.hypot((1 - square) / 2, self.x_mean))
        return 2 * self.scale * self.x_variance / largest, 2 * self.scale * largest

    @property
    def condition_number(self) -> float:
        """Steepest over flattest curvature: 1 is a round bowl, large a long valley, infinite for a constant x."""
        flattest, steepest = self.eigenvalues
        return steepest / flattest if flattest > 0 else float("inf")

    @property
    def max_learning_rate(self) -> float:
        """Above 2/λmax plain full-batch gradient descent diverges.

        In the steepest direction each step multiplies the distance to the minimum by 1 - rate·λmax.
        """
        return 2 / self.eigenvalues[1]

    @property
    def limit_in_digits(self) -> str:
        """`max_learning_rate` in four digits, rounded down: at the number that is read there nothing diverges."""
        return digits_below(self.max_learning_rate)

    def surface(self, b_range: tuple[float, float], w_range: tuple[float, float], size: int = 60) -> Surface:
        """The loss on a grid of `size` by `size` over the two ranges."""
        b, w = np.linspace(*b_range, size), np.linspace(*w_range, size)
        return Surface(b, w, self.loss(b[np.newaxis, :], w[:, np.newaxis]))


def rounded_down(value: float, digits: int) -> float:
    """A positive number in so many significant digits, at most as large as it is but for `ROUNDING`."""
    return float(_floor(value, digits))


def digits_below(value: float, digits: int = 4) -> str:
    """The same as text, with all of its digits: 1.000, or 0.0000009859; below a billionth 9.859e-12."""
    below = _floor(value, digits)
    return f"{below:f}" if below >= Decimal("1e-9") else f"{below:e}"


def _floor(value: float, digits: int) -> Decimal:
    exact = Decimal(value) * (1 + ROUNDING)
    return exact.quantize(Decimal((0, (1,), exact.adjusted() - digits + 1)), ROUND_FLOOR)


_known: WeakKeyDictionary[Dataset, dict[str, tuple[Landscape, Landscape]]] = WeakKeyDictionary()


def landscapes_of(dataset: Dataset, reduction: str = "mean") -> tuple[Landscape, Landscape]:
    """Those of the training and of the validation points, kept for as long as the dataset is."""
    known = _known.setdefault(dataset, {})
    if reduction not in known:
        known[reduction] = (
            Landscape.of(dataset.x_train, dataset.y_train, reduction),
            Landscape.of(dataset.x_val, dataset.y_val, reduction)
            if len(dataset.x_val)
            else Landscape.of_nothing(reduction),
        )
    return known[reduction]
