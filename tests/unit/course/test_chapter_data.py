"""Making data: what the chapter says of noise, seeds, the split and shuffling is so."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from core import Experiment, make_dataset
from core.course import run_cell
from core.course.chapters.c01_data import CHAPTER

CELLS = {cell.name: cell for cell in CHAPTER.cells}
NOISES = [0.0, 0.05, 0.1, 0.2, 0.5, 1.0]
LEVELS = NOISES[1:]


def run(name: str, **chosen):
    return run_cell(CHAPTER, CELLS[name], chosen)


def options(name: str, control: str):
    return next(one.options for one in CELLS[name].controls if one.name == control)


def recipe(noise: float = 0.1, n: int = 100):
    """x, the random numbers of the noise, and y, in the order in which the course's recipe draws them."""
    random = np.random.RandomState(42)
    x = random.rand(n, 1)
    standard = random.randn(n, 1)
    return x, standard, 1 + 2 * x + noise * standard


# --- points around a line ---------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", LEVELS)
def test_points_are_those_of_the_engine_before_its_split(noise):
    outcome = run("line", noise_level=noise)
    data = make_dataset(Experiment(noise=noise))
    order = np.arange(100)
    random = np.random.RandomState(42)
    random.rand(100), random.randn(100)
    random.shuffle(order)
    for name, engine in (("x", (data.x_train, data.x_val)), ("y", (data.y_train, data.y_val))):
        assert np.array_equal(outcome.names[name][order], np.concatenate(engine))


@pytest.mark.parametrize("noise", LEVELS)
@pytest.mark.parametrize(
    ("width", "answer", "fewest", "most"),
    [(1, "about three quarters", 70, 80), (2, "nearly all", 95, 99), (3, "all of them", 100, 100)],
)
def test_one_two_and_three_noise_levels_hold_three_quarters_nearly_all_and_all_points(
    width, answer, fewest, most, noise
):
    outcome = run("line", width=width, noise_level=noise)
    x, standard, y = recipe(noise)
    assert np.array_equal(outcome.names["y"], y)
    within = int((abs(standard) <= width).sum())
    assert fewest <= within <= most
    assert outcome.answer == answer
    assert outcome.printed.splitlines() == [
        "points: 100",
        f"within {round(width * noise, 2):g}: {within}",
        f"farthest: {abs(y - (1 + 2 * x)).max():.3f}",
    ]


@pytest.mark.parametrize("noise", LEVELS)
def test_noise_level_is_a_typical_distance_and_the_farthest_point_is_so_many_times_as_far(noise):
    x, standard, y = recipe(noise)
    assert standard.std() == pytest.approx(1, abs=0.15)
    moved = abs(y - (1 + 2 * x))
    assert np.sqrt((moved**2).mean()) == pytest.approx(noise, rel=0.15)
    assert (moved > 2 * noise).any()  # no limit
    for width in options("line", "width"):
        said = run("line", width=width, noise_level=noise).conclusion
        assert f"moved {moved.max() / noise:.1f} times as far" in said


def test_noise_moves_points_up_and_down():
    _, standard, _ = recipe()
    assert 40 < (standard > 0).sum() < 60


@pytest.mark.parametrize("noise", LEVELS)
@pytest.mark.parametrize("width", [1, 2, 3])
def test_points_within_reach_and_farther_are_drawn_beside_the_line_that_they_were_made_from(width, noise):
    near, *farther, line = run("line", width=width, noise_level=noise).plot.series
    x, standard, y = recipe(noise)
    inside = abs(standard) <= width
    drawn = [(near, inside, "data"), *((series, ~inside, "line") for series in farther)]
    assert len(farther) == (not inside.all())
    for series, which, role in drawn:
        assert (series.role, series.style) == (role, "points")
        assert np.array_equal(np.array([series.x, series.y]), np.array([x[which], y[which]]))
    assert line.role == "minimum"
    assert line.y == pytest.approx([1 + 2 * at for at in line.x])
    assert min(line.x) <= x.min() < x.max() <= max(line.x)


