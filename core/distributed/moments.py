"""What a landscape is made of, added up piece by piece without loss of digits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import reduce

import numpy as np

from core.data import Column, Dataset
from core.geometry.landscape import Landscape

__all__ = ["Moments"]


@dataclass(frozen=True)
class Moments:
    """How many points there are, their means, and the sums of squares and products of their distances from these."""

    n: float = 0.0
    x_mean: float = 0.0
    y_mean: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    yy: float = 0.0

    @classmethod
    def of(cls, x: Column, y: Column) -> Moments:
        """Those of these points."""
        if not len(x):
            return cls()
        x_mean, y_mean = _mean(x), _mean(y)
        x_off, y_off = x - x_mean, y - y_mean
        return cls(
            len(x),
            x_mean,
            y_mean,
            float((x_off * x_off).sum()),
            float((x_off * y_off).sum()),
            float((y_off * y_off).sum()),
        )

    @classmethod
    def merged(cls, parts: Iterable[Moments]) -> Moments:
        """Those of all the points of some parts, which are added in their order."""
        return reduce(cls._with, parts, cls())

    def _with(self, other: Moments) -> Moments:
        """The sum of two (Chan, Golub and LeVeque, 1983): no large squares that cancel, as Σx² - n·x̄² has them."""
        n = self.n + other.n
        if not n:
            return self
        x_off, y_off = other.x_mean - self.x_mean, other.y_mean - self.y_mean
        share = other.n / n
        weight = self.n * share
        return Moments(
            n,
            self.x_mean + x_off * share,
            self.y_mean + y_off * share,
            self.xx + other.xx + x_off * x_off * weight,
            self.xy + other.xy + x_off * y_off * weight,
            self.yy + other.yy + y_off * y_off * weight,
        )

    def spread(self) -> tuple[float, float]:
        """The standard deviations of x and of y (population, ddof 0); 1 where all are equal."""
        return float(np.sqrt(self.xx / self.n)) or 1.0, float(np.sqrt(self.yy / self.n)) or 1.0

    def scaled(self, units: Dataset) -> Moments:
        """Those of the points in the units of this dataset: x minus its `x_mean`, over its `x_std`, and so y."""
        return Moments(
            self.n,
            (self.x_mean - units.x_mean) / units.x_std,
            (self.y_mean - units.y_mean) / units.y_std,
            self.xx / units.x_std**2,
            self.xy / (units.x_std * units.y_std),
            self.yy / units.y_std**2,
        )

    def landscape(self, reduction: str) -> Landscape:
        """The loss of a line over these points. Its lowest value is right to about 1e-16 times the variance of y."""
        if not self.n:
            return Landscape.of_nothing(reduction)
        w_min = self.xy / self.xx if self.xx > 0 else 0.0
        lowest = max(0.0, self.yy - w_min * self.xy) / self.n
        return Landscape(int(self.n), self.x_mean, self.y_mean, self.xx / self.n, w_min, lowest, reduction)

    def numbers(self) -> tuple[float, ...]:
        """The same as plain numbers, of which `Moments(*numbers)` makes it again."""
        return astuple(self)


def _mean(values: Column) -> float:
    # The mean of equal numbers may differ from them by rounding, which would pass for a spread.
    return float(values[0, 0]) if (values == values[0, 0]).all() else float(values.mean())
