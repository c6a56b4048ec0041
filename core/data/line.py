"""The points that an experiment describes."""

from __future__ import annotations

import numpy as np

from core.data.dataset import Dataset
from core.data.moved import placed
from core.data.scaling import scaled
from core.data.shapes import DRAWN
from core.data.split import shuffled, split
from core.experiment import Experiment

__all__ = ["make_dataset"]


def make_dataset(experiment: Experiment) -> Dataset:
    """`experiment.n` points as the run sees them: drawn, moved, shuffled and split from one stream, and scaled.

    Of the shape `line` they lie around y = true_b + true_w · x, with x uniform in [0, 1).

    Raises:
        ValueError: for `experiment.moved` as `placed` does.
    """
    random = np.random.RandomState(experiment.seed)
    x, y = DRAWN[experiment.shape](experiment, random)
    x, y = placed(x, y, experiment.moved)
    order = shuffled(len(x), random)
    return scaled(Dataset(*split(x, y, experiment.validation, order), order=order), experiment.standardize)