# --- seeds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("restart", "answer", "start"),
    [
        ("random", "other numbers", (42, 2)),
        ("np.random.RandomState(42)", "the same two", (42, 0)),
        ("np.random.RandomState(43)", "other numbers", (43, 0)),
    ],
)
def test_generator_goes_on_and_a_new_one_begins_again_at_its_seed(restart, answer, start):
    outcome = run("seed", restart=restart)
    seed, skipped = start
    first = np.random.RandomState(42).rand(2).round(3)
    second = np.random.RandomState(seed).rand(4)[skipped : skipped + 2].round(3)
    assert outcome.printed == f"first:  {first}\nsecond: {second}\n"
    assert not {*first} & {*second} or answer == "the same two"  # no number seems to repeat where none does
    assert outcome.answer == answer


def test_same_seed_repeats_every_number():
    one, other = np.random.RandomState(42), np.random.RandomState(42)
    assert np.array_equal(one.rand(1000), other.rand(1000))
    assert np.array_equal(one.randn(1000), other.randn(1000))


# --- the split --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "training", "validation"), [(98, 78, 20), (99, 79, 20), (100, 80, 20), (101, 80, 21), (102, 81, 21)]
)
def test_training_gets_80_percent_rounded_down_and_validation_the_rest_as_columns(n, training, validation):
    outcome = run("split", n=n)
    assert training == n * 80 // 100
    assert re.findall(r"\(.*\)", outcome.printed) == [f"({n}, 1)", f"({training}, 1)", f"({validation}, 1)"]
    assert outcome.answer == f"({validation}, 1)"
    data = make_dataset(Experiment(n=n))
    assert (outcome.names["x_train"].shape, outcome.names["x_val"].shape) == (data.x_train.shape, data.x_val.shape)


def test_first_rows_are_for_training_and_all_others_for_validation():
    for n in options("split", "n"):
        names = run("split", n=n).names
        assert np.concatenate([names["x_train"], names["x_val"]]).tolist() == recipe(n=n)[0].tolist()


# --- shuffling --------------------------------------------------------------------------------------------


def test_rows_of_a_sorted_table_leave_the_right_end_to_validation():
    outcome = run("shuffle", rows="np.arange(100)")
    x = np.sort(recipe()[0], axis=0)
    assert np.array_equal(outcome.names["x_train"], x[:80])
    assert np.array_equal(outcome.names["x_val"], x[80:])
    assert outcome.answer == "at the right end"
    assert f"x_train up to {x[79, 0]:.2f}\nx_val from    {x[80, 0]:.2f}" in outcome.printed


def test_shuffled_rows_are_everywhere_in_both_parts():
    outcome = run("shuffle", rows="random.permutation(100)")
    x_train, x_val = outcome.names["x_train"], outcome.names["x_val"]
    assert np.array_equal(np.sort(np.concatenate([x_train, x_val]), axis=0), np.sort(recipe()[0], axis=0))
    assert outcome.answer == "everywhere"
    for part in (x_train, x_val):
        assert np.histogram(part, bins=4, range=(0, 1))[0].min() > 0
        assert part.mean() == pytest.approx(0.5, abs=0.15)


def test_means_of_the_parts_are_far_apart_unless_shuffled():
    apart = {}
    for way in options("shuffle", "rows"):
        outcome = run("shuffle", rows=way)
        means = [float(mean) for mean in re.findall(r"mean y_\w+: +(\S+)", outcome.printed)]
        order = outcome.names["order"]
        expected = [outcome.names["y"][rows].mean() for rows in (order[:80], order[80:])]
        assert means == pytest.approx(expected, abs=0.005)
        apart[way] = abs(means[0] - means[1])
    assert apart["np.arange(100)"] > 1 > 0.2 > apart["random.permutation(100)"]


@pytest.mark.parametrize("rows", ["np.arange(100)", "random.permutation(100)"])
def test_both_parts_are_drawn(rows):
    outcome = run("shuffle", rows=rows)
    for series, x, y in zip(outcome.plot.series, ("x_train", "x_val"), ("y_train", "y_val"), strict=True):
        assert series.x == outcome.names[x][:, 0].tolist()
        assert series.y == outcome.names[y][:, 0].tolist()


# --- one order for both -----------------------------------------------------------------------------------


