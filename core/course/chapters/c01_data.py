"""Making data: points on a noisy line, the seed that repeats them, and the split for training and validation."""

# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LinearRegression

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.plot import Plot, Series
from core.data import Column
from core.experiment import Experiment

__all__ = ["CHAPTER"]

TRUE = Experiment()
ENDS = (0.0, 1.0)
"""The x between which the lines are drawn."""


def points(label: str, x: Column, y: Column, role: str = "data") -> Series:
    return Series(label, role, np.ravel(x).tolist(), np.ravel(y).tolist(), "points")


def straight(label: str, b: float, w: float, role: str) -> Series:
    return Series(label, role, ENDS, [float(b + w * x) for x in ENDS])


def true_line() -> Series:
    return straight("true line", TRUE.true_b, TRUE.true_w, "minimum")


# --- points from a line -----------------------------------------------------------------------------------


def drawing(width, noise_level):
    random = np.random.RandomState(42)
    x = random.rand(100, 1)
    level = noise_level
    epsilon = level * random.randn(100, 1)
    y = 1 + 2 * x + epsilon

    reach = width * level
    near = abs(epsilon) <= reach
    farthest = abs(epsilon).max()
    print("points:", len(y))
    print(f"within {reach:g}: {near.sum()}")
    print(f"farthest: {farthest:.3f}")


def share_near(names: Names) -> str:
    share = names["near"].mean()
    return "all of them" if share == 1 else "nearly all" if share > 0.9 else "about three quarters"


def points_and_line(names: Names) -> Plot:
    x, y, near = names["x"], names["y"], names["near"]
    farther = [points("farther", x[~near], y[~near], "line")] if not near.all() else []
    shown = (points("within reach", x[near], y[near]), *farther, true_line())
    return Plot("Points and the true line", "x", "y", shown)


def spread(names: Names) -> str:
    far = names["farthest"] / names["level"]
    return f"The noise level is a typical distance, not a limit: one point was moved {far:.1f} times as far."


# --- seeds ------------------------------------------------------------------------------------------------


def repeating(restart):
    random = np.random.RandomState(42)
    first = random.rand(2).round(3)
    print("first: ", first)

    again = restart
    second = again.rand(2).round(3)
    print("second:", second)


def repeated(names: Names) -> str:
    return "the same two" if np.array_equal(names["first"], names["second"]) else "other numbers"


# --- the split --------------------------------------------------------------------------------------------


def splitting(n):
    size = n
    random = np.random.RandomState(42)
    x = random.rand(size, 1)

    cut = int(size * 0.8)
    x_train, x_val = x[:cut], x[cut:]
    print("x:      ", x.shape)
    print("x_train:", x_train.shape)
    print("x_val:  ", x_val.shape)


def shape_kept_aside(names: Names) -> str:
    return str(names["x_val"].shape)


# --- shuffling --------------------------------------------------------------------------------------------


def shuffling(rows):
    random = np.random.RandomState(42)
    x = np.sort(random.rand(100, 1), axis=0)
    noise = 0.1 * random.randn(100, 1)
    y = 1 + 2 * x + noise

    order = rows
    train, val = order[:80], order[80:]
    x_train, y_train = x[train], y[train]
    x_val, y_val = x[val], y[val]
    print(f"x_train up to {x_train.max():.2f}")
    print(f"x_val from    {x_val.min():.2f}")
    print(f"mean y_train: {y_train.mean():.2f}")
    print(f"mean y_val:   {y_val.mean():.2f}")


def place_of_validation(names: Names) -> str:
    return "at the right end" if names["x_val"].min() > names["x_train"].max() else "everywhere"


def both_parts(names: Names) -> Plot:
    parts = (
        points("training", names["x_train"], names["y_train"]),
        points("validation", names["x_val"], names["y_val"], "line"),
    )
    return Plot("The two parts", "x", "y", parts)


# --- one order for both -----------------------------------------------------------------------------------


def pairing(order_of_y):
    random = np.random.RandomState(42)
    x = random.rand(100, 1)
    noise = 0.1 * random.randn(100, 1)
    y = 1 + 2 * x + noise

    order = random.permutation(100)
    x_mixed = x[order]
    y_mixed = y[order_of_y]
    distance = abs(y_mixed - 1 - 2 * x_mixed)
    mean = distance.mean()
    print(f"mean distance: {mean:.3f}")


def still_a_line(names: Names) -> str:
    return "yes" if names["mean"] < 2 * TRUE.noise else "no"


def pairs(names: Names) -> Plot:
    shown = (points("points", names["x_mixed"], names["y_mixed"]), true_line())
    return Plot("Points after shuffling", "x", "y", shown)


# --- what noise does --------------------------------------------------------------------------------------


def fitting(noise_level, n):
    size = n
    random = np.random.RandomState(42)
    x = random.rand(size, 1)
    noise = noise_level * random.randn(size, 1)
    y = 1 + 2 * x + noise

    best = LinearRegression().fit(x, y)
    b = best.intercept_[0]
    w = best.coef_[0, 0]
    print(f"b = {b:.4f}")
    print(f"w = {w:.4f}")


