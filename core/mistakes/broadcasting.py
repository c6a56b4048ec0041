"""`(N, 1)` minus `(N,)`: every prediction is compared with every label, and the line comes out flat."""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch
from torch import nn

from core.mistakes.mistake import Attempt, Mistake, Outcome, landscape

__all__ = ["BROADCASTING"]


def warned(x, y, b, w, limit, show):
    y = y.flatten()
    show(x=x.shape, y=y.shape)
    loss_fn = nn.MSELoss()
    lr = 0.9 * limit
    for epoch in range(61):
        yhat = b + w * x
        loss = loss_fn(yhat, y)
        loss.backward()
        show(epoch=epoch, loss=loss)
        show(b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def by_hand(x, y, b, w, limit, show):
    y = y.flatten()
    lr = 0.9 * limit
    for epoch in range(61):
        error = b + w * x - y
        if epoch == 0:
            show(error=error.shape)
        loss = (error**2).mean()
        loss.backward()
        show(epoch=epoch, loss=loss)
        show(b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def shaped(x, y, b, w, limit, show):
    y = y.flatten()
    y = y.view(-1, 1)
    lr = 0.9 * limit
    for epoch in range(61):
        error = b + w * x - y
        if epoch == 0:
            show(error=error.shape)
        loss = (error**2).mean()
        loss.backward()
        show(epoch=epoch, loss=loss)
        show(b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def findings(outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    valley = landscape()
    wrong, right = outcomes[1].columns, outcomes[2].columns
    return (
        f"{valley.n} predictions against {valley.n} labels give {valley.n} · {valley.n} = {valley.n**2} differences "
        f"instead of {valley.n}.",
        f"The line ends at b = {wrong['b'][-1]:.4g} and w = {wrong['w'][-1]:.2g}, and the mean of `y` is "
        f"{valley.y_mean:.4g}. With one shape it ends at b = {right['b'][-1]:.4g} and w = {right['w'][-1]:.4g}.",
        f"Loss in the last epoch: {wrong['loss'][-1]:.3g}, with one shape {right['loss'][-1]:.3g}.",
    )


BROADCASTING = Mistake(
    name="broadcast",
    title="(N, 1) minus (N,)",
    question="The loss falls and then stays. Why is the line flat?",
    look_for=(
        "The shapes. A column minus a row of numbers is a table: PyTorch repeats both until they fit, so every "
        "prediction is compared with every label. What is best for all labels at once is their mean, whatever `x` is. "
        "`nn.MSELoss` warns of it; the same loss written by hand says nothing."
    ),
    cure=(
        "Give labels and predictions one shape, with `y.view(-1, 1)` or `yhat.squeeze(1)`, and look at the shapes "
        "once before the loop: `assert yhat.shape == y.shape`."
    ),
    attempts=(
        Attempt("With nn.MSELoss", warned),
        Attempt("By hand", by_hand),
        Attempt("With one shape", shaped, right=True),
    ),
    findings=findings,
)
