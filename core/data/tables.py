"""Two columns of a CSV file as the data of a run, and the data sets that come with the package."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from pathlib import Path

import numpy as np

from core.data import MAX_MAGNITUDE, Column, Dataset, scaled, split
from core.experiment import Experiment
from core.parameters import shorten

__all__ = ["SHIPPED", "Table", "read_table", "shipped_table"]

MAX_BYTES = 20_000_000  # a million rows of two columns; more would cost gigabytes to read
MAX_ROWS = 1_000_000
MIN_ROWS = 5

SHIPPED = {name: Path(__file__).with_name("datasets") / f"{name}.csv" for name in ("iris", "wine", "fitness")}
"""The data sets that come with the package, by name; their sources and licences are in `datasets/README.md`."""


@dataclass(frozen=True, eq=False)
class Table:
    """A CSV file's columns as text, by name, in the file's order."""

    name: str
    columns: dict[str, list[str]]

    def __len__(self) -> int:
        """How many rows it has."""
        return len(next(iter(self.columns.values())))

    @cached_property
    def nbytes(self) -> int:
        """About the memory that it takes: its characters, and Python's 57 bytes for every cell."""
        return sum(57 * len(cells) + sum(map(len, cells)) for cells in self.columns.values())

    def numeric_columns(self) -> list[str]:
        """The columns whose first few cells are numbers, but for holes: those worth offering."""
        first = {name: [cell for cell in cells[:20] if cell.strip()] for name, cells in self.columns.items()}
        return [name for name, cells in first.items() if cells and all(map(_is_number, cells))]

    def column(self, name: str) -> Column:
        """One column as float64, shape (rows, 1).

        Raises:
            ValueError: saying what is wrong with which cell, and what to do.
        """
        if name not in self.columns:
            raise ValueError(f"{self.name} has no column {shorten(name)}; it has {_listed(self.columns)}.")
        cells = self.columns[name]
        values = np.array([_to_float(cell) for cell in cells])
        bad = np.flatnonzero(~(np.abs(values) <= MAX_MAGNITUDE))
        if len(bad):
            cell = cells[bad[0]].strip()
            where = f"row {bad[0] + 1} below the header"
            if not cell:
                what = f"is empty in {where} (and {len(bad) - 1} more)" if len(bad) > 1 else f"is empty in {where}"
                raise ValueError(f"Column {shorten(name)} of {self.name} {what}: fill or remove such rows.")
            if np.isfinite(_to_float(cell)):
                raise ValueError(
                    f"Column {shorten(name)} of {self.name} holds {shorten(cell)} in {where}: "
                    f"divide the column until its values lie within ±{MAX_MAGNITUDE:g}."
                )
            raise ValueError(
                f"Column {shorten(name)} of {self.name} holds {shorten(cell)} in {where}, "
                "which is not a number: choose another column, or mend the file."
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
            raise ValueError(f"{self.name} needs two columns of numbers; it has {_listed(self.columns)}.")
        return x, y

    def dataset(self, x: str | None, y: str | None, experiment: Experiment) -> Dataset:
        """The columns `x` and `y`, shuffled, split and scaled as the experiment says.

        A name left out is the first, or the next, column of numbers.

        Raises:
            ValueError: if they cannot be trained on, saying why and what to do.
        """
        x, y = self.columns_for(x, y)
        x_values, y_values = self.column(x), self.column(y)
        if len(x_values) < MIN_ROWS:
            raise ValueError(f"{self.name} has too few rows of data ({len(x_values)}): give at least {MIN_ROWS}.")
        rows = split(x_values, y_values, experiment.validation, np.random.RandomState(experiment.seed))
        dataset = Dataset(*rows, x_name=x, y_name=y)
        if np.ptp(x_values) == 0:
            raise ValueError(
                f"Column {shorten(x)} of {self.name} is {x_values[0, 0]:g} in every row, so no slope can be found: "
                "choose an x that varies."
            )
        if np.ptp(dataset.x_train) == 0:
            raise ValueError(
                f"Column {shorten(x)} of {self.name} varies, but not in the rows that train: the split with seed "
                f"{experiment.seed} holds out the others for validation. Set validation to 0, or choose another seed."
            )
        return scaled(dataset, experiment.standardize)


def _is_number(cell: str) -> bool:
    return bool(np.isfinite(_to_float(cell)))


def _to_float(cell: str) -> float:
    try:
        # Python takes 2020_01 for a number; whoever wrote it into a table did not.
        return float(cell) if "_" not in cell else float("nan")
    except ValueError:
        return float("nan")


def _listed(names: dict[str, list[str]]) -> str:
    shown = [shorten(name) for name in list(names)[:10]]
    return ", ".join(shown) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def read_table(source: bytes | str | Path, name: str = "") -> Table:
    """A CSV file with a header, as a table.

    Columns may be separated by commas, semicolons (then numbers may have decimal commas) or tabs.

    Args:
        source: the file's path, or its contents as bytes.
        name: what messages call it; the file's name if left out.

    Raises:
        ValueError: if it is no such file, saying why and what to do.
    """
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
    return _parse(contents, name)


def _parse(contents: bytes, name: str) -> Table:
    try:
        text = contents.decode("utf-8-sig")
        if "\0" in text:
            raise ValueError
    except ValueError:
        raise ValueError(f"{name} is not a text file: save the table as CSV (UTF-8) and try again.") from None
    first = text.lstrip().replace("\r", "\n").split("\n", 1)[0]
    if first.lstrip().lower().startswith(("<!doctype", "<html", "<?xml")):
        raise ValueError(f"{name} is a web page, not a table: download the CSV file itself.")
    separator = max(",;\t", key=re.sub(r'"[^"]*"', "", first).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        filled = (row for row in reader if any(map(str.strip, row)))
        rows = list(islice(filled, MAX_ROWS + 2))  # the header, and one row that is too many
    except csv.Error as error:
        raise ValueError(f"{name} cannot be read as CSV ({error}): save the table as CSV and try again.") from error
    if not rows:
        raise ValueError(f"{name} is empty: give a CSV file with a header and two columns of numbers.")
    header, body = [cell.strip() for cell in rows[0]], rows[1:]
    if len(header) < 2:
        raise ValueError(f"{name} has one column: give a CSV file with a header and two columns of numbers.")
    if all(_is_number(cell) for cell in header):
        raise ValueError(f"{name} starts with numbers: add a first line that names the columns.")
    [(twice, times)] = Counter(header).most_common(1)
    if times > 1:
        raise ValueError(f"{name} has two columns named {shorten(twice)}: give each column a name of its own.")
    if not body:
        raise ValueError(f"{name} has a header but no rows: add at least {MIN_ROWS}.")
    if len(body) > MAX_ROWS:
        raise ValueError(f"{name} has more than {MAX_ROWS} rows: keep fewer.")
    ragged = next((index for index, row in enumerate(body) if len(row) != len(header)), None)
    if ragged is not None:
        raise ValueError(
            f"{name} has {len(body[ragged])} instead of {len(header)} cells in row {ragged + 1} below the header: "
            "give every row a cell for each column."
        )
    columns = dict(zip(header, map(list, zip(*body, strict=True)), strict=True))
    if separator == ";":
        columns = {key: [cell.replace(",", ".") for cell in cells] for key, cells in columns.items()}
    return Table(name, columns)


@cache
def shipped_table(name: str) -> Table:
    """One of the data sets that come with the package. Raises `KeyError` for a name that is not among them."""
    return read_table(SHIPPED[name], name)
