"""Sums that are added up piece by piece make the landscape that all points at once make."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Landscape
from core.distributed.moments import Moments

FIELDS = ("n", "x_mean", "y_mean", "x_variance", "w_min", "lowest_mean")


def some_points(n, *, seed=0, far=0.0):
    random = np.random.RandomState(seed)
    x = far + random.rand(n, 1)
    return x, 1 + 2 * x + 0.1 * random.randn(n, 1)


def in_pieces(x, y, cuts):
    pieces = zip(np.split(x, sorted(cuts)), np.split(y, sorted(cuts)), strict=True)
    return Moments.merged(Moments.of(*piece) for piece in pieces)


@given(
    n=st.integers(2, 200),
    cuts=st.lists(st.integers(0, 200), max_size=6),
    seed=st.integers(0, 100),
    reduction=st.sampled_from(["mean", "sum"]),
)
def test_pieces_have_the_landscape_of_the_whole(n, cuts, seed, reduction):
    x, y = some_points(n, seed=seed)
    ours, theirs = in_pieces(x, y, cuts).landscape(reduction), Landscape.of(x, y, reduction)
    # The lowest loss is what is left of y's variance, so rounding shows in it at that scale.
    left = 1e-13 * float(y.var())
    for name in FIELDS:
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-9, abs=left), name
    assert ours.reduction == reduction


def test_points_far_from_zero_keep_their_digits():
    x, y = some_points(1000, far=1e6)
    merged = in_pieces(x, y, range(100, 1000, 100))
    assert merged.xx / 1000 == pytest.approx(x.var(), rel=1e-9)
    # Sums of raw squares would be off by some per cent.
    assert abs((x**2).mean() - x.mean() ** 2 - x.var()) > 1e-4 * x.var()


def test_equal_numbers_have_no_spread_whatever_their_sum_is():
    x, y = np.full((1001, 1), 0.1), np.full((1001, 1), 0.3)
    merged = in_pieces(x, y, [7, 7, 300])
    assert (merged.x_mean, merged.xx, merged.yy) == (0.1, 0.0, 0.0)
    assert merged.spread() == (1.0, 1.0)
    assert merged.landscape("mean").w_min == 0.0


def test_no_points_are_a_loss_that_is_no_number():
    nothing = Moments.merged([Moments(), Moments.of(np.empty((0, 1)), np.empty((0, 1)))])
    landscape = nothing.landscape("sum")
    assert landscape.n == 0
    assert np.isnan(landscape.loss(0.0, 0.0))
