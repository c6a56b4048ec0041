"""Points around a line, drawn as the course notes draw them."""

from __future__ import annotations

import numpy as np

from core.data.dataset import Dataset
from core.data.split import split
from core.experiment import Experiment

__all__ = ["make_dataset"]


def make_dataset(experiment: Experiment) -> Dataset:
    """`experiment.n` points around the line y = true_b + true_w · x, with x uniform in [0, 1).

    x, the noise and the shuffle are drawn in this order from one legacy NumPy stream, whose numbers are
    fixed for every seed in every version of NumPy.
    """
    random = np.random.RandomState(experiment.seed)
    x = random.rand(experiment.n, 1)
    y = experiment.true_b + experiment.true_w * x + experiment.noise * random.randn(experiment.n, 1)
    return Dataset(*split(x, y, random))
