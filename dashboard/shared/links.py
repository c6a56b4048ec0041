"""What a link says of which of several things a page shows."""

from __future__ import annotations

from collections.abc import Iterable

from core.parameters import shorten

__all__ = ["read_choice"]


def read_choice(name: str, asked: list[str], options: Iterable[str], default: str, instead: str) -> tuple[str, str]:
    """The option that a link's parameter `name` asks for; or the default, and a sentence that says why.

    Args:
        asked: the values that the link gives to the parameter.
        instead: a sentence that says what is shown for a value that cannot be taken.
    """
    known = tuple(options)
    if not asked:
        return default, ""
    if len(asked) > 1:
        return default, f"{name} must be given once, but was given {len(asked)} times. {instead}"
    if asked[0] not in known:
        return default, f"There is no {name} {shorten(asked[0])}; there are {', '.join(known)}. {instead}"
    return asked[0], ""
