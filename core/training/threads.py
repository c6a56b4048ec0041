"""On how many threads torch computes while it trains: on one.

PyTorch parts sums over many points (from some 50 000 on) among its threads, and how they are parted shows in the last
bits. A run must not depend on where it is made; and a loop this small gains nothing from a second thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["on_threads", "one_thread"]


@contextmanager
def on_threads(count: int) -> Iterator[None]:
    """Let torch compute on so many threads in this thread, and on as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def one_thread() -> Iterator[None]:
    """The same with one thread."""
    with on_threads(1):
        yield
