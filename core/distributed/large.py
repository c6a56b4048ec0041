"""Experiments with more points than one process takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from core.experiment import PARAMETERS, Experiment
from core.parameters import Parameter, Whole

__all__ = ["WHOLE", "LargeExperiment", "is_streamed"]

WHOLE = 10_000_000
"""Up to so many points each process makes all of them, as one alone would, and keeps its part."""

MOST = 1_000_000_000
"""Up to so many points a run may have."""


@dataclass(frozen=True, kw_only=True)
class LargeExperiment(Experiment):
    """An experiment with up to a billion points: nothing else of it is different."""

    PARAMETERS: ClassVar[Mapping[str, Parameter]] = {
        **PARAMETERS,
        "n": Whole(PARAMETERS["n"].help, 10, MOST),
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if not is_streamed(self):
            return
        if self.moved:
            raise ValueError(f"moved is for up to {WHOLE} points: take fewer points, or leave moved out.")
        if self.batch_size is not None:
            raise ValueError(f"batch_size is for up to {WHOLE} points: take fewer points, or batch_size 'full'.")


def is_streamed(experiment: Experiment) -> bool:
    """Whether its points come block by block (`streams.py`), and no process makes all of them."""
    return experiment.n > WHOLE
