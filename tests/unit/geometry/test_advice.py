"""What is said of the learning rate beforehand, against real descents at the very rates that are said."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import within

from core import Dataset, Experiment, Landscape, StopReason, make_dataset, train
from core.geometry.advice import (
    MOMENTUM,
    advised_rate,
    condition_in_words,
    epochs_for_steps,
    epochs_to_come_nearer,
    is_long_valley,
    roughly,
    standardized_in_words,
    zones_of,
)
from core.training.four_steps.with_optimizer import RULES

METHODS = st.sampled_from(["numpy", "autograd", "optimizer", "loss_fn", "module"])
REDUCTIONS = st.sampled_from(["mean", "sum"])
LINE = make_dataset(Experiment())


def table_of(x, y) -> Dataset:
    x, y = np.reshape(x, (-1, 1)).astype(float), np.reshape(y, (-1, 1)).astype(float)
    return replace(LINE, x_train=x, y_train=y, x_val=x[:2], y_val=y[:2], order=None)


@st.composite
def tables(draw: st.DrawFn) -> Dataset:
    """From 10 to 1000 points around a line, in any units: tiny, huge, and with x far from 0."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    spread = 10.0 ** draw(within(-6, 3))
    centre = spread * draw(st.sampled_from([0.0, 1.0, -30.0, 1000.0])) * random.random()
    x = centre + spread * random.standard_normal(draw(st.integers(10, 1000)))
    b, w, noise = (random.standard_normal() * 10.0 ** draw(within(-3, 3)) for _ in range(3))
    y = b + w * x + noise * random.standard_normal(len(x))
    return table_of(x, y / max(1.0, np.abs(y).max() / 1e8))


def descent(experiment: Experiment, dataset: Dataset):
    records = list(run := train(experiment, dataset))
    return records, run.stop.reason


@settings(max_examples=150, deadline=None)
@given(tables(), METHODS, REDUCTIONS, st.integers(0, 1000))
def test_at_the_advised_rate_the_loss_falls_with_the_first_step_and_never_diverges(dataset, method, reduction, seed):
    landscape = Landscape.of(dataset.x_train, dataset.y_train, reduction)
    rate = advised_rate(landscape)
    assume(rate is not None)  # an experiment takes none below 1e-15
    experiment = Experiment(method=method, reduction=reduction, learning_rate=rate, epochs=200, seed=seed)
    records, reason = descent(experiment, dataset)
    first, second = (landscape.loss(record.b, record.w) for record in records[:2])
    # A start in the bottom of the valley, as near as float32 can tell, has no way down.
    assume(first > (1 + 1e-5) * landscape.loss_min)
    assert second < first
    assert max(record.loss for record in records) <= (1 + 1e-5) * records[0].loss
    assert reason is StopReason.FINISHED


@settings(max_examples=60, deadline=None)
@given(tables(), METHODS, REDUCTIONS)
def test_at_the_limit_that_is_shown_nothing_diverges(dataset, method, reduction):
    landscape = Landscape.of(dataset.x_train, dataset.y_train, reduction)
    rate = float(landscape.limit_in_digits)
    assume(rate >= 1e-15)
    assert rate <= landscape.max_learning_rate * (1 + 1e-11)
    experiment = Experiment(method=method, reduction=reduction, learning_rate=rate, epochs=2000)
    assert descent(experiment, dataset)[1] is StopReason.FINISHED


@settings(max_examples=60, deadline=None)
@given(tables(), REDUCTIONS)
def test_with_momentum_the_advised_rate_lowers_the_loss_at_once_as_well(dataset, reduction):
    landscape = Landscape.of(dataset.x_train, dataset.y_train, reduction)
    rate = advised_rate(landscape, "momentum")
    assume(rate is not None)
    experiment = Experiment(method="module", optimizer="momentum", reduction=reduction, learning_rate=rate, epochs=500)
    records, reason = descent(experiment, dataset)
    assume(records[0].loss > (1 + 1e-5) * landscape.loss_min)
    assert records[1].loss < records[0].loss
    assert reason is StopReason.FINISHED


@settings(max_examples=100)
@given(tables(), REDUCTIONS)
def test_the_advised_rate_is_half_the_limit_in_two_digits_rounded_down(dataset, reduction):
    landscape = Landscape.of(dataset.x_train, dataset.y_train, reduction)
    rate, exact = advised_rate(landscape), landscape.max_learning_rate / 2
    if rate is None:
        assert exact < 1.1e-15
        return
    assert rate <= exact * (1 + 1e-11) < rate * 1.1001
    assert float(f"{rate:.1e}") == rate


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_zones_say_where_a_real_descent_swings_and_where_it_diverges(optimizer):
    # With mean 0 and variance 1 both directions have the curvature 2, and the distance is that of one of them.
    x = np.array([-1.0, 1.0] * 5)
    dataset = table_of(x, 1000 + x)
    zones = zones_of(Landscape.of(x, 1000 + x), optimizer)

    def sides(rate):
        method = "module" if optimizer == "momentum" else "numpy"
        run = train(Experiment(method=method, optimizer=optimizer, learning_rate=rate, epochs=400), dataset)
        off = np.array([record.b - 1000 for record in run])
        return {bool(one > 0) for one in off[np.abs(off) > 1]}, run.stop.reason

    assert sides(0.97 * zones.smooth) == ({False}, StopReason.FINISHED)
    assert sides(1.3 * zones.smooth) == ({False, True}, StopReason.FINISHED)
    assert sides(0.97 * zones.limit) == ({False, True}, StopReason.FINISHED)
    assert sides(1.03 * zones.limit) == ({False, True}, StopReason.DIVERGED)


