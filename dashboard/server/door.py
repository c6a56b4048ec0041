"""How many pages may be opened, so that a script cannot hold the hall."""

from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from threading import Lock
from time import monotonic

from cachetools import LRUCache

__all__ = ["Door", "network", "shared_door"]

AT_ONCE = 600
"""Openings from one address that are let in without a pause: a whole hall sits behind one."""

PER_SECOND = float(os.environ.get("GDL_OPENINGS_PER_SECOND", "60"))
"""Openings a second from one address beyond that."""

ADDRESSES = 10_000
"""Those remembered; who was not seen for longest is taken for somebody new."""


class Door:
    """Lets in visits by address: `at_once` of them, and `per_second` more as time passes. It knows `most` addresses."""

    def __init__(
        self,
        at_once: int = AT_ONCE,
        per_second: float = PER_SECOND,
        clock: Callable[[], float] = monotonic,
        most: int = ADDRESSES,
    ) -> None:
        self._at_once = at_once
        self._per_second = per_second
        self._clock = clock
        self._left: LRUCache[str, tuple[float, float]] = LRUCache(most)
        """By address, how many were left, and when."""
        self._lock = Lock()

    def lets_in(self, address: str) -> bool:
        """Whether one more may come from this address now."""
        now, address = self._clock(), network(address)
        with self._lock:
            left, then = self._left.get(address, (float(self._at_once), now))
            left = min(left + (now - then) * self._per_second, self._at_once)
            self._left[address] = (left - 1 if left >= 1 else left, now)
        return left >= 1


def network(address: str) -> str:
    """What counts as one address: of IPv6 the /64 that a single subscriber has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ip_network((found.packed[:8] + bytes(8), 64)))


shared_door = Door()
"""That of this server."""
