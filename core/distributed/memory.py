"""How much memory a process needs, and how much there is."""

from __future__ import annotations

from pathlib import Path

from core.data import training_points
from core.distributed.large import is_streamed
from core.distributed.shard import dtype_of
from core.experiment import Experiment

__all__ = ["available", "needed", "require_memory"]

ALONE = 400_000_000
"""Bytes of a process without any points: Python, torch and one block of points that are being made."""

WHOLE_POINT = 100
"""Bytes that a point takes at most while all of them are made, shuffled, split and scaled."""


def needed(experiment: Experiment, points: int, processes: int) -> int:
    """About how many bytes each of so many processes needs for so many points."""
    own = 2 * dtype_of(experiment)().itemsize * training_points(points, experiment.validation) // processes
    return ALONE + own + (0 if is_streamed(experiment) else WHOLE_POINT * points)


def available() -> int | None:
    """How many bytes this machine has left, if it says so."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = {line.split(":")[0]: line.split()[1] for line in lines}
    return int(found["MemAvailable"]) * 1024 if "MemAvailable" in found else None


def require_memory(experiment: Experiment, points: int, processes: int, here: int) -> None:
    """Raises `ValueError` if `here`, as many of the processes as this machine has, need more than it has left."""
    each, left = needed(experiment, points, processes), available()
    if left is not None and here * each > left:
        raise ValueError(
            f"Each of the {processes} processes needs about {each / 1e9:.1f} GB, {here} of them here, but this machine "
            f"has {left / 1e9:.1f} GB left: take fewer points, or more machines."
        )
