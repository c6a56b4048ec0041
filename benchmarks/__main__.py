"""The command: measure everything, or what is named, and print one table."""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic

from benchmarks.busy import Others
from benchmarks.charts import graph, live
from benchmarks.course import course
from benchmarks.distributed import distributed
from benchmarks.drag import drag
from benchmarks.engine import large, small
from benchmarks.frames import frame_cost, landscape, rows, several
from benchmarks.hall import hall
from benchmarks.joint import joint
from benchmarks.memory import memory_held
from benchmarks.opening import opening
from benchmarks.reading import reading
from benchmarks.ready import ready
from benchmarks.replicas import replicas
from benchmarks.responsiveness import responsiveness
from benchmarks.room import room
from benchmarks.sweep import learning_rates
from benchmarks.table import Row, machine, say, table
from benchmarks.turn import turn
from benchmarks.viewers import viewers
from benchmarks.webpage import webpage
from benchmarks.wire import wire

MEASUREMENTS: dict[str, Callable[..., list[Row]]] = {
    "engine": small,
    "engine-large": large,
    "distributed": distributed,
    "charts": live,
    "several": several,
    "rows": rows,
    "frame-cost": frame_cost,
    "landscape": landscape,
    "graph": graph,
    "drag": drag,
    "wire": wire,
    "responsiveness": responsiveness,
    "course": course,
    "viewers": viewers,
    "joint": joint,
    "sweep": learning_rates,
    "hall": hall,
    "room": room,
    "turn": turn,
    "replicas": replicas,
    "opening": opening,
    "memory": memory_held,
    "webpage": webpage,
    "reading": reading,
    "ready": ready,
}

BUSY = 0.15
"""A share of the processors that others must not take if a number is to mean much."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit status: 1 if something could not be measured, otherwise 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=MEASUREMENTS,
        metavar="NAME",
        help=f"measure this alone (may be repeated): {', '.join(MEASUREMENTS)}",
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter turns: a look, not a result")
    given = parser.parse_args(arguments)
    # Ended from outside, it still ends the servers and browsers that it started.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    found: list[Row] = []
    failed = False
    for module in dict.fromkeys(MEASUREMENTS[name].__module__ for name in given.only or MEASUREMENTS):
        say(f"{module}: {sys.modules[module].__doc__}")
    for name in given.only or MEASUREMENTS:
        say(name)
        start, others = monotonic(), Others()
        try:
            measured = MEASUREMENTS[name](quick=given.quick)
        except Exception:  # noqa: BLE001  whatever went wrong, the other rows can still be measured
            traceback.print_exc()
            measured = [Row(name, "", "", "could not be measured")]
            failed = True
        share = others.share()
        say(f"  {monotonic() - start:.0f} s; others took {share:.0%} of the processors meanwhile")
        found += [row if share < BUSY else replace(row, meanwhile=f"others took {share:.0%}") for row in measured]
    look = " A quick look, not a result." if given.quick else ""
    print(f"{machine()}.{look}\n\n{table(found)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
