"""A feature that was not scaled: the rate that fits its slope is far too small for the intercept."""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch

from core.data import make_dataset
from core.experiment import Experiment
from core.geometry.landscape import Landscape
from core.mistakes.mistake import Attempt, Mistake, Option, Outcome

__all__ = ["UNSCALED", "valleys"]


def usual(x, y, b, w, lr, k, show):
    x = k * x
    show(k=k, lr=lr)
    for epoch in range(4):
        error = b + w * x - y
        loss = (error**2).mean()
        loss.backward()
        show(epoch=epoch, loss=loss)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def smaller(x, y, b, w, k, show):
    x = k * x
    # 1 / size is never too large
    size = 1 + (x**2).mean().item()
    lr = 0.9 / size
    show(k=k, lr=lr)
    for epoch in range(61):
        error = b + w * x - y
        loss = (error**2).mean()
        loss.backward()
        show(epoch=epoch, loss=loss)
        show(b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def scaled(x, y, b, w, lr, k, show):
    x = k * x
    x = x - x.mean()
    x = x / x.std(correction=0)
    show(k=k, lr=lr)
    for epoch in range(61):
        error = b + w * x - y
        loss = (error**2).mean()
        loss.backward()
        show(epoch=epoch, loss=loss)
        show(b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def valleys(k: float) -> tuple[Landscape, Landscape]:
    """The loss over b and w for x multiplied by `k`: as it is, and standardised."""
    dataset = make_dataset(Experiment())
    x = k * dataset.x_train
    return Landscape.of(x, dataset.y_train), Landscape.of((x - x.mean()) / x.std(), dataset.y_train)


def findings(outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    raw, standardized = outcomes[1].columns, outcomes[2].columns
    valley, bowl = valleys(raw["k"][0])
    lowest = valley.loss_min
    last = int(raw["epoch"][-1])
    went, way = abs(raw["b"][-1] - raw["b"][0]), abs(valley.b_min - raw["b"][0])
    arrived = next((epoch for epoch, loss in enumerate(standardized["loss"]) if loss <= 1.01 * lowest), None)
    there = "not yet" if arrived is None else f"from epoch {arrived} on"
    return (
        f"Length of the valley over its width: {valley.condition_number**0.5:.4g}; standardised: "
        f"{bowl.condition_number**0.5:.4g}.",
        f"In {last} epochs at the rate that does not diverge, b went {went:.2g} of the {way:.2g} to its best value. "
        f"The loss ends at {raw['loss'][-1]:.3g}; the lowest possible is {lowest:.3g}.",
        f"Standardised, the loss is within 1 % of the lowest {there}.",
    )


UNSCALED = Mistake(
    name="scaling",
    title="A feature that was not scaled",
    question="The same points, but x in smaller units, as millimetres for metres. Why is hardly anything learnt?",
    look_for=(
        "The gradient for w grows with x, the one for b does not. So the loss is a long, narrow valley: a rate that "
        "w bears moves b by next to nothing, and one that would move b throws w out. x minus its mean, divided by its "
        "standard deviation, makes the valley a round bowl, whatever the units were."
    ),
    cure=(
        "Standardise each feature with the mean and the standard deviation of the training points, and use the same "
        "two numbers for all points that come later."
    ),
    attempts=(
        Attempt("The usual rate", usual),
        Attempt("A rate that does not diverge", smaller),
        Attempt("Standardised, the usual rate", scaled, right=True),
    ),
    option=Option("k", "Units of x smaller by a factor of", 1, 1000, 1000),
    findings=findings,
)
