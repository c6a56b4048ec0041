"""The address of the lecture room that a hall can reach."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

__all__ = ["Address", "room_address"]


@dataclass(frozen=True)
class Address:
    """Where something is to be opened."""

    url: str
    reachable: bool
    """False where it leads no further than the server's own machine."""


def room_address(request: Request, code: str) -> Address:
    """The address of the follower's page of the room `code`, for the lecturer who sent this request."""
    return Address(f"{request.url.scheme}://{request.url.netloc}{request.url.path.rstrip('/')}/{code}", False)
