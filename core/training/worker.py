"""Training in the background: many runs, watched by many, sharing a few threads in turns."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import torch

from core.data import Dataset
from core.experiment import Experiment
from core.training.devices import reason_of
from core.training.history import History
from core.training.loop import Stop, StopReason, Training

__all__ = ["Run", "Worker"]

log = logging.getLogger(__name__)

Key = tuple[Experiment, str]


@dataclass(eq=False)
class Run:
    """One run in the background. Read it freely; only its worker writes to it."""

    experiment: Experiment
    dataset: Dataset
    id: str
    history: History = field(default_factory=History)
    stop: Stop | None = None
    started: bool = False
    epochs_done: float = 0.0
    """Progress in epochs, with the part of the one that is under way."""
    busy_seconds: float = 0.0
    """Time spent training, without the turns of others."""
    elapsed_seconds: float = 0.0
    """Time from its first turn to the end of its last, with the turns of others."""
    _began: float | None = None
    _training: Training | None = None
    _cancelled: bool = False
    _leases: dict[str, float] = field(default_factory=dict)

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


class Worker:
    """Trains each experiment once, however many watch it.

    Runs take turns of `turn_seconds` on `threads` threads, in the order in which they came, so that a short
    run need not wait for a long one. At most `active` of them are in progress; more wait until one has ended.
    A run that nobody watches any more is cancelled; one that has ended is kept, with its records and points,
    until `keep_bytes` are exceeded: then those go first that were not looked at for longest.

    A viewer watches by calling `watch` again and again: each call is good for `lease_seconds`.
    """

    def __init__(
        self,
        *,
        threads: int = 1,
        turn_seconds: float = 0.25,
        active: int = 32,
        lease_seconds: float = 120.0,
        keep_bytes: int = 256_000_000,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._turn_seconds = turn_seconds
        self._active = active
        self._lease_seconds = lease_seconds
        self._keep_bytes = keep_bytes
        self._clock = clock
        self._runs: OrderedDict[Key, Run] = OrderedDict()  # the one looked at last is last
        self._queue: deque[Run] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self._count = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"training-{index}", daemon=True) for index in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def watch(self, experiment: Experiment, dataset: Dataset, viewer: str) -> Run:
        """The run of this experiment on this data, started if need be, and watched by `viewer` from now on.

        A run that was cancelled or that failed is started anew: whoever asks wants to see it whole.

        Raises:
            RuntimeError: if the worker is closed, as nothing would ever train the run.
        """
        key = (experiment, dataset.digest)
        with self._wake:
            if self._closed:
                raise RuntimeError("This worker is closed: make a new one.")
            run = self._runs.get(key)
            if run is None or run._cancelled or (run.stop and run.stop.reason is StopReason.FAILED):
                self._count += 1
                run = Run(experiment, dataset, id=f"{dataset.digest}-{self._count}")
                self._runs[key] = run
                self._queue.append(run)
                self._wake.notify()
            self._runs.move_to_end(key)
            self._lease(run, viewer)
            return run

    def renew(self, run: Run, viewer: str) -> None:
        """`viewer` still watches `run`, whatever has become of it: nothing is started anew."""
        with self._wake:
            self._lease(run, viewer)
            if self._runs.get(key := (run.experiment, run.dataset.digest)) is run:
                self._runs.move_to_end(key)

    def leave(self, run: Run, viewer: str) -> None:
        """`viewer` watches `run` no longer. With the last viewer gone, it is cancelled."""
        with self._wake:
            run._leases.pop(viewer, None)
            self._cancel_if_unwatched(run)

    def stop(self, run: Run) -> None:
        """End `run` now. What was trained is kept."""
        with self._wake:
            self._cancel(run)

    def close(self) -> None:
        """Cancel everything and end the threads."""
        with self._wake:
            self._closed = True
            for run in list(self._runs.values()):
                self._cancel(run)
            self._wake.notify_all()
        for thread in self._threads:
            thread.join()

    @property
    def runs(self) -> list[Run]:
        """The runs that are kept, the one looked at last at the end."""
        with self._wake:
            return list(self._runs.values())

    def waiting_before(self, run: Run) -> int:
        """How many runs have their turn before `run`."""
        with self._wake:
            return self._queue.index(run) if run in self._queue else 0

    def _lease(self, run: Run, viewer: str) -> None:
        if run.stop is None:  # afterwards nothing is left to cancel
            run._leases[viewer] = self._clock() + self._lease_seconds

    def _cancel(self, run: Run) -> None:
        if run.stop is not None:
            return
        run._cancelled = True
        if run in self._queue:  # between turns, it need not wait for the next
            self._queue.remove(run)
            self._end(run, StopReason.CANCELLED, "Stopped. What was trained is kept.")
            self._retire(run)
        elif run._training is not None:
            run._training.cancel()

    def _cancel_if_unwatched(self, run: Run) -> None:
        now = self._clock()
        if not any(until > now for until in run._leases.values()):
            self._cancel(run)

    def _work(self) -> None:
        # One thread of arithmetic for each of training: at these sizes more only get in each other's way.
        torch.set_num_threads(1)
        while True:
            with self._wake:
                while not self._queue and not self._closed:
                    self._wake.wait()
                if self._closed and not self._queue:
                    return
                run = self._queue.popleft()
                self._cancel_if_unwatched(run)
            try:
                self._take_turn(run)
            except Exception as error:  # a thread that died here would leave every later run waiting for ever
                log.exception("A training run failed")
                self._end(run, StopReason.FAILED, f"The run failed: {reason_of(error)} What was trained is kept.")
            with self._wake:
                if run.stop is None:
                    # Behind the others in progress, and ahead of those that have not begun.
                    self._queue.insert(min(self._active - len(self._threads), len(self._queue)), run)
                else:
                    self._retire(run)

    def _take_turn(self, run: Run) -> None:
        run.started = True
        if run._training is None:
            if run._cancelled:
                self._end(run, StopReason.CANCELLED, "Stopped before the first epoch.")
                return
            try:
                run._training = Training(run.experiment, run.dataset)
            except ValueError as error:
                self._end(run, StopReason.FAILED, str(error))
                return
        training, append = run._training, run.history.append
        if run._cancelled:
            training.cancel()
        start = self._clock()
        if run._began is None:
            run._began = start
        until = start + self._turn_seconds
        try:
            while self._clock() < until:
                record = training.advance()
                if record is not None:
                    append(record, training.state)
        except StopIteration:
            pass
        finally:
            run.busy_seconds += self._clock() - start
            run.elapsed_seconds = self._clock() - run._began
            run.epochs_done = training.epochs_done
        run.stop = training.stop

    def _end(self, run: Run, reason: StopReason, message: str) -> None:
        run.stop = Stop(reason, max(len(run.history) - 1, 0), message)

    def _retire(self, run: Run) -> None:
        run._training = None
        run._leases.clear()
        self._forget()

    def _forget(self) -> None:
        """Drop what is too much, the least recently looked at first; never a run that is still going."""
        for key, run in list(self._runs.items()):
            if self._held_bytes() <= self._keep_bytes:
                return
            if run.stop is not None:
                del self._runs[key]

    def _held_bytes(self) -> int:
        runs = self._runs.values()
        points = {id(run.dataset): run.dataset.nbytes for run in runs}  # runs may share theirs
        return sum(run.history.nbytes for run in runs) + sum(points.values())
