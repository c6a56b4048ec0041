"""Losses: `nn.MSELoss` makes a function, the function makes the loss, and the loss has to get out of PyTorch."""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch
from torch import nn

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.plot import Plot, Series
from core.course.runs import landscape_of, path, run_of
from core.experiment import METHODS, Experiment
from core.takeaway.program import make_program
from core.training import Record

__all__ = ["CHAPTER"]

LOOP = Experiment(method="loss_fn")

SIX_DIGITS = 1e-6
"""For numbers about 1, a difference below it leaves the first six digits alone, but for rounding."""


# --- a function -------------------------------------------------------------------------------------------


def calling(called):
    predictions = torch.tensor([2.0, 3.0, 5.0])
    labels = torch.tensor([1.0, 3.0, 3.0])
    loss_fn = nn.MSELoss()
    print(loss_fn)

    loss = called(predictions, labels)
    print(loss)


def what_came(names: Names) -> str:
    return "an error" if names["failed"] else "a function" if callable(names["loss"]) else "the loss"


def about_calling(names: Names) -> str:
    if names["failed"]:
        return "`nn.MSELoss` took the tensors for its settings. It makes the function, and only that takes tensors."
    return (
        "What `nn.MSELoss()` makes is called like a function. "
        f"It takes predictions and labels, and gives the «loss»: {names['loss']:.4g}."
    )


# --- reduction --------------------------------------------------------------------------------------------


def reducing(how):
    predictions = torch.tensor([2.0, 3.0, 5.0, 4.0])
    labels = torch.tensor([1.0, 3.0, 3.0, 5.0])
    print("errors:", predictions - labels)

    loss_fn = nn.MSELoss(reduction=how)
    loss = loss_fn(predictions, labels)
    print("loss:  ", loss)


def size_of_loss(names: Names) -> str:
    loss = names["loss"]
    return "four numbers" if loss.dim() else f"{loss:.3g}"


# --- the sum ----------------------------------------------------------------------------------------------


def growing(n):
    points = n
    labels = torch.full((points,), 3.0)
    print("       loss  gradient")

    for reduction in ("mean", "sum"):
        b = torch.tensor(1.0, requires_grad=True)
        predictions = b.expand(points)
        loss_fn = nn.MSELoss(reduction=reduction)
        loss = loss_fn(predictions, labels)
        loss.backward()
        print(f"{reduction:4} {loss:6.1f} {b.grad:9.1f}")


def gradient_of_sum(names: Names) -> str:
    return f"{names['b'].grad:.0f}".replace("-", "−")


def times_too_long(names: Names) -> str:
    n = names["points"]
    if n == 1:
        return "For one point the sum is the mean. For more points it is larger, and so is its gradient."
    return (
        f"The sum and its gradient are {n} times those of the mean. "
        f"A learning rate that fits the mean has to be divided by {n}."
    )


# --- out of PyTorch ---------------------------------------------------------------------------------------


def taking_out(taken, how):
    b = torch.tensor(1.0, requires_grad=True)
    labels = torch.tensor([2.0, 3.0, 5.0])
    loss_fn = nn.MSELoss(reduction=how)
    loss = loss_fn(b.expand(3), labels)
    print(loss)

    result = taken
    print(result)
    print(type(result))


def kind_of_result(names: Names) -> str:
    if names["failed"]:
        return "an error"
    return {"ndarray": "an array", "float": "a number", "list": "a list"}[type(names["result"]).__name__]


# --- the loop ---------------------------------------------------------------------------------------------


def up_or_down(names: Names) -> str:
    run = run_of(names)
    return "it falls" if run[-1].loss < run[0].loss else "it grows"


def loss_by_epoch(names: Names) -> Plot:
    run = run_of(names)
    epochs, lowest = [one.epoch for one in run], landscape_of(names).loss_min
    return Plot(
        "The loss, epoch by epoch",
        "epoch",
        "loss",
        (
            Series("loss", "loss", epochs, [one.loss for one in run], "path"),
            Series("lowest possible", "minimum", [epochs[0], epochs[-1]], [lowest, lowest]),
        ),
        logarithmic=True,
    )


def limit(names: Names) -> str:
    ended, bound = names["final_epoch"], landscape_of(names).max_learning_rate
    diverged = f" This run diverged after {ended} epochs." if ended < names["epochs"] else ""
    return (
        f"With `{names['loss_fn'].reduction}` the learning rate must be below {bound:.3g}: `mean` allows "
        f"{len(names['x_train'])} times as much as `sum`.{diverged}"
    )


# --- the module -------------------------------------------------------------------------------------------


def apart(one: Record, other: Record) -> float:
    return max(abs(one.b - other.b), abs(one.w - other.w))


def who_agrees(names: Names) -> str:
    end = run_of(names)[-1]
    agreeing = [method for method in METHODS[:-1] if apart(run_of(names, method=method)[-1], end) < SIX_DIGITS]
    return {METHODS[:-1]: "all of them", METHODS[1:-1]: "all but NumPy"}.get(tuple(agreeing), "none of them")


def two_starts(names: Names) -> Plot:
    series = (path(run_of(names, method="numpy"), "numpy", "data"), path(run_of(names), "module"))
    return Plot("The path over the loss surface", "b", "w", series, landscape=landscape_of(names))


