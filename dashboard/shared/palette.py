"""One meaning, one colour: what b, w, the loss and the rest look like wherever they appear.

The figures are built in the light colours; the stage exchanges them for the dark ones, value by value, when
the page is dark. So no two roles may share a light colour. The colours of text and lines reach a contrast of
4.5:1 on the page's background, and neighbours differ in lightness as well as in hue.
"""

from __future__ import annotations

__all__ = ["DARK", "LIGHT", "ROLES"]

ROLES: dict[str, tuple[str, str]] = {
    # role: (light, dark)
    "background": ("#ffffff", "#10141c"),
    "panel": ("#f6f7f9", "#181d27"),
    "grid": ("#e3e6ea", "#2a3140"),
    "muted": ("#566070", "#a2adbd"),
    "text": ("#1c2430", "#e8ecf2"),
    "b": ("#1a5fb4", "#7cb7ff"),
    "w": ("#b84300", "#ffa45c"),
    "loss": ("#6d28d9", "#c3a6ff"),
    "data": ("#5a6675", "#a9b4c3"),
    "line": ("#d1125f", "#ff79b0"),
    "gradient": ("#0b7268", "#4bd2bb"),
    "minimum": ("#0d1117", "#fdfdfe"),
    # Where somebody else points: within a dark ring it is seen on everything.
    "pointer": ("#ffcc00", "#ffd83d"),
    # Runs beside one another. Far apart among themselves for every kind of colour vision.
    "run-0": ("#c8145f", "#ff80b4"),
    "run-1": ("#1a1af0", "#8daaf9"),
    "run-2": ("#5c7300", "#4bdf73"),
    "run-3": ("#623111", "#f0c20d"),
    "run-4": ("#b80ac4", "#ff2b2b"),
    "run-5": ("#003d73", "#9c59ff"),
    # The loss surface, from the valley up: tints of the loss, quiet enough for what is drawn on top.
    "surface-0": ("#fefdff", "#131722"),
    "surface-1": ("#f2ecfd", "#20203d"),
    "surface-2": ("#e5dafa", "#2f2b57"),
    "surface-3": ("#d6c6f7", "#403872"),
    "surface-4": ("#c7b1f3", "#52478f"),
    "surface-line": ("#a98fe0", "#7468b8"),
}
"""Every role with its light and its dark colour."""

LIGHT = {role: light for role, (light, _) in ROLES.items()}
DARK = {role: dark for role, (_, dark) in ROLES.items()}
