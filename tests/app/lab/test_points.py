"""Points by their recipe: the same as those of the experiment, named alike everywhere, and made anew when needed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from core import Experiment, make_dataset, shipped_table
from dashboard.lab import points as module
from dashboard.lab.points import LinePoints, line_points, table_points
from dashboard.lab.uploads import shared_uploads


def test_points_of_a_line_are_those_that_the_experiment_describes():
    experiment = Experiment(n=50, noise=0.3, true_b=-1.0, true_w=4.0, seed=7)
    assert line_points(experiment).load().digest == make_dataset(experiment).digest
    assert line_points(experiment).nbytes == make_dataset(experiment).nbytes


def test_points_of_a_table_are_its_columns():
    points = table_points("iris", None, None, Experiment())
    dataset = shipped_table("iris").dataset(None, None, Experiment())
    assert points.load().digest == dataset.digest
    assert (points.x, points.y) == (dataset.x_name, dataset.y_name)
    assert points.nbytes == dataset.nbytes


def test_table_that_is_not_there_has_no_points():
    assert table_points("0123456789abcdef", None, None, Experiment()) is None


def test_columns_that_cannot_be_trained_on_are_refused_at_once():
    with pytest.raises(ValueError, match="no column"):
        table_points("iris", "nonsense", None, Experiment())


def test_equal_recipes_have_one_name_and_others_another():
    assert line_points(Experiment(learning_rate=0.3)).digest == line_points(Experiment()).digest
    of_both = [Experiment(seed=1), Experiment(validation=0.3), Experiment(standardize="x")]
    of_lines = [
        Experiment(n=50),
        Experiment(noise=0.2),
        Experiment(true_b=2),
        Experiment(true_w=3),
        Experiment(shape="fan"),
    ]
    digests = {line_points(experiment).digest for experiment in [Experiment(), *of_both, *of_lines]}
    digests |= {table_points("iris", None, None, experiment).digest for experiment in [Experiment(), *of_both]}
    assert len(digests) == 9 + 4


@pytest.mark.parametrize("standardize", ["none", "x", "xy"])
def test_recipes_know_how_much_memory_the_points_take_scaled_or_not(standardize):
    experiment = Experiment(standardize=standardize)
    for points in (line_points(experiment), table_points("iris", None, None, experiment)):
        assert points.nbytes == points.load().nbytes


def test_points_at_hand_are_given_again_and_those_let_go_are_made_anew(monkeypatch):
    monkeypatch.setattr(module, "_kept", module._Kept(3 * 16 * 1000))
    recipes = [line_points(Experiment(n=1000, seed=seed)) for seed in range(4)]
    first = recipes[0].load()
    assert recipes[0].load() is first
    for recipe in recipes[1:]:
        recipe.load()
    again = recipes[0].load()
    assert again is not first
    assert np.array_equal(again.x_train, first.x_train)


def test_points_larger_than_all_that_is_kept_can_be_had_all_the_same(monkeypatch):
    monkeypatch.setattr(module, "_kept", module._Kept(1000))
    assert len(line_points(Experiment(n=1000)).load()) == 1000


def test_points_that_are_wanted_twice_at_once_are_made_once(monkeypatch):
    kept = module._Kept(10**6)
    monkeypatch.setattr(module, "_kept", kept)
    making, made, asked = Event(), [], Event()
    make, find = LinePoints.make, kept._datasets.get

    def slowly(points):
        made.append(points)
        making.set()
        asked.wait(10)
        return make(points)

    def get(digest):
        if making.is_set():
            asked.set()  # the second has looked, and found none
        return find(digest)

    monkeypatch.setattr(LinePoints, "make", slowly)
    monkeypatch.setattr(kept._datasets, "get", get)
    points = line_points(Experiment(seed=5))
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(points.load)
        making.wait(10)
        second = threads.submit(points.load)
        assert second.result() is first.result()
    assert made == [points]


def test_an_upload_has_one_name_however_its_reading_is_written():
    rows = "".join(f"{i};{2 * i + i % 3},5\n" for i in range(12))
    digest = shared_uploads().add(f"x;y\n{rows}".encode(), "own.csv", "ann")
    reading = shared_uploads().get(digest).reading
    texts = ["", reading, " , ".join(reversed(reading.split(","))), "decimal:comma"]
    points = [table_points(digest, None, None, Experiment(), text) for text in texts]
    assert {one.digest for one in points} == {points[0].digest}
    assert {one.reading for one in points} == {reading}


def test_what_comes_with_the_package_needs_no_reading_unless_it_is_another():
    iris = shipped_table("iris")
    assert table_points("iris", None, None, Experiment(), iris.reading).reading == ""
    other = table_points("iris", None, None, Experiment(), "header:no")
    assert other.reading == iris.read_as("header:no").reading != iris.reading
