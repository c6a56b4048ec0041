"""The rooms of this server: its own, or those that several servers have in common."""

from __future__ import annotations

from dashboard.replicas.redis_address import redis_url
from dashboard.room.rooms import Rooms

__all__ = ["shared_rooms"]


def _of_this_server() -> Rooms:
    url = redis_url()
    if url is None:
        return Rooms()
    from dashboard.room.replicated.rooms import ReplicatedRooms
    from dashboard.room.replicated.store import Store

    return ReplicatedRooms(Store(url))


shared_rooms = _of_this_server()
