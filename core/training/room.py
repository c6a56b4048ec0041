"""Which of the runs that wait there is room for in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from core.training.run import Run

__all__ = ["who_fits"]

SMALL_BYTES = 5_000_000
"""Memory up to which a run counts as small: one of a few thousand points and epochs takes a tenth of it."""

LARGE_SHARE = 0.8
"""Of the memory for runs in progress, what those that are not small may take together."""


def who_fits(waiting: Iterable[Run], active: Collection[Run], most_bytes: int) -> list[Run]:
    """Those of `waiting` that may begin beside those in progress, in their order.

    Large ones leave some room to the small, which would otherwise wait behind them. A run that is larger than all
    there is may begin when nothing else is in progress.
    """
    taken = sum(run.most_bytes for run in active)
    by_large = sum(run.most_bytes for run in active if run.most_bytes > SMALL_BYTES)
    found: list[Run] = []
    for run in waiting:
        need, large = run.most_bytes, run.most_bytes > SMALL_BYTES
        fits = taken + need <= most_bytes and not (large and by_large + need > LARGE_SHARE * most_bytes)
        if fits or not (active or found):
            found.append(run)
            taken += need
            by_large += need if large else 0
    return found
