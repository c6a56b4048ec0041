"""What the numbers of a column mean: which sign is the decimal sign, what groups thousands, what stands beside them.

The whole column decides. `36,450` alone may be thirty-six thousand or thirty-six and a half; one `2,5` or one
`1,234,567` in the same column settles it. What nothing settles is told, never guessed in silence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.data.reading.cells import Cells
from core.data.reading.likeness import CURRENCY

__all__ = ["Numerals"]

_SIGN = "^[-+]?"
_POWER = "(?:[eE][-+]?[0-9]+)?$"
_OTHER = {".": ",", ",": "."}
_POOL = pa.system_memory_pool()  # the default one keeps what is made and let go piece by piece: a file's size


def _alone(sign: str) -> str:
    """Digits that can only be decimals, with this sign before them and no other sign in the number."""
    point = re.escape(sign)
    return (
        rf"(?:[0-9]*{point}[0-9]{{0,2}}|[0-9]*{point}[0-9]{{4,}}|(?:0[0-9]*|[0-9]{{4,}})?{point}[0-9]{{3}}"
        rf"|[0-9]+{point}[0-9]*[eE][-+]?[0-9]+)"
    )


def _grouped(sign: str) -> str:
    """Whole digits grouped by this sign, by thousands or as in India."""
    group = re.escape(sign)
    return rf"(?:[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+|[1-9][0-9]?(?:{group}[0-9]{{2}})+{group}[0-9]{{3}})"


def _sure_decimal(sign: str) -> str:
    """A number in which this can only be the decimal sign."""
    grouped = "|".join(map(_grouped, (_OTHER[sign], " ", "'")))
    return rf"{_SIGN}(?:{_alone(sign)}{_POWER[:-1]}|(?:{grouped}){re.escape(sign)}[0-9]*)$"


def _sure_group(sign: str) -> str:
    """A number in which this can only group digits, by thousands or as in India."""
    group = re.escape(sign)
    return (
        rf"{_SIGN}(?:[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}}){{2,}}|[1-9][0-9]?(?:{group}[0-9]{{2}})+{group}[0-9]{{3}})$"
    )


def _group_and_decimal(sign: str) -> str:
    """A number whose whole digits are grouped by this sign, before decimals behind the other."""
    return rf"{_SIGN}{_grouped(sign)}{re.escape(_OTHER[sign])}[0-9]*$"


def _either(sign: str) -> str:
    """A number in which this may be the decimal sign as well as group thousands."""
    return rf"{_SIGN}[1-9][0-9]{{0,2}}{re.escape(sign)}[0-9]{{3}}$"


@dataclass(frozen=True, eq=False)
class Numerals:
    """The numbers of a column, before it is known which sign is the decimal sign."""

    cells: Cells
    """As numbers alone, without what stood beside them."""
    beside: str = ""
    """The currency, unit or percent sign that stood beside them."""
    accounting: bool = False
    """Whether some are in brackets, as accounts write what is negative."""
    mixed: bool = False
    """Whether some had decimal commas, and others decimal points, which all are points now."""
    doubtful: str = ""
    """Of such, a cell in which the sign may as well group thousands; empty if there is none."""

    @staticmethod
    def of(cells: Cells) -> Numerals:
        numerals = Numerals(cells)
        if set(cells.there) <= set(b"0123456789.,-+eE"):
            plain = numerals if b"-" not in cells.there else numerals._trailing_minus()
            return plain._with_one_decimal_sign()
        return (
            numerals._without_fortran()
            ._without_brackets()
            ._without_what_stands_beside()
            ._trailing_minus()
            ._with_one_decimal_sign()
        )

    @cached_property
    def decimals(self) -> frozenset[str]:
        """The signs that can only be decimal signs."""
        return frozenset(sign for sign in ".," if self._has(sign) and self.cells.any(_sure_decimal(sign)))

    @cached_property
    def groups(self) -> frozenset[str]:
        """The signs that can only group digits."""
        return frozenset(sign for sign in ".," if self._has(sign) and self.cells.any(_sure_group(sign)))

    @cached_property
    def either(self) -> frozenset[str]:
        """The signs that stand where both are possible."""
        return frozenset(sign for sign in ".," if self._has(sign) and self.cells.any(_either(sign)))

    @cached_property
    def decimal(self) -> str:
        """The decimal sign as far as the column itself says it; else empty."""
        if len(self.decimals) == 1:
            return next(iter(self.decimals))
        return _OTHER[next(iter(self.groups))] if len(self.groups) == 1 else ""

    @cached_property
    def grouped_rather(self) -> bool:
        """Whether what may be grouped stands beside shorter numbers that have no decimals, as prices do."""
        return self.cells.any(r"^[-+]?[0-9]{1,3}$") and not self.cells.any(r"^[-+]?[0-9]{4,}$")

    def example(self, sign: str) -> str:
        """A cell in which this sign may be both."""
        found = pc.filter(self.cells.text, pc.match_substring_regex(self.cells.text, _either(sign)))
        return str(found[0].as_py())

    def grouping(self, decimal: str) -> str:
        """The sign that groups digits where this is the decimal sign; empty if none does."""
        signs = (sign for sign in (_OTHER[decimal], " ", "'") if self._has(sign))
        return next((sign for sign in signs if self.cells.any(rf"^[-+]?[0-9]{{1,3}}{re.escape(sign)}[0-9]{{2,3}}")), "")

    def pieces(self, decimal: str) -> Iterator[NDArray[np.float64]]:
        """The numbers where this is the decimal sign, NaN where a cell is none, some thousand rows at a time."""
        for chunk in self.cells.text.chunks:
            yield self._numbers(chunk, decimal).to_numpy(zero_copy_only=False)

    def values(self, decimal: str) -> NDArray[np.float64]:
        """The same, all at once."""
        values = np.empty(len(self.cells.text))
        start = 0
        for piece in self.pieces(decimal):
            values[start : start + len(piece)] = piece
            start += len(piece)
        return values

    def _numbers(self, text: pa.Array, decimal: str) -> pa.Array:
        grouping = [sign for sign in (_OTHER[decimal], " ", "'") if self._has(sign)]
        if grouping:
            text = _only(text, _valid(decimal, grouping))
            for sign in grouping:
                text = pc.replace_substring(text, sign, "", memory_pool=_POOL)
        if decimal == "," and self._has(","):
            text = pc.replace_substring(text, ",", ".", memory_pool=_POOL)
        try:
            values = pc.cast(text, pa.float64(), memory_pool=_POOL)
        except pa.ArrowInvalid:
            values = pc.cast(_only(text, _valid(".", [])), pa.float64(), memory_pool=_POOL)
        if b"i" in self.cells.there or b"I" in self.cells.there:  # infinity is a number for Arrow
            values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
        return values

    def _has(self, sign: str) -> bool:
        return sign.encode() in self.cells.there

    def _without_fortran(self) -> Numerals:
        """With 1.5E+01 for 1.5D+01, as Fortran writes what is of double precision."""
        pattern = r"^([-+]?[0-9]*[.,]?[0-9]+)[dD]([-+]?[0-9]+)$"
        if not set(b"dD") & set(self.cells.there) or not self.cells.any(pattern):
            return self
        return replace(self, cells=Cells(pc.replace_substring_regex(self.cells.text, pattern, r"\1e\2")))

    def _without_brackets(self) -> Numerals:
        if b"(" not in self.cells.there:
            return self
        pattern = r"^\(\s*([^()-]*[0-9][^()]*)\)$"
        if not self.cells.any(pattern):
            return self
        text = pc.replace_substring_regex(self.cells.text, pattern, r"-\1")
        return replace(self, cells=Cells(pc.utf8_trim_whitespace(text)), accounting=True)

    def _without_what_stands_beside(self) -> Numerals:
        """Without the one sign or unit that most have; a percent sign must then stand beside all."""
        pattern = re.compile(
            rf"(?P<before>[-+]?\s*(?:{CURRENCY}))?\s*[-+]?\s*(?:[0-9][0-9.,' ]*|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?"
            rf"(?P<after>\s*-?\s*(?:{CURRENCY}|[^\W\d_]{{1,10}}[²³]?|[°%‰µμ][^\d\s]{{0,9}}))?"
        )
        found: Counter[str] = Counter()
        for cell in self.cells.head.to_pylist():
            if fitting := pattern.fullmatch(cell):
                sides = (fitting["before"] or "", fitting["after"] or "")
                found.update(side for one in sides if (side := one.strip(" +-")))
        if not found:
            return self
        [(beside, times)] = found.most_common(1)
        if 2 * times <= len(self.cells.head) and not re.fullmatch(CURRENCY, beside):
            return self
        word = f"(?:{re.escape(beside)})"
        text = self.cells.text
        if not re.fullmatch(CURRENCY, beside):  # a number without it would be of another unit
            text = _only(text, rf"[0-9.,]\s*{word}$")
        text = pc.replace_substring_regex(text, rf"^([-+]?)\s*{word}\s*", r"\1")
        text = pc.replace_substring_regex(text, rf"\s*{word}\s*(-?)$", r"\1")
        return replace(self, cells=Cells(text), beside=beside)

    def _with_one_decimal_sign(self) -> Numerals:
        """With decimal points for commas where a column typed by hand has both.

        A sign that groups the digits of some cells is the decimal sign of none: those where it would be stay unread.
        """
        if len(self.decimals) < 2:
            return self
        text = self.cells.text
        groups = [sign for sign in ".," if self.cells.any(f"{_sure_group(sign)}|{_group_and_decimal(sign)}")]
        if len(groups) == 1:
            others = pc.invert(pc.match_substring_regex(text, _sure_decimal(groups[0])))
            return replace(self, cells=Cells(pc.if_else(others, text, pa.scalar(None, pa.string()))))
        doubtful = pc.filter(text, pc.match_substring_regex(text, f"{_either('.')}|{_either(',')}")).drop_null()
        text = pc.replace_substring(_only(text, r"^[^.,]*[.,]?[^.,]*$"), ",", ".")
        return replace(self, cells=Cells(text), mixed=True, doubtful=str(doubtful[0]) if len(doubtful) else "")

    def _trailing_minus(self) -> Numerals:
        pattern = r"^([0-9.][0-9., ']*)\s*-$"
        if not self.cells.any(pattern):
            return self
        return replace(self, cells=Cells(pc.replace_substring_regex(self.cells.text, pattern, r"-\1")))


def _only(text: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    return pc.if_else(pc.match_substring_regex(text, pattern), text, pa.scalar(None, pa.string()), memory_pool=_POOL)


def _valid(decimal: str, grouping: list[str]) -> str:
    """A number with this decimal sign, perhaps grouped by one of these signs."""
    whole, point = "|".join(["[0-9]+", *map(_grouped, grouping)]), re.escape(decimal)
    return rf"{_SIGN}(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+){_POWER}"
