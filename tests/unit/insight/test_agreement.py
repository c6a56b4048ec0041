"""Ways to compute the same thing, against plain loops over the points and a walk from one float to the next."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import within

from core import Dataset, Experiment, Record, make_dataset, shipped_table, train
from core.insight.agreement import compare_methods, float32_steps, four_gradients, ways_of

WAYS = ("by hand", "autograd", "differences", "closed form")
FINITE = within(-1e38, 1e38)


def exact_gradient(dataset: Dataset, b: float, w: float, reduction: str) -> tuple[Fraction, Fraction]:
    """A loop over the points in exact arithmetic."""
    b_sum, w_sum = Fraction(0), Fraction(0)
    for x, y in zip(dataset.x_train[:, 0].tolist(), dataset.y_train[:, 0].tolist(), strict=True):
        error = Fraction(b) + Fraction(w) * Fraction(x) - Fraction(y)
        b_sum += 2 * error
        w_sum += 2 * Fraction(x) * error
    share = 1 if reduction == "sum" else len(dataset.x_train)
    return b_sum / share, w_sum / share


def walked(value: float, reference: float, most: int = 100) -> int | None:
    """How many times one goes on to the next float32, from the one to the other; None for more than `most`."""
    at, goal = np.float32(value), np.float32(reference)
    for steps in range(most + 1):
        if at == goal:
            return steps
        at = np.nextafter(at, goal)
    return None


def place(value: float) -> int:
    """Where a number stands among those of float32: sign and size are its first bit and the others."""
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    return bits if bits < 2**31 else 2**31 - bits


@given(FINITE, st.integers(-100, 100))
def test_steps_are_those_of_a_walk_from_float_to_float(value, steps):
    start = end = np.float32(value)
    for _ in range(abs(steps)):
        end = np.nextafter(end, np.float32(math.copysign(math.inf, steps)))
    # Where the walk passes 0, the negative and the positive 0 are one place.
    assert float32_steps(float(start), float(end)) == walked(float(start), float(end)) == abs(steps)


def test_steps_across_zero_and_far_apart_count_all_floats_between():
    smallest = 2.0**-149
    assert float32_steps(-smallest, smallest) == 2
    assert float32_steps(0.0, -0.0) == 0
    # Between two powers of two lie 2^23 numbers, whatever their size.
    assert float32_steps(1.0, 2.0) == float32_steps(-4096.0, -8192.0) == 2**23
    assert float32_steps(-3e38, 3e38) == place(3e38) - place(-3e38) > 2**31


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e39])
def test_what_float32_cannot_hold_has_no_distance(bad):
    assert float32_steps(bad, 1.0) is None
    assert float32_steps(1.0, bad) is None


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("standardize", ["none", "xy"])
@pytest.mark.parametrize("where", [(0.0, 0.0), (-7.5, 3.0), (1.0235, 1.969), (1e4, -1e4)])
def test_four_ways_find_the_gradient_of_the_points(reduction, standardize, where):
    experiment = Experiment(reduction=reduction, standardize=standardize)
    dataset = make_dataset(experiment)
    exact = exact_gradient(dataset, *where, reduction)
    found = four_gradients(experiment, dataset, *where)
    assert tuple(found.ways) == WAYS
    errors = [where[0] + where[1] * x - y for x, y in zip(dataset.x_train[:, 0], dataset.y_train[:, 0], strict=True)]
    terms = [max(abs(2 * error) for error in errors)]
    terms.append(max(abs(2 * x * error) for x, error in zip(dataset.x_train[:, 0], errors, strict=True)))
    assert found.largest_term == pytest.approx(terms, rel=1e-12)
    scale = len(errors) if reduction == "sum" else 1
    for way, digits in (("by hand", 1e-14), ("differences", 1e-12), ("closed form", 1e-13), ("autograd", 1e-6)):
        for value, truth, term in zip(found.ways[way], exact, terms, strict=True):
            assert abs(value - float(truth)) <= digits * scale * max(term, 1.0), way
        # Where the terms cancel to nothing, even float64 leaves numbers of different sizes.
        if all(abs(truth) > 1e-6 * term for truth, term in zip(exact, terms, strict=True)):
            pairs = zip(found.ways[way], found.ways["closed form"], strict=True)
            assert found.steps(way) == tuple(abs(place(value) - place(closed)) for value, closed in pairs)


@pytest.mark.parametrize("method", ["autograd", "optimizer", "loss_fn", "module"])
def test_autograd_is_that_of_the_run_itself_to_the_last_bit(method):
    experiment = Experiment(method=method, epochs=40)
    dataset = make_dataset(experiment)
    for record in train(experiment, dataset):
        assert four_gradients(experiment, dataset, record.b, record.w).ways["autograd"] == (
            record.b_grad,
            record.w_grad,
        )


def test_by_hand_is_that_of_the_run_by_hand_and_autograd_then_that_of_tensors():
    experiment = Experiment(method="numpy", epochs=40)
    dataset = make_dataset(experiment)
    for record in train(experiment, dataset):
        found = four_gradients(experiment, dataset, record.b, record.w)
        assert found.ways["by hand"] == (record.b_grad, record.w_grad)
    x, y = (torch.tensor(column).float() for column in (dataset.x_train, dataset.y_train))
    b, w = (torch.tensor([value]).float().requires_grad_() for value in (record.b, record.w))
    ((b + w * x - y) ** 2).mean().backward()
    assert found.ways["autograd"] == (b.grad.item(), w.grad.item())


def test_the_gradient_is_that_of_all_training_points_where_the_run_sees_batches():
    experiment = Experiment(batch_size=16, method="module", optimizer="adam")
    dataset = make_dataset(experiment)
    exact = exact_gradient(dataset, 0.5, -1.0, "mean")
    for way, values in four_gradients(experiment, dataset, 0.5, -1.0).ways.items():
        assert values == pytest.approx([float(value) for value in exact], rel=1e-5), way


@pytest.mark.parametrize("x", [[3.0], [0.0], [2.0, 2.0, 2.0]])
def test_one_point_and_points_above_one_another_have_a_gradient(x):
    points = np.array(x).reshape(-1, 1)
    dataset = Dataset(points, 2 * points + 1, points[:0], points[:0])
    for b, w in ((0.0, 0.0), (1.0, 2.0)):
        exact = [float(value) for value in exact_gradient(dataset, b, w, "mean")]
        for way, values in four_gradients(Experiment(), dataset, b, w).ways.items():
            assert values == pytest.approx(exact, abs=1e-5), way


def test_differences_step_so_far_that_only_rounding_is_lost():
    table = shipped_table("wine")
    dataset = table.dataset("proline", "alcohol", Experiment(validation=0.0))
    for b, w in ((0.0, 0.0), (12.0, 0.001), (13.0, -0.5)):
        found = four_gradients(Experiment(validation=0.0), dataset, b, w)
        exact = exact_gradient(dataset, b, w, "mean")
        for value, truth, term in zip(found.ways["differences"], exact, found.largest_term, strict=True):
            assert abs(value - float(truth)) <= 1e-13 * term
        assert all(math.frexp(step)[0] == 0.5 for step in found.step)


def test_a_place_that_has_run_away_is_shown_as_it_is():
    experiment = Experiment()
    dataset = make_dataset(experiment)
    for b, w in ((1e300, -1e300), (math.inf, 0.0), (math.nan, 1.0)):
        found = four_gradients(experiment, dataset, b, w)
        assert not all(map(math.isfinite, found.ways["autograd"]))
        assert found.steps("autograd") == (None, None)


def records(experiment: Experiment) -> dict[str, Record]:
    return {method: list(train(one))[-1] for method, one in ways_of(experiment).items()}


@pytest.mark.parametrize("shown", ["numpy", "autograd", "module"])
@pytest.mark.parametrize("batch_size", [None, 16])
def test_methods_are_compared_digit_by_digit(shown, batch_size):
    experiment = Experiment(epochs=100, method=shown, batch_size=batch_size)
    found = records(experiment)
    assert list(found) == ["numpy", "autograd", "optimizer", "loss_fn", "module"]
    compared = compare_methods(found, shown, full_batch=batch_size is None)
    assert [one.method for one in compared] == list(found)
    for one in compared:
        for name, digits in zip(("b", "w", "loss"), one.digits, strict=True):
            value, other = getattr(found[one.method], name), getattr(found[shown], name)
            # Whatever type it has, all of it is written.
            is_single = one.method != "numpy" and (name != "loss" or batch_size is None)
            assert (np.float32(digits.text) if is_single else float(digits.text)) == value
            assert len(digits.text.replace(".", "").strip("0")) <= (9 if is_single else 17)
            assert digits.steps == abs(place(value) - place(other))
            if value == other:
                assert digits.differs_from == len(digits.text)
        if one.method == shown:
            assert all(digits.steps == 0 for digits in one.digits)


def record(b: float, w: float = 0.0, loss: float = 0.0) -> Record:
    return Record(1, b, w, loss, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("method", "value", "shown", "marked"),
    [
        ("module", 1.25, 1.25, ""),
        ("module", 1.25, 1.75, "25"),
        ("module", -1.25, 1.25, "-1.25"),
        # What a shorter number leaves out are zeros.
        ("module", 1.2509765625, 1.25, "9766"),
        ("numpy", 1.25000011, 1.25, "11"),
        # Of what float32 cannot tell apart nothing is marked.
        ("numpy", 1.2500000001, 1.25, ""),
        ("numpy", math.inf, 1.25, "inf"),
        ("module", math.nan, math.nan, ""),
    ],
)
def test_the_digits_that_differ_are_marked(method, value, shown, marked):
    compared = compare_methods({method: record(value), "autograd": record(shown)}, "autograd", full_batch=True)
    digits = compared[0].digits[0]
    assert digits.text[digits.differs_from :] == marked


def test_only_those_methods_are_compared_that_know_the_optimizer():
    assert list(ways_of(Experiment(method="module", optimizer="adam"))) == ["optimizer", "loss_fn", "module"]
    for method, one in ways_of(Experiment(epochs=7, seed=3)).items():
        assert one == replace(Experiment(epochs=7, seed=3), method=method)


def test_numpy_stays_on_the_cpu_where_the_others_are_elsewhere():
    devices = {method: one.device for method, one in ways_of(Experiment(device="cuda")).items()}
    assert devices == {"numpy": "cpu"} | dict.fromkeys(("autograd", "optimizer", "loss_fn", "module"), "cuda")
