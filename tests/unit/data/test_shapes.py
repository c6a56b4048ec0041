"""The shapes of synthetic points: drawn by their recipes, and such that a line misses what it must miss."""

from __future__ import annotations

import numpy as np
import pytest

from core import Experiment, make_dataset
from core.experiment import SHAPES


def drawn(shape: str, **others) -> tuple[np.ndarray, np.ndarray]:
    """All points of a large data set, ascending in x."""
    dataset = make_dataset(Experiment(n=20_000, shape=shape, validation=0.0, **others))
    order = np.argsort(dataset.x_train[:, 0])
    return dataset.x_train[order, 0], dataset.y_train[order, 0]


def residuals(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return y - np.polyval(np.polyfit(x, y, 1), x)


def thirds(values: np.ndarray) -> list[np.ndarray]:
    return np.array_split(values, 3)


def test_line_leaves_nothing_over_but_noise():
    x, y = drawn("line", noise=0.2, true_b=-1, true_w=3)
    assert np.polyfit(x, y, 1) == pytest.approx([3, -1], abs=0.02)
    assert [part.std() for part in thirds(residuals(x, y))] == pytest.approx([0.2] * 3, rel=0.05)


def test_curve_is_missed_by_the_best_line_at_both_ends_and_in_the_middle():
    x, y = drawn("curve", noise=0.05, true_b=1, true_w=2)
    assert np.polyfit(x, y, 2) == pytest.approx([2, 0, 1], abs=0.05)
    first, middle, last = (part.mean() for part in thirds(residuals(x, y)))
    assert middle < -0.05 < 0.02 < min(first, last)


def test_outliers_lie_far_above_the_line_and_only_on_the_right():
    x, y = drawn("outliers", noise=0.1, true_b=1, true_w=-2)
    above = y - (1 - 2 * x)
    far = above > 4
    assert far.mean() == pytest.approx(0.1, abs=0.01)
    assert (x[far] > 0.5).all()
    assert above[far].mean() == pytest.approx(9, abs=0.05)
    assert above[~far].std() == pytest.approx(0.1, rel=0.05)
    assert np.polyfit(x, y, 1)[0] > 0


def test_noise_of_the_fan_grows_along_x():
    x, y = drawn("fan", noise=0.5)
    spread = [part.std() for part in np.array_split(residuals(x, y), 10)]
    assert spread[0] < 0.15
    assert spread[-1] == pytest.approx(3 * 0.95 * 0.5, rel=0.05)
    assert (np.diff(spread) > 0).all()


def test_two_groups_have_the_slope_each_that_both_together_have_not():
    x, y = drawn("groups", noise=0.1, true_w=2)
    left, right = x < 0.5, x > 0.5
    assert not ((x > 0.41) & (x < 0.59)).any()
    assert 0.4 < left.mean() < 0.6
    for group in (left, right):
        assert np.polyfit(x[group], y[group], 1)[0] == pytest.approx(2, abs=0.1)
    assert np.polyfit(x, y, 1)[0] < -1


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_the_same_for_the_same_seed_and_another_for_another(shape):
    one, same, other = (make_dataset(Experiment(shape=shape, seed=seed)).digest for seed in (3, 3, 4))
    assert one == same != other


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_fails_at_the_bounds(shape):
    for extremes in ({"n": 10, "noise": 0.0, "true_w": 0.0, "true_b": 0.0}, {"noise": 10.0, "true_w": -100.0}):
        assert np.isfinite(make_dataset(Experiment(shape=shape, **extremes)).y_train).all()
