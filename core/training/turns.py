"""Whose turn it is to train: runs that can be trained jointly share one, the others have one each."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from math import inf

from core.data import Dataset
from core.training.ending import cancelled
from core.training.history import History
from core.training.joint import MOST_EPOCHS, Group, Kind, Member, joint_kind, most_members
from core.training.loop import Training
from core.training.run import Run

__all__ = ["Turns"]

log = logging.getLogger(__name__)

FRESH_SECONDS = 1.0
"""Training that a run gets ahead of those that have had more: short runs stay short beside long ones."""

FRESH_TURNS = 3
"""Turns of fresh runs after which one of the others has its own."""

BLOCK_SECONDS = 0.01
"""Training between two looks at whether somebody waits for an answer."""


class Turns:
    """The runs in progress, and who trains next. For one thread, which calls `take` again and again.

    Args:
        seconds: how long a turn lasts.
        give_way: called between two blocks of training; returns when the processor is to be had.
        clock: seconds from anywhere.
    """

    def __init__(self, seconds: float, give_way: Callable[[], None], clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._give_way = give_way
        self._clock = clock
        self._fresh: deque[Lot] = deque()
        self._others: deque[Lot] = deque()
        self._fresh_turns = 0
        self._current: Lot | None = None
        """Whose turn it is."""
        self._ended: list[Run] = []
        """Those that have ended in this turn."""

    def __bool__(self) -> bool:
        return bool(self._fresh or self._others)

    def enter(self, run: Run) -> None:
        """It begins to train at one of the next turns.

        Raises:
            ValueError: if its device cannot train here, or its points cannot be had.
        """
        assert run.points is not None
        dataset = run.points.load()
        kind = joint_kind(run.experiment, dataset)
        if kind is None:
            self._fresh.append(AloneLot(run, Training(run.experiment, dataset)))
            return
        joint = (lot for lot in (*self._fresh, *self._others) if isinstance(lot, JointLot))
        lot = next((lot for lot in joint if lot.takes(kind)), None)
        if lot is None:
            lot = JointLot(kind)
            self._fresh.append(lot)
        elif lot in self._others:  # what is new in it makes it fresh again
            self._others.remove(lot)
            self._fresh.append(lot)
        lot.add(run, dataset)

    def take(self) -> list[Run]:
        """One turn. Returns the runs that have ended in it."""
        fresh = bool(self._fresh) and (not self._others or self._fresh_turns < FRESH_TURNS)
        self._fresh_turns = self._fresh_turns + 1 if fresh else 0
        lot = self._current = (self._fresh if fresh else self._others).popleft()
        left = self._seconds
        while lot.runs and left > 0:
            self._give_way()
            runs, began = lot.runs, self._clock()
            try:
                self._ended += lot.block(min(BLOCK_SECONDS, left), self._clock)
            except Exception:
                if not isinstance(lot, JointLot):
                    raise
                log.exception("Runs could not be trained jointly; each goes on alone")
                self._fresh.extend(lot.parted())
                return self._turn_ended()
            now = self._clock()
            for run in runs:
                run.busy_seconds += now - began
                run.elapsed_seconds = now - run.began
                if len(run.history):
                    run.has_records.set()
            left -= max(now - began, 1e-6)
        if lot.runs:
            (self._fresh if lot.served < FRESH_SECONDS else self._others).append(lot)
        return self._turn_ended()

    def give_up(self) -> list[Run]:
        """The runs whose turn it was when something went wrong, and those that had ended in it: they train no more."""
        if self._current is not None:
            self._ended += self._current.runs
        return self._turn_ended()

    def _turn_ended(self) -> list[Run]:
        ended, self._ended, self._current = self._ended, [], None
        return ended


class Lot(ABC):
    """Runs that share their turns."""

    def __init__(self) -> None:
        self.runs: list[Run] = []

    @property
    def served(self) -> float:
        """The training that the newest of them has had, in seconds."""
        return min((run.busy_seconds for run in self.runs), default=inf)

    @abstractmethod
    def block(self, seconds: float, clock: Callable[[], float]) -> list[Run]:
        """Train for about so long. Returns those that have ended; they are in it no more."""


class AloneLot(Lot):
    """One run that is trained by itself. The first `known` records, which it has already, are not added once more."""

    def __init__(self, run: Run, training: Training, known: int = 0) -> None:
        super().__init__()
        self.runs = [run]
        self.training = training
        self.known = known

    def block(self, seconds: float, clock: Callable[[], float]) -> list[Run]:
        (run,), training = self.runs, self.training
        append, until = run.history.append, clock() + seconds
        if run.cancelled:
            training.cancel()
        try:
            while True:
                record = training.advance()
                if record is not None and record.epoch >= self.known:
                    append(record, training.state)
                if clock() >= until:
                    return []
        except StopIteration:
            run.stop = training.stop
            self.runs = []
            return [run]
        finally:
            run.epochs_done = training.epochs_done


class JointLot(Lot):
    """Runs of one kind, which share every step."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind
        self.group = Group(kind)
        self.entering: list[Member[History]] = []
        self.run_of: dict[Member[History], Run] = {}
        self.seconds_per_epoch = inf
        """Unknown while nobody has looked how long one takes with these members."""

    def takes(self, kind: Kind) -> bool:
        """Whether a run of this kind can enter."""
        return kind == self.kind and len(self.runs) < most_members(kind)

    def add(self, run: Run, dataset: Dataset) -> None:
        """Let it enter with the next block."""
        self.seconds_per_epoch = inf
        member = Member(run.experiment, dataset, run.history)
        self.run_of[member] = run
        self.entering.append(member)
        self.runs = [*self.runs, run]

    def block(self, seconds: float, clock: Callable[[], float]) -> list[Run]:
        group = self.group
        group.add(self.entering)
        self.entering = []
        leaving = [member for member in group.members if self.run_of[member].cancelled]
        for member in leaving:
            member.stop = cancelled(max(member.next_epoch - 1, 0))
        group.remove(leaving)
        for member in group.members:
            run = self.run_of[member]
            run.together = max(run.together, len(group.members))
        if group.members:
            epochs = max(1, min(int(seconds / self.seconds_per_epoch), MOST_EPOCHS))
            began = clock()
            leaving += group.advance(epochs)
            self.seconds_per_epoch = max((clock() - began) / epochs, 1e-7)
        for member, run in self.run_of.items():
            run.epochs_done = float(max(member.next_epoch - 1, 0))
            run.stop = member.stop
        ended = [self.run_of.pop(member) for member in leaving]
        self.runs = list(self.run_of.values())
        return ended

    def parted(self) -> list[AloneLot]:
        """Its runs, each to go on alone."""
        return [
            AloneLot(run, Training(member.experiment, member.dataset), member.next_epoch)
            for member, run in self.run_of.items()
            if run.stop is None
        ]
