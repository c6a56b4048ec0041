"""Numbers as people read them."""

from __future__ import annotations

from math import isfinite, prod

from core.insight.entries import Entries
from core.insight.graph import shape_text

__all__ = ["MINUS", "counted", "entries", "number", "operand"]

MINUS = "\u2212"


def number(value: float, digits: int = 5) -> str:
    """Some significant digits, whole numbers without a point; very large and very small numbers with a power of ten."""
    if not isfinite(value):
        return "nan" if value != value else f"{MINUS if value < 0 else ''}inf"
    if value == round(value) and abs(value) < 1e6:
        return str(int(value)).replace("-", MINUS)
    text = f"{value:#.{digits}g}".rstrip(".")
    if "e" in text or abs(value) < 1e-4:
        mantissa, exponent = f"{value:.{max(digits - 3, 1)}e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", MINUS)


def operand(value: float, digits: int = 5) -> str:
    """The same to stand behind an operator: negative numbers in brackets."""
    text = number(value, digits)
    return f"({text})" if text.startswith(MINUS) else text


def entries(tensor: Entries, digits: int = 4) -> str:
    """A tensor's shape and its first few numbers."""
    if not tensor.shape:
        return number(tensor.first[0], digits + 1)
    more = ", …" if prod(tensor.shape) > len(tensor.first) else ""
    return f"{shape_text(tensor.shape)}  [{', '.join(number(value, digits) for value in tensor.first)}{more}]"


def counted(points: int) -> str:
    """How many points, in words."""
    return f"{points} point{'' if points == 1 else 's'}"
