"""Processes of a run as threads of one: what they tell one another goes through a list, and nothing else is shared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.distributed.group import ProcessLost

Result = TypeVar("Result")


class ThreadGroup:
    """One of `len(told)` threads that take every step together."""

    def __init__(self, rank: int, told: list[Sequence[float]], all_told: Barrier, all_heard: Barrier) -> None:
        self.rank, self.size = rank, len(told)
        self.leaving = False
        self._told, self._all_told, self._all_heard = told, all_told, all_heard

    def gather(self, numbers: Sequence[float]) -> NDArray[np.float64]:
        self._told[self.rank] = numbers
        try:
            self._all_told.wait()
            rows = np.array(self._told, dtype=np.float64)
            self._all_heard.wait()  # nobody tells anything new before all have heard this
        except BrokenBarrierError as error:
            raise ProcessLost("a thread has ended") from error
        return rows

    def end(self) -> None:
        """What the others notice when a process dies: after the step that all have taken, not in it."""
        self._all_told.abort()


def together(size: int, work: Callable[[ThreadGroup], Result]) -> list[Result]:
    """What `work` gives in each of so many threads, by rank."""
    told: list[Sequence[float]] = [()] * size
    all_told, all_heard = Barrier(size), Barrier(size)

    def one(rank: int) -> Result:
        group = ThreadGroup(rank, told, all_told, all_heard)
        try:
            return work(group)
        except BaseException:
            group.end()
            all_heard.abort()
            raise

    with ThreadPoolExecutor(size) as pool:
        return list(pool.map(one, range(size)))
