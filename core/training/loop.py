"""The training loop: the four steps of every epoch, and a record of each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import count
from math import isfinite
from sys import float_info
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from core.data import Dataset, make_dataset
from core.experiment import Experiment
from core.geometry.landscape import Landscape, landscapes_of
from core.training.devices import require_device
from core.training.ending import Stop, cancelled, converged, device_failed, diverged, finished
from core.training.four_steps import STATE_KEYS, Method, Values, make_method, read_state
from core.training.start import require_start
from core.training.threads import one_thread

__all__ = ["Loop", "Record", "Training", "batch_order", "estimate_seconds", "train"]

SENSIBLE_GROWTH = 1e6
"""A loss this many times the one at the start (or the mean square of y, if that is more) has diverged."""

STEPS_BETWEEN_PAUSES = 50
"""Batches between two points at which a run can be cancelled, or set aside for another."""

DEVICE_ERRORS = (RuntimeError, MemoryError, OSError)
"""What drivers and allocators raise when a device is gone or full."""


class Record(NamedTuple):
    """The state after `epoch` epochs: the parameters, and the losses and the training gradient at them.

    For a full batch on torch, loss and gradient are those of the epoch's own forward and backward pass;
    for smaller batches they are over all the training data, computed in float64 from b and w.
    """

    epoch: int
    b: float
    w: float
    loss: float
    val_loss: float
    b_grad: float
    w_grad: float


class Loop(ABC, Iterator[Record]):
    """A run in progress, wherever its points are: iterate over it for the records.

    Subclasses compute the values of every epoch; this makes records of them, and knows when the run ends.

    Args:
        landscape: that of all training points.
        validation: that of all points held out.
        y_std: what a y of 1 is in the units of the data.
    """

    def __init__(self, experiment: Experiment, landscape: Landscape, validation: Landscape, y_std: float = 1.0) -> None:
        self.experiment = experiment
        self.landscape, self._validation, self._y_std = landscape, validation, y_std
        self.stop: Stop | None = None
        """How the run ended, once the records are out."""
        self.epochs_done = 0.0
        """Progress in epochs, with the part of the one that is under way."""
        self.state: Sequence[float] = ()
        """What the optimizer remembers at the last record, as `read_state` gives it; empty where it keeps nothing."""
        self.first_epoch = 0
        """That of the first record."""
        self.bound = self._first_bound()
        """The loss above which the run has diverged; that at epoch 0 may raise it."""
        self._cancelled = False
        self._moments = self._guarded()

    @property
    def full_batch(self) -> bool:
        """Whether every update sees all the training data."""
        return self.experiment.is_full_batch(self.landscape.n)

    def __next__(self) -> Record:
        while (record := self.advance()) is None:
            pass
        return record

    def advance(self) -> Record | None:
        """The next record, or None at a pause in the middle of an epoch. Computed on one thread of torch's.

        Raises:
            StopIteration: when the run has ended.
        """
        if torch.get_num_threads() == 1:  # nothing to set and set back in every epoch
            return next(self._moments)
        with one_thread():
            return next(self._moments)

    def cancel(self) -> None:
        """End the run at its next pause. May be called from another thread."""
        self._cancelled = True

    @abstractmethod
    def _make_method(self) -> Method:
        """The method at the start of the run."""

    @abstractmethod
    def _full_batches(self, method: Method) -> Iterator[Values]:
        """The values at every epoch from the first on. The update is made when the next are asked for."""

    @abstractmethod
    def _mini_batches(self, method: Method) -> Iterator[Values | None]:
        """The same for epochs of several updates, with a None at every pause within one."""

    def _first_bound(self) -> float:
        return SENSIBLE_GROWTH * self.landscape.loss(0.0, 0.0)

    def _failed(self, error: Exception) -> Stop:
        return device_failed(self.experiment, int(self.epochs_done), error)

    def _guarded(self) -> Iterator[Record | None]:
        try:
            self.stop = yield from self._run()
        except DEVICE_ERRORS as error:
            self.stop = self._failed(error)

    def _run(self) -> Generator[Record | None, None, Stop]:
        experiment = self.experiment
        epochs, tolerance = experiment.epochs, experiment.tolerance
        method = self._make_method()
        val_loss, validated = self._validation.loss, self._validation.n > 0
        bound = self.bound
        epoch = self.first_epoch
        keys = STATE_KEYS[experiment.optimizer]  # without any, there is nothing to read
        for values in self._full_batches(method) if self.full_batch else self._mini_batches(method):
            if self._cancelled:
                return cancelled(max(epoch - 1, 0))
            if values is None:
                yield None
                continue
            b, w, loss, b_grad, w_grad = values
            if epoch == 0:
                self.bound = bound = raised_bound(bound, loss)
            record = Record(epoch, b, w, loss, val_loss(b, w), b_grad, w_grad)
            sensible = loss <= bound  # false for NaN and infinity
            if sensible or is_finite(record, validated):
                self.epochs_done = epoch
                if keys:
                    self.state = read_state(method, keys)
                yield record
            if not sensible:
                return diverged(experiment, self.landscape, epoch, loss, self.full_batch)
            if tolerance is not None and abs(b_grad) <= tolerance and abs(w_grad) <= tolerance:
                return converged(epoch, tolerance)
            if epoch == epochs:
                break
            epoch += 1
        at_the_end = record.b, record.w, record.b_grad, record.w_grad
        return finished(experiment, self.landscape, self._y_std, *at_the_end)

    def _values_at(self, b: float, w: float) -> Values:
        b_grad, w_grad = self.landscape.gradient(b, w)
        return b, w, self.landscape.loss(b, w), b_grad, w_grad


class Training(Loop):
    """A run whose points are all here; `stop` says how it ended once the records are out.

    Raises on creation:
        ValueError: if the experiment's device cannot train on this machine.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset | None = None) -> None:
        require_device(experiment.device)
        self.dataset = make_dataset(experiment) if dataset is None else dataset
        super().__init__(experiment, *landscapes_of(self.dataset, experiment.reduction), self.dataset.y_std)

    def _first_bound(self) -> float:
        return first_bound(self.dataset, self.landscape)

    def _make_method(self) -> Method:
        return make_method(self.experiment, self.dataset)

    def _full_batches(self, method: Method) -> Iterator[Values]:
        x, y = method.x, method.y
        forward, compute_loss, backward, values = method.forward, method.loss, method.backward, method.values
        changes = dict(self.experiment.schedule)
        for epoch in count():
            loss = compute_loss(forward(x), y)
            backward(loss)
            yield values(loss)
            if epoch in changes:
                method.change_rate(changes[epoch])
            method.update()

    def _mini_batches(self, method: Method) -> Iterator[Values | None]:
        x, y, size = method.x, method.y, self.experiment.batch_size
        assert size is not None
        points = len(self.dataset.x_train)
        stride = size * STEPS_BETWEEN_PAUSES
        changes = dict(self.experiment.schedule)
        yield self._values_at(*method.parameters())
        for epoch in count(1):
            order = batch_order(self.experiment.seed, epoch, points)
            if epoch - 1 in changes:
                method.change_rate(changes[epoch - 1])
            for begin in range(0, points, stride):
                if begin:
                    self.epochs_done = epoch - 1 + begin / points
                    yield None
                # Numbers that run away within an epoch end the run in words: NumPy need not warn as well.
                with np.errstate(over="ignore", invalid="ignore"):
                    for start in range(begin, min(begin + stride, points), size):
                        batch = method.index(order[start : start + size])
                        method.backward(method.loss(method.forward(x[batch]), y[batch]))
                        method.update()
            yield self._values_at(*method.parameters())


