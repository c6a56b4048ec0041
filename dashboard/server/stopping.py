"""Says at once when the server is asked to stop.

uvicorn first waits until everything that it answers has been answered, and tells the application only then. A stream
has no end of its own, so both would wait for one another.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["on_stop"]

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name))
"""Those to which uvicorn listens."""


@contextmanager
def on_stop(callback: Callable[[], None]) -> Iterator[None]:
    """Have the running event loop call this when the process is asked to stop, beside what happens then anyway."""
    if threading.current_thread() is not threading.main_thread():  # only there can signals be listened to
        yield
        return
    loop = asyncio.get_running_loop()
    before: dict[int, Any] = {number: signal.getsignal(number) for number in SIGNALS}

    def asked(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(callback)
        if callable(before[number]):
            before[number](number, frame)

    for number in SIGNALS:
        signal.signal(number, asked)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
