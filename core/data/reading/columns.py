"""What each column of a table holds: numbers, dates, or what cannot be used; the file decides what a cell cannot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.data.dataset import MAX_MAGNITUDE
from core.data.reading.cells import HEAD, Cells
from core.data.reading.choices import Choices
from core.data.reading.dates import Dates, settled
from core.data.reading.grid import Grid
from core.data.reading.likeness import is_like_a_value
from core.data.reading.numerals import Numerals
from core.parameters import shorten

__all__ = ["ColumnReading", "odd_cell", "read_columns", "read_values", "shown"]

_SIGNS = {"point": ".", "comma": ","}

_ENOUGH = 0.8
"""The share of a column's cells that must be numbers, or dates, for it to be a column of them."""

_PLAIN = r"^[-+]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?$"
"""A number alone, with one decimal sign at most."""

_COUNTING_NAME = re.compile(
    r"#|n[r°º]\.?|no\.?|num(ber|mer)?|id|key|pos|idx|index"
    r"|(sample|case|row|serial|s|sr|lfd)[._ ]*(n[or]|number|id|names?|num)?\.?"
    r"|rows|obs(ervation)?\.?|zeile|unnamed: ?0",
    re.IGNORECASE,
)
"""What columns are called that only say which row it is."""


@dataclass(frozen=True)
class ColumnReading:
    """One column as it was understood."""

    name: str
    kind: str
    """`number`, `percent`, `date`, `words` or `empty`."""
    usable: bool
    """Whether it may be offered."""
    reason: str
    """Why it may not; or, of one that only counts rows, why it is never the first choice."""
    missing: int
    """How many of its cells are empty, or mean that nothing is known."""
    unread: int = 0
    """How many others hold no number, or no date, where most do."""
    unread_example: str = ""
    beside: str = ""
    """The currency, unit or percent sign that stands beside its numbers."""
    accounting: bool = False
    """Whether brackets around a number make it negative."""
    decimal: str = "."
    grouping: str = ""
    """The sign that groups its digits; empty if none does."""
    mixed: bool = False
    """Whether it has decimal commas as well as decimal points."""
    points: bool = False
    """Whether its numbers have decimals."""
    form: str = ""
    """Of dates, as `strptime` takes it."""
    start: str = ""
    """Of dates, the first one, from which days are counted."""
    example: str = ""
    """A cell that can be read in another way too; empty if there is none."""
    other: str = ""
    """What it would mean then, in words."""
    meaning: str = ""
    """What it is taken to mean."""
    settled: bool = True
    """Whether something in the file, or a choice, says which way is right."""

    @property
    def counts(self) -> bool:
        """Whether it only counts rows."""
        return self.usable and bool(self.reason)


@dataclass(frozen=True, eq=False)
class _Found:
    """A column before it is known how to read what can be read in two ways."""

    cells: Cells
    numerals: Numerals | None = None
    dates: Dates | None = None


@dataclass(frozen=True)
class _Extent:
    """How many numbers there are, and between which they lie."""

    count: int
    least: float
    most: float

    @staticmethod
    def of(pieces: Iterable[NDArray[np.float64]]) -> _Extent:
        count, least, most = 0, np.inf, -np.inf
        for piece in pieces:
            count += int(np.isfinite(piece).sum())
            least, most = np.fmin.reduce(piece, initial=least), np.fmax.reduce(piece, initial=most)
        return _Extent(count, float(least), float(most))

    @property
    def usable(self) -> tuple[bool, str]:
        """Whether such a column may be offered, and why not."""
        if max(-self.least, self.most) > MAX_MAGNITUDE:
            return False, f"holds numbers beyond ±{MAX_MAGNITUDE:g}"
        if self.count > 1 and self.least == self.most:
            return False, "is the same in every row"
        return True, ""