def first_bound(dataset: Dataset, landscape: Landscape) -> float:
    """The loss above which a run on this data has diverged, before that at its start is known."""
    return SENSIBLE_GROWTH * landscape.scale * float((dataset.y_train**2).mean())


def raised_bound(bound: float, loss: float) -> float:
    """The same once the loss at the start is known."""
    return min(max(bound, SENSIBLE_GROWTH * loss), float_info.max)


def is_finite(record: Iterable[float], validated: bool) -> bool:
    """Whether all numbers of a record are finite, but for the loss on validation points where there are none."""
    return all(
        isfinite(value) for name, value in zip(Record._fields, record, strict=True) if validated or name != "val_loss"
    )


def batch_order(seed: int, epoch: int, points: int) -> NDArray[np.int64]:
    """The order in which the updates that lead to `epoch` (from 1) take the training points, batch after batch."""
    # A stream of its own for every epoch: the order depends on nothing that happened before.
    return np.random.default_rng([seed, epoch]).permutation(points)


def train(experiment: Experiment, dataset: Dataset | None = None) -> Training:
    """Train as `experiment` says: an iterator over the records of epochs 0 to `experiment.epochs`.

    The run ends early if it diverges, if it converges (where `tolerance` asks for that), or if its device
    fails; the iterator's `stop` then says so. A last record that is not finite is left out.

    Args:
        dataset: the points to train on; those that the experiment describes if left out.

    Raises:
        ValueError: if the experiment's device cannot train on this machine, or its start is too far from the points.
    """
    training = Training(experiment, dataset)
    require_start(experiment, training.landscape)
    return training


def estimate_seconds(experiment: Experiment, dataset: Dataset | None = None, *, trial_seconds: float = 0.1) -> float:
    """How long the run would take on this machine, in seconds, judged by its first `trial_seconds`."""
    training = Training(experiment, dataset)
    next(training, None)  # what is done once is not multiplied
    start = perf_counter()
    while True:
        try:
            training.advance()
        except StopIteration:
            return perf_counter() - start
        spent = perf_counter() - start
        if spent >= trial_seconds:
            return spent * experiment.epochs / training.epochs_done
