"""The kinds of value an experiment takes, each able to check a value and to read it from text.

One table of these (`core.experiment.PARAMETERS`) drives the checks of `Experiment`, the command line and
the query parameters of the page, so that a bound is written once.
"""

from __future__ import annotations

import math
import numbers
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

__all__ = ["MAX_MAGNITUDE", "Choice", "DeviceName", "Parameter", "Real", "Rows", "Whole", "shorten"]

MAX_MAGNITUDE = 1e9
"""How far from 0 a point may lie: beyond it, squares of float32 soon overflow."""

_LONGEST_QUOTE = 40


def shorten(value: object) -> str:
    """`value` as it may be quoted in a message: its repr on one line, cut to a length that fits it."""
    try:
        text = " ".join(repr(value).splitlines())
    except ValueError:  # Python does not write out integers of thousands of digits
        text = f"{type(value).__name__} of thousands of digits"
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}… ({len(text)} characters)"


class Parameter(Protocol):
    """What one field of an experiment may be."""

    @property
    def wanted(self) -> str:
        """The values it takes, in words that finish the sentence "… must be"."""

    @property
    def help(self) -> str:
        """What the field means, in one phrase."""

    def check(self, name: str, value: object) -> object:
        """`value` in its plain Python type. Raises `ValueError` naming the field, its bounds and the value."""

    def read(self, name: str, text: str) -> object:
        """The value that `text` writes. Raises `ValueError` as `check` does."""

    def write(self, value: object) -> str:
        """`value` as text that `read` gives back."""


def _refuse(name: str, wanted: str, value: object) -> ValueError:
    comma = isinstance(value, str) and re.fullmatch(r"\s*[-+]?[0-9.]*,[0-9.,]*(e[-+]?[0-9]+)?\s*", value, re.IGNORECASE)
    cure = ": write a decimal point, and nothing between thousands" if comma else ""
    return ValueError(f"{name} must be {wanted}, but got {shorten(value)}{cure}.")


