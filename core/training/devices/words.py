"""How numbers of points and times are written: as people say them."""

from __future__ import annotations

__all__ = ["told_points", "told_seconds"]

UNITS = ((1e-6, "µs"), (1e-3, "ms"), (1.0, "s"))
MILLION = 1_000_000
THIN = "\u202f"
"""A narrow space, between thousands."""


def told_points(count: float) -> str:
    """`10 000`; from a million on `3 million`."""
    if count >= MILLION:
        return f"{count / MILLION:.3g} million"
    return f"{round(count):,}".replace(",", THIN)


def told_seconds(seconds: float) -> str:
    """Three digits in the unit that goes with them: `12.3 µs`."""
    size, unit = next((one for one in UNITS if float(f"{seconds / one[0]:.3g}") < 1000), UNITS[-1])
    return f"{seconds / size:.3g} {unit}"
