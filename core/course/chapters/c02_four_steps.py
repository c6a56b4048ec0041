"""The four steps of an epoch in NumPy, one after the other, and then all of them in a loop."""

# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.plot import Plot, Series
from core.course.runs import run_of
from core.data import make_dataset
from core.experiment import Experiment
from core.geometry.landscape import Landscape
from core.takeaway.program import make_program

__all__ = ["CHAPTER"]

BY_HAND = Experiment(method="numpy")
POINTS = make_dataset(BY_HAND)
BOWL = Landscape.of(POINTS.x_train, POINTS.y_train)
x_train, y_train = POINTS.x_train, POINTS.y_train  # what the cells find under these names

SLOPES = np.linspace(-1.0, 5.0, 61)
"""The values of w over which the loss is drawn."""

FLAT = 0.05
"""The size below which a gradient counts as nearly 0."""


def loss_along_w(b: float) -> Series:
    return Series("loss", "loss", SLOPES.tolist(), BOWL.loss(np.full_like(SLOPES, b), SLOPES).tolist())


# --- 1 forward --------------------------------------------------------------------------------------------


def predicting(slope, intercept):
    b, w = intercept, slope
    yhat = b + w * x_train

    too_low = yhat < y_train
    print("predictions:", len(yhat))
    print("too low:    ", too_low.sum())
    print("too high:   ", (~too_low).sum())


def how_many_too_low(names: Names) -> str:
    share = names["too_low"].mean()
    return "few" if share < 1 / 3 else "about half" if share < 2 / 3 else "most"


def how_far_off(names: Names) -> str:
    share = names["too_low"].mean()
    if how_many_too_low(names) == "about half":
        return (
            "About half of the points lie above the line, but that alone does not make it a good one. "
            "What counts is how **far** off it is: the next step."
        )
    many, wrong = "All" if share in (0, 1) else "Nearly all", "low" if share > 0.5 else "high"
    return f"{many} predictions are too {wrong}. How **far** off they are is the next step."


def line_over_points(names: Names) -> Plot:
    x, predictions = np.ravel(x_train), np.ravel(names["yhat"])
    ends = [int(x.argmin()), int(x.argmax())]
    line = Series("predictions", "line", x[ends].tolist(), predictions[ends].tolist())
    data = Series("points", "data", x.tolist(), np.ravel(y_train).tolist(), "points")
    return Plot("Predictions and points", "x", "y", (data, line))


# --- 2 loss -----------------------------------------------------------------------------------------------


def measuring(slope):
    b, w = 1.0, slope
    yhat = b + w * x_train

    error = yhat - y_train
    largest = abs(error).max()
    loss = (error**2).mean()
    print(f"largest error: {largest:.3f}")
    print(f"loss:          {loss:.4f}")


def size_of_loss(names: Names) -> str:
    loss = names["loss"]
    return "0" if loss == 0 else "about 0.01" if loss < 0.02 else "more than 0.1"


def place_on_parabola(names: Names) -> Plot:
    here = Series("this line", "w", [names["w"]], [float(names["loss"])], "points")
    return Plot("The loss along w, where b = 1", "w", "loss", (loss_along_w(names["b"]), here))


# --- 3 gradients ------------------------------------------------------------------------------------------


def differentiating(slope, intercept):
    b, w = intercept, slope
    error = b + w * x_train - y_train

    b_grad = 2 * error.mean()
    w_grad = 2 * (x_train * error).mean()
    print("b_grad:", b_grad.round(3))
    print("w_grad:", w_grad.round(3))


def sign_of_w_grad(names: Names) -> str:
    slope = names["w_grad"]
    return "nearly 0" if abs(slope) < FLAT else "positive" if slope > 0 else "negative"


def tangent(names: Names) -> Plot:
    b, w, slope = names["b"], names["w"], float(names["w_grad"])
    loss, reach = BOWL.loss(b, w), (w - 0.7, w + 0.7)
    touching = Series("gradient", "gradient", reach, [loss + slope * (at - w) for at in reach])
    here = Series("this line", "w", [w], [loss], "points")
    return Plot(f"The loss along w, where b = {b:g}", "w", "loss", (loss_along_w(b), touching, here))


