"""Forgetting `zero_()`: nothing complains, and the run circles the minimum for ever."""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch

from core.mistakes.mistake import Attempt, Mistake, Outcome, landscape

__all__ = ["FORGOTTEN_ZERO"]


def forgotten(x, y, b, w, lr, show):
    for epoch in range(61):
        loss = ((b + w * x - y) ** 2).mean()
        loss.backward()
        show(epoch=epoch, b=b, w=w)
        show(b_grad=b.grad, w_grad=w.grad)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad


def cleared(x, y, b, w, lr, show):
    for epoch in range(61):
        loss = ((b + w * x - y) ** 2).mean()
        loss.backward()
        show(epoch=epoch, b=b, w=w)
        show(b_grad=b.grad, w_grad=w.grad)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def findings(outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    valley = landscape()
    late = [
        max(valley.loss(b, w) for b, w in zip(one.columns["b"][-20:], one.columns["w"][-20:], strict=True))
        for one in outcomes
    ]
    largest = [max(map(abs, one.columns["b_grad"] + one.columns["w_grad"])) for one in outcomes]
    return (
        f"Largest loss in the last 20 epochs: {late[0]:.3g} without `zero_()`, {late[1]:.3g} with it.",
        f"Largest number in `b.grad` or `w.grad`: {largest[0]:.3g} without `zero_()`, {largest[1]:.3g} with it.",
    )


FORGOTTEN_ZERO = Mistake(
    name="zero-grad",
    title="Forgetting zero_()",
    question="No error, no warning. How would you notice?",
    look_for=(
        "`backward()` adds to `.grad`. Every epoch steps along the sum of all gradients so far, so the run gathers "
        "speed, shoots past the minimum and comes back. The sum is a velocity without friction: this is SGD with "
        "momentum 1, an undamped orbit."
    ),
    cure=(
        "Clear the gradients after every update: `b.grad.zero_()` and `w.grad.zero_()`, or the optimizer's "
        "`zero_grad()`. Momentum below 1 is the same idea with friction, and does come to rest."
    ),
    attempts=(Attempt("Without zero_()", forgotten), Attempt("With zero_()", cleared, right=True)),
    findings=findings,
)
