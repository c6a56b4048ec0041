"""The bowl of the loss, against sums over the points in exact arithmetic, and against real descents."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from noisy_line import noisy_line
from sklearn.linear_model import LinearRegression
from strategies import within

from core import Experiment, Landscape, StopReason, make_dataset, shipped_table, train
from core.geometry.landscape import digits_below

EPSILON = 2.0**-52
REDUCTIONS = st.sampled_from(["mean", "sum"])


@st.composite
def points(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Up to 30 points, some of them far from 0 and close to each other."""
    n = draw(st.integers(2, 30))
    columns = []
    for _ in "xy":
        centre, spread = draw(within(-1e6, 1e6)), draw(st.sampled_from([1e-2, 1.0, 1e3]))
        columns.append(centre + spread * np.array(draw(st.lists(within(-1, 1), min_size=n, max_size=n))))
    return columns[0], columns[1]


def exactly(x, y, b, w, reduction):
    """Loss and gradient at (b, w) as fractions: without any rounding."""
    x, y, b, w = [Fraction(v) for v in x], [Fraction(v) for v in y], Fraction(b), Fraction(w)
    errors = [b + w * x_i - y_i for x_i, y_i in zip(x, y, strict=True)]
    share = Fraction(1, len(x)) if reduction == "mean" else 1
    loss = share * sum(e * e for e in errors)
    return loss, 2 * share * sum(errors), 2 * share * sum(e * x_i for e, x_i in zip(errors, x, strict=True))


@given(points(), within(-1e3, 1e3), within(-1e3, 1e3), REDUCTIONS)
def test_loss_and_gradient_anywhere_are_those_of_the_points_as_far_as_floats_go(xy, b, w, reduction):
    x, y = xy
    landscape = Landscape.of(x, y, reduction)
    loss, b_grad, w_grad = exactly(x, y, b, w, reduction)
    scale = len(x) if reduction == "sum" else 1
    # What one rounding of the largest number on the way changes: no formula in floats can promise less.
    largest = abs(b) + (abs(w) + abs(landscape.w_min)) * np.abs(x).max() + np.abs(y).max()
    rounding = 50 * EPSILON * largest
    assert abs(landscape.loss(b, w) - loss) <= scale * (rounding * (math.sqrt(loss / scale) + rounding))
    found = landscape.gradient(b, w)
    assert abs(found[0] - b_grad) <= scale * rounding
    assert abs(found[1] - w_grad) <= scale * rounding * (1 + np.abs(x).max())


@given(points(), REDUCTIONS)
def test_the_hessian_is_that_of_the_sums(xy, reduction):
    x, y = xy
    exact = [Fraction(v) for v in x]
    scale = 2 if reduction == "sum" else Fraction(2, len(x))
    expected = [[scale * len(x), scale * sum(exact)], [scale * sum(exact), scale * sum(v * v for v in exact)]]
    size = float(expected[1][1]) + float(expected[0][0])
    found = Landscape.of(x, y, reduction).hessian
    assert np.allclose(found, np.array(expected, dtype=float), rtol=1e-13, atol=1e-13 * size)
    assert found.shape == (2, 2)


@given(points(), REDUCTIONS)
def test_the_eigenvalues_are_those_that_numpy_finds(xy, reduction):
    landscape = Landscape.of(*xy, reduction)
    flattest, steepest = landscape.eigenvalues
    assert (flattest, steepest) == pytest.approx(np.linalg.eigvalsh(landscape.hessian), rel=1e-12, abs=1e-12 * steepest)


@given(points(), REDUCTIONS)
def test_the_flattest_direction_keeps_its_digits_in_a_long_valley(xy, reduction):
    x, y = xy
    assume(np.ptp(x) > 1e-3)
    exact = [Fraction(v) for v in x]
    n = len(exact)
    determinant = 4 * n**2 * (sum(v * v for v in exact) / n - (sum(exact) / n) ** 2)  # of reduction "sum"
    if reduction == "mean":
        determinant /= n**2
    flattest, steepest = Landscape.of(x, y, reduction).eigenvalues
    assert flattest * steepest == pytest.approx(float(determinant), rel=1e-5)


@given(points(), REDUCTIONS)
def test_the_rates_and_the_condition_number_follow_from_the_eigenvalues(xy, reduction):
    landscape = Landscape.of(*xy, reduction)
    assume(np.ptp(xy[0]) > 1e-3)
    flattest, steepest = landscape.eigenvalues
    assert landscape.condition_number == pytest.approx(steepest / flattest)
    assert landscape.max_learning_rate == pytest.approx(2 / steepest)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("seed", range(5))
def test_the_minimum_is_the_line_of_scikit_learn(seed, reduction):
    x, y, _, _ = noisy_line(seed=seed, true_w=-30, noise=2)
    landscape = Landscape.of(x, y, reduction)
    line = LinearRegression().fit(x, y)
    assert (landscape.b_min, landscape.w_min) == pytest.approx((line.intercept_[0], line.coef_[0, 0]), rel=1e-10)
    squares = ((line.predict(x) - y) ** 2).sum()
    assert landscape.loss_min == pytest.approx(squares / (1 if reduction == "sum" else len(x)), rel=1e-12)
    assert landscape.gradient(landscape.b_min, landscape.w_min) == pytest.approx((0, 0), abs=1e-10)


@given(points(), within(-1e3, 1e3), within(-1e3, 1e3), REDUCTIONS)
def test_no_line_has_less_than_the_lowest_loss(xy, b, w, reduction):
    landscape = Landscape.of(*xy, reduction)
    assert landscape.loss(b, w) >= landscape.loss_min
    assert landscape.loss_min >= 0