def which_way(names: Names) -> str:
    b, w, slope = names["b"], names["w"], names["w_grad"]
    if abs(slope) < FLAT:
        return "The tangent is flat: a small change of «w» hardly changes the «loss»."
    better = "smaller" if slope > 0 else "larger"
    said = f"The «gradient» is the slope of the tangent: here a slightly {better} «w» lowers the «loss»."
    if w == BY_HAND.true_w and b != BY_HAND.true_b:
        said += " Although «w» = 2 is true, another «w» fits better beside a wrong «b»."
    return said


# --- the check --------------------------------------------------------------------------------------------


def checking(step):
    b, w, h = 1.0, 3.0, step
    error = b + w * x_train - y_train
    moved = b + (w + h) * x_train - y_train

    loss = (error**2).mean()
    new_loss = (moved**2).mean()
    quotient = (new_loss - loss) / h
    w_grad = 2 * (x_train * error).mean()
    print(f"quotient: {quotient:.6f}")
    print(f"w_grad:   {w_grad:.6f}")


def agreement(names: Names) -> str:
    return "yes" if abs(names["quotient"] - names["w_grad"]) < 0.001 else "no"


# --- 4 update ---------------------------------------------------------------------------------------------


def updating(rate):
    x, y = x_train, y_train
    b, w, lr = 0.0, 0.0, rate
    error = b + w * x - y
    loss = (error**2).mean()
    b_grad = 2 * error.mean()
    w_grad = 2 * (x * error).mean()

    new_b = b - lr * b_grad
    new_w = w - lr * w_grad
    new_error = new_b + new_w * x - y
    new_loss = (new_error**2).mean()
    print(f"b:    {b} -> {new_b:.3f}")
    print(f"w:    {w} -> {new_w:.3f}")
    print(f"loss: {loss:.3f} -> {new_loss:.3f}")


def fall_or_rise(names: Names) -> str:
    return "it rises" if names["new_loss"] > names["loss"] else "it falls"


def step_over_bowl(names: Names) -> Plot:
    b, w = [names["b"], float(names["new_b"])], [names["w"], float(names["new_w"])]
    return Plot("One step over the loss", "b", "w", (Series("update", "line", b, w, "path"),), landscape=BOWL)


# --- all together -----------------------------------------------------------------------------------------

THERE, NOT_YET, AWAY = "yes, within 0.001", "not yet", "it runs away"


def gaps(names: Names) -> tuple[float, float]:
    """How far b and w are from those of scikit-learn."""
    return abs(names["final_b"] - names["intercept"]), abs(names["final_w"] - names["slope"])


def arrival(names: Names) -> str:
    if names["final_loss"] > run_of(names)[0].loss:
        return AWAY
    return THERE if max(gaps(names)) <= 0.001 else NOT_YET


def parameters_by_epoch(names: Names) -> Plot:
    run = run_of(names)
    epochs = [record.epoch for record in run]
    series = (
        Series("b", "b", epochs, [record.b for record in run]),
        Series("w", "w", epochs, [record.w for record in run]),
        Series("scikit-learn", "minimum", [epochs[-1]] * 2, [names["intercept"], names["slope"]], "points"),
    )
    return Plot("b and w by epoch", "epoch", "value", series)


def how_near(names: Names) -> str:
    arrived = arrival(names)
    if arrived == AWAY:
        limit = BOWL.max_learning_rate
        return (
            f"Every step is too long and lands higher up. On this data the learning rate must stay below {limit:.3f}."
        )
    if arrived == THERE:
        return "The loop never knew where the line is, only which way is down. It arrives where scikit-learn does."
    b, w = gaps(names)
    return (
        f"«b» is still {b:.4f} and «w» {w:.4f} away from scikit-learn's. "
        "More epochs lower the «loss» further, although «b» or «w» alone may move away for a while."
    )


