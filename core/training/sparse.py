"""Of a run's records as few as it takes to see where it went: for runs of which there are hundreds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.experiment import Experiment
from core.training.history import COLUMNS, History
from core.training.loop import Record
from core.training.sweep.thinned import Epochs

__all__ = ["MOST_RECORDS", "SparseHistory"]

EARLY = 20
"""Epochs from 0 on whose records are all kept."""

LATER = 39
"""Epochs after these that are kept at most, each further from the one before."""

MOST_RECORDS = EARLY + LATER + 1
"""How many there are at most: those, and the last of a run that has ended between two of them."""


class SparseHistory(History):
    """The records at some epochs, and the last one so far, each to the last bit. What the optimizer remembers is left.

    To be read once the run has ended: until then the last record makes place for the next.
    """

    def __init__(self, experiment: Experiment) -> None:
        super().__init__()
        self._epochs = _epochs(experiment.epochs)
        self._passing = False
        """Whether the last record is there only until the next one comes."""

    def append(self, record: Record, state: Sequence[float] = ()) -> None:
        self.extend(np.array([record]), np.empty((1, 0)))

    def extend(self, records: NDArray[np.float64], states: NDArray[np.float64]) -> None:
        count = len(records)
        if not count:
            return
        if self._passing:
            del self._rows[-len(COLUMNS) :]
        end = int(records[-1, 0]) + 1
        begin, low, high = end - count, self._epochs.before[end - count], self._epochs.before[end]
        if low < high:
            self._rows.frombytes(records[self._epochs.kept[low:high] - begin].tobytes())
        self._passing = self._epochs.before[end - 1] == high
        if self._passing:
            self._rows.frombytes(records[-1].tobytes())


@lru_cache(8)
def _epochs(epochs: int) -> Epochs:
    """The same for hundreds of runs."""
    return Epochs(epochs, EARLY, LATER)
