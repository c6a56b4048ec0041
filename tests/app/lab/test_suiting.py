"""How an uploaded table opens: its first run learns, and what that took is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core import Experiment, StopReason, read_table, train
from dashboard.lab.suiting import suited


def table(x, y):
    return read_table(("x,y\n" + "\n".join(f"{a},{b}" for a, b in zip(x, y, strict=True))).encode(), "own.csv")


SALARIES = table(np.linspace(1, 11, 14), 26_000 + 9500 * np.linspace(1, 11, 14))
YEARS = table(range(1970, 2021), np.linspace(-0.2, 0.7, 51))
PLAIN = table(np.linspace(0, 1, 30), 1 + 2 * np.linspace(0, 1, 30) + np.sin(range(30)) / 10)
APART = table([8] * 10 + [19], np.linspace(5, 12, 11))


def share_learnt(experiment, own) -> float:
    """How much of what the best line explains the run has learnt at its end."""
    dataset = own.dataset("x", "y", experiment)
    run = train(experiment, dataset)
    *_, last = run
    assert run.stop.reason is StopReason.FINISHED
    best = np.polyfit(dataset.x_train[:, 0], dataset.y_train[:, 0], 1)
    lowest = np.mean((dataset.y_train[:, 0] - np.polyval(best, dataset.x_train[:, 0])) ** 2)
    return 1 - (last.loss - lowest) / dataset.y_train.var()


def test_table_that_is_learnt_as_it_is_opens_as_it_is():
    experiment, said = suited(Experiment(), PLAIN, "x", "y")
    assert (experiment, said) == (Experiment(), ())
    assert share_learnt(experiment, PLAIN) > 0.95


@pytest.mark.parametrize("own", [SALARIES, YEARS], ids=["salaries", "years"])
def test_table_that_diverges_opens_standardised_says_why_and_learns(own):
    raw = train(Experiment(), own.dataset("x", "y", Experiment()))
    list(raw)
    assert raw.stop.reason is StopReason.DIVERGED
    experiment, [why] = suited(Experiment(), own, "x", "y")
    assert experiment == replace(Experiment(), standardize="x")
    assert why == "x is standardised, because a run on the raw data diverges at learning rate 0.1."
    assert share_learnt(experiment, own) > 0.95


def test_rate_that_suits_no_scaling_leaves_the_table_as_it_is():
    small = Experiment(learning_rate=1e-7)
    assert suited(small, YEARS, "x", "y") == (small, ())


def test_optimizer_of_steady_steps_has_y_standardised_as_well_where_it_is_far_away():
    adam = Experiment(method="optimizer", optimizer="adam")
    experiment, [why] = suited(adam, SALARIES, "x", "y")
    assert experiment.standardize == "xy"
    assert why.startswith("x and y are standardised, because a run on the raw data would take about ")
    assert share_learnt(experiment, SALARIES) > 0.95


def test_all_rows_train_where_the_split_holds_out_the_only_other_x():
    held_out = next(seed for seed in range(100) if np.random.RandomState(seed).permutation(11).tolist().index(10) >= 8)
    experiment, (first, *_) = suited(Experiment(seed=held_out), APART, "x", "y")
    assert experiment.validation == 0.0
    assert first == "All rows train: the split would have held out the only rows with another x."
    kept = next(seed for seed in range(100) if np.random.RandomState(seed).permutation(11).tolist().index(10) < 8)
    assert suited(Experiment(seed=kept), APART, "x", "y")[0].validation == 0.2


def test_what_is_standardised_already_stays_so():
    experiment, said = suited(Experiment(standardize="xy"), SALARIES, "x", "y")
    assert (experiment.standardize, said) == ("xy", ())


def test_columns_that_cannot_be_trained_on_are_refused_as_ever():
    with pytest.raises(ValueError, match="no slope can be found"):
        suited(Experiment(), table([3] * 9, range(9)), "x", "y")
