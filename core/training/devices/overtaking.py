"""From how many points on, and up to how many, one way is faster than another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import NamedTuple

from core.training.devices.measuring import Timing
from core.training.devices.ways import Way
from core.training.devices.words import told_points

__all__ = ["Crossing", "Overtaking", "find_overtakings", "told"]

AHEAD = 0.9
"""The part of another's time from which on a way counts as faster: less of a difference is the measurement's."""

LEAST = 2
"""With how many of the measured numbers of points, one after the other, a way must be faster for it to be told."""


class Crossing(NamedTuple):
    """Where two ways take the same time."""

    points: float
    seconds: float


@dataclass(frozen=True)
class Overtaking:
    """How a way compares with its rival, over the numbers of points with which both were measured."""

    way: Way
    rival: Way
    ahead: bool
    """Whether it is faster over some stretch of them."""
    begins: Crossing | None
    """Where the longest such stretch begins; None if that is with the fewest points, or if there is none."""
    ends: Crossing | None
    """Where it ends; None if that is with the most points, or if there is none."""
    ratio: float
    """Its time over its rival's, with the most points."""
    points: int
    """How many these are."""

    @property
    def crossings(self) -> list[Crossing]:
        return [one for one in (self.begins, self.ends) if one]


class _Pair(NamedTuple):
    points: int
    own: float
    others: float


def find_overtakings(ways: Sequence[Way], timings: Sequence[Timing]) -> list[Overtaking]:
    """All pairs of a way and its rival of which both have timings."""
    by_name = {way.name: way for way in ways}
    seconds = {(one.way, one.points): one.seconds for one in timings}
    found = []
    for way in ways:
        rival = by_name.get(way.rival)
        common = sorted(points for name, points in seconds if name == way.name and (way.rival, points) in seconds)
        if rival and common:
            pairs = [_Pair(points, seconds[way.name, points], seconds[rival.name, points]) for points in common]
            found.append(_compare(way, rival, pairs))
    return found


def _compare(way: Way, rival: Way, pairs: Sequence[_Pair]) -> Overtaking:
    first, after = _longest([one.own / one.others < AHEAD for one in pairs])
    last = pairs[-1]
    return Overtaking(
        way,
        rival,
        ahead=first < after,
        begins=_crossing(pairs[first - 1], pairs[first]) if 0 < first < after else None,
        ends=_crossing(pairs[after], pairs[after - 1]) if first < after < len(pairs) else None,
        ratio=last.own / last.others,
        points=last.points,
    )


def _longest(held: Sequence[bool]) -> tuple[int, int]:
    """The position of the first of the longest stretch that held, and that after its last: equal where none did."""
    best, first = (0, 0), None
    for place, one in enumerate([*held, False]):
        if one and first is None:
            first = place
        elif not one and first is not None:
            if place - first >= min(LEAST, len(held)) and place - first > best[1] - best[0]:
                best = first, place
            first = None
    return best


def _crossing(behind: _Pair, ahead: _Pair) -> Crossing:
    """Between two numbers of points both times go straight in a chart whose axes are logarithmic."""
    low, high = log(max(behind.own / behind.others, 1.0)), log(ahead.own / ahead.others)
    share = low / (low - high)

    def between(one: float, other: float) -> float:
        return exp((1 - share) * log(one) + share * log(other))

    return Crossing(between(behind.points, ahead.points), between(behind.others, ahead.others))


def told(one: Overtaking) -> str:
    """The same in a sentence."""
    way, rival = one.way.label, one.rival.label
    if one.ahead:
        begins, ends = (about and told_points(float(f"{about.points:.0e}")) for about in (one.begins, one.ends))
        if begins and ends:
            return f"Between about {begins} and {ends} points, {way} beats {rival}."
        if begins:
            return f"From about {begins} points on, {way} beats {rival}."
        if ends:
            return f"Up to about {ends} points, {way} beats {rival}."
        return f"{way} beats {rival} at every number of points."
    with_most = f"with {told_points(one.points)} points"
    if one.ratio < 1 / AHEAD:
        return f"{way} takes as long as {rival} {with_most}."
    return f"{way} takes {one.ratio:.2g} times as long as {rival} {with_most}."
