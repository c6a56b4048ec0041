"""Single points as the stage has them."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest

from core import Dataset, Experiment, make_dataset
from dashboard.stage.first_points import first_points


def numbers(packed):
    return np.frombuffer(b64decode(packed["bdata"]), dtype=f"<{packed['dtype']}").tolist()


def test_they_are_numbered_as_the_recipe_draws_them():
    points = first_points(make_dataset(Experiment()))
    random = np.random.RandomState(42)
    x = random.rand(100)
    y = 1 + 2 * x + 0.1 * random.randn(100)
    assert sorted(numbers(points["index"])) == list(range(100))
    assert [x[index] for index in numbers(points["index"])] == numbers(points["x"])
    assert [y[index] for index in numbers(points["index"])] == pytest.approx(numbers(points["y"]), abs=1e-15)
    assert (points["train"], points["of"]) == (80, 100)


def test_those_that_train_come_first():
    dataset = make_dataset(Experiment(n=50, validation=0.3, standardize="x"))
    points = first_points(dataset)
    assert numbers(points["x"])[: points["train"]] == dataset.x_train.ravel().tolist()
    assert numbers(points["y"])[points["train"] :] == dataset.y_val.ravel().tolist()


def test_of_a_million_there_are_the_first_thousand():
    dataset = make_dataset(Experiment(n=1_000_000))
    points = first_points(dataset)
    assert numbers(points["x"]) == dataset.x_train[:1000].ravel().tolist()
    assert (points["train"], points["of"]) == (1000, 1_000_000)


def test_points_that_somebody_brings_are_numbered_as_they_come():
    column = np.arange(4.0)
    points = first_points(Dataset(column[:3], column[:3], column[3:], column[3:]))
    assert numbers(points["index"]) == [0, 1, 2, 3]
