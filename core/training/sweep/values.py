"""Over which values a field is swept: those that somebody names, checked, or some that show what the field does."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from dataclasses import replace
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from core.data import make_dataset
from core.experiment import PARAMETERS, Experiment
from core.geometry.landscape import Landscape, landscapes_of
from core.parameters import Real, Whole, shorten

__all__ = ["MOST_VALUES", "NUMERIC", "Span", "check_values", "most_values", "read_count", "read_end", "read_sweep"]
__all__ += ["require_numeric", "sweep_values", "with_value", "write_sweep"]

MOST_VALUES = 1000
"""Runs that a sweep trains at most."""

MOST_SIZES = 50
"""The same where each run has arrays of another length, and none can share a step with another."""

NUMERIC: dict[str, Whole | Real] = {
    name: parameter for name, parameter in PARAMETERS.items() if isinstance(parameter, Whole | Real)
}
"""The fields that can be swept over."""

GEOMETRIC = "learning_rate"
"""The field whose values are always the same factor apart: it matters over orders of magnitude."""


class Span(NamedTuple):
    """A field, and from where to where it is swept over in how many values; None is for the default to say."""

    field: str
    start: float | None = None
    stop: float | None = None
    how_many: int | None = None


def with_value(experiment: Experiment, field: str, value: float) -> Experiment:
    """The experiment with another value of `field`, as somebody would choose it.

    A learning rate holds all along, of other points none is moved, and of a schedule stays what fewer epochs have.
    """
    changed: dict[str, Any] = {field: value}
    if field == "learning_rate":
        changed["schedule"] = ()
    elif field in ("n", "seed"):
        changed["moved"] = ()
    elif field == "epochs":
        changed["schedule"] = tuple(pair for pair in experiment.schedule if pair[0] < value)
    return replace(experiment, **changed)


def most_values(field: str) -> int:
    """How many values a sweep over this field has at most."""
    return MOST_SIZES if field in ("n", "batch_size") else MOST_VALUES


def check_values(field: str, values: Iterable[float]) -> tuple[float, ...]:
    """The values as plain numbers in their order, each once; those of a whole-number field are rounded.

    Raises:
        ValueError: for a field that has no numbers, a value out of its bounds, fewer than two values, or too many.
    """
    parameter = require_numeric(field)
    found: dict[float, None] = {}
    for value in values:
        if isinstance(parameter, Whole) and _is_fraction(value):
            value = round(value)
        number = parameter.check(field, value)
        if number is None:
            raise ValueError(f"{field} is swept over numbers, and {parameter.none!r} is none: leave it out.")
        found[number] = None
    most = most_values(field)
    if not 2 <= len(found) <= most:
        raise ValueError(f"A sweep over {field} takes from 2 to {most} different values, but got {len(found)}.")
    return tuple(found)


def sweep_values(
    experiment: Experiment,
    field: str,
    start: float | None = None,
    stop: float | None = None,
    count: int | None = None,
    landscape: Landscape | None = None,
) -> tuple[float, ...]:
    """Values of `field` from `start` to `stop`, rising, to be swept over around `experiment`.

    Learning rates are the same factor apart. Other values are the same distance apart, but for N, batch size, epochs
    and tolerance where no end is named: those rise by a factor too. Values of a whole-number field are rounded, each
    there once, so that they may be fewer than `count`. What is left out shows the most: learning rates up to well
    beyond the limit of the data, batches up to all the points.

    Args:
        landscape: that of the training points; of those that the experiment describes if left out.

    Raises:
        ValueError: for a field that has no numbers, an end out of its bounds, ends that do not rise, or a count that is
            too small or too large.
    """
    parameter, most = require_numeric(field), most_values(field)
    by_factor = field == GEOMETRIC or (start is None and stop is None and field in _BY_FACTOR)
    default_start, default_stop, default_count = _defaults(experiment, field, landscape)
    low = _end(field, start, default_start)
    high = _end(field, stop, default_stop)
    if low >= high:
        raise ValueError(f"A sweep must go from a smaller to a larger {field}, but got {low:g} to {high:g}.")
    if count is None:
        count = default_count
    if isinstance(count, bool) or not isinstance(count, numbers.Integral) or not 2 <= count <= most:
        raise ValueError(f"A sweep over {field} takes from 2 to {most} values, but got {shorten(count)}.")
    spaced = np.geomspace(low, high, int(count)) if by_factor else np.linspace(low, high, int(count))
    inner = spaced.clip(low, high).tolist()  # a power may miss an end by its last bit, and so a bound
    if isinstance(parameter, Whole):
        inner = list(map(round, inner))
    return tuple(dict.fromkeys(inner))


_BY_FACTOR = ("n", "batch_size", "epochs", "tolerance")


def _defaults(experiment: Experiment, field: str, landscape: Landscape | None) -> tuple[float, float, int]:
    """Where a sweep begins and ends, and how many values it has, if nobody says so."""
    parameter = NUMERIC[field]
    low, high = parameter.low, parameter.high
    if field in ("learning_rate", "batch_size", "start_b", "start_w") and landscape is None:
        landscape, _ = landscapes_of(make_dataset(experiment), experiment.reduction)
    match field:
        case "learning_rate":
            assert landscape is not None
            limit = min(max(landscape.max_learning_rate, 1000 * low), high / 3)
            return limit / 1000, 3 * limit, 1000
        case "batch_size":
            assert landscape is not None
            return 1, min(max(landscape.n, 2), high), MOST_SIZES
        case "start_b" | "start_w":
            assert landscape is not None
            lowest = landscape.b_min if field == "start_b" else landscape.w_min
            reach = max(2 * abs(lowest), 5.0)
            return lowest - reach, lowest + reach, 101
        case "n":
            return 10, min(100_000, high), MOST_SIZES
        case "noise":
            return 0.0, 2.0, 100
        case "seed":
            first = min(experiment.seed, int(high) - 99)
            return first, first + 99, 100
        case "epochs":
            return 1, max(experiment.epochs, 2), 100
        case "tolerance":
            return 1e-8, 0.1, 100
    return max(low, -10.0), min(high, 10.0), 101


def _end(field: str, named: float | None, default: float) -> float:
    if named is None:
        return default
    parameter = NUMERIC[field]
    if isinstance(parameter, Whole) and _is_fraction(named):
        named = round(named)
    checked = parameter.check(field, named)
    assert checked is not None  # None was not what was named
    return checked


def _is_fraction(value: object) -> bool:
    """Whether it is a finite number that is not written as a whole one."""
    return isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral) and isfinite(value)


def require_numeric(field: str) -> Whole | Real:
    """The parameter of a field that can be swept over. Raises `ValueError` for one that cannot."""
    if field not in NUMERIC:
        known = "has no numbers" if field in PARAMETERS else "is no field of an experiment"
        raise ValueError(f"{shorten(field)} {known}: sweep over one of {', '.join(NUMERIC)}.")
    return NUMERIC[field]


def read_sweep(text: str) -> Span:
    """`FIELD` or `FIELD:FROM:TO:COUNT`, as a link writes a sweep.

    Raises:
        ValueError: in one sentence, for what is neither, a field that has no numbers, or a number out of its bounds.
    """
    name, *rest = text.split(":")
    field = name.strip().replace("-", "_")
    require_numeric(field)
    if not rest:
        return Span(field)
    if len(rest) != 3:
        raise ValueError(f"A sweep must be written as FIELD or FIELD:FROM:TO:COUNT, but got {shorten(text)}.")
    start, stop = (read_end(field, end) for end in rest[:2])
    return Span(field, start, stop, read_count(field, rest[2]))


def write_sweep(span: Span) -> str:
    """The text that `read_sweep` reads back, where all or none of the numbers are given."""
    if span.start is None or span.stop is None or span.how_many is None:
        return span.field
    return f"{span.field}:{span.start!r}:{span.stop!r}:{span.how_many}"


def read_end(field: str, text: str) -> float:
    """One end of a sweep. Raises `ValueError` as the field's parameter does."""
    parameter = require_numeric(field)
    number = parameter.read(field, text)
    if number is None:
        raise ValueError(f"{field} is swept over numbers, and {parameter.none!r} is none: give a number.")
    return number


def read_count(field: str, text: str) -> int:
    """How many values a sweep has. Raises `ValueError` for what is no such number."""
    most = most_values(field)
    word = text.strip()
    if not (word.isascii() and word.isdigit() and len(word) < 10 and 2 <= int(word) <= most):
        raise ValueError(f"A sweep over {field} takes from 2 to {most} values, but got {shorten(text)}.")
    return int(word)
