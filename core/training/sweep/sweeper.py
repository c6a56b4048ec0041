"""Sweeps in the background: each trained once, however many watch it, in turns on a thread of its own."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import torch

from core.data import Dataset
from core.experiment import Experiment
from core.training.devices import reason_of
from core.training.sweep.sweeping import DataOf, Sweep, Sweeping
from core.training.sweep.values import NUMERIC, with_value

__all__ = ["SweepJob", "Sweeper"]

log = logging.getLogger(__name__)

PointsOfSweep = Dataset | DataOf | None
"""What a sweep trains on: these points, those that an experiment makes of a table, or what each describes."""

Key = tuple[Experiment, str, str, tuple[float, ...]]


@dataclass(eq=False)
class SweepJob:
    """A sweep as those who watch it see it. Read it freely; only its `Sweeper` writes to it."""

    id: str
    experiment: Experiment
    field: str
    values: tuple[float, ...]
    share: float = 0.0
    """How much is done, from 0 to 1."""
    sweep: Sweep | None = None
    """All of it, once it has ended."""
    problem: str = ""
    """Why it could not be trained."""
    has_ended: threading.Event = dataclasses.field(default_factory=threading.Event)
    """Set once nothing more will come of it, also where it was given up."""
    leases: dict[str, float] = dataclasses.field(default_factory=dict)
    """By viewer, how long they are taken to be watching."""

    @property
    def nbytes(self) -> int:
        """The memory that it takes once it has ended, about: one that failed has its values all the same."""
        return self.sweep.nbytes if self.sweep else 8 * len(self.values)


class Sweeper:
    """Trains sweeps for many viewers, a block of each in turn.

    A viewer watches one sweep at a time, by `watch` again and again: each call is good for `lease_seconds`. A sweep
    that nobody watches any more is given up; of those that have ended the ones looked at last are kept, `keep_bytes`
    of them.

    Args:
        give_way: called before each block; returns when the processor is to be had.
    """

    def __init__(
        self,
        give_way: Callable[[], None] = lambda: None,
        *,
        lease_seconds: float = 120.0,
        keep_bytes: int = 32_000_000,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._give_way = give_way
        self._lease_seconds = lease_seconds
        self._keep_bytes = keep_bytes
        self._clock = clock
        self._jobs: OrderedDict[Key, SweepJob] = OrderedDict()  # the one looked at last is last
        self._turns: deque[tuple[Key, SweepJob, Callable[[], PointsOfSweep]]] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self._count = 0
        self._thread = threading.Thread(target=self._work, name="sweeping", daemon=True)
        self._thread.start()

    def watch(
        self,
        experiment: Experiment,
        field: str,
        values: tuple[float, ...],
        viewer: str,
        points: Callable[[], PointsOfSweep] = lambda: None,
        digest: str = "",
    ) -> SweepJob:
        """The sweep of `experiment` over `field`, begun if need be, and watched by `viewer` from now on.

        Args:
            points: gives what to train on, as `Sweeping` takes it, when the sweep begins.
            digest: a name for these points.

        Raises:
            RuntimeError: if the sweeper is closed.
        """
        # What the swept field itself says makes no other sweep.
        alike = with_value(experiment, field, NUMERIC[field].high)
        key = (alike, digest, field, values)
        with self._wake:
            if self._closed:
                raise RuntimeError("This sweeper is closed: make a new one.")
            job = self._jobs.get(key)
            if job is None:
                self._count += 1
                job = self._jobs[key] = SweepJob(f"sweep-{self._count}", experiment, field, values)
                self._turns.append((key, job, points))
                self._wake.notify()
            self._jobs.move_to_end(key)
            for other in self._jobs.values():
                other.leases.pop(viewer, None)
            job.leases[viewer] = self._clock() + self._lease_seconds
            return job

    def leave(self, viewer: str) -> None:
        """`viewer` watches no sweep any longer."""
        with self._wake:
            for job in self._jobs.values():
                job.leases.pop(viewer, None)

    def close(self) -> None:
        """Give everything up and end the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        self._thread.join()
        for job in self._jobs.values():
            job.has_ended.set()

    def _work(self) -> None:
        torch.set_num_threads(1)
        begun: dict[str, Sweeping] = {}
        while self._take_turn(begun):
            pass

    def _take_turn(self, begun: dict[str, Sweeping]) -> bool:
        """Go on with the sweep whose turn it is. Returns False once the sweeper is closed.

        A method, so that between two sweeps the thread holds on to the points of neither.
        """
        with self._wake:
            while not self._turns and not self._closed:
                self._wake.wait()
            if self._closed:
                return False
            key, job, points = self._turns.popleft()
            if not self._is_watched(job):
                begun.pop(job.id, None)
                self._jobs.pop(key, None)
                job.has_ended.set()
                return True
        self._give_way()
        try:
            sweeping = begun.get(job.id)
            if sweeping is None:
                sweeping = begun[job.id] = Sweeping(job.experiment, job.field, job.values, points())
            more = sweeping.advance()
            job.share = sweeping.share
            if not more:
                job.sweep = sweeping.result
        except ValueError as error:
            more, job.problem = False, str(error)
        except Exception as error:  # a thread that died here would leave every later sweep waiting for ever
            log.exception("A sweep failed")
            more, job.problem = False, f"The sweep failed: {reason_of(error)}"
        if more:
            self._turns.append((key, job, points))
        else:
            begun.pop(job.id, None)
            with self._wake:
                job.has_ended.set()
                self._forget()
        return True

    def _is_watched(self, job: SweepJob) -> bool:
        now = self._clock()
        return any(until > now for until in job.leases.values())

    def _forget(self) -> None:
        ended = [(key, job) for key, job in self._jobs.items() if job.has_ended.is_set()]
        held = sum(job.nbytes for _, job in ended)
        for key, job in ended:
            if held <= self._keep_bytes:
                return
            held -= job.nbytes
            del self._jobs[key]
