"""What was understood of a table, and what was left out, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.reading.columns import ColumnReading
from core.data.reading.grid import Grid
from core.parameters import shorten

__all__ = ["notices"]

_SEPARATORS = {
    "semicolon": "semicolons",
    "tab": "tabs",
    "blanks": "blanks",
    "wide": "two or more blanks",
    "pipe": "vertical bars",
}


def notices(
    grid: Grid,
    columns: Sequence[ColumnReading],
    numbers: Sequence[NDArray[np.float64]],
) -> Iterator[str]:
    """One sentence for each thing worth saying of these two columns of the table.

    Args:
        columns: x and y.
        numbers: their values, NaN where there is none.
    """
    if grid.page:
        yield f"The text is read as {grid.page}."
    yield from _of_dialect(grid, columns)
    yield from _of_header(grid, columns)
    if grid.ragged:
        more = (
            "1 row has more or fewer cells than the others and is"
            if grid.ragged == 1
            else (f"{grid.ragged} rows have more or fewer cells than the others and are")
        )
        yield f"{more} left out."
    for column in dict.fromkeys(columns):
        yield from _of_column(column)
    yield from _of_rows(columns, numbers)


def _of_dialect(grid: Grid, columns: Sequence[ColumnReading]) -> Iterator[str]:
    separator = _SEPARATORS.get(grid.settled.separator, "")
    comma = any(column.decimal == "," and column.points for column in columns)
    if separator or comma:
        parts = [f"columns are separated by {separator}"] if separator else []
        parts += ["the comma is the decimal sign"] if comma else []
        sentence = ", and ".join(parts)
        yield f"{sentence[0].upper()}{sentence[1:]}."


def _of_header(grid: Grid, columns: Sequence[ColumnReading]) -> Iterator[str]:
    if grid.settled.sheet:
        yield f"The table is on sheet {grid.settled.sheet}."
    if grid.skipped:
        lines = "The line" if grid.skipped == 1 else f"The {grid.skipped} lines"
        yield f"{lines} above the table {'is' if grid.skipped == 1 else 'are'} left out."
    if grid.settled.units:
        yield "The units below the header are left out."
    names, nameless, twice = grid.names
    if grid.header is None:
        called = [name for name, empty in zip(names, grid.empty, strict=True) if not empty]
        yield (
            "There is no header: the columns are called x and y."
            if called == ["x", "y"]
            else f"There is no header: the columns are called {called[0]}, {called[1]} and so on."
        )
    elif grid.doubtful:
        shown = ", ".join(shorten(name) for name in names[:4])
        yield f"The first row, though it holds numbers, is taken for the header: {shown}{', …' if names[4:] else ''}."
    for column in columns:
        if column.name in nameless:
            yield f"A column without a name is called {column.name}."
        if column.name in twice:
            yield f"There are several columns of one name: this one is called {shorten(column.name)}."


def _of_column(column: ColumnReading) -> Iterator[str]:
    name = shorten(column.name)
    if column.kind == "date":
        order = {"d": " (day before month)", "m": " (month before day)"}.get(column.form[1], "")
        yield f"{name} holds dates{order if column.other else ''} and is read as days since {column.start}."
    if column.kind == "percent":
        yield f"{name} is in percent: 2 % is read as 2."
    elif column.beside:
        yield f"{name} is read without {column.beside}."
    if column.mixed:
        yield f"In {name}, commas as well as points are decimal signs."
    if column.accounting:
        yield f"In {name}, a number in brackets is negative."
    if (column.example and column.kind == "date") or (
        column.example and (not column.settled or column.example.replace(",", ".") != column.meaning)
    ):
        yield _two_ways(column, f"{column.example} is read as {column.meaning}, and could be {column.other}")
    elif column.grouping:
        sign = {" ": "blanks", "'": "apostrophes", ",": "commas", ".": "points"}[column.grouping]
        yield f"In {name}, {sign} group the digits."
    if column.counts:
        yield f"{name} only counts rows."


def _two_ways(column: ColumnReading, reading: str) -> str:
    return f"In {shorten(column.name)}, {reading}."


def _of_rows(columns: Sequence[ColumnReading], numbers: Sequence[NDArray[np.float64]]) -> Iterator[str]:
    """Which rows are left out, and why."""
    x, y = (np.isnan(values) for values in numbers)
    rows = len(x)
    if columns[0].name == columns[1].name:
        counts = [(int(x.sum()), [columns[0]])]
    else:
        counts = [
            (int((x & y).sum()), list(columns)),
            (int((x & ~y).sum()), [columns[0]]),
            (int((y & ~x).sum()), [columns[1]]),
        ]
    for count, without in counts:
        if count:
            names = [shorten(column.name) for column in without]
            what = f"neither {names[0]} nor {names[1]}" if len(names) == 2 else f"no {names[0]}"
            odd = next((column.unread_example for column in without if column.unread), "")
            said = f" (one says {shorten(odd)})" if odd else ""
            verbs = ("has", "is") if count == 1 else ("have", "are")
            yield f"{count} of {rows} rows {verbs[0]} {what}{said} and {verbs[1]} left out."
