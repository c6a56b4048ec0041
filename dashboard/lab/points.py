"""The points that an experiment trains on, by their recipe: what a visit holds on to, in place of the points.

A million points take 16 MB. Every visit that watches a run may need them again, and hardly ever does: so they are made
anew where they are no longer at hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from threading import Lock

from cachetools import LRUCache, cached

from core import Dataset, Experiment, Landscape, Points, Table, make_dataset
from core.geometry.landscape import landscapes_of
from dashboard.lab.uploads import find_table, reading_of

__all__ = ["LinePoints", "TablePoints", "landscape_of", "line_points", "standardized", "table_points"]

Moved = tuple[tuple[int, float, float], ...]

KEPT_BYTES = 64_000_000
"""Memory of the points that are kept for all visitors together; what is used while it is let go is not counted."""


POINT_BYTES = 20
"""x, y and its number."""


class _Kept:
    """Datasets by the digest of their recipe, the least recently used of which make room."""

    def __init__(self, most_bytes: int) -> None:
        self._datasets: LRUCache[str, Dataset] = LRUCache(most_bytes, getsizeof=lambda dataset: dataset.nbytes)
        self._lock = Lock()
        self._one_makes = Lock()

    def get(self, points: LinePoints | TablePoints) -> Dataset:
        dataset = self._find(points.digest)
        if dataset is not None:
            return dataset
        with self._one_makes:  # a million points take several times their size while they are made
            dataset = self._find(points.digest)  # somebody may have made them meanwhile
            if dataset is None:
                dataset = points.make()
                if dataset.nbytes <= self._datasets.maxsize:
                    with self._lock:
                        self._datasets[points.digest] = dataset
        return dataset

    def _find(self, digest: str) -> Dataset | None:
        with self._lock:
            return self._datasets.get(digest)


_kept = _Kept(KEPT_BYTES)


@dataclass(frozen=True)
class LinePoints:
    """Points around a line, as `make_dataset` draws them."""

    n: int
    noise: float
    true_b: float
    true_w: float
    shape: str
    seed: int
    validation: float
    standardize: str
    moved: Moved

    @cached_property
    def digest(self) -> str:
        return _digest(*(getattr(self, name.name) for name in fields(self)))

    @property
    def nbytes(self) -> int:
        return POINT_BYTES * (self.n + len(self.moved)) * _copies(self.standardize)

    def make(self) -> Dataset:
        return make_dataset(Experiment(**{name.name: getattr(self, name.name) for name in fields(self)}))

    def load(self) -> Dataset:
        return _kept.get(self)


@dataclass(frozen=True)
class TablePoints:
    """Two columns of a table. For as long as somebody holds this, the table is in use."""

    table: Table = field(repr=False)
    data: str
    """What the link calls the table."""
    reading: str
    """As the link says it: of equal points the same."""
    x: str
    y: str
    seed: int
    validation: float
    standardize: str
    moved: Moved

    @cached_property
    def digest(self) -> str:
        return _digest(
            self.data, self.reading, self.x, self.y, self.seed, self.validation, self.standardize, self.moved
        )

    @property
    def nbytes(self) -> int:
        return POINT_BYTES * (len(self.table) + len(self.moved)) * _copies(self.standardize)

    def make(self) -> Dataset:
        experiment = Experiment(
            seed=self.seed, validation=self.validation, standardize=self.standardize, moved=self.moved
        )
        return self.table.dataset(self.x, self.y, experiment)

    def of_others(self) -> Callable[[Experiment], Dataset]:
        """The same columns as other experiments split and scale them. Raises `ValueError` as `Table.datasets`."""
        return self.table.datasets(self.x, self.y)

    def load(self) -> Dataset:
        return _kept.get(self)


def standardized(points: Points, standardize: str) -> Points:
    """The same points, scaled in another way."""
    assert isinstance(points, LinePoints | TablePoints)
    return replace(points, standardize=standardize)


@cached(LRUCache(1000), key=lambda points, reduction: (points.digest, reduction), lock=Lock())
def landscape_of(points: Points, reduction: str) -> Landscape:
    """That of the training points: a few numbers, for which a million points need not be made anew."""
    training, _ = landscapes_of(points.load(), reduction)
    return training


def line_points(experiment: Experiment) -> Points:
    """The points of a run without a table. Raises `ValueError` if it moves some to where they cannot be."""
    points = LinePoints(**{name.name: getattr(experiment, name.name) for name in fields(LinePoints)})
    if points.moved:  # of others nothing can be wrong, so that they need not be made
        points.load()
    return points


def table_points(
    data: str, x: str | None, y: str | None, experiment: Experiment, reading: str = ""
) -> TablePoints | None:
    """Two columns of the table called `data`; None if there is no such table, or not any more.

    Raises:
        ValueError: if the columns cannot be trained on, as `Table.dataset` does, or for a text that is no reading.
    """
    table = find_table(data, reading)
    if table is None:
        return None
    x, y = table.columns_for(x, y)
    rest = (experiment.seed, experiment.validation, experiment.standardize, experiment.moved)
    points = TablePoints(table, data, reading_of(data, table), x, y, *rest)
    points.load()
    return points


def _copies(standardize: str) -> int:
    """How many times the points are there: scaled ones beside those in the units of the data."""
    return 1 if standardize == "none" else 2


def _digest(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