def misses(names: Names) -> tuple[float, float]:
    """How far the line found is from the true one, in b and in w."""
    return abs(names["b"] - TRUE.true_b), abs(names["w"] - TRUE.true_w)


def recovered(names: Names) -> str:
    miss = max(misses(names))
    return "exactly" if miss < 1e-9 else "within 0.1" if miss <= 0.1 else "not within 0.1"


def both_lines(names: Names) -> Plot:
    found = straight("line found", names["b"], names["w"], "line")
    shown = (points("points", names["x"], names["y"]), true_line(), found)
    return Plot("The line found and the true line", "x", "y", shown)


def what_noise_hides(names: Names) -> str:
    b, w = misses(names)
    if max(b, w) < 1e-9:
        return "Without noise every point lies on the line, and any two of them give it."
    return (
        f"No line fits these points better, yet it misses «b» by {b:.3f} and «w» by {w:.3f}. "
        "Training heads for this line, not for the true one; more points bring the two together."
    )


CHAPTER = Chapter(
    name="data",
    title="Making data",
    summary="Points whose line we know, so that we can tell whether training finds it.",
    experiment=Experiment(method="numpy"),
    cells=(
        Cell(
            name="line",
            title="Points around a line",
            text=(
                "We choose the line ourselves: «b» = 1 and «w» = 2. Noise moves every point up or down at random, "
                "typically as far as the **noise level**, its standard deviation."
            ),
            formula=r"«data:y» = «b» + «w»\,x + \varepsilon",
            code=drawing,
            controls=(
                Control("width", "Reach, in noise levels", (1, 2, 3), 1),
                Control("noise_level", "Noise level", (0.05, 0.1, 0.2, 0.5, 1.0), 0.1),
            ),
            question=Question(
                "How many of the 100 points moved no farther than `reach`?",
                ("about three quarters", "nearly all", "all of them"),
                share_near,
            ),
            conclusion=spread,
            plot=points_and_line,
        ),
        Cell(
            name="seed",
            title="A seed repeats the numbers",
            text=(
                "Random numbers are computed, one after the other. The **seed**, here 42, says where they begin. "
                "Two are drawn, and then two more."
            ),
            code=repeating,
            controls=(
                Control(
                    "restart",
                    "The second two come from",
                    ("random", "np.random.RandomState(42)", "np.random.RandomState(43)"),
                    "random",
                ),
            ),
            question=Question("Which are the second two?", ("the same two", "other numbers"), repeated),
            conclusion=(
                "A generator goes on where it stopped. A new one with the same seed begins again "
                "and repeats every number."
            ),
        ),
        Cell(
            name="split",
            title="80% to learn, 20% to check",
            text=(
                "The first 80% of the rows are for **training**. The rest is for **validation**: "
                "points that training never sees."
            ),
            code=splitting,
            controls=(Control("n", "Points", (98, 99, 100, 101, 102), 100),),
            question=Question(
                "What is the shape of `x_val`?", ("(20,)", "(20, 1)", "(21, 1)", "(1, 20)"), shape_kept_aside
            ),
            conclusion="A row for every point, in a single column. Where 80% is no whole number, it is rounded down.",
        ),
        Cell(
            name="shuffle",
            title="Shuffle before you split",
            text=(
                "Many tables come sorted, as `x` does here. The rows are taken as they come, `np.arange(100)`, "
                "or in random order, `random.permutation(100)`."
            ),
            code=shuffling,
            controls=(
                Control("rows", "Order of the rows", ("np.arange(100)", "random.permutation(100)"), "np.arange(100)"),
            ),
            question=Question(
                "Where do the validation points lie?", ("at the right end", "everywhere"), place_of_validation
            ),
            conclusion=(
                "Without shuffling, validation lies where training has never been. "
                "After shuffling, each part is a sample of the whole."
            ),
            plot=both_parts,
        ),
        Cell(
            name="pairs",
            title="One order for x and y",
            text="Every `x` belongs to one `y`. Here `x` is shuffled by `order`, and `y` by the order that you choose.",
            code=pairing,
            controls=(
                Control("order_of_y", "Order of y", ("order", "random.permutation(100)"), "random.permutation(100)"),
            ),
            question=Question("Do the points still lie along the line?", ("yes", "no"), still_a_line),
            conclusion="A second shuffle tears the pairs apart: no error, no warning, and nothing left to learn.",
            plot=pairs,
        ),
        Cell(
            name="noise",
            title="What noise hides",
            text=(
                "scikit-learn finds the line with the smallest squared errors. The points were made with "
                "«b» = 1 and «w» = 2. Does it find these numbers?"
            ),
            code=fitting,
            controls=(
                Control("noise_level", "Noise level", (0.0, 0.05, 0.1, 0.2, 0.5, 1.0), 0.1),
                Control("n", "Points", (10, 100, 1000), 100),
            ),
            question=Question("How well are 1 and 2 found?", ("exactly", "within 0.1", "not within 0.1"), recovered),
            conclusion=what_noise_hides,
            plot=both_lines,
        ),
    ),
)
