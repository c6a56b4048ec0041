"""Optimizers: who makes the update, who forgets the gradients, and how the rules differ on their way down."""

# mypy: allow-untyped-defs

from __future__ import annotations

from itertools import pairwise

import torch
from torch import optim

from core.course.cell import Cell, Control, Names, Question
from core.course.chapter import Chapter
from core.course.plot import Plot
from core.course.runs import landscape_of, path, run_of
from core.experiment import Experiment
from core.takeaway.program import make_program
from core.training import Record

__all__ = ["CHAPTER"]

LOOP = Experiment(method="optimizer")

SETTLED = 5
"""The epoch from which on the path of batches is drawn: the long way there would hide how it wanders."""


# --- step() -----------------------------------------------------------------------------------------------


def stepping(rate):
    lr = rate
    b = torch.tensor(1.0, requires_grad=True)
    w = torch.tensor(2.0, requires_grad=True)
    optimizer = optim.SGD([b, w], lr=lr)

    yhat = b + w * 2
    loss = (yhat - 7) ** 2
    loss.backward()
    print(f"gradient b {b.grad:5.2f}  w {w.grad:5.2f}")

    hand = [p.detach() - lr * p.grad for p in (b, w)]
    optimizer.step()
    print(f"by hand  b {hand[0]:5.2f}  w {hand[1]:5.2f}")
    print(f"step()   b {b:5.2f}  w {w:5.2f}")


def new_b(names: Names) -> str:
    return f"{names['b'].item():.3g}"


# --- zero_grad() ------------------------------------------------------------------------------------------


def forgetting(to_none):
    b = torch.tensor(1.0, requires_grad=True)
    optimizer = optim.SGD([b], lr=0.1)

    loss = (b - 3) ** 2
    loss.backward()
    optimizer.step()
    print("after step():     ", b.grad)

    optimizer.zero_grad(set_to_none=to_none)
    print("after zero_grad():", b.grad)


def left_over(names: Names) -> str:
    grad = names["b"].grad
    return "None" if grad is None else "zero" if grad == 0 else "still −4"


WHY_LEFT_OVER = {
    "None": "`None` means that there is no gradient, and takes no memory. `step()` leaves such a parameter alone.",
    "zero": (
        "The gradient is there and is 0. Plain SGD then stands still, but an optimizer with momentum still moves «b»; "
        "with `None` it would not."
    ),
}


def about_left_over(names: Names) -> str:
    return WHY_LEFT_OVER[left_over(names)]


# --- the first step ---------------------------------------------------------------------------------------


def first_steps(rule, rate):
    lr = rate
    moved = []
    for slope in (0.01, 1.0, 100.0):
        b = torch.tensor(0.0, requires_grad=True)
        optimizer = rule([b], lr=lr)
        loss = slope * b
        loss.backward()
        optimizer.step()
        moved.append(b.item())
        print(f"gradient {b.grad:6.2f}   step {b:8.4f}")


def grown(names: Names) -> str:
    ratio = names["moved"][-1] / names["moved"][0]
    return "just as long" if ratio < 2 else "10 000 times as long" if ratio > 5000 else "100 times as long"


FIRST_STEPS = {
    optim.SGD: "SGD multiplies the gradient by the learning rate, so the step grows with the gradient.",
    optim.RMSprop: "RMSprop's first step divides the gradient by a tenth of its size: only the sign is left.",
    optim.Adam: "Adam's first step divides the gradient by its size: only the sign is left.",
}


def about_first_steps(names: Names) -> str:
    flat, middle, steep = (f"{-b / names['lr']:.4g}" for b in names["moved"])
    return (
        f"The steps are {flat}, {middle} and {steep} times the learning rate. {FIRST_STEPS[type(names['optimizer'])]}"
    )


# --- the loop ---------------------------------------------------------------------------------------------


def beside_sgd(names: Names) -> str:
    run, sgd = run_of(names), run_of(names, optimizer="sgd")
    if run == sgd:
        return "it is SGD"
    return "lower" if run[-1].loss < sgd[-1].loss else "higher"


def paths(names: Names) -> Plot:
    run, sgd, rule = run_of(names), run_of(names, optimizer="sgd"), names["experiment"].optimizer
    series = (path(run, rule),) if run == sgd else (path(sgd, "sgd", "data"), path(run, rule))
    return Plot("The path over the loss surface", "b", "w", series, landscape=landscape_of(names))


def losses_beside_sgd(names: Names) -> str:
    run, sgd = run_of(names), run_of(names, optimizer="sgd")
    beside = "" if run == sgd else f", and that of SGD {sgd[-1].loss:.3g}"
    return (
        f"After {names['final_epoch']} epochs its «loss» is {run[-1].loss:.3g}{beside}. "
        "Which rule is ahead depends on the learning rate and on how long it runs."
    )


