"""What a lecturer may ask: a question with its choices or for a number, and a turn, which asks for a setting.

Both have an `id`, under which answers come. They are told to followers as they are returned here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.room.checks import flag, many, number, one_of, optional, record, text

__all__ = ["Asked", "any_number", "is_alike", "is_open", "question", "turn"]

Asked = Mapping[str, Any]
"""A question or a turn."""

any_number = number(-1e300, 1e300)
"""Sums and differences of a few of these are finite as well."""

LARGEST_SETTING = 1e6
"""Of a learning rate or a start."""


def _truth(value: Any, name: str) -> str | float | None:
    truth: str | float | None = value if value is None or isinstance(value, str) else any_number(value, name)
    return truth


_question = record(
    {"id": text(64, 1), "text": text(300, 1), "kind": one_of(("choice", "number"))},
    {
        "choices": many(text(80, 1), 2, 8),
        "unit": text(20),
        "until": optional(number(0, 1e15)),
        "revealed": flag,
        "truth": _truth,
        "words": text(160),
    },
)

_sentence = text(300, 1)


def question(value: Any, name: str) -> dict[str, Any]:
    """A question; a bare text is one that is answered with yes or no, and its own id."""
    if isinstance(value, str):
        _sentence(value, name)
        return {"id": value, "text": value, "kind": "choice", "choices": ["Yes", "No"]}
    found: dict[str, Any] = _question(value, name)
    choices, truth = found.get("choices"), found.get("truth")
    if (choices is not None) != (found["kind"] == "choice"):
        raise ValueError(f"{name}.choices must be given for a choice, and for nothing else.")
    if {"truth", "words"} & found.keys() and not found.get("revealed"):
        raise ValueError(f"{name}.truth must wait until the question is revealed: followers would see it.")
    if truth is not None and (truth not in choices if choices else isinstance(truth, str)):
        raise ValueError(f"{name}.truth must be {'one of the choices' if choices else 'a number'}.")
    return found


_setting = number(-LARGEST_SETTING, LARGEST_SETTING)

_turn = record(
    {"id": text(64, 1), "field": one_of(("learning_rate", "start")), "low": _setting, "high": _setting},
    {"low_w": _setting, "high_w": _setting, "shown": flag},
)


def turn(value: Any, name: str) -> dict[str, Any]:
    """A turn: a learning rate from `low` to `high`, or a start with b there and w from `low_w` to `high_w`.

    Once it is `shown`, all see what became of everybody's, and nothing else is tried.
    """
    found: dict[str, Any] = _turn(value, name)
    of_start = found["field"] == "start"
    if len({"low_w", "high_w"} & found.keys()) != (2 if of_start else 0):
        raise ValueError(f"{name} must have low_w and high_w for a start, and for nothing else.")
    if found["low"] >= found["high"] or (of_start and found["low_w"] >= found["high_w"]):
        raise ValueError(f"{name} must be from a lower to a higher number.")
    if not of_start and found["low"] < 0:
        raise ValueError(f"{name}.low must be 0 or more: no learning rate is negative.")
    return found


def is_open(asked: Asked) -> bool:
    """Whether answers to it still count."""
    return not (asked.get("revealed") or asked.get("shown"))


def is_alike(one: Asked, other: Asked) -> bool:
    """Whether answers to the one answer the other."""
    return all(one.get(key) == other.get(key) for key in ("kind", "choices", "field", "low", "high", "low_w", "high_w"))
