"""The points that an experiment trains on, by their recipe: what a visit holds on to, in place of the points.

A million points take 16 MB. Every visit that watches a run may need them again, and hardly ever does: so they are made
anew where they are no longer at hand.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

from cachetools import LRUCache, cached

from core import Dataset, Experiment, Landscape, Points, Table, make_dataset
from core.geometry.landscape import landscapes_of
from dashboard.lab.uploads import find_table

__all__ = ["LinePoints", "TablePoints", "landscape_of", "line_points", "table_points"]

KEPT_BYTES = 64_000_000
"""Memory of the points that are kept for all visitors together; what is used while it is let go is not counted."""


class _Kept:
    """Datasets by the digest of their recipe, the least recently used of which make room."""

    def __init__(self, most_bytes: int) -> None:
        self._datasets: LRUCache[str, Dataset] = LRUCache(most_bytes, getsizeof=lambda dataset: dataset.nbytes)
        self._lock = Lock()
        self._one_makes = Lock()

    def get(self, points: LinePoints | TablePoints) -> Dataset:
        with self._lock:
            dataset = self._datasets.get(points.digest)
        if dataset is None:
            with self._one_makes:  # a million points take several times their size while they are made
                dataset = points.make()
            if dataset.nbytes <= self._datasets.maxsize:
                with self._lock:
                    self._datasets[points.digest] = dataset
        return dataset


_kept = _Kept(KEPT_BYTES)


@dataclass(frozen=True)
class LinePoints:
    """Points around a line, as `make_dataset` draws them."""

    n: int
    noise: float
    true_b: float
    true_w: float
    seed: int

    @cached_property
    def digest(self) -> str:
        return _digest(self.n, self.noise, self.true_b, self.true_w, self.seed)

    @property
    def nbytes(self) -> int:
        return 16 * self.n

    def make(self) -> Dataset:
        return make_dataset(
            Experiment(n=self.n, noise=self.noise, true_b=self.true_b, true_w=self.true_w, seed=self.seed)
        )

    def load(self) -> Dataset:
        return _kept.get(self)


@dataclass(frozen=True)
class TablePoints:
    """Two columns of a table. For as long as somebody holds this, the table is in use."""

    table: Table = field(repr=False)
    data: str
    """What the link calls the table."""
    x: str
    y: str
    seed: int

    @cached_property
    def digest(self) -> str:
        return _digest(self.data, self.x, self.y, self.seed)

    @property
    def nbytes(self) -> int:
        return 16 * len(self.table)

    def make(self) -> Dataset:
        return self.table.dataset(self.x, self.y, self.seed)

    def load(self) -> Dataset:
        return _kept.get(self)


@cached(LRUCache(1000), key=lambda points, reduction: (points.digest, reduction), lock=Lock())
def landscape_of(points: Points, reduction: str) -> Landscape:
    """That of the training points: a few numbers, for which a million points need not be made anew."""
    training, _ = landscapes_of(points.load(), reduction)
    return training


def line_points(experiment: Experiment) -> Points:
    """The points of a run without a table."""
    return LinePoints(experiment.n, experiment.noise, experiment.true_b, experiment.true_w, experiment.seed)


def table_points(data: str, x: str | None, y: str | None, seed: int) -> TablePoints | None:
    """Two columns of the table called `data`; None if there is no such table, or not any more.

    Raises:
        ValueError: if the columns cannot be trained on, as `Table.dataset` does.
    """
    table = find_table(data)
    if table is None:
        return None
    x, y = table.columns_for(x, y)
    points = TablePoints(table, data, x, y, seed)
    points.load()
    return points


def _digest(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
