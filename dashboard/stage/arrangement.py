"""How the runs on the stage are arranged: which one is in front, what they are called, and along what they are laid."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from dashboard.stage.camera import Camera

__all__ = ["ALIGNMENTS", "ARROWS", "DATA_VIEWS", "EPOCH_AXES", "LOSS_AXES", "PANELS", "SURFACE_VIEWS"]
__all__ += ["Alignment", "Arrangement", "Arrows", "Change", "DataView", "Panel", "Scale", "SurfaceView"]

Alignment = Literal["epoch", "update", "time"]
"""What the playhead counts: every run stands where it has had as many epochs, as many updates, or as much time."""

ALIGNMENTS: tuple[Alignment, ...] = get_args(Alignment)

Scale = Literal["linear", "log"]

EPOCH_AXES: tuple[Scale, ...] = ("linear", "log")
LOSS_AXES: tuple[Scale, ...] = ("log", "linear")
"""What an axis may be, what it is at first in front."""


DataView = Literal["points", "residuals"]
"""What is drawn over x: the points with the line, or what the line misses of them."""

DATA_VIEWS: tuple[DataView, ...] = get_args(DataView)

SurfaceView = Literal["contours", "3d"]
"""How the loss over b and w is drawn."""

SURFACE_VIEWS: tuple[SurfaceView, ...] = get_args(SurfaceView)

Arrows = Literal["off", "on"]
"""Whether the field of gradients is drawn over the contours."""

ARROWS: tuple[Arrows, ...] = get_args(Arrows)

Panel = Literal["code", "rows", "agreement"]
"""What stands beside the charts: the code, what it computes point by point, or how ways to compute it agree."""

PANELS: tuple[Panel, ...] = get_args(Panel)


@dataclass(frozen=True)
class Change:
    """A learning rate that was just chosen for the run in front, and can hold from its start or from a later epoch."""

    number: int
    """Another one for every choice."""
    rate: float
    since: int
    """The epoch from which it holds; 0 is the start."""


@dataclass(frozen=True)
class Arrangement:
    """What the visitor has chosen, and the words for it."""

    front: int = 0
    """Which of the runs on the stage is in front; 0 is the base."""
    numbers: tuple[int, ...] = (0,)
    """By which number each of them is wished for: the one that it has among all that are asked for."""
    names: tuple[str, ...] = ("",)
    """What each run is called on its chip."""
    short_names: tuple[str, ...] = ("",)
    """What it is called at the end of a line."""
    keep: bool = False
    """Whether the next move of a control shows a new run beside the present ones."""
    align: Alignment = "epoch"
    epoch_axis: Scale = "linear"
    loss_axis: Scale = "log"
    data_view: DataView = "points"
    surface_view: SurfaceView = "contours"
    arrows: Arrows = "off"
    camera: Camera | None = None
    """None as long as it has not been turned."""
    panel: Panel = "code"
    change: Change | None = None
    heard: int = 0
    """The number of the last wish of the browser's that is fulfilled."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)
