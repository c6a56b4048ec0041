"""How the runs on the stage are arranged: which one is in front, what they are called, and along what they are laid."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

__all__ = ["ALIGNMENTS", "DATA_VIEWS", "EPOCH_AXES", "HANDS", "LOSS_AXES"]
__all__ += ["Alignment", "Arrangement", "DataView", "Hand", "Scale"]

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

Hand = Literal["off", "on"]
"""Whether a hand moves the start and the points, where it otherwise zooms."""

HANDS: tuple[Hand, ...] = get_args(Hand)


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
    hand: Hand = "off"
    heard: int = 0
    """The number of the last wish of the browser's that is fulfilled."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)
