"""300 runs trained jointly, against one run of `train`: 1000 epochs each, all columns of all epochs kept.

Every run has its own seed, so that its data and its start are its own, and its own learning rate; the data sets are
made before and given. Of the joint runs the columns are read, and no records are made of them; those of `train` are
appended to a `History`, as the worker does. Both sides run in this process in turns, timed by its processor time; the
median of the turns' ratios counts.
"""

from __future__ import annotations

from statistics import median
from time import process_time

import numpy as np

from benchmarks.table import Row, say
from core import Experiment, History, make_dataset, train, train_jointly

__all__ = ["joint"]

RUNS = 300
EPOCHS = 1000


def joint(*, quick: bool) -> list[Row]:
    experiments = [Experiment(seed=seed, learning_rate=0.01 + seed / 1000, epochs=EPOCHS) for seed in range(RUNS)]
    datasets = [make_dataset(experiment) for experiment in experiments]
    ratios = []
    for turn in range(3 if quick else 9):
        start = process_time()
        runs = [run.columns for run in train_jointly(experiments, datasets)]
        middle = process_time()
        alone = History(train(experiments[turn], datasets[turn]))
        end = process_time()
        together = runs[turn]
        if not all(np.array_equal(together[name], column) for name, column in alone.columns().items()):
            raise RuntimeError(f"Run {turn} has other numbers jointly than alone.")
        ratios.append((middle - start) / (end - middle))
        say(f"  {RUNS} jointly {1000 * (middle - start):.0f} ms, one alone {1000 * (end - middle):.0f} ms")
    ratio = median(ratios)
    what = f"{RUNS} joint runs of {EPOCHS} epochs, all columns kept"
    return [Row(what, "one run of `train`", "≤ 3.5 ×", f"{ratio:.1f} ×", round(ratio, 1) <= 3.5)]