CHAPTER = Chapter(
    name="four-steps",
    title="Four steps, by hand",
    summary="Forward, «loss», backward, update: one epoch of gradient descent, in plain NumPy.",
    setup=make_program(BY_HAND).data,
    experiment=BY_HAND,
    mistakes=("learning-rate", "scaling"),
    cells=(
        Cell(
            name="forward",
            title="Step 1, forward: predict",
            text=(
                "An epoch has four steps: forward, loss, backward, update. "
                "**Forward** makes a prediction for every point, with the «b» and «w» of the moment."
            ),
            formula=r"\hat y_i = «b» + «w»\,x_i",
            code=predicting,
            controls=(
                Control("slope", "w", (-1.0, 0.0, 1.0, 2.0, 3.0), 0.0),
                Control("intercept", "b", (0.0, 1.0, 2.0), 2.0),
            ),
            question=Question("How many predictions are too low?", ("few", "about half", "most"), how_many_too_low),
            conclusion=how_far_off,
            plot=line_over_points,
        ),
        Cell(
            name="loss",
            title="Step 2, loss: how wrong is it?",
            text="The **loss** is one number for the whole line: the mean of the squared errors, MSE. Here «b» = 1.",
            formula=r"«loss:L» = \frac{1}{n}\sum_i (\hat y_i - y_i)^2",
            code=measuring,
            controls=(Control("slope", "w", (0.0, 1.0, 2.0, 3.0, 4.0), 2.0),),
            question=Question("How large is the loss?", ("0", "about 0.01", "more than 0.1"), size_of_loss),
            conclusion=(
                "At «w» = 2, the true line, the noise remains: its square, 0.1², is 0.01. "
                "Twice as far from there, the «loss» is about four times as large."
            ),
            plot=place_on_parabola,
        ),
        Cell(
            name="gradients",
            title="Step 3, backward: which way is down?",
            text="The **gradients** say how fast the «loss» grows with «b» and with «w». Paper and pencil give:",
            formula=(
                r"\begin{aligned}"
                r"«gradient:\frac{\partial L}{\partial b}» &= \frac{2}{n}\sum_i (\hat y_i - y_i) \\ "
                r"«gradient:\frac{\partial L}{\partial w}» &= \frac{2}{n}\sum_i x_i\,(\hat y_i - y_i)"
                r"\end{aligned}"
            ),
            code=differentiating,
            controls=(
                Control("slope", "w", (0.0, 1.0, 2.0, 3.0, 4.0), 2.0),
                Control("intercept", "b", (0.0, 0.5, 1.0, 1.5, 2.0), 0.0),
            ),
            question=Question("What is `w_grad`?", ("negative", "nearly 0", "positive"), sign_of_w_grad),
            conclusion=which_way,
            plot=tangent,
        ),
        Cell(
            name="check",
            title="Is the formula right?",
            text=(
                "A «gradient» is a slope. So change «w» by a small h and see how much the «loss» changes: "
                "this needs no formula."
            ),
            formula=(
                r"«gradient:\frac{\partial L}{\partial w}» \approx "
                r"\frac{«loss:L»(«b», «w» + h) - «loss:L»(«b», «w»)}{h}"
            ),
            code=checking,
            controls=(Control("step", "h", (1e-15, 1e-12, 1e-9, 1e-6, 0.001, 0.1, 1.0), 1e-15),),
            question=Question("Do the two agree to within 0.001?", ("yes", "no"), agreement),
            conclusion=(
                "With a large h the parabola bends away, with a tiny one the digits that differ are rounded off. "
                "In between the two agree: the formula is right."
            ),
        ),
        Cell(
            name="update",
            title="Step 4, update: take a step",
            text="The **update** goes against the gradient. The learning rate η says how far.",
            formula=(
                r"«b» \leftarrow «b» - \eta\,«gradient:\frac{\partial L}{\partial b}» \qquad "
                r"«w» \leftarrow «w» - \eta\,«gradient:\frac{\partial L}{\partial w}»"
            ),
            code=updating,
            controls=(Control("rate", "Learning rate", (0.01, 0.1, 0.4, 0.8, 0.9, 1.2), 0.9),),
            question=Question("What does the loss do in this step?", ("it falls", "it rises"), fall_or_rise),
            conclusion=(
                "The direction is downhill every time. But a long step crosses the valley, "
                "and one that is too long ends higher up than it began."
            ),
            plot=step_over_bowl,
        ),
        Cell(
            name="descent",
            title="All four, again and again",
            text=(
                "This is **gradient descent**: the four steps in a loop, from a random start. "
                "At the end scikit-learn finds the best line in its own way, as a check."
            ),
            code=BY_HAND,
            controls=(
                Control("epochs", "Epochs", (1, 10, 100, 400, 1000), 100),
                Control("learning_rate", "Learning rate", (0.01, 0.1, 0.5, 0.8, 0.9), 0.1),
            ),
            question=Question("Does it arrive at scikit-learn's line?", (THERE, NOT_YET, AWAY), arrival),
            conclusion=how_near,
            plot=parameters_by_epoch,
        ),
    ),
)
