"""Which panels are on the stage, and which fill the window: `show=data,surface`, `projector=surface,code`."""

from __future__ import annotations

from core.parameters import shorten

__all__ = [
    "MOST_PROJECTED",
    "PANELS",
    "PROJECTED",
    "Panels",
    "are_panels",
    "are_projected",
    "read_panels",
    "read_projected",
]
__all__ += ["write_panels"]

Panels = tuple[str, ...]
"""Names out of `PANELS`, in their order."""

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

PROJECTED: Panels = PANELS[: PANELS.index("graph") + 1]
"""Those that can fill the window: the status stands above them in any case, the player below."""

MOST_PROJECTED = 4
"""So many of them at once, or nobody in the back could read them."""


def are_panels(value: object) -> bool:
    """Whether `value` is a list of names of panels, and not empty."""
    return isinstance(value, list | tuple) and bool(value) and all(name in PANELS for name in value)


def read_panels(text: str) -> tuple[Panels, str]:
    """The panels that a link's list names, all where it names none; and a sentence about names that there are not."""
    shown, problem = _named(text, PANELS)
    return shown or PANELS, f"{problem} {'Leaving that out.' if shown else 'Showing all.'}" if problem else ""


def are_projected(value: object) -> bool:
    """Whether `value` is a list of names of panels that can fill the window together, or empty for none."""
    return isinstance(value, list | tuple) and len(value) <= MOST_PROJECTED and all(name in PROJECTED for name in value)


def read_projected(text: str) -> tuple[Panels, str]:
    """The panels of the projector that a link's list names, none where it names none; and a sentence on what it cannot
    show."""
    shown, problem = _named(text, PROJECTED)
    if problem:
        return shown[:MOST_PROJECTED], f"{problem} {'Leaving that out.' if shown else 'Showing the page.'}"
    if len(shown) > MOST_PROJECTED:
        problem = (
            f"The projector has room for {MOST_PROJECTED} panels, but the link names {len(shown)}: the first are shown."
        )
    return shown[:MOST_PROJECTED], problem


def _named(text: str, known: Panels) -> tuple[Panels, str]:
    """Those of the `known` panels that a list names, and a sentence about names that there are not."""
    asked = [name for name in (piece.strip().lower() for piece in text.split(",")) if name]
    unknown = [name for name in asked if name not in known]
    found = tuple(name for name in known if name in asked)
    if not unknown:
        return found, ""
    missing = " and no panel ".join(map(shorten, unknown[:2])) + (" and others" if len(unknown) > 2 else "")
    return found, f"There is no panel {missing}; there are {', '.join(known)}."


def write_panels(shown: Panels) -> str:
    """The text that `read_panels` reads."""
    return ",".join(shown)
