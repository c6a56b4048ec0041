"""From where the landscape is seen, and how a link says so: `camera=120,45`."""

from __future__ import annotations

import re

from core.parameters import shorten

__all__ = ["Camera", "is_camera", "read_camera", "write_camera"]

Camera = tuple[int, int]
"""Whole degrees: how far around the landscape it stands, and how high above the ground."""

BOUNDS = ((-180, 180), (8, 90))
"""Of either; the browser's half has the same in `static/stage/charts/camera.js`."""

_WRITTEN = re.compile(r"(-?[0-9]{1,3}),([0-9]{1,2})")


def is_camera(value: object) -> bool:
    """Whether `value` is two whole numbers within their bounds, in a list or a tuple."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return False
    return all(
        type(degrees) is int and low <= degrees <= high for degrees, (low, high) in zip(value, BOUNDS, strict=True)
    )


def read_camera(text: str) -> Camera:
    """The camera of a link.

    Raises:
        ValueError: it is not two whole numbers within their bounds; the message says which.
    """
    found = _WRITTEN.fullmatch(text)
    camera = (int(found[1]), int(found[2])) if found else None
    if camera is None or not is_camera(camera):
        (west, east), (low, high) = BOUNDS
        raise ValueError(
            f"camera must be two whole numbers of degrees, from {west} to {east} around and from {low} to {high} up, "
            f"as in 35,30; got {shorten(text)}."
        )
    return camera


def write_camera(camera: Camera) -> str:
    """The text that `read_camera` reads."""
    return f"{camera[0]},{camera[1]}"
