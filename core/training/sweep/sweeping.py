"""One field of an experiment and its values: what becomes of the run at each of them."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset, make_dataset
from core.experiment import LEAVE_DATA_ALONE, LINE_FIELDS, Experiment
from core.training.devices import require_device
from core.training.ending import Stop, StopReason
from core.training.joint import MOST_EPOCHS, Group, Kind, Member, joint_kind, most_members
from core.training.loop import DEVICE_ERRORS, Record, Training
from core.training.sweep.thinned import Epochs, Thinned
from core.training.sweep.values import check_values, with_value

__all__ = ["DataOf", "Sweep", "Sweeping", "sweep"]

log = logging.getLogger(__name__)

BLOCK_SECONDS = 0.02
"""How long a block of a sweep in the background lasts, about."""

MOST_VALUES_AT_ONCE = 400_000
"""Points of all runs that are trained together: what a step makes of them stays in the processor's cache, which halves
the time from some thousand points a run on, and an epoch stays within a block."""

DataOf = Callable[[Experiment], Dataset]
"""Gives the points of a table as an experiment splits and scales them."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """The runs of a sweep, each at one value of `field` and otherwise as `experiment` says.

    Of each run the losses at some epochs are kept, and its last record: the memory does not grow with the epochs.
    """

    experiment: Experiment
    field: str
    values: tuple[float, ...]
    """In the order in which they were given, each once; whole numbers for a field that takes no others."""
    epochs: NDArray[np.int64]
    """The kept epochs, rising, shape (kept,): all of the early ones, later ones ever sparser, and the last of all."""
    loss: NDArray[np.float32]
    """The training loss, shape (values, kept), read-only; NaN where a run had ended before."""
    last: tuple[Record, ...]
    """The last record of each run, to the last bit; with NaN throughout where its device failed before the first."""
    reasons: tuple[StopReason, ...]
    """Why each run ended."""
    y_stds: tuple[float, ...]
    """What a y of 1 is in the units of the data, by run: each may have standardised other points."""

    @property
    def original_loss(self) -> NDArray[np.float32]:
        """`loss` in the units of the data, in which runs that see different units can be compared."""
        squares = np.array(self.y_stds)[:, np.newaxis] ** 2
        with np.errstate(over="ignore"):
            return (squares * self.loss).astype(np.float32)

    @property
    def nbytes(self) -> int:
        """The memory that the numbers take."""
        return self.epochs.nbytes + self.loss.nbytes + 8 * len(self.values) * (2 + len(Record._fields))


@dataclass(frozen=True)
class _Waiting:
    """A run that is to be trained: its place among the values, the run itself, and with what it can be trained."""

    place: int
    member: Member[Thinned]
    kind: Kind | None


class Sweeping:
    """A sweep in progress: call `advance` until it says that there is no more, then take `result`.

    Between two calls somebody else can have the processor, and whoever wants no more of it just stops calling.

    Args:
        field: one of `core.training.sweep.NUMERIC`.
        values: from 2 to 1000 numbers, of N or batch size 50; a value that is there twice counts once.
        dataset: the points to train on, taken as they are whatever the seed; or a function that gives those of an
            experiment. Those that each experiment describes if left out.

    Raises:
        ValueError: for a field that has no numbers or does not belong to the dataset, values out of bounds, too few or
            too many of them, or a device that cannot train on this machine.
    """

    def __init__(
        self,
        experiment: Experiment,
        field: str,
        values: Iterable[float],
        dataset: Dataset | DataOf | None = None,
    ) -> None:
        self.values = check_values(field, values)
        if dataset is not None and field in LINE_FIELDS:
            raise ValueError(f"{field} describes the synthetic line, and not the data given: sweep over another field.")
        require_device(experiment.device)
        self.experiment = experiment
        self.field = field
        self._experiments = [with_value(experiment, field, value) for value in self.values]
        self._epochs = Epochs(max(one.epochs for one in self._experiments))
        self.epochs = self._epochs.kept
        """The kept epochs, shape (kept,)."""
        self.loss = np.full((len(self.values), len(self.epochs)), np.nan, dtype=np.float32)
        """The losses so far, shape (values, kept): NaN where there is none, or none yet."""
        self.share = 0.0
        """How much is done, from 0 to 1."""
        self._thinned = [Thinned(self._epochs, row) for row in self.loss]
        self._stops: list[Stop | None] = [None] * len(self.values)
        self._y_stds = [1.0] * len(self.values)
        self._source = dataset
        self._shared: Dataset | None = None
        self._next = 0
        self._waiting: deque[_Waiting] = deque()
        """Those whose points are there: to be trained together, but for the last where it cannot be with the others."""
        self._alone: tuple[int, Training] | None = None
        self._group: Group | None = None
        self._place: dict[Member[Thinned], int] = {}
        self._seconds_per_epoch = 0.0
        """Of the group; 0 while nobody has looked."""

    @property
    def result(self) -> Sweep:
        """What became of the runs. Raises `RuntimeError` before all have ended."""
        reasons = tuple(stop.reason for stop in self._stops if stop is not None)
        if len(reasons) < len(self.values):
            raise RuntimeError("The sweep has not ended: call advance() until it returns False.")
        last = tuple(thinned.last for thinned in self._thinned)
        loss = self.loss.view()
        loss.flags.writeable = False
        return Sweep(self.experiment, self.field, self.values, self.epochs, loss, last, reasons, tuple(self._y_stds))

    def advance(self, seconds: float = BLOCK_SECONDS) -> bool:
        """Go on for about so long. Returns whether there is more to do.

        Raises:
            ValueError: where the points of a seed cannot be trained on.
        """
        until = perf_counter() + seconds
        # A loss that float32 cannot hold is drawn as what it is: infinite.
        with np.errstate(over="ignore"):
            while more := self._step(until):
                if perf_counter() >= until:
                    break
        self.share = self._share()
        return more

    def _share(self) -> float:
        begun = [(member.next_epoch, place) for member, place in self._place.items()]
        if self._alone is not None:
            place, training = self._alone
            begun.append((int(training.epochs_done), place))
        parts = sum(min(done / self._experiments[place].epochs, 1.0) for done, place in begun)
        return (sum(stop is not None for stop in self._stops) + parts) / len(self.values)

    def _step(self, until: float) -> bool:
        """A little of what is to be done next. Returns whether there was anything."""
        if self._alone is not None:
            self._train_alone(*self._alone, until)
        elif self._group is not None:
            self._train_jointly(self._group, until)
        elif self._next < len(self.values) and self._may_join():
            self._fetch()
        elif self._waiting:
            self._begin()
        else:
            return False
        return True

    def _may_join(self) -> bool:
        """Whether the next run may be one for those that wait, as far as is known without its points."""
        if not self._waiting:
            return True
        kind, count = self._waiting[0].kind, len(self._waiting)
        if kind is None or kind != self._waiting[-1].kind:
            return False
        return count < min(most_members(kind), max(2, MOST_VALUES_AT_ONCE // kind.points))

    def _fetch(self) -> None:
        place, experiment = self._next, self._experiments[self._next]
        dataset = self._dataset(experiment)
        self._y_stds[place] = dataset.y_std
        member = Member(experiment, dataset, self._thinned[place])
        self._waiting.append(_Waiting(place, member, joint_kind(experiment, dataset)))
        self._next += 1

    def _dataset(self, experiment: Experiment) -> Dataset:
        if isinstance(self._source, Dataset):
            return self._source
        if self._shared is not None:
            return self._shared
        dataset = make_dataset(experiment) if self._source is None else self._source(experiment)
        if self.field in LEAVE_DATA_ALONE:
            self._shared = dataset
        return dataset

    def _begin(self) -> None:
        """Those that wait and can be trained together begin to train, or the first of them alone."""
        first = self._waiting[0]
        together = [one for one in self._waiting if one.kind is not None and one.kind == first.kind]
        if len(together) < 2 or first.kind is None:
            self._waiting.popleft()
            self._alone = (first.place, Training(first.member.experiment, first.member.dataset))
            return
        self._waiting = deque(one for one in self._waiting if one.kind != first.kind)
        self._place = {one.member: one.place for one in together}
        self._group, self._seconds_per_epoch = Group(first.kind), 0.0
        self._group.add(list(self._place))

    def _train_alone(self, place: int, training: Training, until: float) -> None:
        append = self._thinned[place].append
        try:
            while True:
                record = training.advance()
                if record is not None:
                    append(record)
                if perf_counter() >= until:
                    return
        except StopIteration:
            self._stops[place] = training.stop
            self._alone = None

    def _train_jointly(self, group: Group, until: float) -> None:
        began = perf_counter()
        if self._seconds_per_epoch:
            epochs = int(min(max((until - began) / self._seconds_per_epoch, 1), MOST_EPOCHS))
        else:
            epochs = MOST_EPOCHS if until == inf else 1
        try:
            for member in group.advance(epochs):
                self._stops[self._place.pop(member)] = member.stop
        except DEVICE_ERRORS:
            log.exception("Runs could not be trained jointly; each is trained alone")
            for member, place in self._place.items():
                self.loss[place] = np.nan
                self._thinned[place] = Thinned(self._epochs, self.loss[place])
                self._waiting.appendleft(_Waiting(place, member, None))
            self._place = {}
        self._seconds_per_epoch = (perf_counter() - began) / epochs
        if not self._place:
            self._group = None


def sweep(
    experiment: Experiment,
    field: str,
    values: Iterable[float],
    dataset: Dataset | DataOf | None = None,
) -> Sweep:
    """Train `experiment` at each of the values of one field, jointly where that is possible.

    Every run has the numbers that `train` gives it, to the last bit. Arguments and errors are those of `Sweeping`.
    """
    sweeping = Sweeping(experiment, field, values, dataset)
    while sweeping.advance(inf):
        pass
    return sweeping.result
