"""Training in the background: many runs, watched by many, sharing one thread."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

import torch

from core.experiment import Experiment
from core.training.devices import reason_of
from core.training.ending import Stop, StopReason, cancelled, device_failed
from core.training.history import History
from core.training.loop import DEVICE_ERRORS
from core.training.room import who_fits
from core.training.run import Key, Points, Run
from core.training.turns import Turns

__all__ = ["TooManyRuns", "Worker"]

log = logging.getLogger(__name__)

MANY = 4
"""Runs that came within a second, from which on more of them are waited for."""

PATIENCE_SECONDS = 0.03
"""How long training gives way to those who answer, at a stretch: it must get on all the same."""


class TooManyRuns(ValueError):
    """A viewer asks for more runs than they may have in progress."""


class Worker:
    """Trains each experiment once, however many watch it.

    Runs that differ in numbers alone are trained jointly: they share every step, and enter whenever they come. The
    others take turns. A new run has its turns ahead of those that have trained for long, so a short one stays short,
    and none is left at its start while others train. While many arrive they are gathered for up to `gather_seconds`,
    because together they cost hardly more than one.

    What the runs in progress may take in memory is bounded by `active_bytes`; beyond it they wait, in the order in
    which they came, but large ones keep no small one waiting. A run that nobody watches any more is cancelled; of those
    that have ended the records are kept until `keep_bytes` are exceeded: then those are emptied first that were not
    looked at for longest, and train anew when they are watched again.

    A viewer watches by `watch`, and from then on by `renew`: each call is good for `lease_seconds`. Whoever answers a
    visitor does so within `answering`: training then waits between two blocks of some milliseconds, since both need
    the interpreter's lock.

    Args:
        history: makes what a run's records are told to: a `SparseHistory` where hundreds of runs are of use for their
            ends alone.
        give_way: for a worker beside another one, whose visitors it waits for in place of its own.
    """

    def __init__(
        self,
        *,
        turn_seconds: float = 0.05,
        gather_seconds: float = 0.5,
        lease_seconds: float = 120.0,
        active_bytes: int = 512_000_000,
        keep_bytes: int = 128_000_000,
        most_per_viewer: int = 8,
        history: Callable[[Experiment], History] = lambda _: History(),
        give_way: Callable[[], None] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._gather_seconds = gather_seconds
        self._lease_seconds = lease_seconds
        self._active_bytes = active_bytes
        self._keep_bytes = keep_bytes
        self._most_per_viewer = most_per_viewer
        self._history = history
        self._clock = clock
        self._runs: OrderedDict[Key, Run] = OrderedDict()  # the one looked at last is last
        self._held = 0
        """Memory that the records of those of them take which have retired, in bytes: hundreds may end at once."""
        self._waiting: deque[Run] = deque()
        """Those for which there is no room yet."""
        self._arrived: list[Run] = []
        """Those that enter at the next turn."""
        self._active: set[Run] = set()
        """Those that have arrived or train."""
        self._arrivals: deque[float] = deque(maxlen=MANY)
        self._turns = Turns(turn_seconds, give_way or self.give_way, clock)
        self._wake = threading.Condition()
        self._answering = 0
        self._quiet = threading.Condition()
        self._closed = False
        self._count = 0
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)
        self._thread.start()

    def watch(self, experiment: Experiment, points: Points, viewer: str) -> Run:
        """The run of this experiment on these points, started if need be, and watched by `viewer` from now on.

        A run that was cancelled or that failed is started anew: whoever asks wants to see it whole.

        Raises:
            TooManyRuns: if the viewer already watches as many in progress as one may.
            RuntimeError: if the worker is closed, as nothing would ever train the run.
        """
        (run,) = self.watch_together([(experiment, points)], viewer)
        return run

    def watch_together(self, wanted: Sequence[tuple[Experiment, Points]], viewer: str) -> list[Run]:
        """The same for several at once, which come as one arrival: none is started if there are too many of them."""
        with self._wake:
            if self._closed:
                raise RuntimeError("This worker is closed: make a new one.")
            keys = [(experiment, points.digest) for experiment, points in wanted]
            found = {key: run for key in keys if (run := self._runs.get(key)) is not None and not _is_void(run)}
            missing = {key: points for key, (_, points) in zip(keys, wanted, strict=True) if key not in found}
            watched = sum(viewer in other.leases for other in (*self._active, *self._waiting))
            if missing and watched + len(missing) > self._most_per_viewer:
                raise TooManyRuns(
                    f"{self._most_per_viewer} runs of yours are in progress: wait until one has ended, or stop one."
                )
            now = self._clock()
            for key, points in missing.items():
                self._count += 1
                name = f"{points.digest}-{self._count}"
                run = Run(key[0], points, id=name, key=key, history=self._history(key[0]), came=now)
                if key in self._runs:
                    self._drop(self._runs[key])
                self._runs[key] = found[key] = run
                self._waiting.append(run)
            if missing:
                self._arrivals.append(now)
                self._wake.notify()
            for key in keys:
                self._runs.move_to_end(key)
                self._lease(found[key], viewer)
            return [found[key] for key in keys]

    def renew(self, run: Run, viewer: str) -> None:
        """`viewer` still watches `run`, whatever has become of it: nothing is started anew."""
        with self._wake:
            self._lease(run, viewer)
            if self._runs.get(run.key) is run:
                self._runs.move_to_end(run.key)

    def leave(self, run: Run, viewer: str) -> None:
        """`viewer` watches `run` no longer. With the last viewer gone, it is cancelled."""
        with self._wake:
            run.leases.pop(viewer, None)
            self._cancel_if_unwatched(run)

    def stop(self, run: Run) -> None:
        """End `run` now. What was trained is kept."""
        with self._wake:
            self._cancel(run)

    def close(self) -> None:
        """Cancel everything and end the thread."""
        with self._wake:
            self._closed = True
            for run in list(self._runs.values()):
                self._cancel(run)
            self._wake.notify_all()
        self._thread.join()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Training gives way to what is done within, but for a little."""
        with self._quiet:
            self._answering += 1
        try:
            yield
        finally:
            with self._quiet:
                self._answering -= 1
                if not self._answering:
                    self._quiet.notify_all()

    @property
    def runs(self) -> list[Run]:
        """The runs that are kept, the one looked at last at the end."""
        with self._wake:
            return list(self._runs.values())

    def waiting_before(self, run: Run) -> int | None:
        """How many runs come before `run` among those that wait for room; None if it does not wait."""
        with self._wake:
            return self._waiting.index(run) if run in self._waiting else None

    def _lease(self, run: Run, viewer: str) -> None:
        if run.stop is None:  # afterwards nothing is left to cancel
            run.leases[viewer] = self._clock() + self._lease_seconds

    def _cancel(self, run: Run) -> None:
        if run.stop is not None:
            return
        run.cancelled = True
        if not run.started:  # it need not wait for its turn
            if run in self._waiting:
                self._waiting.remove(run)
            elif run in self._arrived:
                self._arrived.remove(run)
            run.stop = Stop(StopReason.CANCELLED, 0, "Stopped before the first epoch.")
            self._retire([run])

    def _cancel_if_unwatched(self, run: Run) -> None:
        now = self._clock()
        if not any(until > now for until in run.leases.values()):
            self._cancel(run)

    def give_way(self) -> None:
        """For whoever trains beside this worker: wait, but not for long, while a visitor is being answered."""
        if self._answering:
            with self._quiet:
                self._quiet.wait_for(lambda: not self._answering, PATIENCE_SECONDS)

    def _work(self) -> None:
        torch.set_num_threads(1)  # of this thread, once: what trains need not set it in every epoch
        while True:
            with self._wake:
                entering = self._next()
                if self._closed and not self._active:
                    return
            for run in entering:
                self._begin(run)
            if self._turns:
                try:
                    ended = self._turns.take()
                except Exception as error:  # a thread that died here would leave every later run waiting for ever
                    log.exception("A training run failed")
                    ended = self._turns.give_up()
                    for run in ended:
                        if run.stop is None:
                            _fail(run, error)
                with self._wake:
                    self._retire(ended)

    def _next(self) -> list[Run]:
        """Those that enter now. Waits until there is something to do."""
        while True:
            for run in (*self._active, *self._waiting):
                self._cancel_if_unwatched(run)
            self._admit()
            pause = self._gathering()
            if self._arrived and pause <= 0:
                entering, self._arrived = self._arrived, []
                for run in entering:
                    run.started, run.began = True, self._clock()
                return entering
            if self._turns or self._closed:
                return []
            self._wake.wait(pause if self._arrived else None)

    def _admit(self) -> None:
        for run in who_fits(self._waiting, self._active, self._active_bytes):
            self._waiting.remove(run)
            self._active.add(run)
            self._arrived.append(run)

    def _gathering(self) -> float:
        """How much longer to wait for others to come, in seconds."""
        now = self._clock()
        if len(self._arrivals) < MANY or now - self._arrivals[0] > 1:
            return 0.0
        return min(run.came for run in self._arrived) + self._gather_seconds - now if self._arrived else 0.0

    def _begin(self, run: Run) -> None:
        try:
            self._turns.enter(run)
        except ValueError as error:
            run.stop = Stop(StopReason.FAILED, 0, str(error))
        except Exception as error:
            log.exception("A training run could not begin")
            _fail(run, error)
        if run.stop is not None:
            with self._wake:
                self._retire([run])

    def _retire(self, runs: Sequence[Run]) -> None:
        for run in runs:
            self._active.discard(run)
            run.leases.clear()
            run.points = None
            run.has_records.set()
            run.has_ended.set()
            if self._runs.get(run.key) is run:
                self._held += run.history.nbytes
                if run.cancelled and not len(run.history):
                    self._drop(run)  # of no use to anybody, and there may come any number
        self._forget()

    def _drop(self, run: Run) -> None:
        """Keep it no longer."""
        del self._runs[run.key]
        if run.has_ended.is_set():
            self._held -= run.history.nbytes

    def _forget(self) -> None:
        """Empty what is too much, the least recently looked at first; never a run that is still going."""
        if self._held <= self._keep_bytes:
            return
        for run in [run for run in self._runs.values() if run.has_ended.is_set()]:
            self._drop(run)
            # Whoever still watches it holds it too: what is to be freed are its records.
            run.history = History()
            run.stop, run.cancelled = cancelled(0), True
            if self._held <= self._keep_bytes:
                return


def _is_void(run: Run) -> bool:
    """Whether it was given up, or went wrong: it is of no use to who wants to see it."""
    return run.cancelled or (run.stop is not None and run.stop.reason is StopReason.FAILED)


def _fail(run: Run, error: Exception) -> None:
    epoch = max(len(run.history) - 1, 0)
    if isinstance(error, DEVICE_ERRORS):
        run.stop = device_failed(run.experiment, epoch, error)
    else:
        message = f"The run failed: {reason_of(error)} What was trained is kept."
        run.stop = Stop(StopReason.FAILED, epoch, message)