def test_momentum_is_that_of_the_optimizer():
    assert RULES["momentum"][1] == {"momentum": MOMENTUM}


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_nothing_is_said_where_nothing_is_known(optimizer):
    landscape = Landscape.of(LINE.x_train, LINE.y_train)
    assert zones_of(landscape, optimizer) is None
    assert advised_rate(landscape, optimizer) is None


def test_no_rate_is_advised_that_an_experiment_would_refuse():
    x = np.linspace(1e9, 2e9, 10)
    assert advised_rate(Landscape.of(x, x)) is None


@pytest.mark.parametrize("centre", [0.0, 2.0, 7.0])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_after_the_estimated_epochs_a_real_descent_is_a_thousand_times_nearer_and_not_much_before(centre, reduction):
    x = centre + np.linspace(-1, 1, 40)
    dataset = table_of(x, 3 - 0.5 * x)
    landscape = Landscape.of(x, 3 - 0.5 * x, reduction)
    rate = advised_rate(landscape)
    epochs = epochs_to_come_nearer(landscape, rate)
    assert 1 < epochs < 100_000
    # The flattest direction, from the Hessian's eigenvectors: the part of the start that takes the longest.
    direction = np.linalg.eigh(landscape.hessian)[1][:, 0]
    run = train(Experiment(method="numpy", reduction=reduction, learning_rate=rate, epochs=epochs), dataset)
    off = np.array([(record.b - landscape.b_min, record.w - landscape.w_min) for record in run])
    assert np.linalg.norm(off[-1]) <= np.linalg.norm(off[0]) / 1000
    along = np.abs(off @ direction)
    assert along[math.floor(0.98 * epochs) - 1] > along[0] / 1000


def test_a_rate_beyond_the_limit_comes_nearer_in_no_number_of_epochs():
    landscape = Landscape.of(LINE.x_train, LINE.y_train)
    assert epochs_to_come_nearer(landscape, 1.001 * landscape.max_learning_rate) == math.inf


def test_condition_number_is_said_as_a_shape_and_as_epochs():
    # Mean 8 and variance 1 of x: λ are the roots of λ² - 132 λ + 4, which are 131.9697 and 0.03031.
    x = 8 + np.array([-1.0, 1.0] * 10)
    # κ is 4354, and its root 65.98. At 0.0075, 1/131.97 rounded down, ln 1000 / (0.0075 · 0.03031) is 30387.
    assert condition_in_words(Landscape.of(x, x)) == (
        "κ = 4\u202f400: a valley 66 times longer than wide, about 30\u202f000 epochs"
    )
    assert is_long_valley(Landscape.of(x, x))
    assert not is_long_valley(Landscape.of(x - 8, x))


def test_standardised_points_make_a_round_bowl_that_takes_31_epochs_at_the_usual_rate():
    for reduction, rate in (("mean", 0.1), ("sum", 0.001)):
        x = 1990 + np.arange(100.0)
        z = (x - x.mean()) / x.std()
        raw, scaled = Landscape.of(x, 3 * x, reduction), Landscape.of(z, 3 * x, reduction)
        assert scaled.condition_number == pytest.approx(1)
        assert epochs_to_come_nearer(scaled, rate) == 31
        assert standardized_in_words(raw) == f"standardised: κ = 1, about 31 at {rate:g}"
        run = train(Experiment(method="numpy", reduction=reduction, learning_rate=rate, epochs=31), table_of(z, 3 * x))
        off = [math.hypot(r.b - scaled.b_min, r.w - scaled.w_min) for r in run]
        assert off[30] > off[0] / 1000 >= off[31]


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_adam_and_rmsprop_move_by_about_the_rate_as_long_as_the_minimum_is_far(optimizer):
    x = np.array([-1.0, 1.0] * 10)
    dataset = table_of(x, 26_000 + x)
    experiment = Experiment(method="module", optimizer=optimizer, learning_rate=10.0, epochs=1000)
    landscape = Landscape.of(x, 26_000 + x)
    assert epochs_for_steps(experiment, landscape) == pytest.approx(2600, rel=1e-3)
    *_, last = train(experiment, dataset)
    assert last.b == pytest.approx(10_000, rel=0.15)
    halves = replace(experiment, batch_size=10)
    assert epochs_for_steps(halves, landscape) == pytest.approx(1300, rel=1e-3)
    *_, last = train(replace(halves, epochs=500), dataset)
    assert last.b == pytest.approx(10_000, rel=0.15)


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0312, "0.031"), (41.3, "41"), (483_543, "480\u202f000"), (1234, "1\u202f200"), (7.2e13, "7.2e13"), (0, "0")],
)
def test_rough_numbers_have_two_digits_and_a_narrow_space_between_thousands(value, words):
    assert roughly(value) == words
