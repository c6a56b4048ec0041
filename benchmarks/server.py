"""A Streamlit server of its own on the loopback, with the lab's settings, for one measurement."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["LAB", "PLAIN", "serve"]

ROOT = Path(__file__).parents[1]
LAB = ROOT / "dashboard" / "app.py"
PLAIN = Path(__file__).with_name("plain_app.py")
START_SECONDS = 60


@contextmanager
def serve(script: Path) -> Iterator[str]:
    """Serve `script`; gives the address, with a slash at the end."""
    port = _free_port()
    # Started in the project's folder, so that both sides run with its .streamlit/config.toml.
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}/"
            if not _answers(address, process):
                log.seek(0)
                raise RuntimeError(f"The server of {script.name} did not start:\n{log.read()}")
            yield address
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str, process: subprocess.Popen[str]) -> bool:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}_stcore/health", timeout=5):
                return True
        except OSError:
            time.sleep(0.1)
    return False
