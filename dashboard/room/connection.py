"""The connection behind a stream, as far as uvicorn lets one reach it.

ASGI knows no way to give up a reader that takes nothing: what waits for it in the server would wait on, and the server
with it when it is asked to stop. Under another server all of this does nothing.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any

from starlette.types import Receive

__all__ = ["Connection"]

BACKLOG_BYTES = 32_768
"""What the system and the server each hold for a slow reader. More would be states that are long past."""


class Connection:
    """Of one request. `receive` is what the server gave for it, around which nothing may be wrapped."""

    def __init__(self, receive: Receive) -> None:
        cycle = getattr(receive, "__self__", None)
        self._transport: Any = getattr(cycle, "transport", None)

    def keep_short(self, seconds: float) -> None:
        """Hold little for this reader, and let it go when it has confirmed nothing for so long."""
        if self._transport is None:
            return
        self._transport.set_write_buffer_limits(high=BACKLOG_BYTES)
        with suppress(AttributeError, OSError):  # no socket, or one of another kind
            behind = self._transport.get_extra_info("socket")
            behind.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BACKLOG_BYTES)
            behind.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))  # Linux has it

    def break_off(self, after: float = 0) -> None:
        """Drop the connection, with all that is held for it, in so many seconds if it is not closed by then."""
        if self._transport is not None:
            asyncio.get_running_loop().call_later(after, self._transport.abort)
