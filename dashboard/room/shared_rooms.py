"""The rooms of this server."""

from __future__ import annotations

from dashboard.room.rooms import Rooms

__all__ = ["shared_rooms"]

shared_rooms = Rooms()