def test_far_from_zero_the_lowest_loss_keeps_its_digits():
    offset = np.array([-1.0, 0.0, 1.0, 2.0])
    noise = np.array([0.5, -0.5, -0.5, 0.5]) * 1e-3  # neither its mean nor its slope along x differs from 0
    near, far = (Landscape.of(offset + c, 3 * offset + noise) for c in (0.0, 2.0**20))
    assert near.loss_min == pytest.approx(2.5e-7, rel=1e-9)
    assert far.loss_min == pytest.approx(2.5e-7, rel=1e-9)


@given(within(-1e6, 1e6), st.integers(1, 50), REDUCTIONS)
def test_a_constant_x_has_no_slope_and_an_endless_valley(x, n, reduction):
    landscape = Landscape.of(np.full(n, x), np.arange(n) * 1.0, reduction)
    assert landscape.w_min == 0.0
    assert landscape.eigenvalues[0] == 0.0
    assert landscape.condition_number == math.inf
    assert landscape.b_min == pytest.approx((n - 1) / 2)


def test_columns_and_flat_arrays_have_the_same_landscape():
    dataset = make_dataset(Experiment())
    assert Landscape.of(dataset.x_train, dataset.y_train) == Landscape.of(dataset.x_train[:, 0], dataset.y_train[:, 0])


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_surface_holds_the_loss_of_every_pair(reduction):
    x, y, _, _ = noisy_line(n=20)
    surface = Landscape.of(x, y, reduction).surface((-1, 2), (0, 4), size=7)
    assert surface.b.tolist() == pytest.approx([-1, -0.5, 0, 0.5, 1, 1.5, 2])
    assert surface.w.tolist() == pytest.approx([0, 4 / 6, 8 / 6, 2, 16 / 6, 20 / 6, 4])
    assert surface.loss.shape == (7, 7)
    for i in range(7):
        for j in range(7):
            loss = exactly(x[:, 0], y[:, 0], surface.b[j], surface.w[i], reduction)[0]
            assert surface.loss[i, j] == pytest.approx(float(loss), rel=1e-12)


def test_loss_and_gradient_take_arrays_that_broadcast():
    landscape = Landscape.of(*(column[:, 0] for column in noisy_line()[:2]))
    b, w = np.array([[0.0], [1.0], [2.0]]), np.array([-1.0, 3.0])
    loss, (b_grad, w_grad) = landscape.loss(b, w), landscape.gradient(b, w)
    assert loss.shape == b_grad.shape == w_grad.shape == (3, 2)
    assert loss[2, 1] == landscape.loss(2.0, 3.0)
    assert (b_grad[1, 0], w_grad[1, 0]) == landscape.gradient(1.0, -1.0)


DATASETS = {
    "line": make_dataset(Experiment()),
    "steep line": make_dataset(Experiment(true_w=-50.0, noise=3.0, seed=7)),
    "irises": shipped_table("iris").dataset("petal_width", "petal_length", Experiment()),
}


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", DATASETS)
def test_a_real_descent_diverges_just_above_the_limit_and_settles_just_below(name, reduction):
    dataset = DATASETS[name]
    landscape = Landscape.of(dataset.x_train, dataset.y_train, reduction)
    below = Experiment(
        method="numpy", reduction=reduction, epochs=5000, learning_rate=0.99 * landscape.max_learning_rate
    )
    *_, last = training = list(run := train(below, dataset))
    assert run.stop.reason is StopReason.FINISHED
    assert len(training) == 5001
    assert (last.b, last.w) == pytest.approx((landscape.b_min, landscape.w_min), abs=1e-4)

    above = replace(below, learning_rate=1.01 * landscape.max_learning_rate)
    for _ in (run := train(above, dataset)):
        pass
    assert run.stop.reason is StopReason.DIVERGED


@given(points(), REDUCTIONS)
def test_limit_is_written_in_four_digits_and_never_above_it(data, reduction):
    landscape = Landscape.of(*data, reduction)
    exact, told = landscape.max_learning_rate, landscape.limit_in_digits
    assert float(told) <= exact * (1 + 1e-11) < float(told) * 1.0011
    assert len(told.partition("e")[0].replace(".", "").lstrip("0")) == 4


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1.0, "1.000"),
        (1 - 2**-53, "1.000"),
        (0.99999, "0.9999"),
        (0.80556, "0.8055"),
        (1.53, "1.530"),
        (9.8599e-07, "0.0000009859"),
        (9.8599e-12, "9.859e-12"),
    ],
)
def test_digits_keep_their_zeros_and_small_numbers_can_be_read_out(value, told):
    assert digits_below(value) == told


@pytest.mark.parametrize("method", ["numpy", "autograd"])
def test_at_the_limit_of_a_round_bowl_nothing_grows_though_rounding_may_put_it_a_bit_above(method):
    for seed in range(8):
        line = Experiment(standardize="x", seed=seed)
        landscape = Landscape.of(make_dataset(line).x_train, make_dataset(line).y_train)
        assert landscape.limit_in_digits == "1.000"
        experiment = replace(line, method=method, learning_rate=float(landscape.limit_in_digits), epochs=5000)
        run = train(experiment)
        losses = [record.loss for record in run]
        assert run.stop.reason is StopReason.FINISHED
        assert max(losses) <= losses[0] * (1 + 1e-4)
