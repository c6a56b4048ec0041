"""The page on which a follower sees what the lecturer shows."""

from __future__ import annotations

__all__ = ["follower_page"]


def follower_page(request_base: str, code: str) -> str:
    """The page of the room `code` as HTML. `request_base` leads from it to the lab: `../`."""
    return f'<!doctype html>\n<html lang="en">\n<title>{code} · Gradient Descent Lab</title><body data-room="{code}">'
