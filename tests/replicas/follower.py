"""A follower of a room without a page: listens, and comes back half a second after the line was cut, as pages do."""

from __future__ import annotations

import http.client
import json
import threading
from contextlib import suppress
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Follower"]

AGAIN = 0.5
"""Seconds until a page tries again; the next time it waits longer."""


class Follower:
    """Listens to the room `code` at `address` until it leaves."""

    def __init__(self, address: str, code: str) -> None:
        self._at = urlsplit(address).netloc
        self._path = f"/room/{code}/events"
        self.state: dict[str, Any] = {}
        """What the room showed last; empty while the line is cut."""
        self.cuts: list[float] = []
        """When the line was cut."""
        self.returns: list[float] = []
        """When it was back, and the room shown."""
        self._has_left = False
        self._line: http.client.HTTPConnection | None = None
        threading.Thread(target=self._listen, daemon=True).start()

    def sees(self, epoch: int) -> bool:
        return self.state.get("epoch") == epoch

    def leave(self) -> None:
        self._has_left = True
        if self._line and self._line.sock:
            with suppress(OSError):
                self._line.sock.shutdown(2)

    def _listen(self) -> None:
        wait = AGAIN
        while not self._has_left:
            with suppress(OSError, http.client.HTTPException):
                self._line = http.client.HTTPConnection(self._at, timeout=60)
                self._line.request("GET", self._path, headers={"Accept": "text/event-stream"})
                answer = self._line.getresponse()
                if answer.status == 200:
                    self._take(answer)
                    wait = AGAIN
                    self.cuts.append(monotonic())
            self.state = {}
            sleep(wait)
            wait = min(2 * wait, 3.0)

    def _take(self, answer: http.client.HTTPResponse) -> None:
        name = ""
        while line := answer.readline():
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data" and name == "state":
                if not self.state and self.cuts:
                    self.returns.append(monotonic())
                self.state = json.loads(value)
