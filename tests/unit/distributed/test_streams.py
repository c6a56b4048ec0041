"""Points in blocks: anybody can make any of them, and gets the same."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Experiment
from core.distributed.large import LargeExperiment
from core.distributed.shard import part_of
from core.distributed.streams import BLOCK, Stream


def by_the_recipe(seed: int, block: int, number: int) -> tuple[np.ndarray, np.ndarray]:
    """x and y of one block around y = 1 + 2·x with noise 0.1, as the documentation says they are made."""
    random = np.random.RandomState(np.random.Philox(key=seed, counter=[0, 0, 0, number]))
    x = random.rand(block, 1)
    return x, 1.0 + 2.0 * x + 0.1 * random.randn(block, 1)


def all_of(streams) -> list[np.ndarray]:
    """x_train, y_train, x_val and y_val of several streams, one after the other."""
    return [
        np.concatenate(column) for column in zip(*(piece for one in streams for piece in one.pieces()), strict=True)
    ]


def test_a_block_has_the_points_of_the_recipe():
    first, last = 3 * BLOCK + 5, 3 * BLOCK + 9
    stream = Stream(LargeExperiment(n=20_000_000, seed=7), first, last)
    x, y = by_the_recipe(7, BLOCK, 3)
    ((x_train, y_train, x_val, y_val),) = stream.pieces()
    assert np.array_equal(x_train, x[5:9])
    assert np.array_equal(y_train, y[5:9])
    assert (len(x_val), len(y_val)) == (0, 0)


def test_the_last_points_of_each_block_are_held_out_and_the_last_block_is_cut():
    x_train, y_train, x_val, y_val = all_of([Stream(Experiment(n=25, validation=0.2, seed=3), 0, 25, block=10)])
    blocks = [by_the_recipe(3, 10, number) for number in range(3)]
    expected = [np.concatenate([part[column] for part in blocks]) for column in (0, 1)]
    train = [*range(8), *range(10, 18), *range(20, 24)]
    held_out = [8, 9, 18, 19, 24]
    for column, places, axis in ((x_train, train, 0), (y_train, train, 1), (x_val, held_out, 0), (y_val, held_out, 1)):
        assert np.array_equal(column, expected[axis][places])


@given(
    n=st.integers(10, 400),
    block=st.integers(10, 60),
    parts=st.integers(1, 9),
    validation=st.sampled_from([0.0, 0.1, 0.2, 0.37, 0.5]),
    shape=st.sampled_from(["line", "curve", "outliers", "fan", "groups"]),
)
def test_any_number_of_parts_has_the_same_points(n, block, parts, validation, shape):
    experiment = Experiment(n=n, validation=validation, shape=shape)
    streams = [Stream(experiment, *part_of(n, rank, parts), block) for rank in range(parts)]
    together = all_of(streams)
    for ours, whole in zip(together, all_of([Stream(experiment, 0, n, block)]), strict=True):
        assert np.array_equal(ours, whole)
    # As many train as of any points: a share of all of them, rounded down.
    count = int(n * (1 - Fraction(str(validation))))
    assert sum(stream.training for stream in streams) == len(together[0]) == count
    assert len(together[2]) == n - count


@given(total=st.integers(0, 10**9), size=st.integers(1, 1000))
def test_parts_follow_one_another_and_differ_by_one_at_most(total, size):
    parts = [part_of(total, rank, size) for rank in range(size)]
    assert [first for first, _ in parts] == [0, *(stop for _, stop in parts[:-1])]
    assert parts[-1][1] == total
    sizes = {stop - first for first, stop in parts}
    assert max(sizes) - min(sizes) <= 1


def test_fewer_points_are_the_first_of_more():
    less, more = (Stream(Experiment(n=n, validation=0), 0, n, block=20) for n in (70, 1000))
    for few, many in zip(all_of([less])[:2], all_of([more])[:2], strict=True):
        assert np.array_equal(few, many[:70])


def test_a_billion_points_are_an_experiment_here_and_nowhere_else():
    assert LargeExperiment(n=1_000_000_000).n == 1_000_000_000
    with pytest.raises(ValueError, match=r"^n must be a whole number from 10 to 1000000000, but got 1000000001.$"):
        LargeExperiment(n=1_000_000_001)
    with pytest.raises(ValueError, match=r"^n must be a whole number from 10 to 1000000, but got 1000001.$"):
        Experiment(n=1_000_001)


def test_what_needs_all_points_in_one_place_is_refused_where_nobody_has_them():
    for field, value in {"batch_size": 100, "moved": ((1, 0.5, 0.5),)}.items():
        assert LargeExperiment(n=10_000_000, **{field: value})
        with pytest.raises(ValueError, match=f"^{field} is for up to 10000000 points: "):
            LargeExperiment(n=10_000_001, **{field: value})
