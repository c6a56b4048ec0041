"""Points that are put elsewhere by hand, and points that are added."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import moves

from core import Experiment, make_dataset, shipped_table
from core.data.tables import read_table


def drawn_by_hand(seed: int, n: int, moved) -> tuple[np.ndarray, ...]:
    """The recipe of the course with the moved points in it, written out."""
    random = np.random.RandomState(seed)
    x = random.rand(n).tolist()
    y = [1 + 2 * one + 0.1 * noise for one, noise in zip(x, random.randn(n), strict=True)]
    for index, new_x, new_y in sorted(moved):
        if index < n:
            x[index], y[index] = new_x, new_y
        else:
            x.append(new_x)
            y.append(new_y)
    order = np.arange(len(x))
    random.shuffle(order)
    cut = int(len(x) * 0.8 + 1e-9)
    x, y = np.array(x), np.array(y)
    return x[order[:cut]], y[order[:cut]], x[order[cut:]], y[order[cut:]]


@given(st.integers(0, 2**32 - 1), moves(30, 100.0))
def test_moved_and_added_points_take_their_part_in_the_shuffle(seed, moved):
    dataset = make_dataset(Experiment(n=30, seed=seed, moved=moved))
    for name, expected in zip(("x_train", "y_train", "x_val", "y_val"), drawn_by_hand(seed, 30, moved), strict=True):
        assert getattr(dataset, name)[:, 0] == pytest.approx(expected, rel=1e-15)


def test_their_places_are_those_before_scaling():
    dataset = make_dataset(Experiment(moved=[(17, 5.0, -3.0)], standardize="xy", validation=0))
    (row,) = np.flatnonzero(dataset.order == 17)
    assert dataset.unscaled is not None
    assert (dataset.unscaled.x_train[row, 0], dataset.unscaled.y_train[row, 0]) == (5.0, -3.0)
    x = [*np.delete(make_dataset(Experiment(validation=0)).x_train[:, 0], row), 5.0]
    assert dataset.x_train[row, 0] == pytest.approx((5.0 - np.mean(x)) / np.std(x))


def test_of_a_table_the_rows_that_are_kept_are_counted():
    table = read_table(b"x,y\n1,1\n2,\n3,3\n4,4\n5,5\n6,6\n7,7\n", "table.csv")
    dataset = table.dataset("x", "y", Experiment(moved=[(1, 30.0, -3.0), (6, 8.0, 8.0)], validation=0))
    points = dict(
        zip(dataset.order.tolist(), zip(dataset.x_train[:, 0], dataset.y_train[:, 0], strict=True), strict=True)
    )
    assert points == {0: (1, 1), 1: (30, -3), 2: (4, 4), 3: (5, 5), 4: (6, 6), 5: (7, 7), 6: (8, 8)}


def test_the_table_itself_stays_as_it_is():
    table = shipped_table("iris")
    before = table.dataset(None, None, Experiment()).digest
    table.dataset(None, None, Experiment(moved=[(0, 50.0, 50.0)]))
    assert table.dataset(None, None, Experiment()).digest == before


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (
            [(101, 0, 0)],
            "moved names point 101, but there are 100, counted from 0: name one of them, or 100 to add one.",
        ),
        (
            [(100, 0, 0), (102, 0, 0)],
            "moved names point 102, but there are 101, counted from 0: name one of them, or 101 to add one.",
        ),
    ],
)
def test_a_point_that_is_not_there_is_refused_with_those_that_are(moved, words):
    for points in (
        lambda experiment: make_dataset(experiment),
        lambda experiment: read_table(
            b"x,y\n" + b"".join(b"%d,%d\n" % (one, one) for one in range(100)), "table.csv"
        ).dataset("x", "y", experiment),
    ):
        with pytest.raises(ValueError, match="moved") as refusal:
            points(Experiment(moved=moved))
        assert str(refusal.value) == words


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        ([(1, float("inf"), 0)], "X of moved must be a number from -1e+09 to 1e+09, but got inf."),
        ([(1, 0, float("nan"))], "Y of moved must be a number from -1e+09 to 1e+09, but got nan."),
        ([(-1, 0, 0)], "INDEX of moved must be a whole number from 0 to 1000099, but got -1."),
        ([(1, 0, 0), (1, 1, 1)], "moved must name 1 once, but got '1:0.0:0.0,1:1.0:1.0'."),
        (
            [(index, 0, 0) for index in range(1000)],
            "moved must be written as 17:0.5:3.2 (INDEX:X:Y, at most 100), or 'none', but got 1000 of them.",
        ),
    ],
)
def test_places_that_make_no_sense_get_a_sentence(moved, words):
    with pytest.raises(ValueError, match="moved") as refusal:
        Experiment(moved=moved)
    assert str(refusal.value) == words


def test_points_of_a_table_that_all_stand_at_one_x_are_refused():
    table = read_table(b"x,y\n1,1\n2,2\n2,3\n2,4\n2,5\n", "table.csv")
    with pytest.raises(ValueError, match="All points stand at one x, so no slope can be found: move one of them back"):
        table.dataset("x", "y", Experiment(moved=[(0, 2.0, 1.0)]))
