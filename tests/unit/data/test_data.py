"""The points: the recipe of the course to the last bit, split, checked, read-only."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from noisy_line import noisy_line
from strategies import within

from core import Dataset, Experiment, make_dataset
from core.data import shuffled, split
from core.experiment import LEAVE_DATA_ALONE, LINE_FIELDS, PARAMETERS

PARTS = ("x_train", "y_train", "x_val", "y_val")


def small_dataset(**changed) -> Dataset:
    return Dataset(**{"x_train": [1, 2, 3], "y_train": [2, 4, 6], "x_val": [4], "y_val": [8], **changed})


def assert_same_bits(dataset, expected):
    for name, column in zip(PARTS, expected, strict=True):
        assert getattr(dataset, name).tobytes() == column.tobytes(), name
        assert getattr(dataset, name).shape == column.shape


@given(st.integers(0, 2**32 - 1), st.integers(10, 2000), within(0, 10), within(-100, 100), within(-100, 100))
@example(42, 100, 0.1, 1, 2)
@example(0, 10, 0.0, 0, 0)
@example(2**32 - 1, 1009, 10, -100, 100)
def test_the_points_are_those_of_the_legacy_recipe_to_the_last_bit(seed, n, noise, b, w):
    dataset = make_dataset(Experiment(seed=seed, n=n, noise=noise, true_b=b, true_w=w))
    assert_same_bits(dataset, noisy_line(n, noise, b, w, seed))


def test_a_million_points_are_those_of_the_legacy_recipe_too():
    assert_same_bits(make_dataset(Experiment(n=1_000_000)), noisy_line(1_000_000))


@pytest.mark.parametrize(("n", "training"), [(10, 8), (11, 8), (13, 10), (14, 11), (99, 79), (100, 80)])
def test_four_fifths_are_for_training_rounded_down(n, training):
    dataset = make_dataset(Experiment(n=n))
    assert (len(dataset.x_train), len(dataset.x_val), len(dataset)) == (training, n - training, n)


def test_every_part_is_a_read_only_column_of_float64():
    for dataset in (make_dataset(Experiment()), small_dataset()):
        for name in PARTS:
            column = getattr(dataset, name)
            assert (column.dtype, column.shape[1], column.ndim) == (np.float64, 1, 2)
            with pytest.raises(ValueError, match="read-only"):
                column[0] = 0


def test_making_points_neither_reads_nor_changes_numpys_global_stream():
    np.random.seed(1)
    first = make_dataset(Experiment())
    after = np.random.rand()
    np.random.seed(2)
    assert_same_bits(make_dataset(Experiment()), [getattr(first, name) for name in PARTS])
    np.random.seed(1)
    assert np.random.rand() == after


@given(st.integers(5, 200), st.integers(0, 2**32 - 1))
def test_splitting_loses_no_pair_and_invents_none(n, seed):
    x = np.arange(float(n)).reshape(-1, 1)
    x_train, y_train, x_val, y_val = split(x, -x, 0.2, shuffled(n, np.random.RandomState(seed)))
    assert np.array_equal(np.sort(np.concatenate([x_train, x_val]), axis=0), x)
    assert np.array_equal(y_train, -x_train)
    assert np.array_equal(y_val, -x_val)


def test_the_callers_arrays_stay_writable_and_apart():
    x = np.array([1.0, 2.0, 3.0])
    dataset = small_dataset(x_train=x)
    x[0] = 9.0
    assert dataset.x_train[0, 0] == 1.0


def test_the_parts_of_a_dataset_cannot_be_replaced():
    with pytest.raises(FrozenInstanceError):
        small_dataset().x_train = np.ones((3, 1))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"x_train": [1, 2]}, "same number of points"),
        ({"y_val": [1, 2]}, "same number of points"),
        ({"x_train": [], "y_train": []}, "at least one training point"),
        ({"x_train": [1, np.nan, 3]}, "x_train must be finite numbers within ±1e"),
        ({"y_train": [1, np.inf, 3]}, "y_train must be finite numbers within ±1e"),
        ({"x_val": [-np.inf]}, "x_val must be finite numbers within ±1e"),
        ({"y_val": [1e10]}, "y_val must be finite numbers within ±1e"),
        ({"x_train": ["a", "b", "c"]}, "could not convert"),
    ],
)
def test_points_that_cannot_be_trained_on_are_refused(changed, words):
    with pytest.raises(ValueError, match=words):
        small_dataset(**changed)


def test_equal_points_have_equal_digests():
    assert make_dataset(Experiment()).digest == make_dataset(Experiment(epochs=5, method="numpy")).digest
    assert small_dataset().digest == small_dataset(x_train=np.array([[1.0], [2.0], [3.0]])).digest


@pytest.mark.parametrize(
    "changed",
    [
        {"x_train": [1, 2, 3.0000000000000004]},
        {"x_train": [2, 4, 6], "y_train": [1, 2, 3]},
        {"y_val": [8.5]},
        {"x_name": "height"},
        {"y_name": "height"},
        {"x_val": [], "y_val": []},
        {"x_mean": 1.0},
        {"y_std": 2.0},
        {"x_train": [1, 2], "y_train": [2, 4], "x_val": [3, 4], "y_val": [6, 8]},
    ],
)
def test_different_points_or_names_have_different_digests(changed):
    assert small_dataset(**changed).digest != small_dataset().digest


OTHER = Experiment(
    n=50,
    noise=0.3,
    true_b=3,
    true_w=-1,
    seed=9,
    method="module",
    optimizer="adam",
    reduction="sum",
    learning_rate=0.01,
    epochs=7,
    batch_size=16,
    device="mps",
    tolerance=0.1,
    validation=0.3,
    standardize="x",
    shape="fan",
    start_b=2,
    start_w=-1,
    schedule=[(3, 0.2)],
    moved=[(4, 0.5, 9)],
)
"""In nothing that has a choice like the default."""


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - {"loss"}))
def test_fields_that_leave_the_data_alone_are_those_that_change_no_point(name):
    base = Experiment(method="loss_fn", epochs=8)
    changed = replace(base, **{name: getattr(OTHER, name)})
    assert changed != base
    same = make_dataset(changed).digest == make_dataset(base).digest
    assert same is (name in LEAVE_DATA_ALONE)


def test_fields_of_the_line_are_not_among_those_that_leave_the_data_alone():
    assert not set(LINE_FIELDS) & set(LEAVE_DATA_ALONE)
