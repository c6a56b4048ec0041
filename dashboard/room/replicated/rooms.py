"""All rooms of a server that is one of several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from secrets import token_hex
from time import monotonic

from cachetools import TTLCache

from dashboard.replicas.redis_address import Away
from dashboard.room.bounds import ROOM_SECONDS, ROOMS
from dashboard.room.replicated.room import ReplicatedRoom
from dashboard.room.replicated.store import Store
from dashboard.room.rooms import Room, Rooms, Unreachable

__all__ = ["ReplicatedRooms"]

AGAIN_SECONDS = 0.5
"""Between two tries to reach Redis."""

UNKNOWN_SECONDS = 1
MOST_UNKNOWN = 10_000

READ_SECONDS = 5
"""Between two readings of a room of which no message has come."""


class ReplicatedRooms(Rooms):
    """Those of all servers with the same Redis, as far as anybody has asked for them here."""

    def __init__(self, store: Store, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(clock)
        self._store = store
        self._server = token_hex(4)
        self._touching: asyncio.Task[None] | None = None
        self._unknown: TTLCache[str, bool] = TTLCache(MOST_UNKNOWN, UNKNOWN_SECONDS)
        """Codes of which there was no room a moment ago: whoever guesses them asks this server, and not Redis."""
        self._over: dict[str, list[str]] = {}
        """By code, the tokens of rooms that have ended here, of which the others have not heard yet."""

    async def find(self, code: str) -> Room | None:
        """The room of that code, if there is one on any server.

        Raises:
            Full: there is one, but no place here for one more.
            Unreachable: there is none here, and nobody else can be asked.
        """
        self._stay_in_touch()
        room = self._rooms.get(code)
        if room is not None or not code or code in self._unknown:
            return room
        try:
            fields = await self._store.read(code)
        except Away:
            raise Unreachable from None
        if "secret" in fields:
            await self._have(code, fields["secret"])
        else:
            self._unknown[code] = True
        return self._rooms.get(code)

    async def open(self, code: str, secret: str) -> Room:
        self._stay_in_touch()
        room = self._rooms.get(code)
        if room is None:
            await self._wait_for_touch()
            with suppress(Away):
                await self._store.reopen(code)
                if not await self._store.claim(code, secret):
                    secret = (await self._store.read(code)).get("secret", secret)
            room = await self._have(code, secret)
        return room

    async def _have(self, code: str, secret: str) -> Room:
        """One here as well, with what the others know of it."""
        if code not in self._rooms and len(self._rooms) >= ROOMS:
            self._forget_one()
        room = await super().open(code, secret)
        assert isinstance(room, ReplicatedRoom)
        with suppress(Away):
            if not await room.meet():
                await super().end(code)
        return room

    def _forget_one(self) -> None:
        """Nobody listens there on this server, so that it is read anew once somebody does."""
        unheard = [room for room in self._here if not room.listeners and room.is_told]
        if unheard:
            del self._rooms[max(unheard, key=lambda room: room.silence).code]

    async def end(self, code: str) -> None:
        room = self._rooms.get(code)
        await super().end(code)
        if room is not None:
            self._over[code] = [poll.token for poll in room.polls]
            await self._hand_in_ends()

    async def let_expire(self, room: Room) -> None:
        # A server that was cut off for hours knows of no sign. Of a room that nobody speaks in Redis lets go by itself.
        await room.look_up()
        if room.silence > ROOM_SECONDS:
            await super().end(room.code)

    def make(self, code: str, secret: str) -> Room:
        return ReplicatedRoom(code, secret, self.clock, self._store, self._server)

    async def tick(self) -> None:
        await super().tick()
        for room in self._here:
            with suppress(Away):
                await room.note()
            await room.look_up(within=READ_SECONDS)

    def close(self) -> None:
        super().close()
        if self._touching is not None:
            self._touching.cancel()

    @property
    def _here(self) -> list[ReplicatedRoom]:
        return [room for room in self._rooms.values() if isinstance(room, ReplicatedRoom)]

    async def _wait_for_touch(self) -> None:
        """A room that is opened in a bad moment would be looked for in vain on the other servers in the next one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(3 * AGAIN_SECONDS):
                while self._store.is_away:
                    await asyncio.sleep(AGAIN_SECONDS / 10)

    def _stay_in_touch(self) -> None:
        if not self.are_closed and (self._touching is None or self._touching.done()):
            self._touching = asyncio.create_task(self._keep_in_touch())

    async def _keep_in_touch(self) -> None:
        """Hear what is newer, and as soon as Redis is there again have all rooms be the same."""
        failures = 0
        try:
            while True:
                with suppress(Away):
                    async with aclosing(self._store.changes()) as changes:
                        async for code in changes:
                            await (self._hear(code) if code else self._come_together())
                            failures = 0
                failures += 1
                if failures > 1:  # a connection that is there again at once is not worth a word
                    for room in self._here:
                        room.set_apart(True)
                await asyncio.sleep(AGAIN_SECONDS)
        finally:
            await self._store.close()

    async def _hear(self, code: str) -> None:
        """There is something newer of a room, or it is over."""
        self._unknown.pop(code, None)
        room = self._rooms.get(code)
        if not isinstance(room, ReplicatedRoom):
            return
        fields = await self._store.read(code)
        if "secret" in fields:
            room.take_over(fields)
        elif await self._store.has_ended(code):
            await super().end(code)

    async def _come_together(self) -> None:
        await self._hand_in_ends()
        for room in self._here:
            if await room.meet():
                room.set_apart(False)
            else:
                await super().end(room.code)

    async def _hand_in_ends(self) -> None:
        with suppress(Away):
            for code, tokens in [*self._over.items()]:
                await self._store.end(code, tokens)
                self._over.pop(code, None)
