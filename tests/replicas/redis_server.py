"""A Redis of a test's own on the loopback, that keeps nothing when it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from redis import Redis as Client

__all__ = ["Redis"]


class Redis:
    """At one port, however often it is started."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Returns as soon as it listens."""
        forgetful = ("--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(self._folder))
        with (self._folder / "redis.txt").open("ab") as log:
            self._process = subprocess.Popen(["redis-server", "--port", str(self.port), *forgetful], stdout=log)
        end = monotonic() + 60
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert monotonic() < end
            sleep(0.02)

    def stop(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()
        self._process = None

    def refuse(self, refuses: bool) -> None:
        """Take nothing any more, as one that is full does; or do so again."""
        with Client.from_url(self.url) as client:
            client.config_set("min-replicas-to-write", int(refuses))

    def pause(self, pauses: bool) -> None:
        """Answer nothing, and forget nothing; or go on."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP if pauses else signal.SIGCONT)

    def lives(self) -> dict[str, int]:
        """By name, in how many seconds it leaves; -1 for what never does."""
        with Client.from_url(self.url, decode_responses=True) as client:
            return {name: client.ttl(name) for name in client.scan_iter()}
