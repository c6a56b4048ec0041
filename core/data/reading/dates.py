"""Dates as days since the first of them."""

from __future__ import annotations

import datetime
import re
import warnings
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.data.reading.cells import Cells
from core.data.reading.likeness import MONTH

__all__ = ["Dates"]

_YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y-%m", "%Y/%m")
_DAY_FIRST = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", "%d-%m-%y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m-%d-%y")
_NAMED = (
    *("%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%d-%b-%y", "%d. %B %Y", "%d/%b/%Y"),
    *("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y"),
)
_TIMES = ("", " %H:%M:%S", " %H:%M", " %H:%M:%S.%f", " %I:%M:%S %p", " %I:%M %p", " %H.%M.%S", " %H.%M")

_SHAPE = re.compile(
    rf"[0-9]{{4}}[-/.][0-9]{{1,2}}([-/.][0-9]{{1,2}})?\b.*|[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.][0-9]{{2,4}}\b.*"
    rf"|[0-9]{{1,2}}[-/. ]+{MONTH}.*|{MONTH}[ -].*",
    re.IGNORECASE,
)

_ENOUGH = 0.8

Days = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dates:
    """A column of dates, before it is known whether the day or the month comes first."""

    cells: Cells
    form: str
    """As `strptime` takes it."""

    @staticmethod
    def of(cells: Cells) -> Dates | None:
        """Those of a column; None if it holds something else."""
        head = cells.head.slice(0, 100).to_pylist()
        if not head or sum(bool(_SHAPE.fullmatch(cell)) for cell in head) < _ENOUGH * len(head):
            return None
        texts = _plain(pa.chunked_array([pa.array(head)]))
        best, most = "", 0
        for day, time in product((*_YEAR_FIRST, *_DAY_FIRST, *_MONTH_FIRST, *_NAMED), _TIMES):
            read = int((~np.isnat(_parsed(texts, day + time))).sum())
            if read > most:
                best, most = day + time, read
        return Dates(cells, best) if most >= _ENOUGH * len(head) else None

    @cached_property
    def swapped(self) -> Dates | None:
        """With the month first instead of the day, or the reverse; None where its dots, or its form, tell which."""
        if not re.match(r"%[dm][/-]%[dm]", self.form):
            return None
        return Dates(self.cells, f"%{self.form[4]}{self.form[2]}%{self.form[1]}{self.form[5:]}")

    @property
    def first(self) -> str:
        """`day`, `month` or `year`."""
        return {"d": "day", "m": "month"}.get(self.form[1], "year")

    @cached_property
    def times(self) -> NDArray[np.datetime64]:
        """Not a time where a cell is no such date."""
        return _parsed(_plain(self.cells.text), self.form)

    @cached_property
    def read(self) -> int:
        """How many of the cells are such dates."""
        return int((~np.isnat(self.times)).sum())

    @property
    def start(self) -> np.datetime64:
        """Midnight before the first."""
        first: np.datetime64[datetime.date] = self.times[~np.isnat(self.times)].min().astype("datetime64[D]")
        return first

    @property
    def days(self) -> Days:
        """Days since the first one began, NaN where a cell is no date."""
        return (self.times - self.start) / np.timedelta64(1, "D")

    @property
    def way(self) -> float:
        """How many days there are between one and the next, all together: what is recorded day by day has few."""
        times = self.times[~np.isnat(self.times)]
        return float(np.abs(np.diff(times) / np.timedelta64(1, "D")).sum())

    @property
    def unpadded(self) -> bool:
        """Whether they are written as 1/2/2004, as American Excel does."""
        return self.cells.any(r"^[1-9][/-]|^[0-9]+[/-][1-9][/-]")


def settled(columns: list[Dates]) -> str:
    """`day` or `month` if one column at least can only be read so, and none only the other way; else empty."""
    first = {
        one.first if one.read > swapped.read else swapped.first
        for one in columns
        if (swapped := one.swapped) is not None and one.read != swapped.read
    }
    return next(iter(first)) if len(first) == 1 else ""


def _plain(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """With one blank before the time, without fractions of a second that are 0, and without a zone."""
    text = pc.replace_substring_regex(text, r"([0-9])(?:T|,? +)([0-9]{1,2}[:.][0-9]{2})", r"\1 \2")
    return pc.replace_substring_regex(text, r"(:[0-9]{2}(?:\.[0-9]+)?)(?:Z| ?UTC|[+-][0-9]{2}:?[0-9]{2})$", r"\1")


def _parsed(text: pa.ChunkedArray, form: str) -> NDArray[np.datetime64]:
    import pandas as pd  # half a second, for those who bring dates

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(pd.to_datetime(text.to_pandas(), format=form, errors="coerce"), dtype="datetime64[ms]")
