"""Two columns of a table as the data of a run, and the data sets that come with the package."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np
from cachetools import LRUCache

from core.data import MAX_MAGNITUDE, Column, Dataset, scaled, shuffled, split
from core.data.moved import placed
from core.data.reading import (
    Choices,
    ColumnReading,
    Grid,
    is_spreadsheet,
    notices,
    odd_cell,
    read_columns,
    read_delimited,
    read_spreadsheet,
    read_values,
    shown,
)
from core.experiment import Experiment
from core.parameters import shorten

__all__ = ["FILE_TYPES", "MAX_COLUMNS", "MAX_ROWS", "SHIPPED", "Table", "read_table", "shipped_table"]

FILE_TYPES = ("csv", "tsv", "txt", "dat", "data", "xlsx")
"""How names of files end that may hold a table."""

MAX_BYTES = 20_000_000  # a million rows of two columns
MAX_ROWS = 1_000_000
MAX_COLUMNS = 2000
MIN_ROWS = 5
READINGS_KEPT = 4
"""Of a table, besides the first one and those in use; each may be there by two texts, as given and in full."""

SHIPPED = {name: Path(__file__).with_name("datasets") / f"{name}.csv" for name in ("iris", "wine", "fitness")}
"""The data sets that come with the package, by name; their sources and licences are in `datasets/README.md`."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table's rows as text, and how its columns are understood."""

    name: str
    grid: Grid
    choices: Choices
    """How somebody says that it is to be read, where there is a choice."""
    origin: Table | None = field(default=None, repr=False)
    """The table as it was read first, of which this is another reading: it stays for as long as this one does."""
    _readings: WeakValueDictionary[str, Table] = field(default_factory=WeakValueDictionary, init=False, repr=False)
    """Of an origin, the other readings in use. They share its cells, and hold it, which holds them weakly."""
    _understood: LRUCache[str, dict[str, ColumnReading]] = field(
        default_factory=lambda: LRUCache(READINGS_KEPT), init=False, repr=False
    )
    """Of an origin, the columns of other readings, in use or not: to read thousands anew takes seconds."""
    _one_reads: Lock = field(default_factory=Lock, init=False, repr=False)

    def __len__(self) -> int:
        """How many rows it has."""
        return int(self.grid.rows.num_rows)

    @property
    def nbytes(self) -> int:
        """The memory that it takes; its other readings take hardly any beside it."""
        return int(self.grid.rows.get_total_buffer_size())

    @cached_property
    def columns(self) -> dict[str, ColumnReading]:
        """How its columns are understood, by name, in the file's order."""
        if self.origin is None:
            return read_columns(self.grid, self.choices)
        known, key = self.origin._understood, str(self.choices)  # only within `read_as`, one at a time
        if key not in known:
            known[key] = read_columns(self.grid, self.choices)
        return known[key]

    @cached_property
    def reading(self) -> str:
        """The text with which `read_table` reads the same file in the same way."""
        signs = {column.decimal for column in self.columns.values() if column.points or column.grouping}
        forms = {column.form[1] for column in self.columns.values() if re.match("%[dm][/-]", column.form)}
        return str(
            replace(
                self.grid.settled,
                decimal=self.choices.decimal or ("comma" if signs == {","} else "point" if signs == {"."} else ""),
                dates=self.choices.dates or ("month" if "m" in forms else "day" if "d" in forms else ""),
            )
        )

    @cached_property
    def others(self) -> tuple[tuple[str, str], ...]:
        """The other ways in which it can be read: the label of a button for each, and its reading."""
        return self._others(self.columns.values())

    def others_for(self, x: str, y: str) -> tuple[tuple[str, str], ...]:
        """Those of them that make a difference to these two columns."""
        return self._others(self.columns[name] for name in (x, y) if name in self.columns)

    def _others(self, columns: Iterable[ColumnReading]) -> tuple[tuple[str, str], ...]:
        here = Choices.read(self.reading)
        found: dict[str, str] = {}
        for column in columns:
            if not column.example or column.mixed:  # of a mixed column no one sign is the decimal sign
                continue
            if column.kind == "date":
                changed = replace(here, dates="day" if column.form.startswith("%m") else "month")
            elif not column.settled or column.grouping:
                changed = replace(here, decimal="point" if column.decimal == "," else "comma")
            else:
                continue
            found.setdefault(str(changed), f"Read {column.example} as {column.other}")
        if self.grid.header is None:
            found[str(replace(here, header="yes"))] = "Take the first row as the header"
        elif self.grid.doubtful:
            found[str(replace(here, header="no"))] = "Take the header as the first row"
        return tuple((label, reading) for reading, label in found.items())

    def read_as(self, reading: str) -> Table:
        """The same contents, read in another way: decimals, dates, and whether there is a header.

        Equal readings that are in use at the same time are one table, whoever asks.

        Args:
            reading: as `read_table` takes it; as it was first understood if empty.

        Raises:
            ValueError: for a text that is no reading, or one for which the file itself would have to be read again.
        """
        origin = self.origin or self
        choices = Choices.read(reading)
        origin._require_settled(choices)
        if str(choices) in ("", origin.reading):
            return origin
        with origin._one_reads:
            table = origin._readings.get(str(choices))
            if table is None:
                grid = origin.grid.with_header(choices.header or origin.grid.settled.header)
                table = Table(origin.name, grid, choices, origin)
                origin._understood[table.reading] = table.columns  # the text given may leave out what is plain
                table = origin._readings.setdefault(table.reading, table)
                origin._readings[str(choices)] = table
        return table

    def _require_settled(self, choices: Choices) -> None:
        """Raises `ValueError` if they differ in what cannot be changed without the file."""
        settled = replace(self.grid.settled, encoding=self.grid.settled.encoding or "utf-8")
        settled = replace(settled, sheet=settled.sheet or "1", units=settled.units or "0")
        for name in ("sheet", "encoding", "separator", "skip", "units"):
            wanted = getattr(choices, name)
            if wanted not in ("", getattr(settled, name)):
                raise ValueError(
                    f"reading: {name}:{wanted} is not how {self.name} was read: leave {name} out of the link, "
                    "or save the file in another way and upload it again."
                )

    def numeric_columns(self) -> list[str]:
        """The columns worth offering: in the file's order, but those that only count rows after two others."""
        usable = [column for column in self.columns.values() if column.usable]
        if sum(not column.counts for column in usable) > 1:
            usable.sort(key=lambda column: column.counts)
        return [column.name for column in usable]

    def column(self, name: str) -> Column:
        """One column as float64, shape (rows, 1), NaN where a row holds none; dates as days since the first.

        Raises:
            ValueError: saying what is wrong with which cell, and what to do.
        """
        if name not in self.columns:
            raise ValueError(f"{self.name} has no column {shorten(name)}; it has {_listed(list(self.columns))}.")
        column, text = self.columns[name], self.grid.columns[name]
        if column.kind == "empty":
            raise ValueError(f"Column {shorten(name)} of {self.name} is empty: choose another column.")
        if column.kind == "words":
            raise ValueError(
                f"Column {shorten(name)} of {self.name} {odd_cell(text)}: choose another column, or mend the file."
            )
        values = read_values(text, column)
        if max(-np.fmin.reduce(values), np.fmax.reduce(values)) > MAX_MAGNITUDE:
            bad = np.flatnonzero(np.abs(values) > MAX_MAGNITUDE)
            cell = str(text[int(bad[0])].as_py()).strip()
            raise ValueError(
                f"Column {shorten(name)} of {self.name} holds {shorten(cell)} in row {bad[0] + 1} below the header: "
                f"divide the column until its values lie within ±{MAX_MAGNITUDE:g}."
            )
        return values.reshape(-1, 1)

    def columns_for(self, x: str | None, y: str | None) -> tuple[str, str]:
        """The names of two columns: those given; for one left out the first, or the next, column of numbers.

        Raises:
            ValueError: if there are not so many.
        """
        offered = self.numeric_columns()
        x = x or next((name for name in offered if name != y), None)
        y = y or next((name for name in offered if name != x), None)
        if x is None or y is None:
            raise ValueError(f"{self.name} needs two columns of numbers; it has {self._with_reasons()}.")
        return x, y

    def notices(self, x: str, y: str) -> tuple[str, ...]:
        """What was understood, and what is left out, where these are x and y: a sentence each; none if all is plain."""
        numbers = [self.column(name)[:, 0] for name in (x, y)]
        return tuple(notices(self.grid, [self.columns[x], self.columns[y]], numbers))

    def head(self, rows: int = 5, columns: int | None = None) -> list[list[str]]:
        """The first rows as they are understood: numbers plain, missing ones empty, dates as in ISO 8601.

        Args:
            columns: how many of the first columns; all if left out.
        """
        texts = islice(self.grid.columns.items(), columns)
        cells = (shown(text.slice(0, rows), self.columns[name]) for name, text in texts)
        return [list(row) for row in zip(*cells, strict=True)]

    def points(self, x: str, y: str) -> tuple[Column, Column]:
        """The columns `x` and `y` of the rows that have both, in the file's order, each of shape (rows, 1).

        Raises:
            ValueError: as `column` does.
        """
        x_values, y_values = self.column(x), self.column(y)
        missing = np.isnan(x_values) | np.isnan(y_values)
        if not missing.any():
            return x_values, y_values
        kept = ~missing[:, 0]
        return x_values[kept], y_values[kept]

    def dataset(self, x: str | None, y: str | None, experiment: Experiment) -> Dataset:
        """The columns `x` and `y`, shuffled, split and scaled as the experiment says.

        A name left out is the first, or the next, column of numbers.

        Raises:
            ValueError: if they cannot be trained on, saying why and what to do.
        """
        return self.datasets(x, y)(experiment)

    def datasets(self, x: str | None, y: str | None) -> Callable[[Experiment], Dataset]:
        """What gives `dataset` for one experiment after another: it holds the points, which are read only once.

        Raises:
            ValueError: if the columns cannot be trained on, whatever the experiment; so does what it returns.
        """
        x, y = self.columns_for(x, y)
        x_values, y_values = self.points(x, y)
        if len(x_values) < MIN_ROWS:
            raise ValueError(f"{self.name} has too few rows of data ({len(x_values)}): give at least {MIN_ROWS}.")
        if np.ptp(x_values) == 0:
            raise ValueError(
                f"Column {shorten(x)} of {self.name} is {x_values[0, 0]:g} in every row, so no slope can be found: "
                "choose an x that varies."
            )

        def dataset(experiment: Experiment) -> Dataset:
            x_placed, y_placed = placed(x_values, y_values, experiment.moved)
            order = shuffled(len(x_placed), np.random.RandomState(experiment.seed))
            columns = split(x_placed, y_placed, experiment.validation, order)
            dataset = Dataset(*columns, x_name=x, y_name=y, order=order)
            if np.ptp(dataset.x_train) == 0:
                raise ValueError(
                    f"Column {shorten(x)} of {self.name} varies, but not in the rows that train: the split with seed "
                    f"{experiment.seed} holds out the others for validation. Set validation to 0, or choose another "
                    "seed."
                )
            return scaled(dataset, experiment.standardize)

        return dataset

    def _with_reasons(self) -> str:
        shown = [
            f"{shorten(column.name)}" + (f" ({column.reason})" if column.reason else "")
            for column in list(self.columns.values())[:5]
        ]
        more = len(self.columns) - len(shown)
        return ", ".join(shown) + (f" and {more} more" if more else "")