def test_one_order_keeps_every_pair_together():
    outcome = run("pairs", order_of_y="order")
    x, _, y = recipe()
    pairs = {*zip(x[:, 0], y[:, 0], strict=True)}
    mixed = {*zip(outcome.names["x_mixed"][:, 0], outcome.names["y_mixed"][:, 0], strict=True)}
    assert mixed == pairs
    assert not np.array_equal(outcome.names["x_mixed"], x)
    assert outcome.answer == "yes"


def test_second_shuffle_leaves_the_values_but_nothing_to_learn():
    outcome = run("pairs", order_of_y="random.permutation(100)")
    x, _, y = recipe()
    assert np.array_equal(np.sort(outcome.names["x_mixed"], axis=0), np.sort(x, axis=0))
    assert np.array_equal(np.sort(outcome.names["y_mixed"], axis=0), np.sort(y, axis=0))
    fit = LinearRegression().fit(outcome.names["x_mixed"], outcome.names["y_mixed"])
    assert fit.score(outcome.names["x_mixed"], outcome.names["y_mixed"]) < 0.05
    assert LinearRegression().fit(x, y).score(x, y) > 0.95
    assert outcome.answer == "no"
    assert (outcome.error, outcome.warned) == (None, ())


def test_distance_that_is_told_is_that_of_the_points_drawn():
    for order in options("pairs", "order_of_y"):
        outcome = run("pairs", order_of_y=order)
        points, line = outcome.plot.series
        distance = abs(np.array(points.y) - np.interp(points.x, line.x, line.y)).mean()
        assert outcome.printed == f"mean distance: {distance:.3f}\n"


# --- what noise hides -------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("n", [10, 100, 1000])
def test_line_found_has_the_smallest_squared_errors(noise, n):
    outcome = run("noise", noise_level=noise, n=n)
    x, _, y = recipe(noise, n)
    w, b = np.polyfit(x[:, 0], y[:, 0], 1)
    assert (outcome.names["b"], outcome.names["w"]) == pytest.approx((b, w), abs=1e-9)
    assert outcome.printed == f"b = {b:.4f}\nw = {w:.4f}\n"


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("n", [10, 100, 1000])
def test_noise_keeps_the_true_line_from_being_found(noise, n):
    outcome = run("noise", noise_level=noise, n=n)
    x, _, y = recipe(noise, n)
    w, b = np.polyfit(x[:, 0], y[:, 0], 1)
    miss = max(abs(b - 1), abs(w - 2))
    assert outcome.answer == ("exactly" if noise == 0 else "within 0.1" if miss <= 0.1 else "not within 0.1")
    if noise:
        assert miss > 0.005
        assert f"misses «b» by {abs(b - 1):.3f} and «w» by {abs(w - 2):.3f}" in outcome.conclusion
    else:
        assert outcome.conclusion == "Without noise every point lies on the line, and any two of them give it."
        assert (y[0] - y[1]) / (x[0] - x[1]) == pytest.approx(2)


def test_more_points_bring_the_two_lines_together():
    for noise in LEVELS:
        misses = []
        for n in options("noise", "n"):
            names = run("noise", noise_level=noise, n=n).names
            misses.append(np.hypot(names["b"] - 1, names["w"] - 2))
        assert misses == sorted(misses, reverse=True)


@pytest.mark.parametrize("noise", NOISES)
def test_points_the_true_line_and_the_line_found_are_drawn(noise):
    outcome = run("noise", noise_level=noise)
    points, true, found = outcome.plot.series
    x, _, y = recipe(noise)
    assert (points.role, true.role, found.role) == ("data", "minimum", "line")
    assert np.array_equal(np.array([points.x, points.y]), np.array([x[:, 0], y[:, 0]]))
    assert true.y == pytest.approx([1 + 2 * at for at in true.x])
    w, b = np.polyfit(x[:, 0], y[:, 0], 1)
    assert found.y == pytest.approx([b + w * at for at in found.x])


# --- the chapter ------------------------------------------------------------------------------------------


def test_lab_opens_with_the_chapters_points_and_the_method_by_hand():
    assert Experiment(method="numpy") == CHAPTER.experiment
    assert (CHAPTER.experiment.true_b, CHAPTER.experiment.true_w, CHAPTER.experiment.noise) == (1, 2, 0.1)