def read_columns(grid: Grid, choices: Choices) -> dict[str, ColumnReading]:
    """How each column that has something, or a name, is understood, by its name in the file's order.

    Args:
        choices: how to read what can be read in two ways, as far as somebody says so.
    """
    found = {name: _find(column) for name, column in grid.columns.items()}
    numerals = [one.numerals for one in found.values() if one.numerals is not None]
    signs = {"."} if grid.typed else {one.decimal for one in numerals if not one.mixed} - {""}
    sure = next(iter(signs)) if len(signs) == 1 else ""
    decimal = _SIGNS.get(choices.decimal) or sure or _usual(numerals, grid.settled.separator)
    orders = settled([one.dates for one in found.values() if one.dates is not None])
    readings = {}
    for name, one in found.items():
        if one.dates is not None:
            readings[name] = _dates(name, one.cells, one.dates, choices.dates, orders, decimal == ",")
        elif one.numerals is not None:
            readings[name] = _numbers(name, one.cells, one.numerals, decimal, sure)
        else:
            kind, reason = ("words", "holds words") if one.cells.filled else ("empty", "is empty")
            readings[name] = ColumnReading(name, kind, False, reason, int(one.cells.text.null_count))
    return _demoted(readings, grid)


def read_values(column: pa.ChunkedArray, reading: ColumnReading) -> NDArray[np.float64]:
    """A column's numbers, one a row, NaN where there is none; of dates the days since the first."""
    cells = Cells.of(column)
    if reading.kind == "date":
        return Dates(cells, reading.form).days
    if reading.kind not in ("number", "percent"):
        return np.full(len(column), np.nan)
    return Numerals.of(cells).values(reading.decimal)


def shown(column: pa.ChunkedArray, reading: ColumnReading) -> list[str]:
    """A few cells as they are understood: numbers plain, dates as ISO 8601 writes them, nothing where that is so."""
    cells = Cells.of(column)
    if reading.kind == "date":
        times = Dates(cells, reading.form).times
        texts = [str(time).replace("T", " ").removesuffix(".000").removesuffix(" 00:00:00") for time in times]
        return ["" if text == "NaT" else text for text in texts]
    if reading.kind in ("number", "percent"):
        values = Numerals.of(cells).values(reading.decimal)
        return ["" if np.isnan(value) else repr(float(value)).removesuffix(".0") for value in values]
    return [cell or "" for cell in cells.text.to_pylist()]


def odd_cell(column: pa.ChunkedArray) -> str:
    """Of a column that is read as words, which cell keeps it from being one of numbers: `holds 'red' in row 3 …`."""
    text = Cells.of(column).text
    cells = enumerate(text.slice(0, HEAD).to_pylist(), 1)
    odd = next(((row, cell) for row, cell in cells if cell is not None and not is_like_a_value(cell)), None)
    if odd is not None:
        return f"holds {shorten(odd[1])} in row {odd[0]} below the header, which is not a number"
    # Numbers or dates they are, each for itself, or words further below.
    row = pc.index(pc.match_substring_regex(text, _PLAIN), False).as_py()
    if row < 0:
        return "holds numbers that cannot all be read in one way"
    cell = str(text[row].as_py())
    if not is_like_a_value(cell):
        return f"holds {shorten(cell)} in row {row + 1} below the header, which is not a number"
    return f"holds {shorten(cell)} in row {row + 1} below the header, and others that are written in another way"


def _find(column: pa.ChunkedArray) -> _Found:
    cells = Cells.of(column)
    if not cells.filled:
        return _Found(cells)
    try:
        pc.cast(cells.head, pa.float64())
    except pa.ArrowInvalid:
        dates = Dates.of(cells)
        if dates is not None:
            return _Found(cells, dates=dates)
        head = cells.head.slice(0, 200).to_pylist()
        if sum(map(is_like_a_value, head)) < _ENOUGH * len(head):
            return _Found(cells)
    return _Found(cells, Numerals.of(cells))


def _numbers(name: str, cells: Cells, numerals: Numerals, of_file: str, sure: str) -> ColumnReading:
    """A column of numbers: its own cells decide; where they do not, the file."""
    decimal = numerals.decimal or of_file
    is_open = bool(numerals.either) and not numerals.decimal
    extent = _Extent.of(numerals.pieces(decimal))
    missing = int(cells.text.null_count)
    unread = len(cells.text) - extent.count - missing
    if unread > (1 - _ENOUGH) * cells.filled:
        return ColumnReading(name, "words", False, "holds words", missing)
    reading = ColumnReading(
        name,
        "percent" if numerals.beside == "%" else "number",
        *extent.usable,
        missing,
        unread,
        _first(cells, numerals.values(decimal)) if unread else "",
        numerals.beside,
        numerals.accounting,
        decimal,
        numerals.grouping(decimal),
        numerals.mixed,
        decimal.encode() in numerals.cells.there,
    )
    if not is_open and not numerals.doubtful:
        return reading
    if numerals.doubtful:
        example = numerals.doubtful
        sign = "," if "," in example else "."
    else:
        sign = next(iter(numerals.either))
        example = numerals.example(sign)
    apart, together = example.replace(sign, ".").rstrip("0").rstrip("."), example.replace(sign, "")
    meaning, other = (apart, together) if sign == decimal or numerals.mixed else (together, apart)
    is_settled = sure == decimal and not numerals.mixed
    return replace(reading, example=example, other=other, meaning=meaning, settled=is_settled)


