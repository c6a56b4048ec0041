"""From how many points on one way is faster than another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from core.training.devices.measuring import Timing
from core.training.devices.ways import Way
from core.training.devices.words import told_points

__all__ = ["Overtaking", "find_overtakings", "told"]

AHEAD = 0.95
"""The part of another's time from which on a way counts as faster: less of a difference is the measurement's."""


@dataclass(frozen=True)
class Overtaking:
    """How a way compares with its rival, over the numbers of points with which both were measured."""

    way: Way
    rival: Way
    at: tuple[float, float] | None
    """Points and seconds where their times are equal, and beyond which the way stays ahead. None if it is ahead from
    the first on, or not ahead at the end."""
    ratio: float
    """Its time over its rival's, with the most points."""
    points: int
    """How many these are."""


def find_overtakings(ways: Sequence[Way], timings: Sequence[Timing]) -> list[Overtaking]:
    """All pairs of a way and its rival of which both have timings."""
    by_name = {way.name: way for way in ways}
    seconds = {(one.way, one.points): one.seconds for one in timings}
    found = []
    for way in ways:
        rival = by_name.get(way.rival)
        common = sorted(points for name, points in seconds if name == way.name and (way.rival, points) in seconds)
        if rival and common:
            found.append(_compare(way, rival, [(n, seconds[way.name, n], seconds[rival.name, n]) for n in common]))
    return found


def _compare(way: Way, rival: Way, times: Sequence[tuple[int, float, float]]) -> Overtaking:
    ratios = [own / others for _, own, others in times]
    # The first from which on it stays ahead.
    first = len(times)
    while first and ratios[first - 1] < AHEAD:
        first -= 1
    at = None
    if 0 < first < len(times):
        (before, *_), (after, *_) = times[first - 1], times[first]
        # Between two of the measured numbers both times go straight in a chart whose axes are logarithmic.
        low, high = log(max(ratios[first - 1], 1.0)), log(ratios[first])
        share = low / (low - high)
        points = _between(before, after, share)
        at = points, _between(times[first - 1][2], times[first][2], share)
    return Overtaking(way, rival, at, ratios[-1], times[-1][0])


def _between(low: float, high: float, share: float) -> float:
    return exp((1 - share) * log(low) + share * log(high))


def told(one: Overtaking) -> str:
    """The same in a sentence."""
    way, rival = one.way.label, one.rival.label
    if one.at is not None:
        return f"From about {told_points(float(f'{one.at[0]:.0e}'))} points on, {way} beats {rival}."
    if one.ratio < AHEAD:
        return f"{way} beats {rival} at every number of points."
    with_most = f"with {told_points(one.points)} points"
    if one.ratio < 1 / AHEAD:
        return f"{way} takes as long as {rival} {with_most}."
    return f"{way} takes {one.ratio:.2g} times as long as {rival} {with_most}."
