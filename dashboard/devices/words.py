"""Why an accelerator loses with few points, told with what was measured here."""

from __future__ import annotations

from collections.abc import Sequence

from core.training.devices.measuring import Timing
from core.training.devices.ways import NUMPY, ONE_CORE, Way
from core.training.devices.words import told_seconds

__all__ = ["FEW", "why_few_are_slow"]

FEW = 100
"""Points with which a GPU has next to nothing to compute."""

REASON = (
    "An epoch is some twenty operations, and a GPU is told of them one by one. "
    "To be told takes as long for 100 points as for 100 000, and with 100 there is next to nothing to compute."
)


def why_few_are_slow(ways: Sequence[Way], timings: Sequence[Timing]) -> str:
    """A paragraph of Markdown; empty while nothing is measured with so few."""
    few = {one.way: one for one in timings if one.points == FEW}
    accelerators = [way for way in ways if way.device != "cpu" and way.name in few]
    shown = accelerators[0] if accelerators else next((way for way in ways if way.name == ONE_CORE), None)
    if shown is None or shown.name not in few or NUMPY not in few:
        return ""
    here = "" if accelerators else "This machine has no GPU that PyTorch can use, but the same is seen without one. "
    timing = few[shown.name]
    return (
        f"**Why a GPU loses with {FEW} points.** {REASON} {here}"
        f"{shown.label} takes {told_seconds(timing.seconds)} for an "
        f"epoch of 100 points, {told_seconds(timing.waiting)} of it waiting; NumPy, which has less to find out, "
        f"{told_seconds(few[NUMPY].seconds)}. "
        "More points do not make the waiting longer: with enough of them it no longer counts."
    )
