"""Which answers a question takes, and how those of a room are counted. Nothing here says who gave one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection
from itertools import pairwise
from statistics import median
from typing import Any

from dashboard.room.checks import number, one_of, pair
from dashboard.room.questions import Asked, any_number

__all__ = ["Answer", "counts", "read_answer"]

Answer = Any
"""A choice, a number, or a start as `[b, w]`."""

MOST_BINS = 12

FEW = 12
"""So many answers or less are too few to say which of them is odd."""

FENCE = 3
"""Quartile ranges beyond the quartiles within which an answer has a place in the histogram: one follower's 10³⁰ would
have all others in one bin."""


def read_answer(asked: Asked, answer: Any) -> Answer:
    """The answer, if it is one to what was asked.

    Raises:
        ValueError: it is none, with a sentence that says what to answer.
    """
    if asked.get("kind") == "choice":
        check = one_of(asked["choices"])
    elif asked.get("kind") == "number":
        check = any_number
    elif asked["field"] == "start":
        check = pair(number(asked["low"], asked["high"]), number(asked["low_w"], asked["high_w"]))
    else:
        check = number(asked["low"], asked["high"])
    return check(answer, "answer")


def counts(asked: Asked, answers: Collection[Answer]) -> dict[str, Any]:
    """How often what was answered.

    Returns:
        `answered`, and of a choice `choices`, a list of `[choice, number of answers]` in the question's order; of a
        number `median` (None without answers) and `bins`, a list of `[low, high, number of answers]` from low up to,
        but not including, high, with the answers `below` and `above` all of them; of a turn nothing else, see `Turn`.
    """
    if asked.get("kind") == "choice":
        found = Counter(answers)
        return {"choices": [[choice, found[choice]] for choice in asked["choices"]], "answered": len(answers)}
    if asked.get("kind") == "number":
        return _histogram(sorted(answers)) | {
            "answered": len(answers),
            "median": median(answers) if answers else None,
        }
    return {"answered": len(answers)}


def _histogram(values: list[float]) -> dict[str, Any]:
    """At most `MOST_BINS` bins between round numbers for sorted `values`."""
    if not values:
        return {"bins": [], "below": 0, "above": 0}
    low, high = _ends(values)
    edges = _round_edges(low, high)
    within = [value for value in values if edges[0] <= value < edges[-1]]
    bins = [[left, right, sum(left <= value < right for value in within)] for left, right in pairwise(edges)]
    return {
        "bins": bins,
        "below": sum(value < edges[0] for value in values),
        "above": sum(value >= edges[-1] for value in values),
    }


def _ends(values: list[float]) -> tuple[float, float]:
    """The lowest and the highest that are not far from the others."""
    if len(values) <= FEW:
        return values[0], values[-1]
    first, third = values[len(values) // 4], values[-1 - len(values) // 4]
    reach = FENCE * (third - first)
    near = [value for value in values if first - reach <= value <= third + reach]
    return near[0], near[-1]


def _round_edges(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten, from `low` or less to more than `high`."""
    exponent = math.floor(math.log10(_spread(low, high) / MOST_BINS))
    for digit, power in ((1, exponent), (2, exponent), (5, exponent), (1, exponent + 1), (2, exponent + 1)):
        step = float(f"{digit}e{power}")
        around = range(math.floor(low / step) - 1, math.floor(high / step) + 3)
        # Written out, so that the third multiple of 0.1 is 0.3.
        multiples = [float(f"{count * digit}e{power}") for count in around]
        edges = [edge for edge, after in pairwise(multiples) if after > low]
        edges = [edges[0], *(edge for before, edge in pairwise(edges) if before <= high)]
        if len(edges) <= MOST_BINS + 1:
            break
    return edges


def _spread(low: float, high: float) -> float:
    """How far the histogram reaches. Where all answers are one, its bin is small beside that."""
    largest = max(abs(low), abs(high))
    if largest < 1e-200:  # nothing but zeros, as far as anybody sees
        return 1.0
    return high - low if high - low > 1e-9 * largest else largest / MOST_BINS
