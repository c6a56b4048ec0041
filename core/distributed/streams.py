"""More points than a process can hold, in blocks that anybody can make alone.

Block k has the points k·2²⁰ … (k + 1)·2²⁰ - 1. They are drawn as those of a small experiment are, x before the noise,
but from a stream that belongs to the block:

    np.random.RandomState(np.random.Philox(key=seed, counter=[0, 0, 0, k]))

Philox (Salmon et al., 2011) computes its n-th number from n, so no block needs those before it; a block draws far fewer
than the 2¹⁹² numbers until the next one's begin. The legacy generator on it turns them into the same points in every
version of NumPy. The last block is drawn in full and cut.

Of the first m points `training_points(m)` train, for every m at which a block ends; within a block, those that train
come first. The points are independent of one another, so nothing needs to be shuffled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from core.data import Column, training_points
from core.data.shapes import DRAWN
from core.experiment import Experiment

__all__ = ["BLOCK", "Stream"]

BLOCK = 2**20
"""How many points a block has."""


@dataclass(frozen=True)
class Stream:
    """The points of an experiment from number `first` up to, not including, number `stop`."""

    experiment: Experiment
    first: int
    stop: int
    block: int = BLOCK

    @property
    def training(self) -> int:
        """How many of them train."""
        return sum(max(0, min(cut, stop) - first) for _, first, cut, stop in self._blocks())

    def pieces(self) -> Iterator[tuple[Column, Column, Column, Column]]:
        """x and y of those that train, then of those held out, block by block, each of shape (points, 1)."""
        drawn = replace(self.experiment, n=self.block)
        for number, first, cut, stop in self._blocks():
            random = np.random.RandomState(np.random.Philox(key=drawn.seed, counter=[0, 0, 0, number]))
            x, y = DRAWN[drawn.shape](drawn, random)
            start = number * self.block
            train = slice(first - start, min(cut, stop) - start)
            held_out = slice(max(first, cut) - start, stop - start)
            yield x[train], y[train], x[held_out], y[held_out]

    def _blocks(self) -> Iterator[tuple[int, int, int, int]]:
        """Of every block that has points of these: its number, the first of them, the block's first point that is held
        out, and the point after the last of them."""
        for number in range(self.first // self.block, -(-self.stop // self.block)):
            start = number * self.block
            end = min(start + self.block, self.experiment.n)
            cut = start + self._training_before(end) - self._training_before(start)
            yield number, max(self.first, start), cut, min(self.stop, end)

    def _training_before(self, point: int) -> int:
        return training_points(point, self.experiment.validation)
