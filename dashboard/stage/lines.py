"""Lines with numbers in them, as they go to the browser, which alone decides how a number is written.

A line is a colour's role and its parts. A part is text as it is, or an object with one key, which says how what is
under it stands in the line. `static/stage/shared/lines.js` is the other half, and writes them out.
"""

from __future__ import annotations

from math import isfinite, isnan, prod
from typing import Literal, TypedDict

from core.insight.entries import Entries
from core.insight.graph import shape_text

__all__ = ["Line", "Number", "Part", "Tensor", "entries", "in_json", "line", "number", "operand", "setting", "square"]
__all__ += ["tensor"]

Number = float | Literal["NaN", "Infinity", "-Infinity"]
"""A number with nine digits, by which any two of float32 differ. JSON has no word for three of them: they go under the
names that JavaScript has for them, and no text of a line is one of these."""


class Tensor(TypedDict):
    """A tensor's shape and the first few of its numbers."""

    shape: str
    """As PyTorch's users write it; empty for a scalar."""
    first: list[Number]
    more: bool
    """Whether there are more numbers than these."""


class Thing(TypedDict, total=False):
    """Exactly one of these, which says how it stands in the line."""

    number: Number
    """Alone."""
    operand: Number
    """As a term behind an operator."""
    square: Number
    """As a term that is squared."""
    setting: Number
    """As somebody set it, with no more digits than it has."""
    tensor: Tensor


Part = str | Thing


class Line(TypedDict):
    """A line in the colour of `role`, a name of the palette."""

    role: str
    parts: list[Part]


def line(role: str, *parts: Part) -> Line:
    return {"role": role, "parts": list(parts)}


def number(value: float) -> Part:
    return {"number": in_json(value)}


def operand(value: float) -> Part:
    return {"operand": in_json(value)}


def square(value: float) -> Part:
    return {"square": in_json(value)}


def setting(value: float) -> Part:
    return {"setting": in_json(value)}


def tensor(shown: Entries) -> Part:
    return {"tensor": entries(shown)}


def entries(shown: Entries) -> Tensor:
    return {
        "shape": shape_text(shown.shape) if shown.shape else "",
        "first": [in_json(value) for value in shown.first],
        "more": prod(shown.shape) > len(shown.first),
    }


def in_json(value: float) -> Number:
    """`value`, or its name where JSON has no word for it."""
    if isfinite(value):
        return float(f"{value:.9g}")
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
