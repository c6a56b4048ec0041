"""How the runs on the stage are arranged: which one is in front, what they are called, and along what they are laid."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args, get_type_hints

from dashboard.stage.camera import Camera
from dashboard.stage.panels import PANELS, Panels

__all__ = ["CHOICES", "Alignment", "Arrangement", "Change", "Choices"]

Alignment = Literal["epoch", "update", "time"]
"""What the playhead counts: every run stands where it has had as many epochs, as many updates, or as much time."""

Scale = Literal["linear", "log"]


@dataclass(kw_only=True)
class Choices:
    """What is chosen on the stage, each one of a few words, with what it is at first."""

    align: Alignment = "epoch"
    epoch_axis: Scale = "linear"
    loss_axis: Scale = "log"
    data_view: Literal["points", "residuals"] = "points"
    """What is drawn over x: the points with the line, or what the line misses of them."""
    surface_view: Literal["contours", "3d"] = "contours"
    """How the loss over b and w is drawn."""
    arrows: Literal["off", "on"] = "off"
    """Whether the field of gradients is drawn over the loss."""
    panel: Literal["code", "rows", "agreement"] = "code"
    """What stands beside the charts: the code, what it computes point by point, or how ways to compute it agree."""
    hand: Literal["off", "on"] = "off"
    """Whether a hand moves the start and the points, where it otherwise zooms."""


CHOICES: dict[str, tuple[str, ...]] = {
    # What it is at first stands in front.
    name: tuple(sorted(get_args(kind), key=lambda word: word != getattr(Choices(), name)))
    for name, kind in get_type_hints(Choices).items()
}
"""By name, the words that can be chosen."""


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
    choices: Choices = field(default_factory=Choices)
    camera: Camera | None = None
    """From where the landscape is seen; None as long as it has not been turned."""
    show: Panels = PANELS
    """The panels that are shown."""
    projector: Panels = ()
    """Those that fill the window instead, in type for the back row; none for the page as it is."""
    change: Change | None = None
    heard: int = 0
    """The number of the last wish of the browser's that is fulfilled."""

    @property
    def seen(self) -> Panels:
        """The panels that are to be seen."""
        return self.projector or self.show

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, the choices among the others."""
        told = asdict(self)
        return told | told.pop("choices")
