"""Records and rows as csv, as json and as text, each written as soon as it is there."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, TextIO

from core.data import Dataset
from core.geometry.reference import least_squares
from core.training import Record
from core.training.history import COLUMNS

__all__ = ["PrintedRun", "by_scikit_learn", "print_rows", "print_runs", "unwritten"]

Row = Sequence[Any]

LABEL = 34
"""How wide what stands before a line's b and w is, at least."""


@dataclass(frozen=True)
class PrintedRun:
    """A run, and what is printed of it."""

    records: Iterable[Record]
    dataset: Dataset
    number: int | None = None
    """Its number among several; None where it is the only one."""
    heading: str = ""
    """What is written above it in text."""
    reference: tuple[str, float, float] | None = None
    """Whose line is written below it in text, with its b and w as the run sees them; scikit-learn's if left out."""


def print_runs(runs: Iterable[PrintedRun], form: str, file: TextIO, *, several: bool) -> None:
    """All records of the first run, then those of the next.

    Args:
        form: `csv`, `json` or `text`.
        several: whether each record says of which run it is.
    """
    if form == "text":
        for place, run in enumerate(runs):
            file.write("\n" if place else "")
            _print_text(run, file)
        return
    print_rows(("run", *COLUMNS) if several else COLUMNS, _numbered(runs), form, file)


def print_rows(names: Sequence[str], rows: Iterable[Row], form: str, file: TextIO) -> None:
    """Rows under these names, floats in full; in `text` with six digits, in columns."""
    if form == "json":
        _print_json((dict(zip(names, row, strict=True)) for row in rows), file)
    elif form == "text":
        file.write(_aligned(names))
        file.writelines(map(_aligned, rows))
    else:
        file.write(",".join(names) + "\n")
        for row in rows:
            file.write(",".join(value if isinstance(value, str) else repr(value) for value in row) + "\n")


def _numbered(runs: Iterable[PrintedRun]) -> Iterator[Row]:
    for run in runs:
        for record in run.records:
            yield record if run.number is None else (run.number, *record)


def _print_json(objects: Iterable[Mapping[str, Any]], file: TextIO) -> None:
    separator = "[\n"
    for one in objects:
        file.write(separator + json.dumps({name: _or_null(value) for name, value in one.items()}))
        separator = ",\n"
    file.write("\n]\n" if separator == ",\n" else "[]\n")


def _or_null(value: Any) -> Any:
    """JSON knows neither NaN nor infinity."""
    return None if isinstance(value, float) and not isfinite(value) else value


def _print_text(run: PrintedRun, file: TextIO) -> None:
    if run.heading:
        file.write(f"{run.heading}\n")
    last: list[Record] = []
    print_rows(COLUMNS, _remembered(run.records, last), "text", file)
    if run.dataset.standardized and last:
        file.write(_aligned(("in units of the data".ljust(LABEL), *run.dataset.original(last[0].b, last[0].w))))
    label, b, w = run.reference or by_scikit_learn(run.dataset)
    file.write(_aligned((label.ljust(LABEL), *run.dataset.original(b, w))))


def by_scikit_learn(dataset: Dataset) -> tuple[str, float, float]:
    """The line that scikit-learn finds, with its b and w as the run sees them, and what to call it."""
    return f"scikit-learn, {len(dataset.x_train)} of {len(dataset)} points", *least_squares(dataset)


def _remembered(records: Iterable[Record], last: list[Record]) -> Iterator[Record]:
    """The records, the last of which stands in `last` when they are out."""
    for record in records:
        last[:] = [record]
        yield record


def _aligned(row: Row) -> str:
    return "".join(f"{value:>13.6g}" if isinstance(value, float) else f"{value:>13}" for value in row) + "\n"


def unwritten(error: OSError, prog: str, err: TextIO, what: str = "records") -> int:
    """Say why standard output took no more, unless its reader has seen enough: `… | head`. Returns the exit status."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered has nowhere to go
    if isinstance(error, BrokenPipeError):
        return 0
    err.write(f"{prog}: the {what} cannot be written ({error.strerror}).\n")
    return 1
