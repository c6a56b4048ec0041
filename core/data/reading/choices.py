"""How a table is to be read, as a short text: `decimal:comma,dates:month,header:no`."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from core.data.reading.encoding import CODECS
from core.parameters import shorten

__all__ = ["SEPARATORS", "Choices"]

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "blanks": " ", "wide": "  ", "pipe": "|"}
"""By the words that stand for them. Of `blanks` one or more separate, of `wide` two or more."""

_WORDS = {
    "encoding": CODECS,
    "separator": tuple(SEPARATORS),
    "header": ("yes", "no"),
    "decimal": ("point", "comma"),
    "dates": ("day", "month"),
}
_COUNTS = ("skip", "units", "sheet")


@dataclass(frozen=True)
class Choices:
    """What is settled about a table; what is empty is found out from the table itself.

    `decimal` and `dates` only say how to read what can be read in two ways: `1,250`, `01/02/2004`.
    """

    sheet: str = ""
    """Which sheet of a spreadsheet, counted from 1."""
    encoding: str = ""
    separator: str = ""
    skip: str = ""
    """How many lines stand above the header, or above the first row where there is none."""
    header: str = ""
    units: str = ""
    """How many rows of units stand below the header."""
    decimal: str = ""
    """Which sign is the decimal sign: `point` or `comma`."""
    dates: str = ""
    """Which comes first in a date: `day` or `month`."""

    @staticmethod
    def read(text: str) -> Choices:
        """Those that the text names. Raises `ValueError` in one sentence for a text that is none."""
        chosen: dict[str, str] = {}
        for piece in filter(None, (piece.strip() for piece in text.split(","))):
            key, _, value = (part.strip() for part in piece.partition(":"))
            if key in _COUNTS:
                if not re.fullmatch(r"[0-9]{1,4}", value):
                    raise ValueError(f"reading: {key} must be a whole number, as {key}:1, but got {shorten(value)}.")
            elif key not in _WORDS:
                names = ", ".join(field.name for field in fields(Choices))
                raise ValueError(f"reading has no {shorten(key)}: it takes {names}, as decimal:comma,header:no.")
            elif value not in _WORDS[key]:
                wanted = " or ".join(", ".join(_WORDS[key]).rsplit(", ", 1))
                raise ValueError(f"reading: {key} must be {wanted}, but got {shorten(value)}.")
            if key in chosen:
                raise ValueError(f"reading says {key} twice: leave one of them out.")
            chosen[key] = value
        return Choices(**chosen)

    def __str__(self) -> str:
        given = ((field.name, getattr(self, field.name)) for field in fields(self))
        return ",".join(f"{name}:{value}" for name, value in given if value)