def _listed(names: list[str]) -> str:
    shown = [shorten(name) for name in names[:10]]
    return ", ".join(shown) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def read_table(source: bytes | str | Path, name: str = "", reading: str = "") -> Table:
    """A table out of a text file (CSV and its kin) or the first sheet of an Excel file that has one.

    How it is written is found out, and said by `Table.notices`: its encoding, what separates its columns, where its
    header is, decimal and thousands signs, dates, what is missing.

    Args:
        source: the file's path, or its contents as bytes.
        name: what messages call it; the file's name if left out.
        reading: how to read it, as far as that is known, as `Table.reading` writes it: `decimal:comma,header:no`.

    Raises:
        ValueError: if it is no such file, saying why and what to do.
    """
    choices = Choices.read(reading)
    if isinstance(source, bytes):
        name, contents = name or "The file", source
    else:
        path = Path(source)
        name = name or path.name
        try:
            with path.open("rb") as file:
                contents = file.read(MAX_BYTES + 1)  # no more, whatever size the file claims
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            reason = getattr(error, "strerror", None) or "not a path"
            raise ValueError(
                f"{shorten(str(source))} cannot be read ({reason}): give the path of a CSV file."
            ) from error
    if len(contents) > MAX_BYTES:
        raise ValueError(
            f"{name} is larger than {MAX_BYTES // 1_000_000} MB: keep fewer rows, or only the two columns."
        )
    read = read_spreadsheet if is_spreadsheet(contents) else read_delimited
    table = Table(name, read(contents, name, choices), choices)
    if not len(table):
        raise ValueError(f"{name} has a header but no rows: add at least {MIN_ROWS}.")
    if len(table) > MAX_ROWS:
        raise ValueError(f"{name} has more than {MAX_ROWS:_} rows: keep fewer.".replace("_", "\u202f"))
    if len(table.grid.columns) > MAX_COLUMNS:
        raise ValueError(f"{name} has more than {MAX_COLUMNS} columns: keep those that you need.")
    return table


@cache
def shipped_table(name: str) -> Table:
    """One of the data sets that come with the package. Raises `KeyError` for a name that is not among them."""
    return read_table(SHIPPED[name], name)
