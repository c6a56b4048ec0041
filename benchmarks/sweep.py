"""A sweep of 1000 learning rates, against one run of `train`: 1000 epochs each.

The rates are those that the lab offers, from a thousandth of the limit of the data to three times it, so that some runs
diverge early. Of the sweep the losses at some 200 epochs and the last records are kept; the records of `train` are
appended to a `History`, as the worker does. Both sides run in this process in turns, timed by its processor time; the
median of the turns' ratios counts.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from time import process_time

from benchmarks.table import Row, say
from core import Experiment, History, make_dataset, sweep, sweep_values, train

__all__ = ["learning_rates"]

RATES = 1000
EPOCHS = 1000


def learning_rates(*, quick: bool) -> list[Row]:
    experiment = Experiment(epochs=EPOCHS)
    dataset = make_dataset(experiment)
    rates = sweep_values(experiment, "learning_rate", count=RATES)
    ratios = []
    for turn in range(3 if quick else 9):
        start = process_time()
        swept = sweep(experiment, "learning_rate", rates, dataset)
        middle = process_time()
        alone = History(train(replace(experiment, learning_rate=rates[turn]), dataset))
        end = process_time()
        if swept.last[turn] != alone[-1]:
            raise RuntimeError(f"Run {turn} has other numbers in the sweep than alone.")
        ratios.append((middle - start) / (end - middle))
        say(f"  {RATES} rates {1000 * (middle - start):.0f} ms, one alone {1000 * (end - middle):.0f} ms")
    ratio = median(ratios)
    what = f"sweep of {RATES} learning rates, {EPOCHS} epochs"
    return [Row(what, "one run of `train`", "≤ 7 ×", f"{ratio:.1f} ×", round(ratio, 1) <= 7)]
