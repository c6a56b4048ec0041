"""A sweep of 1000 learning rates, against one run of `train`: 1000 epochs each.

The rates are those that the lab offers, from a thousandth of the limit of the data to three times it, so that some runs
diverge early. Of the sweep the losses at some 200 epochs and the last records are kept; the records of `train` are
appended to a `History`, as the worker does. Both sides run in this process in turns, timed by its processor time; the
median of the turns' ratios counts.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.joint import against_one
from benchmarks.table import Row
from core import Experiment, History, make_dataset, sweep, sweep_values, train

__all__ = ["learning_rates"]

RATES = 1000
EPOCHS = 1000


def learning_rates(*, quick: bool) -> list[Row]:
    experiment = Experiment(epochs=EPOCHS)
    dataset = make_dataset(experiment)
    rates = sweep_values(experiment, "learning_rate", count=RATES)
    ratio = against_one(
        f"{RATES} rates",
        lambda: sweep(experiment, "learning_rate", rates, dataset),
        lambda turn: History(train(replace(experiment, learning_rate=rates[turn]), dataset)),
        lambda swept, turn, alone: swept.last[turn] == alone[-1],
        turns=3 if quick else 9,
    )
    what = f"sweep of {RATES} learning rates, {EPOCHS} epochs"
    return [Row(what, "one run of `train`", "≤ 7 ×", f"{ratio:.1f} ×", round(ratio, 1) <= 7)]
