"""A chart of a cell as plain data: what is drawn, in which role, but not how. Who shows it knows the colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.geometry.landscape import Landscape

__all__ = ["Plot", "Series"]


@dataclass(frozen=True)
class Series:
    """Points (x[i], y[i]), joined or not. `role` is what they are about: `b`, `w`, `loss`, `data`, `line`, ..."""

    label: str
    role: str
    x: Sequence[float]
    y: Sequence[float]
    style: Literal["line", "points", "path"] = "line"
    """A path is a line with a point at every step."""


@dataclass(frozen=True)
class Plot:
    """Series on common axes."""

    title: str
    x: str
    y: str
    series: tuple[Series, ...]
    logarithmic: bool = False
    """Whether the y axis is."""
    landscape: Landscape | None = None
    """The loss to draw beneath, where the axes are b and w."""
