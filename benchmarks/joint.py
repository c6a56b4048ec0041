"""300 runs trained jointly, against one run of `train`: 1000 epochs each, all columns of all epochs kept.

Every run has its own seed, so that its data and its start are its own, and its own learning rate; the data sets are
made before and given. Of the joint runs the columns are read, and no records are made of them; those of `train` are
appended to a `History`, as the worker does. Both sides run in this process in turns, timed by its processor time; the
median of the turns' ratios counts.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import process_time
from typing import TypeVar

import numpy as np

from benchmarks.table import Row, say
from core import Experiment, History, make_dataset, train, train_jointly

__all__ = ["against_one", "joint"]

RUNS = 300
EPOCHS = 1000

Many = TypeVar("Many")


def joint(*, quick: bool) -> list[Row]:
    experiments = [Experiment(seed=seed, learning_rate=0.01 + seed / 1000, epochs=EPOCHS) for seed in range(RUNS)]
    datasets = [make_dataset(experiment) for experiment in experiments]
    ratio = against_one(
        f"{RUNS} jointly",
        lambda: [run.columns for run in train_jointly(experiments, datasets)],
        lambda turn: History(train(experiments[turn], datasets[turn])),
        lambda runs, turn, alone: all(
            np.array_equal(runs[turn][name], column) for name, column in alone.columns().items()
        ),
        turns=3 if quick else 9,
    )
    what = f"{RUNS} joint runs of {EPOCHS} epochs, all columns kept"
    return [Row(what, "one run of `train`", "≤ 3.5 ×", f"{ratio:.1f} ×", round(ratio, 1) <= 3.5)]


def against_one(
    name: str,
    train_many: Callable[[], Many],
    train_one: Callable[[int], History],
    are_equal: Callable[[Many, int, History], bool],
    *,
    turns: int,
) -> float:
    """The median of the ratios of the processor time that many runs take together to that of one of them alone.

    Args:
        train_one: trains the run of this number, another one in every turn.
        are_equal: whether that run has the same numbers among the many.
    """
    ratios = []
    for turn in range(turns):
        start = process_time()
        many = train_many()
        middle = process_time()
        alone = train_one(turn)
        end = process_time()
        if not are_equal(many, turn, alone):
            raise RuntimeError(f"Run {turn} has other numbers together with others than alone.")
        ratios.append((middle - start) / (end - middle))
        say(f"  {name} {1000 * (middle - start):.0f} ms, one alone {1000 * (end - middle):.0f} ms")
    return median(ratios)