def _usual(columns: Sequence[Numerals], separator: str) -> str:
    """The decimal sign where nothing settles it.

    What groups thousands stands beside shorter numbers, or beside a column without decimals; and semicolons separate
    where the comma is the decimal sign.
    """
    for numerals in columns:
        if numerals.either and numerals.grouped_rather:
            return "." if "," in numerals.either else ","
    signs = {numerals.either for numerals in columns}
    if len(columns) > 1 and len(signs) == 1:
        [either] = signs
        # Thousands in every column are rare, and three decimals are not; but nobody separates by the decimal sign.
        if len(either) == 1 and not ("," in either and separator == "comma"):
            return next(iter(either))
    return "," if separator == "semicolon" else "."


def _dates(name: str, cells: Cells, dates: Dates, chosen: str, of_others: str, comma: bool) -> ColumnReading:
    is_open = False
    swapped = dates.swapped
    if swapped is not None:
        is_open = swapped.read == dates.read
        if swapped.read > dates.read or (
            is_open and swapped.first == (chosen or of_others or _usual_order(dates, comma))
        ):
            dates, swapped = swapped, dates
    values = dates.days
    missing = int(cells.text.null_count)
    unread = int(np.isnan(values).sum()) - missing
    if unread > (1 - _ENOUGH) * cells.filled:
        return ColumnReading(name, "words", False, "holds words", missing)
    reading = ColumnReading(
        name,
        "date",
        *_Extent.of([values]).usable,
        missing,
        unread,
        _first(cells, values) if unread else "",
        form=dates.form,
        start=str(dates.start),
    )
    if not is_open or swapped is None:
        return reading
    differs = np.flatnonzero((dates.times != swapped.times) & ~np.isnan(values))
    if not len(differs):
        return reading
    at = int(differs[0])
    return replace(
        reading,
        example=str(cells.text[at].as_py()),
        meaning=str(dates.times[at].astype("datetime64[D]")),
        other=str(swapped.times[at].astype("datetime64[D]")),
        settled=of_others == dates.first,
    )


def _usual_order(dates: Dates, comma: bool) -> str:
    """What is recorded goes on from day to day; the comma as a decimal sign, and zeros, are of Europe."""
    swapped = dates.swapped
    assert swapped is not None
    one, other = dates.way, swapped.way
    if 2 * one < other:
        return dates.first
    if 2 * other < one:
        return swapped.first
    return "month" if dates.unpadded and not comma else "day"


def _first(cells: Cells, values: NDArray[np.float64]) -> str:
    """The first cell that says something which is not understood."""
    unread = np.flatnonzero(np.isnan(values) & np.asarray(cells.text.is_valid()))
    return str(cells.text[int(unread[0])].as_py())


def _demoted(readings: dict[str, ColumnReading], grid: Grid) -> dict[str, ColumnReading]:
    """The same, with those that only count rows said to do so."""
    nameless = {*grid.names[1]} if grid.header is not None else set()
    whole = [name for name, one in readings.items() if one.usable and one.kind == "number" and not one.points]
    others = sum(one.usable for one in readings.values()) - 1
    counting = {}
    for name in whole:
        called = _COUNTING_NAME.fullmatch(name) is not None
        first = name == next(iter(readings))
        if called or name in nameless or (first and others > 1):
            values = read_values(grid.columns[name], readings[name])
            in_turn = len(values) > 2 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())
            if in_turn or (called and len(np.unique(values)) == len(values)):
                counting[name] = replace(readings[name], reason="only counts rows")
    return {**readings, **counting}
