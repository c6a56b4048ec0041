"""How much of the machine others took while something was measured: numbers from a busy machine say little."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

__all__ = ["Others"]

STAT = Path("/proc/stat")


class Others:
    """Watches from its creation on. Where there is no /proc/stat it sees nobody."""

    def __init__(self) -> None:
        self.start = self._now()

    def share(self) -> float:
        """Share of the processors that went to other programs than this one and those that it started and ended."""
        if self.start is None or (now := self._now()) is None:
            return 0.0
        (clock, busy, own), (clock_before, busy_before, own_before) = now, self.start
        cores = os.cpu_count() or 1
        return max((busy - busy_before) - (own - own_before), 0.0) / ((clock - clock_before) * cores)

    @staticmethod
    def _now() -> tuple[float, float, float] | None:
        """Seconds by the clock, of all processors' work, and of our own."""
        if not STAT.exists():
            return None
        ticks = [int(value) for value in STAT.read_text().partition("\n")[0].split()[1:9]]
        idle = ticks[3] + ticks[4]
        usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        own = sum(used.ru_utime + used.ru_stime for used in usage)
        return time.monotonic(), (sum(ticks) - idle) / os.sysconf("SC_CLK_TCK"), own
