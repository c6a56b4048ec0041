"""Points drawn at random: around a line, as the course notes draw them, or in shapes that no line can learn.

x, the noise and what else there is are drawn in this order from one legacy NumPy stream, whose numbers are fixed for
every seed in every version of NumPy.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.data.dataset import Column
from core.experiment import Experiment

__all__ = ["DRAWN"]


def line(experiment: Experiment, random: np.random.RandomState) -> tuple[Column, Column]:
    """y = b + w · x, with the same noise everywhere."""
    x = random.rand(experiment.n, 1)
    y = experiment.true_b + experiment.true_w * x + experiment.noise * random.randn(experiment.n, 1)
    return x, y


def curve(experiment: Experiment, random: np.random.RandomState) -> tuple[Column, Column]:
    """y = b + w · x²: the residuals of the best line are above 0 at both ends and below it in the middle."""
    x = random.rand(experiment.n, 1)
    y = experiment.true_b + experiment.true_w * x**2 + experiment.noise * random.randn(experiment.n, 1)
    return x, y


def outliers(experiment: Experiment, random: np.random.RandomState) -> tuple[Column, Column]:
    """A line of whose right half every fifth point or so is far above it, which turns the best line."""
    x = random.rand(experiment.n, 1)
    y = experiment.true_b + experiment.true_w * x + experiment.noise * random.randn(experiment.n, 1)
    far = (x > 0.5) & (random.rand(experiment.n, 1) < 0.2)
    y = y + 3 * (1 + abs(experiment.true_w)) * far
    return x, y


def fan(experiment: Experiment, random: np.random.RandomState) -> tuple[Column, Column]:
    """A line with noise that grows along x, from none to three times what is told."""
    x = random.rand(experiment.n, 1)
    y = experiment.true_b + experiment.true_w * x + 3 * x * experiment.noise * random.randn(experiment.n, 1)
    return x, y


def groups(experiment: Experiment, random: np.random.RandomState) -> tuple[Column, Column]:
    """Two groups apart from one another. Each lies around a line of slope w; over both, the slope is another one."""
    x = random.rand(experiment.n, 1)
    second = random.rand(experiment.n, 1) < 0.5
    x = 0.4 * x + 0.6 * second
    y = experiment.true_b + experiment.true_w * x + experiment.noise * random.randn(experiment.n, 1)
    y = y - 2 * experiment.true_w * second
    return x, y


DRAWN: dict[str, Callable[[Experiment, np.random.RandomState], tuple[Column, Column]]] = {
    "line": line,
    "curve": curve,
    "outliers": outliers,
    "fan": fan,
    "groups": groups,
}
"""By `shape`: x and y, both of shape (n, 1)."""