def _number(text: str, kind: Callable[[str], float]) -> float | None:
    # Python reads "1_0" as ten and takes digits of every script; a link or a form should not.
    if not text.isascii() or "_" in text:
        return None
    try:
        return kind(text)
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`; with `none` given, that word stands for `None`."""

    help: str
    low: int
    high: int
    none: str | None = None

    @property
    def wanted(self) -> str:
        words = f"a whole number from {self.low} to {self.high}"
        return f"{words}, or {self.none!r}" if self.none else words

    def check(self, name: str, value: object) -> int | None:
        if value is None and self.none:
            return None
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise _refuse(name, self.wanted, value)
        if not self.low <= int(value) <= self.high:
            raise _refuse(name, self.wanted, value)
        return int(value)

    def read(self, name: str, text: str) -> int | None:
        word = text.strip()
        if self.none and word.lower() in (self.none, "none"):
            return None
        # A longer word is no number in range, and Python is slow (and refuses) beyond 4300 digits.
        number = _number(word, float) if len(word) <= _LONGEST_QUOTE else None
        if number is None or not math.isfinite(number) or number != int(number):
            raise _refuse(name, self.wanted, text)
        try:
            return self.check(name, int(number))
        except ValueError:
            raise _refuse(name, self.wanted, text) from None

    def write(self, value: object) -> str:
        return str(self.none) if value is None else str(value)


@dataclass(frozen=True)
class Real:
    """A finite number from `low` to `high`; with `none` given, that word stands for `None`."""

    help: str
    low: float
    high: float
    none: str | None = None

    @property
    def wanted(self) -> str:
        words = f"a number from {self.low:g} to {self.high:g}"
        return f"{words}, or {self.none!r}" if self.none else words

    def check(self, name: str, value: object) -> float | None:
        if value is None and self.none:
            return None
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise _refuse(name, self.wanted, value)
        try:
            number = float(value)
        except OverflowError:
            raise _refuse(name, self.wanted, value) from None
        if not self.low <= number <= self.high:  # false for NaN too
            raise _refuse(name, self.wanted, value)
        return number

    def read(self, name: str, text: str) -> float | None:
        word = text.strip()
        if self.none and word.lower() in (self.none, "none"):
            return None
        number = _number(word, float)
        if number is None:
            raise _refuse(name, self.wanted, text)
        try:
            return self.check(name, number)
        except ValueError:
            raise _refuse(name, self.wanted, text) from None

    def write(self, value: object) -> str:
        return str(self.none) if value is None else repr(value)


@dataclass(frozen=True)
class Rows:
    """Rows of a few numbers, `50:0.5,200:0.1`, the first of which says what the others belong to.

    No two rows begin with the same number; where they are `rising`, each begins with a larger one than that before it.
    """

    help: str
    columns: Mapping[str, Whole | Real]
    """What stands in a row, by what it is called in messages."""
    most: int
    example: str
    rising: bool = False
    none: str = "none"
    """The word for no rows at all."""

    @property
    def wanted(self) -> str:
        return f"written as {self.example} ({':'.join(self.columns)}, at most {self.most}), or {self.none!r}"

    def check(self, name: str, value: object) -> tuple[tuple[Any, ...], ...]:
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            raise _refuse(name, self.wanted, value)
        self._require_few(name, value)
        rows = tuple(self._checked(name, row) for row in value)
        firsts = [row[0] for row in rows]
        if self.rising and any(before >= after for before, after in pairwise(firsts)):
            first = next(iter(self.columns)).lower()
            raise ValueError(
                f"{name} must list every {first} after the one before, but got {shorten(self.write(rows))}."
            )
        twice = [first for first, count in Counter(firsts).items() if count > 1]
        if twice:
            raise ValueError(f"{name} must name {twice[0]} once, but got {shorten(self.write(rows))}.")
        return rows

    def _checked(self, name: str, row: object) -> tuple[Any, ...]:
        if isinstance(row, str | bytes) or not isinstance(row, Sequence) or len(row) != len(self.columns):
            raise _refuse(name, self.wanted, row)
        pairs = zip(self.columns.items(), row, strict=True)
        return tuple(kind.check(f"{column} of {name}", value) for (column, kind), value in pairs)

    def read(self, name: str, text: str) -> tuple[tuple[Any, ...], ...]:
        word = text.strip()
        if word.lower() == self.none:
            return ()
        rows = [piece.split(":") for piece in word.split(",")]
        self._require_few(name, rows)
        if any(len(row) != len(self.columns) for row in rows):
            raise _refuse(name, self.wanted, text)
        return self.check(name, [self._read(name, row) for row in rows])

    def _read(self, name: str, row: list[str]) -> list[Any]:
        pairs = zip(self.columns.items(), row, strict=True)
        return [kind.read(f"{column} of {name}", cell) for (column, kind), cell in pairs]

    def _require_few(self, name: str, rows: Sequence[object]) -> None:
        if len(rows) > self.most:
            raise ValueError(f"{name} must be {self.wanted}, but got {len(rows)} of them.")

    def write(self, value: object) -> str:
        assert isinstance(value, tuple)  # as `check` gives it
        return ",".join(":".join(map(repr, row)) for row in value) or self.none


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    help: str
    options: tuple[str, ...]

    @property
    def wanted(self) -> str:
        *others, last = map(repr, self.options)
        return f"{', '.join(others)} or {last}" if others else last

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise _refuse(name, self.wanted, value)
        return self.options[self.options.index(value)]  # a plain str, whatever kind of str `value` is

    def read(self, name: str, text: str) -> str:
        return self.check(name, text.strip())

    def write(self, value: object) -> str:
        return str(value)


@dataclass(frozen=True)
class DeviceName:
    """The name of a device as torch spells it. `core.training.devices` finds out whether this machine has it."""

    help: str

    wanted = "'cpu', 'cuda', 'cuda:1', 'mps' or 'xpu'"

    def check(self, name: str, value: object) -> str:
        found = re.fullmatch(r"cpu|mps|(cuda|xpu)(:[0-9]{1,2})?", value) if isinstance(value, str) else None
        if found is None:
            raise _refuse(name, self.wanted, value)
        return found[0].removesuffix(":0")  # cuda:0 is cuda

    def read(self, name: str, text: str) -> str:
        return self.check(name, text.strip())

    def write(self, value: object) -> str:
        return str(value)
