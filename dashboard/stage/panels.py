"""Which panels of the stage are shown, and how a link says so: `show=data,surface`."""

from __future__ import annotations

from core.parameters import shorten

__all__ = ["PANELS", "Panels", "are_panels", "read_panels", "write_panels"]

Panels = tuple[str, ...]
"""Names out of `PANELS`, in their order, at least one."""

PANELS: Panels = (
    "data",
    "surface",
    "loss",
    "parameters",
    "numbers",
    "code",
    "graph",
    "runs",
    "player",
    "status",
)
"""All of them, in the order in which they are offered. What takes the place of a chart (the residuals, a landscape, a
sweep, in the beats the loss along b and along w) belongs to its name; the switch of the methods and the tabs to `code`.
The browser's half has the same in `static/stage/panels/shown.js`.
"""


def are_panels(value: object) -> bool:
    """Whether `value` is a list of names of panels, and not empty."""
    return isinstance(value, list | tuple) and bool(value) and all(name in PANELS for name in value)


def read_panels(text: str) -> tuple[Panels, str]:
    """The panels that a link's list names, all where it names none; and a sentence about names that there are not."""
    asked = [name for name in (piece.strip().lower() for piece in text.split(",")) if name]
    unknown = [name for name in asked if name not in PANELS]
    shown = tuple(name for name in PANELS if name in asked)
    if not unknown:
        return shown or PANELS, ""
    missing = " and no panel ".join(map(shorten, unknown[:2])) + (" and others" if len(unknown) > 2 else "")
    instead = "Leaving that out." if shown else "Showing all."
    return shown or PANELS, f"There is no panel {missing}; there are {', '.join(PANELS)}. {instead}"


def write_panels(shown: Panels) -> str:
    """The text that `read_panels` reads."""
    return ",".join(shown)
