"""Of a run's records the losses at some epochs, and the last record: all that a sweep keeps of each run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.training.history import COLUMNS
from core.training.loop import Record

__all__ = ["Epochs", "Thinned", "kept_epochs"]

EARLY = 50
"""Epochs from 0 on that are all kept: most happens there."""

LATER = 150
"""Epochs after these that are kept at most, each further from the one before."""

_LOSS = COLUMNS.index("loss")


def kept_epochs(epochs: int, early: int = EARLY, later: int = LATER) -> NDArray[np.int64]:
    """Of the epochs 0 … `epochs` at most `early + later`, rising: the early ones all, then ever fewer, and the last."""
    if epochs < early + later:
        return np.arange(epochs + 1)
    sparser = np.geomspace(early, epochs, later).round().astype(np.int64)
    return np.unique(np.concatenate([np.arange(early), sparser]))


class Epochs:
    """The kept epochs of runs of up to `epochs` epochs, and where each has its place among them."""

    def __init__(self, epochs: int, early: int = EARLY, later: int = LATER) -> None:
        self.kept = kept_epochs(epochs, early, later)
        self.before: list[int] = np.searchsorted(self.kept, np.arange(epochs + 2)).tolist()
        """By epoch, how many of the kept ones come before it."""


class Thinned:
    """A `Recorder` for one run: writes its losses into `loss` as they come.

    Args:
        loss: float32 of shape (kept epochs,), holding NaN.
    """

    def __init__(self, epochs: Epochs, loss: NDArray[np.float32]) -> None:
        self._epochs = epochs
        self._loss = loss
        self._last: list[float] | None = None

    def extend(self, records: NDArray[np.float64], states: NDArray[np.float64]) -> None:
        """The next records, as rows of shape (epochs, 7); what the optimizer remembers is left."""
        count = len(records)
        if not count:
            return
        self._last = last = records[-1].tolist()
        end = int(last[0]) + 1
        begin = end - count
        low, high = self._epochs.before[begin], self._epochs.before[end]
        if low < high:
            self._loss[low:high] = records[self._epochs.kept[low:high] - begin, _LOSS]

    def append(self, record: Record) -> None:
        """The record of the next epoch."""
        self._last = list(record)
        low, high = self._epochs.before[record.epoch : record.epoch + 2]
        if low < high:
            self._loss[low] = record.loss

    @property
    def last(self) -> Record:
        """The last record, exactly; of a run without any, epoch 0 with NaN for all that would be known."""
        if self._last is None:
            return Record(0, *[float("nan")] * (len(COLUMNS) - 1))
        epoch, *values = self._last
        return Record(int(epoch), *values)
