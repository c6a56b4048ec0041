"""What a process and all that it started use: processor time, and memory. Linux's /proc says it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Memory", "cpu_seconds", "memory"]

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True)
class Memory:
    """Megabytes (10⁶ bytes), each summed over the process and what it started."""

    resident: float
    """All pages in memory, so that pages which processes share count for each."""
    own: float
    """Pages that nobody else maps."""

    def __str__(self) -> str:
        return f"{self.resident:.0f} MB ({self.own:.0f} MB its own)"


def cpu_seconds(pid: int) -> float:
    """Processor time so far of the process and of those that it started, those that have ended included.

    To 10 ms, so only differences over much work say something.
    """
    total = 0
    for stat in _read(pid, "stat"):
        # The name in brackets may hold spaces; of the rest, 11 to 14 are its own time and that of ended children.
        fields = stat.rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
    return total / TICK


def memory(pid: int) -> Memory:
    """What they hold at the moment."""
    resident = own = 0
    for rollup in _read(pid, "smaps_rollup"):
        for line in rollup.splitlines():
            name, _, rest = line.partition(":")
            kilobytes = int(rest.split()[0]) if rest.endswith("kB") else 0
            resident += kilobytes if name == "Rss" else 0
            own += kilobytes if name in ("Private_Clean", "Private_Dirty") else 0
    return Memory(resident * 1024 / 1e6, own * 1024 / 1e6)


def _read(pid: int, name: str) -> Iterator[str]:
    """What /proc says under `name` of the process and of those that it started and that are there."""
    yield Path(f"/proc/{pid}/{name}").read_text()
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread or a child may end at any moment
            for child in (task / "children").read_text().split():
                yield from _read(int(child), name)
