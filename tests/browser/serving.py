"""Servers of the lab, and the line to one, which can be cut."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

__all__ = ["ROOT", "STREAMLIT", "Line", "Server", "free_port"]

ROOT = Path(__file__).parents[2]

STREAMLIT = (sys.executable, "-m", "streamlit", "run")
"""What starts a script as the README has it."""


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as free:
        free.bind((host, 0))
        return int(free.getsockname()[1])


class Server:
    """The lab at an address of its own, which it keeps when it is started again."""

    def __init__(
        self,
        log: Path,
        *options: str,
        script: str = "dashboard/app.py",
        command: Sequence[str] = STREAMLIT,
        cwd: Path = ROOT,
        env: Mapping[str, str] = os.environ,
        base: str = "",
        host: str = "127.0.0.1",
        port: int | None = None,
    ) -> None:
        """Streamlit's `options` say no address. `base` is the path at which it is served, with a slash before it."""
        self.port = port or free_port(host)
        self.address = f"http://{host}:{self.port}{base}"
        here = ("--server.headless=true", f"--server.address={host}", f"--server.port={self.port}")
        self._command = (*command, script, *here, *options)
        self._cwd = cwd
        # The key of rooms would else be kept in the home of whoever runs the tests.
        self._environment = {"GDL_ROOM_KEY": "of a test", **env, "PYTHONUNBUFFERED": "1"}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns as soon as it answers."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, cwd=self._cwd, stdout=output, stderr=subprocess.STDOUT, env=self._environment
            )
        until = monotonic() + 120
        while not self.is_healthy():
            if self._process.poll() is not None or monotonic() > until:
                self.stop()
                raise AssertionError(f"The server did not start:\n{self._log.read_text()}")
            sleep(0.1)

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def is_healthy(self) -> bool:
        try:
            with urlopen(f"{self.address}/_stcore/health", timeout=5) as answer:
                return bool(answer.read() == b"ok")
        except (URLError, OSError):
            return False

    def stop(self, asked_by: int = signal.SIGTERM, within: float = 30) -> None:
        """Ask it to end by this signal. It must have ended within so many seconds."""
        assert self._process
        self._process.send_signal(asked_by)
        self._process.wait(timeout=within)

    def kill(self) -> None:
        """End it without a word."""
        assert self._process
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it for good. It must still have been running, and its log must have nothing to complain of."""
        ended = not self.is_running
        self.stop()
        assert not ended, f"The server has ended:\n{self._log.read_text()}"
        self.require_quiet()

    def require_quiet(self) -> None:
        """Its log must have nothing to complain of."""
        said = self._log.read_text()
        assert not re.search(r"Traceback|Warning|\bERROR\b|\bWARN", said), f"The server complained:\n{said}"


class Line:
    """What a browser reaches a server by: an address that hands everything on, until it is cut."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._cut = False
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._cut = True
        for end in tuple(self._ends):
            hang_up(end)

    def mend(self) -> None:
        self._cut = False

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self._cut:
                    raise ConnectionError
                far = socket.create_connection(("127.0.0.1", self._server.port))
            except OSError:
                near.close()
                continue
            self._ends |= {near, far}
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._hand_on, args=(source, target), daemon=True).start()

    def _hand_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while not self._cut and (given := source.recv(65536)):
                target.sendall(given)
        for end in (source, target):
            hang_up(end)
            self._ends.discard(end)


def hang_up(end: socket.socket) -> None:
    with suppress(OSError):  # the other end may have been quicker
        end.shutdown(socket.SHUT_RDWR)
    end.close()
