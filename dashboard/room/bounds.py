"""The bounds of the lecture room: what one lecturer, one follower and all of them together may take of the server."""

from __future__ import annotations

import os

__all__ = [
    "ADDRESS_FOLLOWERS",
    "ALIVE_SECONDS",
    "ANSWERS",
    "ANSWERS_PER_SECOND",
    "ANSWER_BYTES",
    "FOLLOWERS",
    "HALL",
    "HALL_SECONDS",
    "LEAVING_SECONDS",
    "LINK_BYTES",
    "LOOKS_PER_SECOND",
    "OPENINGS_AT_ONCE",
    "OPENINGS_PER_SECOND",
    "OPENING_BYTES",
    "QUESTIONS",
    "READ_SECONDS",
    "ROOMS",
    "ROOM_SECONDS",
    "STAGE_BYTES",
    "STATES_PER_SECOND",
    "STATE_BYTES",
    "TAKING_SECONDS",
    "TOKEN_SECONDS",
    "UNWATCHED_SECONDS",
    "Full",
]


class Full(Exception):
    """There is no room for one more."""


OPENING_BYTES = 1024
STATE_BYTES = 16_384
ANSWER_BYTES = 4096

STAGE_BYTES = 65_536
"""The names of scenes say all of an experiment, moved points too, and there are up to six."""
LINK_BYTES = 8192

READ_SECONDS = 10
"""How long a request may take to arrive."""

STATES_PER_SECOND = 20
"""Of one room."""

LOOKS_PER_SECOND = 20
"""Of the lecturer of one room, from all their tabs."""

ANSWERS_PER_SECOND = 5
"""Of one follower."""

OPENINGS_AT_ONCE = int(os.environ.get("GDL_ROOM_OPENINGS", "60"))
"""Rooms from one address that are opened without a pause: a whole school may sit behind one."""

OPENINGS_PER_SECOND = float(os.environ.get("GDL_ROOM_OPENINGS_PER_SECOND", "0.5"))
"""Rooms from one address beyond that."""

ROOMS = 500
"""Of one server."""

FOLLOWERS = 2000
"""Of one room: those who listen, and those whose answers are kept."""

ADDRESS_FOLLOWERS = int(os.environ.get("GDL_ROOM_FOLLOWERS_PER_ADDRESS", "1500"))
"""Of one room from one address: a whole hall sits behind one, and nobody else's place may be taken from there."""

QUESTIONS = 100
"""Of one room that are kept; those that were asked first go first."""

ANSWERS = 3 * FOLLOWERS
"""Of one room that are kept. Beyond it those to what was asked first are counted and thrown away."""

ROOM_SECONDS = 3 * 60 * 60
"""A room ends so long after the last sign of its lecturer."""

UNWATCHED_SECONDS = 60
"""So long after the last sign of its lecturer, a room in which nobody listens makes place where there is none."""

HALL = 3
"""So many who listen are a hall, whose room never makes place."""

HALL_SECONDS = 10 * 60
"""So long after the last sign of its lecturer, a room in which fewer listen makes place where there is none."""

TOKEN_SECONDS = 24 * 60 * 60
"""How long a secret brings its room back."""

ALIVE_SECONDS = 15
"""Between two signs of life on a stream, so that no proxy takes it for dead."""

TAKING_SECONDS = 30
"""How long a follower may take nothing of what is sent before it is let go."""

LEAVING_SECONDS = 1
"""How long a follower may take what is still held for it when the server ends."""
