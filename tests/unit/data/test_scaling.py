"""Standardised data and the share held out: what the run sees, and the way back to the units of the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noisy_line import noisy_line
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler
from strategies import within

from core import Dataset, Experiment, Landscape, least_squares, make_dataset, train, train_jointly
from core.data import scaled, training_points

PARTS = ("x_train", "y_train", "x_val", "y_val")


def raw(**changed) -> Dataset:
    x_train, y_train, x_val, y_val = noisy_line(50, 0.3, -400.0, 7.0, 5)
    return Dataset(1000 + 30 * x_train, y_train, 1000 + 30 * x_val, y_val, **changed)


def columns(dataset: Dataset) -> list[np.ndarray]:
    return [getattr(dataset, name) for name in PARTS]


@pytest.mark.parametrize(("standardize", "names"), [("none", ""), ("x", "x"), ("xy", "xy")])
def test_columns_are_scaled_as_scikit_learn_does_it_by_the_training_points_alone(standardize, names):
    before, after = raw(), scaled(raw(), standardize)
    assert after.standardized == names
    for name in "xy":
        train_column, val_column = (getattr(before, f"{name}_{part}") for part in ("train", "val"))
        if name in names:
            scaler = StandardScaler().fit(train_column)
            train_column, val_column = scaler.transform(train_column), scaler.transform(val_column)
        assert np.allclose(getattr(after, f"{name}_train"), train_column, rtol=1e-12, atol=1e-12)
        assert np.allclose(getattr(after, f"{name}_val"), val_column, rtol=1e-12, atol=1e-12)


def test_points_in_the_units_of_the_data_are_kept_beside_those_that_are_scaled():
    before = raw()
    assert scaled(before, "xy").unscaled is before
    assert scaled(before, "x").unscaled is before
    assert scaled(before, "none") is before


@pytest.mark.parametrize("standardize", ["none", "x", "xy"])
@given(b=within(-5, 5), w=within(-5, 5))
def test_line_in_the_units_of_the_data_goes_through_the_same_points(standardize, b, w):
    dataset = scaled(raw(), standardize)
    there_b, there_w = dataset.original(b, w)
    x = np.array([990.0, 1000.0, 1040.0])
    y = there_b + there_w * x
    seen = b + w * (x - dataset.x_mean) / dataset.x_std
    assert y == pytest.approx(dataset.y_mean + dataset.y_std * seen, rel=1e-9, abs=1e-9)


def test_arrays_of_lines_go_back_to_the_units_of_the_data_too():
    dataset = scaled(raw(), "xy")
    b, w = np.array([0.0, 1.0]), np.array([1.0, -2.0])
    there = np.array([dataset.original(*one) for one in zip(b.tolist(), w.tolist(), strict=True)])
    assert np.array_equal(np.column_stack(dataset.original(b, w)), there)


def test_best_line_is_the_same_one_however_the_data_are_scaled():
    before = raw()
    line = LinearRegression().fit(before.x_train, before.y_train)
    for standardize in ("none", "x", "xy"):
        dataset = scaled(before, standardize)
        b, w = dataset.original(*least_squares(dataset))
        assert (b, w) == pytest.approx((line.intercept_[0], line.coef_[0, 0]), rel=1e-9)


def test_standardised_x_makes_the_bowl_round():
    dataset = scaled(raw(), "x")
    assert Landscape.of(dataset.x_train, dataset.y_train).condition_number == pytest.approx(1)
    assert Landscape.of(raw().x_train, raw().y_train).condition_number > 1e4


def test_column_that_is_the_same_everywhere_stays_finite():
    dataset = make_dataset(Experiment(noise=0, true_w=0, true_b=3, standardize="xy"))
    assert np.abs(dataset.y_train).max() < 2
    assert dataset.original(*least_squares(dataset)) == pytest.approx((3, 0))


@pytest.mark.parametrize("value", [0.1, -7.3, 1e-9])
def test_equal_values_are_0_though_their_mean_is_off_by_rounding(value):
    column = np.full(80, value)
    dataset = scaled(Dataset(column, column, column[:9], column[:9]), "xy")
    assert all((part == 0).all() for part in columns(dataset))
    assert (dataset.x_mean, dataset.x_std, dataset.y_mean, dataset.y_std) == (value, 1, value, 1)


def test_runs_on_equal_values_find_them_alone_and_jointly():
    experiment = Experiment(true_b=0.1, true_w=0, noise=0, standardize="xy", epochs=200)
    *_, last = train(experiment)
    assert make_dataset(experiment).original(last.b, last.w) == pytest.approx((0.1, 0), abs=1e-6)
    beside = Experiment(true_b=0.1, true_w=0, noise=0, standardize="xy", epochs=200, learning_rate=0.2)
    assert list(train_jointly([experiment, beside])[0])[-1] == last


@pytest.mark.parametrize(("name", "standardize"), [("x", "x"), ("y", "xy")])
def test_points_held_out_that_scaling_puts_out_of_bounds_are_one_sentence_with_the_cure(name, standardize):
    near, far = np.linspace(0, 1e-3, 8), np.array([1e8])
    given = {"x_train": near, "y_train": near, "x_val": [0.0], "y_val": [0.0], f"{name}_val": far}
    with pytest.raises(
        ValueError, match=r"^Standardised .* 'far one' held out .*±1e\+09: set validation to 0, or take"
    ):
        scaled(Dataset(**given, **{f"{name}_name": "far one"}), standardize)


def test_synthetic_points_are_scaled_as_the_experiment_says():
    plain, both = make_dataset(Experiment()), make_dataset(Experiment(standardize="xy"))
    assert [part.tolist() for part in columns(both)] == [part.tolist() for part in columns(scaled(plain, "xy"))]


@pytest.mark.parametrize(
    ("n", "share", "training"),
    [
        (100, 0.2, 80),
        (10, 0.3, 7),
        (10, 0.1, 9),
        (100, 0.07, 93),
        (11, 0.5, 5),
        (100, 0.0, 100),
        (1_000_000, 0.29, 710_000),
    ],
)
def test_as_many_points_train_as_the_share_leaves_though_floats_round(n, share, training):
    assert training_points(n, share) == training
    assert len(make_dataset(Experiment(n=n, validation=share)).x_train) == training


def test_without_validation_the_points_are_shuffled_all_the_same():
    order = np.concatenate(columns(make_dataset(Experiment()))[0::2])
    assert np.array_equal(make_dataset(Experiment(validation=0.0)).x_train, order)


@pytest.mark.parametrize("method", ["numpy", "autograd", "module"])
@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("rate", [0.1, 1000.0])
def test_loss_of_no_points_is_nan_and_ends_no_run(method, batch_size, rate):
    experiment = Experiment(validation=0.0, method=method, batch_size=batch_size, learning_rate=rate, epochs=30)
    run = train(experiment)
    records = list(run)
    assert all(np.isnan(record.val_loss) for record in records)
    assert all(np.isfinite(record[:4]).all() and np.isfinite(record[5:]).all() for record in records)
    held_out = train(Experiment(method=method, batch_size=batch_size, learning_rate=rate, epochs=30))
    list(held_out)
    assert run.stop.reason is held_out.stop.reason


@given(st.lists(st.tuples(st.sampled_from(["none", "x", "xy"]), st.integers(0, 99)), min_size=2, max_size=6))
def test_runs_on_scaled_data_are_trained_jointly_to_the_last_bit(kinds):
    runs = [
        Experiment(standardize=scale, seed=seed, validation=0.0 if seed % 2 else 0.2, epochs=10)
        for scale, seed in kinds
    ]
    for run, experiment in zip(train_jointly(runs), runs, strict=True):
        assert np.array_equal(np.array(list(run)), np.array(list(train(experiment))), equal_nan=True)
