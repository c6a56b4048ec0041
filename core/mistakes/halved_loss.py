"""A loss of 1/(2n), as other courses write it: the same minimum, and half the step at the same learning rate."""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch

from core.mistakes.mistake import Attempt, Mistake, Outcome, landscape

__all__ = ["HALVED_LOSS"]


def mean(x, y, b, w, lr, show):
    n = len(x)
    for epoch in range(61):
        error = b + w * x - y
        sse = (error**2).sum()
        loss = sse / n
        loss.backward()
        show(epoch=epoch, loss=loss)
        show(b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def half(x, y, b, w, lr, show):
    n = len(x)
    for epoch in range(61):
        error = b + w * x - y
        sse = (error**2).sum()
        loss = sse / (2 * n)
        loss.backward()
        show(epoch=epoch, loss=loss)
        show(b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def twice(x, y, b, w, lr, show):
    n = len(x)
    lr = 2 * lr
    for epoch in range(61):
        error = b + w * x - y
        sse = (error**2).sum()
        loss = sse / (2 * n)
        loss.backward()
        show(epoch=epoch, loss=loss)
        show(b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def agreement(one: Outcome, other: Outcome) -> str:
    """How nearly two runs have the same b and w, in words."""
    pairs = [pair for name in "bw" for pair in zip(one.columns[name], other.columns[name], strict=True)]
    apart = max(abs(mine - theirs) for mine, theirs in pairs)
    return f"differ by at most {apart:.2g}" if apart else "are the same to the last bit"


def findings(outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    valley = landscape()
    full, halved, faster = outcomes
    means = [valley.loss(b, w) for b, w in zip(full.columns["b"], full.columns["w"], strict=True)]
    end = valley.loss(halved.columns["b"][-1], halved.columns["w"][-1])
    passed = next(epoch for epoch, loss in enumerate(means) if loss <= end)
    last = len(means) - 1
    return (
        f"After {last} epochs the run with 1/(2n) is where the first one was after {passed}.",
        f"At twice the rate its b and w {agreement(full, faster)}, in all {last} epochs.",
        f"On this data the mean bears learning rates below {valley.limit_in_digits}, and 1/(2n) below twice that.",
    )


HALVED_LOSS = Mistake(
    name="half",
    title="A loss of 1/(2n)",
    question="Another course, the same data, the same learning rate, and your run is slower. Who is right?",
    look_for=(
        "Many courses write 1/(2n), so that the 2 of the derivative cancels. Half the loss has its minimum at the same "
        "place, but half the gradient: at the same rate every step is half as long. Halving and doubling only change "
        "the exponent of a binary number, so twice the rate takes the same steps without any rounding."
    ),
    cure=(
        "Both are right; a learning rate only means something together with its loss. When you take one over from "
        "elsewhere, compare the factor before the sum: from 1/(2n) to the mean, halve the rate."
    ),
    attempts=(
        Attempt("The mean, 1/n", mean, right=True),
        Attempt("1/(2n), same rate", half),
        Attempt("1/(2n), twice the rate", twice, right=True),
    ),
    findings=findings,
)
