"""The kinds of value an experiment takes, each able to check a value and to read it from text.

One table of these (`core.experiment.PARAMETERS`) drives the checks of `Experiment`, the command line and
the query parameters of the page, so that a bound is written once.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Choice", "DeviceName", "Parameter", "Real", "Whole", "shorten"]

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
