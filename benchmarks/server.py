"""A Streamlit server of its own on the loopback, with the lab's settings, for one measurement."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import cpu_seconds

__all__ = ["EMPTY", "EMPTY_WITH_TORCH", "LAB", "PLAIN", "ROOT", "Server", "free_port", "serve"]

ROOT = Path(__file__).parents[1]
LAB = ROOT / "dashboard" / "app.py"
PLAIN = Path(__file__).with_name("plain_app.py")
EMPTY = Path(__file__).with_name("empty_page.py")
EMPTY_WITH_TORCH = Path(__file__).with_name("empty_page_with_torch.py")
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    address: str
    """With a slash at the end."""
    pid: int
    log: Path
    """What it has said so far."""
    started: float
    """When its process was started, by `time.perf_counter`."""
    others: tuple[int, ...] = ()
    """Where several servers have one address, the other processes that work for it."""

    def cpu_seconds(self) -> float:
        """Processor time so far of all of them."""
        return sum(map(cpu_seconds, (self.pid, *self.others)))


@contextmanager
def serve(script: Path, host: str = "127.0.0.1", port: int | None = None, **environment: str) -> Iterator[Server]:
    """Serve `script` for as long as the `with` block lasts, with this besides in its environment."""
    port = port or free_port(host)
    # Started in the project's folder, so that both sides run with its .streamlit/config.toml.
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = [f"--server.address={host}", f"--server.port={port}", "--server.headless=true"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | environment
    with tempfile.NamedTemporaryFile("w") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            [*command, *options], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            address, said = f"http://{host}:{port}/", Path(log.name)
            if not _answers(address, process):
                raise RuntimeError(f"The server of {script.name} did not start:\n{said.read_text()}")
            yield Server(address, process.pid, said, started)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port(host: str = "127.0.0.1") -> int:
    """One that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _answers(address: str, process: subprocess.Popen[str]) -> bool:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}_stcore/health", timeout=5):
                return True
        except OSError:
            time.sleep(0.02)
    return False
