"""The least-squares line, against formulas that scikit-learn does not use."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noisy_line import noisy_line

from core import Dataset, Experiment, least_squares, make_dataset, shipped_table


@given(st.integers(0, 2**32 - 1), st.integers(10, 300))
def test_the_line_solves_the_normal_equations(seed, n):
    x, y, _, _ = (column[:, 0] for column in noisy_line(n=n, seed=seed))
    sums = [[len(x), x.sum()], [x.sum(), x @ x]]
    assert least_squares(make_dataset(Experiment(n=n, seed=seed))) == pytest.approx(
        np.linalg.solve(sums, [y.sum(), x @ y]), rel=1e-9
    )


def test_points_on_a_line_give_that_line_whatever_the_validation_points_are():
    x = np.arange(10.0)
    dataset = Dataset(x, 3 - 2 * x, [1.0, 2.0], [1e6, -1e6])
    assert least_squares(dataset) == pytest.approx((3, -2), abs=1e-12)


def test_the_irises_give_the_line_of_numpys_polyfit():
    dataset = shipped_table("iris").dataset("petal_width", "petal_length", Experiment())
    w, b = np.polyfit(dataset.x_train[:, 0], dataset.y_train[:, 0], 1)
    assert least_squares(dataset) == pytest.approx((b, w), rel=1e-10)


def test_the_line_is_given_as_plain_floats():
    assert [type(value) for value in least_squares(make_dataset(Experiment()))] == [float, float]