def differences(names: Names) -> str:
    run = run_of(names)
    hand = max(map(apart, run_of(names, method="autograd"), run))
    by_hand = (
        f"the update by hand differs by at most {hand:.1g}, which is rounding" if hand else "so does the update by hand"
    )
    return (
        f"The loops with an optimizer give exactly these numbers; {by_hand}. "
        f"NumPy starts at other numbers and ends {apart(run_of(names, method='numpy')[-1], run[-1]):.1g} away."
    )


CHAPTER = Chapter(
    name="losses",
    title="Losses",
    summary="A loss function is made once and called in every epoch. The model comes last: it owns the parameters.",
    setup=make_program(LOOP).data,
    experiment=LOOP,
    mistakes=("broadcast", "sum", "half"),
    cells=(
        Cell(
            name="function",
            title="nn.MSELoss makes a function",
            text=(
                "The task decides the loss: for a regression it is often MSE, the mean squared error. "
                "`nn.MSELoss` is a class: calling it makes a loss function. "
                "Which of the two takes predictions and labels?"
            ),
            formula=r"«loss:\text{MSE}» = \frac{1}{n} \sum_i (\hat y_i - y_i)^2",
            code=calling,
            controls=(Control("called", "What is called", ("loss_fn", "nn.MSELoss", "nn.MSELoss()"), "nn.MSELoss"),),
            question=Question("What comes out?", ("the loss", "a function", "an error"), what_came),
            conclusion=about_calling,
            raises=True,
        ),
        Cell(
            name="reduction",
            title="From many errors to one number",
            text="`reduction` says what becomes of the squared errors: their mean, their sum, or nothing further.",
            formula=(
                r"«loss:\text{MSE}» = \frac{1}{n} \sum_i (\hat y_i - y_i)^2 "
                r"\qquad «loss:\text{SSE}» = \sum_i (\hat y_i - y_i)^2"
            ),
            code=reducing,
            controls=(Control("how", "Reduction", ('"mean"', '"sum"', '"none"'), '"mean"'),),
            question=Question(
                "The errors are 1, 0, 2 and −1. What is the loss?", ("1.5", "2", "6", "four numbers"), size_of_loss
            ),
            conclusion=(
                "The errors are squared first, so those of different sign do not cancel. "
                "With `none` every point keeps its own."
            ),
        ),
        Cell(
            name="sum",
            title="A sum grows with the data",
            text="Every point has the same error, −2. The gradient of the mean is −4, however many points there are.",
            formula=r"«loss:\text{SSE}» = n \cdot «loss:\text{MSE}»",
            code=growing,
            controls=(Control("n", "Points", (1, 10, 100), 10),),
            question=Question("What is the gradient of the sum?", ("−4", "−40", "−400"), gradient_of_sum),
            conclusion=times_too_long,
        ),
        Cell(
            name="out",
            title="Out of PyTorch",
            text=(
                "To draw or to store a «loss», take it out of PyTorch. `detach()` leaves the graph, "
                "`cpu()` fetches it from wherever it was computed."
            ),
            code=taking_out,
            controls=(
                Control(
                    "taken",
                    "Take it out",
                    ("loss.numpy()", "loss.detach().cpu().numpy()", "loss.item()", "loss.tolist()"),
                    "loss.numpy()",
                ),
                Control("how", "Reduction", ('"mean"', '"none"'), '"mean"'),
            ),
            question=Question("What is the result?", ("a number", "a list", "an array", "an error"), kind_of_result),
            conclusion=(
                "`numpy()` needs `detach()` first, because an array cannot belong to a graph; `item()` and `tolist()` "
                "do not. `item()` takes exactly one element; `tolist()` gives a list, or a number if the tensor has "
                "no dimensions."
            ),
            raises=True,
        ),
        Cell(
            name="loop",
            title="The loop with a loss function",
            text=(
                "The loss function is made once, before the loop, and called in every epoch. "
                "One word in it decides which learning rates fit."
            ),
            code=Experiment(method="loss_fn", reduction="sum", epochs=60),
            controls=(
                Control("reduction", "Reduction", ("mean", "sum"), "sum"),
                Control("learning_rate", "Learning rate", (0.001, 0.01, 0.1, 0.5, 1.0), 0.1),
            ),
            question=Question("What does the loss do?", ("it falls", "it grows"), up_or_down),
            conclusion=limit,
            plot=loss_by_epoch,
        ),
        Cell(
            name="module",
            title="The model owns its parameters",
            text=(
                "The last piece: the line is an `nn.Module`. «b» and «w» belong to it, and `model.parameters()` hands "
                "them to the optimizer."
            ),
            code=Experiment(method="module", learning_rate=0.3, epochs=10),
            controls=(
                Control("epochs", "Epochs", (1, 10, 50, 200), 10),
                Control("learning_rate", "Learning rate", (0.1, 0.3, 0.5), 0.3),
            ),
            question=Question(
                "Which of the course's earlier loops end at the same b and w, to six digits?",
                ("none of them", "all but NumPy", "all of them"),
                who_agrees,
            ),
            conclusion=differences,
            plot=two_starts,
        ),
    ),
)
