"""The engine, recording every column of every epoch, against the same method's bare loop, recording nothing.

Both sides run in this process, in many short turns of some epochs each, on one thread, timed by the processor time
of that thread; a side's epoch is the 10th percentile of its turns, which are short enough to pass undisturbed now and
then on a busy machine. What comes before the first epoch (the least of some times) counts as well, as the share that
it has in a run of 1000 epochs, and so does the one forward and backward pass more that a run of 1001 records takes.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from statistics import median
from time import thread_time

import torch

from benchmarks.bare_loops import LOOPS, Loop
from benchmarks.table import Row, percentile, say
from core import Experiment, History, make_dataset, methods, train

__all__ = ["large", "small"]

EPOCHS = 1000
"""Length of the run that set-up and the last record are shared out over."""


def small(*, quick: bool) -> list[Row]:
    """N = 100."""
    turns = 40 if quick else 200
    return [measure("engine, N = 100, full batch, all columns recorded", 100, 1.05, 1.10, turns)]


def large(*, quick: bool) -> list[Row]:
    """N = 1 000 000."""
    return [measure("engine, N = 1 000 000", 1_000_000, 1.02, 1.02, turns=12 if quick else 40)]


def measure(what: str, n: int, reach: float, reach_numpy: float, turns: int) -> Row:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        ratios = {method: ratio(n, method, turns) for method in methods}
    finally:
        torch.set_num_threads(threads)
    measured = ", ".join(f"{method} {value:.2f} ×" for method, value in ratios.items())
    return Row(
        what,
        "the same method's loop, bare, recording nothing",
        f"≤ {reach:.2f} × for torch methods, ≤ {reach_numpy:.2f} × for numpy",
        measured,
        all(round(value, 2) <= (reach_numpy if method == "numpy" else reach) for method, value in ratios.items()),
    )


def ratio(n: int, method: str, turns: int) -> float:
    """Time of ours over time of the bare loop, for a run of 1000 epochs."""
    experiment = Experiment(n=n, method=method, epochs=100_000)
    dataset = make_dataset(experiment)
    epochs = 50 if n < 10_000 else 4  # some milliseconds
    history, records = History(), train(experiment, dataset)

    def make_bare() -> Loop:
        x, y, seed = dataset.x_train, dataset.y_train, experiment.seed
        return LOOPS[method](x, y, seed=seed, learning_rate=experiment.learning_rate)

    bare_loop = make_bare()

    def ours() -> None:
        for record in islice(records, epochs):
            history.append(record)

    def bare() -> None:
        bare_loop(epochs)

    mine, theirs = in_turns(ours, bare, turns)
    our_epoch, bare_epoch = percentile(mine, 10) / epochs, percentile(theirs, 10) / epochs
    times = 20 if n < 10_000 else 3
    our_start = min(seconds(lambda: next(train(experiment, dataset))) for _ in range(times))
    bare_start = min(seconds(make_bare) for _ in range(times))
    # The first record has its own epoch's pass in it; the update after the last one is never made.
    result = (our_start + EPOCHS * our_epoch) / (bare_start + EPOCHS * bare_epoch)
    say(
        f"  N = {n}, {method}: {our_epoch * 1e6:.1f} µs an epoch against {bare_epoch * 1e6:.1f} µs,"
        f" start {our_start * 1e3:.2f} ms against {bare_start * 1e3:.2f} ms, ratio {result:.3f}"
        f" (medians of the turns: {median(mine) / median(theirs):.3f})"
    )
    return result


def in_turns(ours: Callable[[], None], bare: Callable[[], None], turns: int) -> tuple[list[float], list[float]]:
    """Seconds of both sides' turns, after some that do not count. Who goes first changes."""
    for _ in range(2):
        ours()
        bare()
    mine, theirs = [], []
    for turn in range(turns):
        for side, taken in ((ours, mine), (bare, theirs))[:: 1 if turn % 2 else -1]:
            taken.append(seconds(side))
    return mine, theirs


def seconds(task: Callable[[], object]) -> float:
    start = thread_time()
    task()
    return thread_time() - start
