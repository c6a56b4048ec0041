"""Comparisons that lecturers come back to, one click each: the variants of a base that make one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core import Experiment, Points
from core.comparison import MOST_VARIANTS
from core.experiment import BY_HAND, METHODS, OPTIMIZERS, PARAMETERS, STANDARDIZE
from core.geometry.advice import advised_rate
from core.parameters import Real, Whole
from dashboard.lab.points import landscape_of, standardized

__all__ = ["PREPARED", "rebased"]

Changes = list[dict[str, Any]]

OF_THE_LIMIT = (0.1, 0.5, 0.9, 0.99, 1.02)
"""Learning rates as shares of the one above which plain descent diverges: from a crawl to the first that gets lost."""

BATCH_SIZES = (None, 16, 1)
"""None takes all points at once."""


def around_the_limit(base: Experiment, points: Points) -> Changes:
    limit = landscape_of(points, base.reduction).max_learning_rate
    kind = PARAMETERS["learning_rate"]
    assert isinstance(kind, Real)
    rates = [float(f"{share * limit:.3g}") for share in OF_THE_LIMIT]
    throughout: dict[str, Any] = {"schedule": ()} if base.schedule else {}
    wanted = [rate for rate in rates if rate >= kind.low and rate != base.learning_rate]
    return [{"learning_rate": rate} | throughout for rate in wanted]


def optimizers(base: Experiment, points: Points) -> Changes:
    return [{"optimizer": one} for one in OPTIMIZERS if one != base.optimizer]


def batch_sizes(base: Experiment, points: Points) -> Changes:
    training = len(points.load().x_train)
    full = base.is_full_batch(training)
    return [
        {"batch_size": size}
        for size in BATCH_SIZES
        if (size is None and not full) or (size is not None and size < training and size != base.batch_size)
    ]


def methods(base: Experiment, points: Points) -> Changes:
    plain = {} if base.optimizer == "sgd" else {"optimizer": "sgd"}
    return [{"method": one} | (plain if one in BY_HAND else {}) for one in METHODS if one != base.method]


def seeds(base: Experiment, points: Points) -> Changes:
    kind = PARAMETERS["seed"]
    assert isinstance(kind, Whole)
    # With another seed the points are others, and none of them is moved.
    drawn: dict[str, Any] = {"moved": ()} if base.moved else {}
    return [{"seed": (base.seed + step) % (kind.high + 1)} | drawn for step in range(1, MOST_VARIANTS)]


SCALINGS = "As it is, x, or x and y standardised"


def rebased(name: str, base: Experiment, points: Points) -> Experiment:
    """The base that this comparison has: of scalings each has the rate that suits it, the base too."""
    if name != SCALINGS:
        return base
    rate = advised_rate(landscape_of(points, base.reduction), base.optimizer)
    return base if rate is None else replace(base, learning_rate=rate)


def scalings(base: Experiment, points: Points) -> Changes:
    """Each with the rate that suits it: none suits all of them."""
    found: Changes = []
    for one in STANDARDIZE:
        if one == base.standardize:
            continue
        try:
            landscape = landscape_of(standardized(points, one), base.reduction)
        except ValueError:  # a held-out point is too far away in these units
            continue
        rate = advised_rate(landscape, base.optimizer)
        found.append({"standardize": one} | ({"learning_rate": rate} if rate not in (None, base.learning_rate) else {}))
    return found


PREPARED: dict[str, Callable[[Experiment, Points], Changes]] = {
    "Learning rates around the limit": around_the_limit,
    "The four optimizers": optimizers,
    "All points, 16, or one at a time": batch_sizes,
    "The five methods": methods,
    "Five seeds": seeds,
    SCALINGS: scalings,
}
"""By what the button is called."""
