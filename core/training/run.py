"""A run in the background, as those who watch it see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from core.data import Dataset
from core.experiment import Experiment
from core.training.ending import Stop
from core.training.four_steps import STATE_KEYS
from core.training.history import COLUMNS, History

__all__ = ["Key", "Points", "Run"]

Key = tuple[Experiment, str]
"""An experiment and the digest of its points: what a run is found by."""


class Points(Protocol):
    """The points of a run, or how to come by them: a `Dataset` is some, a recipe takes less memory."""

    @property
    def digest(self) -> str:
        """A name for them, equal for equal points."""

    @property
    def nbytes(self) -> int:
        """The memory that they take when they are loaded."""

    def load(self) -> Dataset:
        """The points themselves. Raises `ValueError` where they cannot be had any more."""


@dataclass(eq=False)
class Run:
    """Read it freely; only its worker writes to it."""

    experiment: Experiment
    points: Points | None
    """None once it has ended: who watches it has them too, and what is kept should be the records."""
    id: str
    key: Key
    history: History = field(default_factory=History)
    stop: Stop | None = None
    started: bool = False
    epochs_done: float = 0.0
    """Progress in epochs, with the part of the one that is under way."""
    together: int = 1
    """The most runs, this one among them, that were trained jointly with it."""
    busy_seconds: float = 0.0
    """Time spent training, without the turns of others."""
    elapsed_seconds: float = 0.0
    """Time from its first turn to the end of its last, with the turns of others."""
    came: float = 0.0
    """When it was asked for, by the worker's clock."""
    began: float = 0.0
    """When its first turn was."""
    cancelled: bool = False
    has_records: Event = field(default_factory=Event)
    """Set with the first records, and at the end."""
    has_ended: Event = field(default_factory=Event)
    leases: dict[str, float] = field(default_factory=dict)
    """By viewer, how long they are taken to be watching."""

    def wait(self, seconds: float, soon: float) -> None:
        """Wait for its first records for so long at most; then for its end, if that may be no more than `soon` away."""
        if self.has_records.wait(seconds):
            left = self.seconds_left
            if left is None or left <= soon:
                self.has_ended.wait(soon)

    @property
    def epochs_per_second(self) -> float:
        """Speed while it had its turn; 0 before the first epoch."""
        return self.epochs_done / self.busy_seconds if self.busy_seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time to the last epoch if it goes on as so far, the turns of others included; None while unknown."""
        if self.stop is not None:
            return 0.0
        if self.epochs_done <= 0 or self.elapsed_seconds <= 0:
            return None
        return (self.experiment.epochs - self.epochs_done) * self.elapsed_seconds / self.epochs_done

    @property
    def most_bytes(self) -> int:
        """The memory that it takes while it trains: its points, in the run's own numbers too and with what one step
        makes of them, and all its records."""
        width = len(COLUMNS) + 2 * len(STATE_KEYS[self.experiment.optimizer])
        points = self.points.nbytes if self.points else 0
        return 4 * points + (self.experiment.epochs + 1) * width * 8
