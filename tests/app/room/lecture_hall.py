"""Rooms without a server around them: requests go straight to the routes, and time stands still until it is moved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware

from dashboard.room.rooms import Rooms
from dashboard.room.routes import room_routes
from dashboard.server.slashes import Slashes
from dashboard.server.static_files import StaticFiles
from dashboard.server.upload_bounds import UploadBounds

STATE = {"link": "?learning_rate=0.1", "page": "lab", "epoch": 3, "beat": "", "playing": True, "speed": 2}

HOST = "lab.example:8501"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return self.said["error"]


@dataclass
class Reader:
    """A follower's stream. What is sent waits until `read`, as with a slow line, where `is_slow`."""

    is_slow: bool = False
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    is_closed: bool = False
    may_take: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], decoded(message["headers"])
            return
        if self.is_slow:
            await self.may_take.wait()
        self.chunks.append(message["body"])
        self.is_closed = not message.get("more_body", False)

    @property
    def events(self) -> list[tuple[str, Any]]:
        """All that came, as name and data."""
        lines = b"".join(self.chunks).decode().splitlines()
        names = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
        data = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
        return list(zip(names, data, strict=True))

    def of(self, name: str) -> list[Any]:
        return [data for called, data in self.events if called == name]


class Hall:
    """The server as lecturers and followers see it."""

    def __init__(
        self,
        base: str = "",
        *,
        is_whole: bool = False,
        rooms: Rooms | None = None,
        runner: asyncio.Runner | None = None,
    ) -> None:
        """`is_whole` has the requests come through all that stands before the routes. Rooms that are given have a clock
        of their own, and a runner may have several halls."""
        self.base = base
        self.seconds = 1000.0
        self.address = "192.0.2.1"
        """From which requests come."""
        self.rooms = rooms or Rooms(clock=lambda: self.seconds)
        layers = [Middleware(StaticFiles, base), Middleware(Slashes, base), Middleware(UploadBounds)]
        self._app = Starlette(routes=room_routes(base, self.rooms), middleware=layers if is_whole else [])
        self._runner = runner or asyncio.Runner()

    def ask(self, method: str, path: str, said: Any = None, *, body: bytes | None = None, **headers: str) -> Answer:
        """Send a request, `said` as JSON or `body` as it is. In the names of headers an underscore is a hyphen."""
        if body is None:
            body = b"" if said is None else json.dumps(said).encode()
        return self._runner.run(self._ask(method, path, [body], {"content-length": str(len(body)), **headers}))

    def pour(self, path: str, parts: Iterator[bytes], **headers: str) -> Answer:
        """POST a body that does not say how long it is."""
        return self._runner.run(self._ask("POST", path, parts, headers))

    async def _ask(self, method: str, path: str, parts, headers) -> Answer:
        coming, answer = iter(parts), Answer(0, {}, b"")

        async def receive() -> dict[str, Any]:
            part = next(coming, None)
            return {"type": "http.request", "body": part or b"", "more_body": part is not None}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], decoded(message["headers"])
            else:
                answer.body += message.get("body", b"")

        await self._app(self._scope(method, path, headers), receive, send)
        return answer

    def open(self) -> tuple[str, str]:
        """A new room: its path and its secret."""
        told = self.ask("POST", "/room").said
        return f"/room/{told['code']}", told["secret"]

    def listen(self, path: str, *, is_slow: bool = False, **headers: str) -> Reader:
        """A follower of the room, who has what there is to have already, if they take it."""

        async def begin() -> Reader:
            reader = Reader(is_slow)
            scope = self._scope("GET", f"{path}/events", headers)
            reader.task = asyncio.create_task(self._app(scope, reader.receive, reader.send))
            await settle()
            return reader

        return self._runner.run(begin())

    def tick(self, seconds: int = 1) -> None:
        """Let time pass, second by second."""

        async def pass_time() -> None:
            for _ in range(seconds):
                self.seconds += 1
                await self.rooms.tick()
                await settle()

        self._runner.run(pass_time())

    def settle(self) -> None:
        """Have all streams write what they can."""
        self._runner.run(settle())

    def run(self, function, *arguments) -> None:
        """Call it in the event loop, and have all streams write what they can."""

        async def call() -> None:
            function(*arguments)
            await settle()

        self._runner.run(call())

    def close(self) -> None:
        self._runner.close()

    def _scope(self, method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
        path, _, query = path.partition("?")
        given = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return {
            "type": "http",
            "method": method,
            "path": self.base + path,
            "raw_path": (self.base + path).encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "scheme": "http",
            "server": ("127.0.0.1", 8501),
            "client": (self.address, 50000),
        }


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def decoded(headers) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in headers}
