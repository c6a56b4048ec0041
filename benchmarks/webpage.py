"""The run as one page without a server: how large it is, and how much of the processor it takes to make it.

Made in this process after one that loads what all of them use, timed by its processor time: a run of 1000 epochs is
trained, and 200 of its epochs are looked into.
"""

from __future__ import annotations

from statistics import median
from time import process_time

from benchmarks.table import Row, say
from core import Experiment
from dashboard.webpage import show

__all__ = ["webpage"]

EPOCHS = 1000

MOST_BYTES = 7e6
MOST_SECONDS = 1.0


def webpage(*, quick: bool) -> list[Row]:
    show(Experiment(epochs=EPOCHS))
    seconds, size = [], 0
    for turn in range(3 if quick else 9):
        began = process_time()
        size = len(show(Experiment(epochs=EPOCHS, seed=turn)).page.encode())
        seconds.append(process_time() - began)
        say(f"a page of {size / 1e6:.2f} MB in {seconds[-1]:.2f} s of the processor")
    measured = f"{size / 1e6:.1f} MB, {median(seconds):.2f} s"
    what = f"the stage as one page without a server, {EPOCHS} epochs"
    return [Row(what, "", "≤ 7 MB, ≤ 1 s of CPU", measured, size <= MOST_BYTES and median(seconds) <= MOST_SECONDS)]
