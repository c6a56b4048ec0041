"""The processes that cells start, so that whoever runs cells can end them. The cells know nothing of it."""

from __future__ import annotations

import subprocess
import threading
from types import SimpleNamespace
from typing import Any

__all__ = ["Children"]


class Children:
    """Starts processes as `subprocess` does, until it is closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[subprocess.Popen[Any]] = []
        self._closed = False

    @property
    def module(self) -> SimpleNamespace:
        """What stands for the module `subprocess` in a cell."""
        return SimpleNamespace(**vars(subprocess) | {"Popen": self._start})

    def _start(self, *command: Any, **options: Any) -> subprocess.Popen[Any]:
        with self._lock:
            if self._closed:
                raise OSError("the server ends")
            self._running = [one for one in self._running if one.poll() is None]
            process = subprocess.Popen(*command, **options)
            self._running.append(process)
            return process

    def close(self) -> None:
        """End those that run, and start none any more: there it is an `OSError`."""
        with self._lock:
            self._closed = True
            for one in self._running:
                one.kill()
