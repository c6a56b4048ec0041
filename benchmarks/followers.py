"""A process of followers: plain HTTP clients, many of them, that listen to one room or answer what it asks.

`python -m benchmarks.followers HOST PORT CODE` reads commands from its standard input, a line each, and answers each
with a line of JSON. `Followers` is the handle of the process that starts it. Times are those of `time.monotonic`, which
on one machine is the same clock for every process.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic, process_time
from types import TracebackType
from typing import Any, Self

import uvloop

from benchmarks.server import ROOT

__all__ = ["Followers"]

AT_A_TIME = 100
"""Connections that are opened without waiting for one of them."""

SECONDS = 60
"""After which what was to happen has not happened."""


class Followers:
    """Starts the process, for as long as a `with` block lasts."""

    def __init__(self, host: str, port: int, code: str, *, patient: bool = False) -> None:
        """`patient` ones get processor time that nobody else wants: they stand for phones, which have their own."""
        command = [sys.executable, "-m", "benchmarks.followers", host, str(port), code]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if patient:
            os.setpriority(os.PRIO_PROCESS, self._process.pid, 19)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for end in (self._process.stdin, self._process.stdout):
            if end:
                end.close()

    def come(self, count: int) -> None:
        """Let so many more listen. Returns when each has heard what the room shows."""
        self._ask("come", count)

    def leave(self) -> None:
        """Let all of them go."""
        self._ask("leave")

    def heard(self, last: int) -> dict[str, Any]:
        """What they have heard since they came or this was asked last, once each has heard of the epoch `last`.

        `arrivals` has, by epoch, when each of those who heard of it did; `last` how many heard of which epoch last;
        `cut` how many lost their line; `cpu` the seconds of processor time that all of it took them.
        """
        return self._ask("heard", last)

    def answer(self, count: int, question: str) -> dict[str, Any]:
        """Let so many answer at the same moment, each over a line of their own: `began`, `ended` and the `statuses`."""
        return self._ask("answer", question, ["Yes" if index % 3 else "No" for index in range(count)])

    def answer_with(self, question: str, numbers: Sequence[float]) -> dict[str, Any]:
        """The same, each with a number of their own."""
        return self._ask("answer", question, numbers)

    def _ask(self, *command: object) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(command)}\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError("The process of the followers has ended.")
        answer: dict[str, Any] = json.loads(said)
        return answer


class Listener(asyncio.Protocol):
    """One who follows: asks for the stream of events, and notes when it hears of which epoch."""

    def __init__(self, host: str, path: str, arrivals: dict[int, list[float]]) -> None:
        self._request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n".encode()
        self._arrivals = arrivals
        self._raw = b""
        self._text = b""
        self._is_open = False
        self._transport: asyncio.BaseTransport | None = None
        self.here: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.epoch = -1
        self.is_cut = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        now = monotonic()
        self._raw += data
        if not self._is_open:
            head, end, rest = self._raw.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 200 " not in head.partition(b"\r\n")[0]:
                self.connection_lost(ConnectionError(head.decode(errors="replace")))
                return
            self._is_open, self._raw = True, rest
        self._take_chunks()
        *events, self._text = self._text.split(b"\n\n")
        for one in events:
            if one.startswith(b"event: state"):
                self.epoch = json.loads(one.partition(b"data: ")[2])["epoch"]
                self._arrivals[self.epoch].append(now)
                if not self.here.done():
                    self.here.set_result(None)

    def _take_chunks(self) -> None:
        """Take the pieces of the body out of what has come: each has its length before it, in hexadecimal."""
        while b"\r\n" in self._raw:
            length, _, rest = self._raw.partition(b"\r\n")
            size = int(length, 16)
            if len(rest) < size + 2:
                return
            self._text += rest[:size]
            self._raw = rest[size + 2 :]

    def connection_lost(self, error: Exception | None) -> None:
        self.is_cut = True
        if not self.here.done():
            self.here.set_exception(error or ConnectionError("The line was cut."))

    def end(self) -> None:
        if self._transport:
            self._transport.abort()  # type: ignore[attr-defined]


class Crowd:
    """All of them."""

    def __init__(self, host: str, port: int, code: str) -> None:
        self._host, self._port, self._path = host, port, f"/room/{code}"
        self._arrivals: dict[int, list[float]] = defaultdict(list)
        self._listeners: list[Listener] = []
        self._used = process_time()

    async def come(self, count: int) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        at_a_time = asyncio.Semaphore(AT_A_TIME)

        async def one() -> None:
            async with at_a_time:
                listener = Listener(f"{self._host}:{self._port}", f"{self._path}/events", self._arrivals)
                await loop.create_connection(lambda: listener, self._host, self._port)
                await listener.here
                self._listeners.append(listener)

        async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(one())
        self._forget()
        return {}

    async def leave(self) -> dict[str, Any]:
        for listener in self._listeners:
            listener.end()
        self._listeners.clear()
        return {}

    async def heard(self, last: int) -> dict[str, Any]:
        # Who has not heard of it by then never will.
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                while not all(one.epoch == last or one.is_cut for one in self._listeners):
                    await asyncio.sleep(0.02)
        told = {
            "arrivals": dict(self._arrivals),
            "last": dict(Counter(one.epoch for one in self._listeners)),
            "cut": sum(one.is_cut for one in self._listeners),
            "cpu": process_time() - self._used,
        }
        self._forget()
        return told

    async def answer(self, question: str, answers: list[str | float]) -> dict[str, Any]:
        lines = [await asyncio.open_connection(self._host, self._port) for _ in answers]

        async def one(index: int) -> str:
            reader, writer = lines[index]
            said = {"follower": f"follower-{index:04}", "question": question, "answer": answers[index]}
            body = json.dumps(said).encode()
            head = f"POST {self._path}/answers HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            answer = await reader.read()
            writer.close()
            return answer.split(b" ", 2)[1].decode()

        began = monotonic()
        async with asyncio.timeout(SECONDS):
            statuses = Counter(await asyncio.gather(*map(one, range(len(answers)))))
        return {"began": began, "ended": monotonic(), "statuses": dict(statuses)}

    def _forget(self) -> None:
        self._arrivals.clear()
        self._used = process_time()


async def main(host: str, port: str, code: str) -> None:
    crowd = Crowd(host, int(port), code)
    loop = asyncio.get_running_loop()
    # Line by line, and not in the loop: it goes on listening meanwhile.
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        name, *given = json.loads(line)
        print(json.dumps(await getattr(crowd, name)(*given)), flush=True)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
