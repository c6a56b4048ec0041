"""What a value out of JSON must be, as small checks that are put together.

A check takes the value and what it is called, and returns the value. What it cannot take is a `ValueError`, one
sentence that says what the value must be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from core.parameters import shorten

__all__ = ["Check", "flag", "many", "number", "one_of", "optional", "pair", "record", "text", "whole"]

Check = Callable[[Any, str], Any]


def _refuse(value: Any, name: str, wanted: str) -> ValueError:
    if isinstance(value, list | dict):  # perhaps as deep as Python can go
        said = "a list" if isinstance(value, list) else "an object"
    else:
        said = json.dumps(value) if value is None or isinstance(value, bool) else shorten(value)
    return ValueError(f"{name} must be {wanted}, but is {said}.")


def text(most: int, least: int = 0) -> Check:
    """Text of so many characters."""

    def check(value: Any, name: str) -> str:
        if not (isinstance(value, str) and least <= len(value.strip()) and len(value) <= most):
            raise _refuse(value, name, f"text of {least} to {most} characters")
        return value

    return check


def one_of(options: Collection[str]) -> Check:
    def check(value: Any, name: str) -> str:
        if not (isinstance(value, str) and value in options):
            raise _refuse(value, name, "one of " + ", ".join(option or '""' for option in options))
        return value

    return check


def number(low: float, high: float) -> Check:
    """A number within these bounds, which may be either of them."""

    def check(value: Any, name: str) -> float:
        # In Python True is a number, in JSON it is none.
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise _refuse(value, name, f"a number from {low:g} to {high:g}")
        return value

    return check


def whole(low: int, high: int) -> Check:
    """A whole number within these bounds."""

    def check(value: Any, name: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _refuse(value, name, f"a whole number from {low} to {high}")
        return value

    return check


def flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise _refuse(value, name, "true or false")
    return value


def optional(check: Check) -> Check:
    """What `check` takes, or null."""
    return lambda value, name: None if value is None else check(value, name)


def many(each: Check, least: int, most: int) -> Check:
    """A list of so many different things, each of which `each` takes."""

    def check(value: Any, name: str) -> list[Any]:
        if not (isinstance(value, list) and least <= len(value) <= most):
            raise _refuse(value, name, f"a list of {least} to {most}")
        found = [each(item, f"{name}[{place}]") for place, item in enumerate(value)]
        if any(item in found[:place] for place, item in enumerate(found)):
            raise _refuse(value, name, "a list of different things")
        return found

    return check


def pair(first: Check, second: Check) -> Check:
    """A list of two things."""

    def check(value: Any, name: str) -> list[Any]:
        if not (isinstance(value, list) and len(value) == 2):
            raise _refuse(value, name, "a list of two")
        return [first(value[0], f"{name}[0]"), second(value[1], f"{name}[1]")]

    return check


def record(needed: Mapping[str, Check], others: Mapping[str, Check] | None = None) -> Check:
    """An object with all the `needed` keys, and of the `others` as many as there are."""
    known = {**needed, **(others or {})}

    def check(value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _refuse(value, name, f"an object with {', '.join(needed)}")
        missing = [key for key in needed if key not in value]
        if missing:
            raise ValueError(f"{name} must have {', '.join(missing)} as well.")
        unknown = [key for key in value if key not in known]
        if unknown:
            raise ValueError(f"{name} has no {shorten(unknown[0])}: there are {', '.join(known)}.")
        return {key: known[key](item, f"{name}.{key}") for key, item in value.items()}

    return check
