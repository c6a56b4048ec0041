"""Where the time of an epoch goes: computing, copying and waiting, measured.

An epoch is the four steps and the reading of what they led to, as in the training loop. Its parts are told apart by
measurements alone, in the same manner for every way:

- *waiting* is what an epoch on a single point takes, where there is nothing to compute: for Python, for the library
  to find out what is to be done, for the device to be told of it and to answer;
- *computing* is what more points add to that. What an accelerator computes while it is still being told of the next
  operation makes nobody wait, and counts for nothing;
- *copying* is to read the five numbers of a record when they are there, and to bring the points to where they are
  computed with, spread over the epochs of a run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch

from core.data import Dataset
from core.experiment import Experiment
from core.training.devices.found import reason_of
from core.training.devices.ways import Way, start
from core.training.devices.words import told_points
from core.training.four_steps import Method
from core.training.threads import on_threads

__all__ = ["EPOCHS", "POINTS", "SECONDS", "Measurement", "Timing", "draw_points"]

POINTS = tuple(factor * 10**power for power in range(1, 8) for factor in (1, 3))[:-1]
"""From 10 to 10 million, each about three times the one before."""

EPOCHS = Experiment().epochs
"""Over how many epochs the points' way to the device is spread."""

SECONDS = 25.0
"""How long a measurement may take, but for its last numbers of points."""

LOOK_SECONDS = 0.1
"""How long one way is looked at with one number of points, where an epoch is short."""

BLOCKS = 20
"""In how many blocks at most. The fastest counts, since whatever else goes on can only make one slower; they are short,
so that on a machine with other work to do some of them are left alone."""

BUSY = 0.75
"""Programs that compute at the same time, for each core, from which on this is worth saying."""

LEAST_EPOCHS = 6
"""How many epochs are run, however long they are: one of them to warm up."""

FAILURES = (RuntimeError, MemoryError, OSError)
"""What drivers and allocators raise when a device is gone or full."""


@dataclass(frozen=True)
class Timing:
    """How long an epoch takes by one way with some number of points, in parts. Seconds."""

    way: str
    points: int
    computing: float
    copying: float
    waiting: float

    @property
    def seconds(self) -> float:
        return self.computing + self.copying + self.waiting


@dataclass(frozen=True)
class _Idle:
    """What a way takes, in seconds, where there is nothing to compute."""

    epoch: float
    reading: float


class Measurement(Iterator[Timing]):
    """A measurement in progress: iterate over it for the timings, all ways with one number of points after another.

    A way that fails, or that would take more than its share of the time, is left out from there on. `notes` says so, a
    sentence for each, once the timings are out.

    Args:
        points: the numbers of points, in ascending order.
        seconds: how long it may take, about.
    """

    def __init__(
        self,
        ways: Sequence[Way],
        points: Sequence[int] = POINTS,
        seconds: float = SECONDS,
        *,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.ways = tuple(ways)
        self.total = len(ways) * len(points)
        """How many timings there will be, unless something is left out."""
        self.notes: list[str] = _busy()
        self._points = tuple(points)
        self._seconds = seconds
        self._clock = clock
        self._timings = self._run()

    def __next__(self) -> Timing:
        return next(self._timings)

    def _run(self) -> Iterator[Timing]:
        end = self._clock() + self._seconds
        idle: dict[str, _Idle] = {}
        last: dict[str, Timing] = {}
        going = list(self.ways)
        for points in self._points:
            if not going:
                return
            ways = list(going)
            dataset = draw_points(points)
            for place, way in enumerate(ways):
                share = (end - self._clock()) / (len(ways) - place)
                if way.name in last and _expected(last[way.name], points) > share:
                    going.remove(way)
                    self.notes.append(
                        f"{way.label} with {told_points(points)} points or more would take too long here."
                    )
                    continue
                try:
                    if way.name not in idle:
                        idle[way.name] = self._idle(way)
                    timing = self._look(way, dataset, idle[way.name])
                except FAILURES as error:
                    going.remove(way)
                    self.notes.append(f"{way.label} failed with {told_points(points)} points: {reason_of(error)}")
                    continue
                last[way.name] = timing
                yield timing

    def _idle(self, way: Way) -> _Idle:
        with on_threads(way.threads):
            method = start(way, draw_points(1))
            epoch = self._fastest(_epoch_of(method), way)
            loss = method.loss(method.forward(method.x), method.y)
            method.backward(loss)
            return _Idle(epoch, self._fastest(lambda: method.values(loss), way))

    def _look(self, way: Way, dataset: Dataset, idle: _Idle) -> Timing:
        with on_threads(way.threads):
            began = self._clock()
            method = start(way, dataset)
            _wait_for(way)
            bringing = self._clock() - began
            epoch = self._fastest(_epoch_of(method), way)
        computing = max(epoch - idle.epoch, 0.0)
        reading = min(idle.reading, epoch)
        return Timing(way.name, len(dataset), computing, reading + bringing / EPOCHS, epoch - computing - reading)

    def _fastest(self, do: Callable[[], object], way: Way) -> float:
        """Seconds that `do` takes at best, after it was done once."""
        self._time(do, 1, way)
        first = max(self._time(do, 1, way), 1e-9)
        times = max(int(LOOK_SECONDS / BLOCKS / first), 1)
        blocks = min(max(int(LOOK_SECONDS / (times * first)), LEAST_EPOCHS - 2), BLOCKS)
        return min(first, *(self._time(do, times, way) / times for _ in range(blocks)))

    def _time(self, do: Callable[[], object], times: int, way: Way) -> float:
        began = self._clock()
        for _ in range(times):
            do()
        _wait_for(way)
        return self._clock() - began


def _expected(former: Timing, points: int) -> float:
    """Seconds that it takes at most to look at a way, by what an epoch took with fewer points."""
    return max(LOOK_SECONDS, LEAST_EPOCHS * former.seconds * points / former.points)


def _busy() -> list[str]:
    """A sentence about other work on this machine, where there is much of it."""
    cores = os.cpu_count() or 1
    if not hasattr(os, "getloadavg") or os.getloadavg()[0] < BUSY * cores:
        return []
    return ["Other programs keep this machine busy: every number is larger for it, those of all cores most."]


def draw_points(count: int) -> Dataset:
    """`count` training points around the notes' line, drawn as there; none are held out."""
    line = Experiment()
    random = np.random.RandomState(line.seed)
    x = random.rand(count, 1)
    y = line.true_b + line.true_w * x + line.noise * random.randn(count, 1)
    return Dataset(x, y, np.empty((0, 1)), np.empty((0, 1)))


def _epoch_of(method: Method) -> Callable[[], object]:
    """One epoch as the training loop has it."""
    x, y = method.x, method.y

    def epoch() -> None:
        loss = method.loss(method.forward(x), y)
        method.backward(loss)
        method.values(loss)
        method.update()

    return epoch


def _wait_for(way: Way) -> None:
    """Wait until the way's device has done all that it was told to do. The CPU does it at once."""
    if way.device != "cpu":
        torch.accelerator.synchronize(way.device)
