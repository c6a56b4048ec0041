"""A follower's stream of server-sent events: the last state at once, and after each change."""

from __future__ import annotations

import asyncio

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dashboard.room.bounds import TAKING_SECONDS
from dashboard.room.connection import Connection
from dashboard.room.rooms import Latest, Room, Rooms, event

__all__ = ["Stream"]

END = event("end", {})
ALIVE = event("alive", {})
"""A comment would do for a proxy, but a page could not hear it, nor miss it where the line was cut without a word."""
APART = {is_apart: event("apart", {"apart": is_apart}) for is_apart in (False, True)}
"""Whether the servers that have the room in common hear of one another."""


class Stream(Response):
    """The answer to one follower: it lasts until they leave, the room ends or the server does."""

    media_type = "text/event-stream"

    def __init__(self, rooms: Rooms, room: Room, address: str) -> None:
        """`address` is the follower's."""
        # A proxy must neither keep it nor collect it.
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._rooms = rooms
        self._room = room
        self._address = address
        self._seen: tuple[Latest | None, int, bool] = (None, room.signs, False)
        """The state, the number of signs, and whether servers are apart, as they were sent last."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = Connection(receive)
        connection.keep_short(TAKING_SECONDS)
        with self._room.listening(connection, self._address):
            async with anyio.create_task_group() as group:

                async def until_left() -> None:
                    while (await receive())["type"] != "http.disconnect":
                        pass
                    group.cancel_scope.cancel()

                group.start_soon(until_left)
                await self._write(send, connection)
                group.cancel_scope.cancel()

    async def _write(self, send: Send, connection: Connection) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while not (self._room.is_over or self._rooms.are_closed):
                change = self._room.change
                news = self._news()
                if news:
                    async with asyncio.timeout(TAKING_SECONDS):
                        await send({"type": "http.response.body", "body": news, "more_body": True})
                else:
                    await change.wait()
            async with asyncio.timeout(TAKING_SECONDS):
                await send({"type": "http.response.body", "body": END if self._room.is_over else b""})
        except TimeoutError:
            connection.break_off()

    def _news(self) -> bytes:
        """What has not been sent yet of what there is now; empty where nothing is new."""
        room, (latest, signs, apart) = self._room, self._seen
        self._seen = (room.latest, room.signs, room.apart)
        news = []
        if room.latest is not latest:
            news.append(room.latest.event)
        if room.signs != signs:
            news.append(ALIVE)
        if room.apart is not apart:
            news.append(APART[room.apart])
        return b"".join(news)  # of one it is that one, and no copy
