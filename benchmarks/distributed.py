"""One run over 1 and 2 processes that torchrun starts, and a model of more.

An epoch is the 10th percentile of some, by the clock: waiting for the others counts. What they tell one another is
timed by itself, in rounds right after one another, in the same way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from math import log2
from pathlib import Path

from benchmarks.table import Row, say

__all__ = ["distributed"]

POINTS = 10_000_000
MANY = 64
"""Processes of the model."""


def distributed(*, quick: bool) -> list[Row]:
    """N = 10 000 000."""
    alone, both = (measure(processes, POINTS, epochs=20 if quick else 300) for processes in (1, 2))
    per_point = alone["epoch"] / alone["points"]
    step = both["told"]

    def modelled(n: float, steps: float) -> str:
        return f"{(0.8 * n / MANY * per_point + steps * step) * 1e3:.1f} ms"

    ratio = both["epoch"] / alone["epoch"]
    return [
        Row(
            "an epoch of 2 processes, N = 10 000 000",
            "of 1 process",
            "≤ 0.6 ×",
            f"{ratio:.2f} × ({both['epoch'] * 1e3:.0f} ms against {alone['epoch'] * 1e3:.0f} ms; medians "
            f"{both['median'] * 1e3:.0f} and {alone['median'] * 1e3:.0f}), of it {step * 1e6:.0f} µs to tell the sums",
            round(ratio, 2) <= 0.6,
        ),
        Row(
            "memory of each of 1, 2 processes, N = 10 000 000",
            "",
            "",
            f"{alone['memory'] / 1e6:.0f} MB, {both['memory'] / 1e6:.0f} MB at most, while all points are made",
        ),
        Row(
            f"a model, not measured: an epoch of {MANY} processes with a core each",
            "",
            "",
            f"N = 10⁷: {modelled(1e7, log2(MANY))} where the sums go along a tree, {modelled(1e7, MANY - 1)} along a "
            f"ring; N = 10⁹: {modelled(1e9, log2(MANY))} and {modelled(1e9, MANY - 1)} (from {per_point * 1e9:.1f} ns "
            f"a point and {step * 1e6:.0f} µs a step between two processes of one machine)",
        ),
    ]


def measure(processes: int, n: int, epochs: int) -> dict[str, float]:
    """What the first of so many processes says."""
    torchrun = str(Path(sys.executable).with_name("torchrun"))
    command = [torchrun, "--standalone", "--nproc-per-node", str(processes), "-m", "benchmarks.distributed_process"]
    done = subprocess.run(
        [*command, str(n), str(epochs)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=600,
    )
    found: dict[str, float] = json.loads(done.stdout)
    say(f"  {processes}: {found}")
    return found
