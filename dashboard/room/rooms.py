"""The rooms of this server, kept in its memory: what was said last in each, and who listens.

What a store elsewhere would have to be waited for is `async`. A room keeps no queue for anybody: it has the last state
as it is sent, made once, and a change that all who listen wait for. Whoever is slow finds the last state after it, not
those in between.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, time
from typing import Any

from dashboard.room.bounds import (
    ADDRESS_FOLLOWERS,
    ALIVE_SECONDS,
    FOLLOWERS,
    HALL,
    HALL_SECONDS,
    LEAVING_SECONDS,
    ROOM_SECONDS,
    ROOMS,
    UNWATCHED_SECONDS,
    Full,
)
from dashboard.room.connection import Connection
from dashboard.room.doors import Doors
from dashboard.room.polls import Poll, Polls
from dashboard.server.door import network

__all__ = ["FIRST", "Begun", "Latest", "Room", "Rooms", "Unreachable", "event"]

State = Mapping[str, Any]

FIRST: State = {"link": "?", "page": "lab", "epoch": 0, "beat": "", "playing": False, "speed": 1}
"""What a new room shows before its lecturer has said anything."""


class Unreachable(Exception):
    """Whether there is such a room cannot be found out now."""


@dataclass(frozen=True)
class Latest:
    """What was said last."""

    state: State
    event: bytes
    """It and its version, as they are sent to those who listen."""


@dataclass(frozen=True)
class Begun:
    """A turn as it began."""

    link: str
    """What the room showed then: the run in front is what is tried otherwise."""
    asked: Mapping[str, Any]


class Room:
    """One room. All of it happens in the event loop.

    What is `async` here and does nothing is there for those who have the same room on other servers.
    """

    def __init__(self, code: str, secret: str, clock: Callable[[], float], version: int) -> None:
        """`clock` tells seconds; `version` is larger than that of everything said in a room of this code before."""
        self.code = code
        self.secret = secret
        self.listeners: set[Connection] = set()
        """Those who follow on a stream now."""
        self._from: Counter[str] = Counter()
        """How many of them are in which network."""
        self.signs = 0
        """How many signs of life their streams have been given."""
        self.is_over = False
        self.saying = asyncio.Lock()
        """Held while a state is being made of what the lecturer says."""
        self.turning = asyncio.Lock()
        """Held while it is made ready what this server trains of a turn."""
        self.polls = Polls()
        """What it was asked."""
        self.begun: Begun | None = None
        """The turn that it has, or had last."""
        self.elsewhere = 0
        """How many listen on other servers."""
        self.apart = False
        """Whether the servers do not hear of one another."""
        self.change = asyncio.Event()
        """Set as soon as something here is another than now; then there is another one."""
        self.doors = Doors(clock)
        self._clock = clock
        self._sign = clock()
        self.version = version
        """That of what was said last."""
        self.latest: Latest | None = None
        """None as long as nobody has said anything."""

    async def say(self, state: State) -> None:
        """Have all see this from now on."""
        self.show(state, self.next_version())

    def show(self, state: State, version: int) -> None:
        """Have those who listen here see what was said with this version."""
        self.version = version
        self.latest = Latest(state, event("state", {"version": version, **state}))
        self.wake()

    def next_version(self) -> int:
        """That of what is said next."""
        return self.version + 1

    async def look_up(self, within: float = 0) -> None:
        """Know what other servers know, of so many seconds ago at the most."""

    async def taken(self, poll: Poll, follower: str) -> None:
        """Have other servers know what the follower has answered."""

    async def fetch(self, poll: Poll, follower: str) -> None:
        """Know what the follower has answered, on whatever server."""

    def set_apart(self, apart: bool) -> None:
        """Have those who listen know whether the servers hear of one another."""
        if apart != self.apart:
            self.apart = apart
            self.wake()

    @contextmanager
    def listening(self, connection: Connection, address: str) -> Iterator[None]:
        """Somebody at this address listens."""
        origin = network(address)
        self.listeners.add(connection)
        self._from[origin] += 1
        try:
            yield
        finally:
            self.listeners.remove(connection)
            self._from[origin] -= 1
            if not self._from[origin]:
                del self._from[origin]

    def is_full(self, address: str) -> bool:
        """Whether nobody else may listen on this server, or nobody else at this address."""
        return len(self.listeners) >= FOLLOWERS or self._from[network(address)] >= ADDRESS_FOLLOWERS

    @property
    def here(self) -> int:
        """How many listen, on all servers."""
        return len(self.listeners) + self.elsewhere

    def hear(self) -> None:
        """Note a sign of the lecturer."""
        self._sign = self._clock()

    @property
    def silence(self) -> float:
        """Seconds since the last sign of the lecturer."""
        return self._clock() - self._sign

    @property
    def is_forsaken(self) -> bool:
        """Whether it makes place for another one where there is none: so that nobody holds rooms by a stream in each,
        while a hall may well wait for a lecturer whose computer has gone to sleep."""
        patience = HALL_SECONDS if self.here else UNWATCHED_SECONDS
        return self.here < HALL and self.silence > patience

    def wake(self) -> None:
        """Have all who listen look."""
        self.change.set()
        self.change = asyncio.Event()


class Rooms:
    """All rooms of this server."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        """Tells seconds."""
        self._rooms: dict[str, Room] = {}
        self._seconds = 0
        self._ticking: asyncio.Task[None] | None = None
        self.are_closed = False
        """Whether the server is about to end, and with it all streams."""

    async def find(self, code: str) -> Room | None:
        """The room of that code, if there is one."""
        return self._rooms.get(code)

    async def open(self, code: str, secret: str) -> Room:
        """The room of that code: the one that there is, with the secret that it has, or another one with this secret.

        That one shows nothing yet: if there was one before it, this server does not know what that showed.

        Raises:
            Full: there are too many, in all of which somebody is.
        """
        room = self._rooms.get(code)
        if room is None:
            if len(self._rooms) >= ROOMS:
                await self.end(self._forsaken().code)
            room = self._rooms[code] = self.make(code, secret)
            if self._ticking is None or self._ticking.done():
                self._ticking = asyncio.create_task(self._tick_each_second())
        return room

    async def let_expire(self, room: Room) -> None:
        """End one whose lecturer has not been heard of for long."""
        await self.end(room.code)

    def make(self, code: str, secret: str) -> Room:
        """One that is opened."""
        # Of the wall clock, so that it is larger than any before the server was started.
        return Room(code, secret, self.clock, int(time() * 1e6))

    async def end(self, code: str) -> None:
        """End that room, and tell those who listen."""
        room = self._rooms.pop(code, None)
        if room is not None:
            room.is_over = True
            room.wake()

    def close(self) -> None:
        """End all streams, though not the rooms: the server is about to end."""
        self.are_closed = True
        for room in self._rooms.values():
            room.wake()
            for connection in room.listeners:  # some may take nothing, not even the end
                connection.break_off(LEAVING_SECONDS)

    async def tick(self) -> None:
        """What is done each second: end forsaken rooms, show that streams live."""
        self._seconds += 1
        for room in [*self._rooms.values()]:
            if room.silence > ROOM_SECONDS:
                await self.let_expire(room)
            elif self._seconds % ALIVE_SECONDS == 0:
                room.signs += 1
                room.wake()

    async def _tick_each_second(self) -> None:
        while self._rooms:
            await asyncio.sleep(1)
            await self.tick()

    def _forsaken(self) -> Room:
        """The room that is missed least: one in which nobody listens, and of these the one that is silent for longest.

        Raises:
            Full: all of them are in use.
        """
        forsaken = [room for room in self._rooms.values() if room.is_forsaken]
        if not forsaken:
            raise Full
        return max(forsaken, key=lambda room: (not room.here, room.silence))


def event(name: str, data: Mapping[str, Any]) -> bytes:
    """A server-sent event. JSON has no line breaks of its own."""
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'), allow_nan=False)}\n\n".encode()