# --- batches ----------------------------------------------------------------------------------------------


def rises(run: tuple[Record, ...]) -> int:
    """In how many epochs the loss rises."""
    return sum(after.loss > before.loss for before, after in pairwise(run))


def always_falls(names: Names) -> str:
    return "no, it also rises" if rises(run_of(names)) else "yes, in every epoch"


def wandering(names: Names) -> Plot:
    end = path(run_of(names)[SETTLED:], "end of an epoch")
    return Plot(f"The path from epoch {SETTLED} on", "b", "w", (end,), landscape=landscape_of(names))


def updates(names: Names) -> str:
    points = len(names["x_train"])
    each = -(-points // names.get("batch_size", points))
    made = (
        f"{each} updates per epoch, each against the gradient of its own batch."
        if each > 1
        else f"1 update per epoch, against the gradient of all {points} points."
    )
    return (
        f"{made} The «loss» over all points rose in {rises(run_of(names))} of the {names['final_epoch']} epochs. "
        "Like the optimizer, the batch size changes the path."
    )


CHAPTER = Chapter(
    name="optimizers",
    title="Optimizers",
    summary="The update in one call: `step()` moves all parameters, `zero_grad()` forgets all gradients.",
    setup=make_program(LOOP).data,
    experiment=LOOP,
    mistakes=("zero-grad",),
    cells=(
        Cell(
            name="step",
            title="step() makes the update",
            text=(
                "The optimizer is given all parameters and the learning rate η once. From then on, each `step()` "
                "updates them all; the rule here is SGD. There is one point: x = 2, y = 7."
            ),
            formula=r"«b» \leftarrow «b» - \eta \cdot «gradient:\text{b.grad}»",
            code=stepping,
            controls=(Control("rate", "Learning rate", (0.1, 0.5, 1.0), 0.1),),
            question=Question(
                "b is 1 and its gradient is −4. What is b after `step()`?", ("0.6", "1.4", "3", "5"), new_b
            ),
            conclusion="One call updates both «b» and «w». A negative gradient makes a parameter larger.",
        ),
        Cell(
            name="zero-grad",
            title="zero_grad() forgets the gradients",
            text=(
                "After the update the gradients are no longer needed. `zero_grad()` clears those of all parameters; "
                "since PyTorch 2.0 it sets them to `None` by default."
            ),
            code=forgetting,
            controls=(Control("to_none", "set_to_none", ("True", "False"), "True"),),
            question=Question("What is `b.grad` after `zero_grad()`?", ("zero", "None", "still −4"), left_over),
            conclusion=about_left_over,
        ),
        Cell(
            name="first-step",
            title="How far does the first step go?",
            text="Three losses, from flat to steep: their gradients are 0.01, 1 and 100. Each gets one step.",
            code=first_steps,
            controls=(
                Control("rule", "Optimizer", ("optim.SGD", "optim.RMSprop", "optim.Adam"), "optim.RMSprop"),
                Control("rate", "Learning rate", (0.01, 0.1, 0.5), 0.1),
            ),
            question=Question(
                "The gradient is 10 000 times as large. And the step?",
                ("just as long", "100 times as long", "10 000 times as long"),
                grown,
            ),
            conclusion=about_first_steps,
        ),
        Cell(
            name="loop",
            title="One loop, four rules",
            text="The whole loop. Which rule makes the update is decided in one line; momentum is SGD with a memory.",
            code=Experiment(method="optimizer", optimizer="adam", epochs=20),
            controls=(
                Control("optimizer", "Optimizer", ("sgd", "momentum", "rmsprop", "adam"), "adam"),
                Control("learning_rate", "Learning rate", (0.01, 0.1, 0.3), 0.1),
                Control("epochs", "Epochs", (10, 20, 40, 100), 20),
            ),
            question=Question(
                "How does its final loss compare with that of SGD?", ("lower", "higher", "it is SGD"), beside_sgd
            ),
            conclusion=losses_beside_sgd,
            plot=paths,
        ),
        Cell(
            name="batches",
            title="Small batches, a restless path",
            text=(
                "A batch is a part of the 80 training points, and there is one update for each batch. "
                "The fewer points in it, the more updates in an epoch."
            ),
            code=Experiment(method="optimizer", batch_size=8, learning_rate=0.3, epochs=20),
            controls=(
                Control("batch_size", "Batch size", (4, 8, 16, 40, 80), 8),
                Control("learning_rate", "Learning rate", (0.1, 0.3, 0.5), 0.3),
            ),
            question=Question(
                "Does the loss fall in every epoch?",
                ("yes, in every epoch", "no, it also rises"),
                always_falls,
            ),
            conclusion=updates,
            plot=wandering,
        ),
    ),
)
