"""What is known of a run before it is trained: all that its figures and its numbers are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core import Dataset, Experiment, Landscape
from core.geometry.landscape import landscapes_of
from core.training.four_steps import make_method

__all__ = ["View"]


@dataclass(frozen=True)
class View:
    """An experiment on its points, with the geometry of its loss."""

    experiment: Experiment
    dataset: Dataset
    start: tuple[float, float]
    """b and w before the first epoch."""
    drawn_start: tuple[float, float]
    """The same as the seed draws it: where a start is given by hand, another."""
    training: Landscape
    """The loss of the training points."""
    validation: Landscape
    """The loss of the validation points."""

    @classmethod
    def of(cls, experiment: Experiment, dataset: Dataset) -> View:
        start = make_method(experiment, dataset).parameters()
        seeded = replace(experiment, start_b=None, start_w=None)
        drawn = start if seeded == experiment else make_method(seeded, dataset).parameters()
        return cls(experiment, dataset, start, drawn, *landscapes_of(dataset, experiment.reduction))

    @property
    def minimum(self) -> tuple[float, float]:
        """b and w of the least training loss."""
        return self.training.b_min, self.training.w_min

    @property
    def is_full_batch(self) -> bool:
        """Whether every update sees all training points."""
        return self.experiment.is_full_batch(len(self.dataset.x_train))
