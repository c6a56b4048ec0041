"""Runs of one kind, trained together: new ones enter and others leave between two blocks of epochs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset
from core.experiment import Experiment
from core.geometry.landscape import Landscape, landscapes_of
from core.training.ending import Stop, converged, diverged, finished
from core.training.four_steps import STATE_KEYS
from core.training.history import COLUMNS
from core.training.joint.kind import Kind
from core.training.joint.steps import make_steps
from core.training.loop import batch_order, first_bound, is_finite, raised_bound
from core.training.threads import one_thread

__all__ = ["MOST_EPOCHS", "Group", "Member", "Recorder"]

MOST_EPOCHS = 250
"""Epochs of a block: what is recorded at once, and how long a run that has ended may go on with the others."""

Floats = NDArray[np.float64]


class Recorder(Protocol):
    """What is told a run's records: a `History` keeps them all."""

    def extend(self, records: Floats, states: Floats) -> None:
        """The next records, as rows of shape (epochs, 7), and what the optimizer remembers at each of them.

        Both are views of a block that all members share: whoever keeps some of it keeps a copy.
        """


Keeper = TypeVar("Keeper", bound=Recorder)


class Member(Generic[Keeper]):
    """One run of a group: its records so far, and how it ended.

    `history` is told what `Training` would yield, to the last bit.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset, history: Keeper) -> None:
        self.experiment = experiment
        self.dataset = dataset
        self.history = history
        self.landscape, self.validation = landscapes_of(dataset, experiment.reduction)
        self.stop: Stop | None = None
        self.next_epoch = 0
        self.bound = first_bound(dataset, self.landscape)


class Group:
    """The runs of one kind in progress."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.members: list[Member[Any]] = []
        self._steps = make_steps(kind)
        self._keys = len(STATE_KEYS[kind.optimizer])

    def add(self, members: Sequence[Member[Any]]) -> None:
        """Runs that have not begun: they enter at their epoch 0, beside others that are further on."""
        if not members:
            return
        self._steps.add([member.experiment for member in members], [member.dataset for member in members])
        self.members += members
        self._changed()

    def remove(self, leaving: Sequence[Member[Any]]) -> None:
        """These go on no further."""
        gone = set(leaving)
        rows = [row for row, member in enumerate(self.members) if member not in gone]
        if len(rows) < len(self.members):
            self.members = [self.members[row] for row in rows]
            self._steps.keep(np.array(rows, dtype=np.int64))
            self._changed()

    @one_thread()
    def advance(self, epochs: int) -> list[Member[Any]]:
        """Train every member by `epochs` epochs, or to its end. Returns those that have ended, members no more."""
        epochs = min(epochs, max(member.experiment.epochs + 1 - member.next_epoch for member in self.members))
        values = np.empty((epochs, 5, len(self.members)))
        state = np.empty((epochs, 2 * self._keys, len(self.members)))
        # What runs away within a block is ended after it, in words: NumPy need not warn as well.
        with np.errstate(over="ignore", invalid="ignore"):
            if self.kind.batch_size is None:
                self._full_batches(values, state)
            else:
                self._mini_batches(values, state)
            ended = self._record(values, state)
        self.remove(ended)
        return ended

    def _full_batches(self, values: Floats, state: Floats) -> None:
        steps, everything = self._steps, slice(None)
        changes = self._changes(len(values))
        for ahead, (row, kept) in enumerate(zip(values, state, strict=True)):
            steps.backward(everything)
            steps.read(row, kept)
            if ahead in changes:
                steps.change_rates(changes[ahead])
            steps.update()

    def _mini_batches(self, values: Floats, state: Floats) -> None:
        steps, (points, size) = self._steps, (self.kind.points, self.kind.batch_size or 0)
        changes = self._changes(len(values))
        for ahead, (row, kept) in enumerate(zip(values, state, strict=True)):
            steps.read_parameters(row, kept)
            if ahead in changes:
                steps.change_rates(changes[ahead])
            places = [(member.experiment.seed, member.next_epoch + ahead + 1) for member in self.members]
            orders = {place: batch_order(*place, points) for place in set(places)}
            steps.place(np.stack([orders[place] for place in places]))
            for start in range(0, points, size):
                steps.backward(slice(start, start + size))
                steps.update()
        values[:, 2] = self._landscape.loss(values[:, 0], values[:, 1])
        values[:, 3], values[:, 4] = self._landscape.gradient(values[:, 0], values[:, 1])

    def _changes(self, epochs: int) -> dict[int, dict[int, float]]:
        """What schedules change within the next epochs: learning rates by row, by the place of the epoch among them."""
        changes: dict[int, dict[int, float]] = {}
        for row, member in enumerate(self.members):
            for epoch, rate in member.experiment.schedule:
                if 0 <= epoch - member.next_epoch < epochs:
                    changes.setdefault(epoch - member.next_epoch, {})[row] = rate
        return changes

    def _record(self, values: Floats, state: Floats) -> list[Member[Any]]:
        """Add the block to the histories, and end the runs that it ends."""
        epochs, _, runs = values.shape
        b, w, loss, b_grad, w_grad = values.transpose(1, 0, 2)
        begun = np.array([member.next_epoch for member in self.members])
        rows = np.empty((runs, epochs, len(COLUMNS)))
        columns = (begun + np.arange(epochs)[:, np.newaxis], b, w, loss, self._validation.loss(b, w), b_grad, w_grad)
        for place, column in enumerate(columns):
            rows[:, :, place] = column.T
        for row in np.flatnonzero(begun == 0).tolist():
            self._bounds[row] = self.members[row].bound = raised_bound(self.members[row].bound, float(loss[0, row]))
        sensible = loss <= self._bounds  # false for NaN and infinity
        small = (np.abs(b_grad) <= self._tolerances) & (np.abs(w_grad) <= self._tolerances)
        last = begun + np.arange(epochs)[:, np.newaxis] == self._epochs
        ends = ~sensible | small | last
        first = np.where(ends.any(axis=0), ends.argmax(axis=0), epochs)
        ended = []
        for row, (member, end) in enumerate(zip(self.members, first.tolist(), strict=True)):
            count = min(end + 1, epochs)
            if end < epochs:
                member.stop = _stop(member, rows[row, end].tolist(), bool(sensible[end, row]), bool(small[end, row]))
                ended.append(member)
                if not sensible[end, row] and not is_finite(rows[row, end], member.validation.n > 0):
                    count = end
            member.history.extend(rows[row, :count], state[:count, :, row])
            member.next_epoch += count
        return ended

    def _changed(self) -> None:
        members = self.members
        if not members:
            return
        self._bounds = np.array([member.bound for member in members])
        self._epochs = np.array([member.experiment.epochs for member in members])
        # No gradient is as small as -1.
        self._tolerances = np.array(
            [-1.0 if member.experiment.tolerance is None else member.experiment.tolerance for member in members]
        )
        self._landscape = Landscape.abreast([member.landscape for member in members])
        self._validation = Landscape.abreast([member.validation for member in members])


def _stop(member: Member[Any], record: list[float], sensible: bool, small: bool) -> Stop:
    experiment = member.experiment
    at, b, w, loss, _, b_grad, w_grad = record
    epoch = int(at)
    if not sensible:
        full_batch = experiment.is_full_batch(len(member.dataset.x_train))
        return diverged(experiment, member.landscape, epoch, loss, full_batch)
    if small:
        return converged(epoch, experiment.tolerance or 0.0)
    return finished(experiment, member.landscape, member.dataset.y_std, b, w, b_grad, w_grad)
