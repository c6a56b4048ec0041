"""The update of a loop with autograd: two attempts that PyTorch refuses, and the one that it takes."""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch

from core.mistakes.mistake import Attempt, Mistake

__all__ = ["UPDATE"]


def reassigned(x, y, b, w, lr, show):
    for epoch in range(1, 6):
        error = b + w * x - y
        loss = (error**2).mean()
        loss.backward()
        b = b - lr * b.grad
        w = w - lr * w.grad
        show(epoch=epoch, b=b, w=w)
        b.grad.zero_()
        w.grad.zero_()


def in_place(x, y, b, w, lr, show):
    for epoch in range(1, 6):
        error = b + w * x - y
        loss = (error**2).mean()
        loss.backward()
        b -= lr * b.grad
        w -= lr * w.grad
        show(epoch=epoch, b=b, w=w)
        b.grad.zero_()
        w.grad.zero_()


def without_gradient(x, y, b, w, lr, show):
    for epoch in range(1, 6):
        error = b + w * x - y
        loss = (error**2).mean()
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        show(epoch=epoch, b=b, w=w)
        b.grad.zero_()
        w.grad.zero_()


UPDATE = Mistake(
    name="update",
    title="Updating while PyTorch watches",
    question="Three ways to write the update. Which of them trains?",
    look_for=(
        "What follows the number when `b` is printed. `requires_grad=True` is a leaf, which keeps its gradient; "
        "`grad_fn=…` is the result of a computation, which does not."
    ),
    cure=(
        "The update is no part of the model, so tell PyTorch not to watch: change `b` and `w` in place "
        "within `torch.no_grad()`, then clear their gradients with `zero_()`."
    ),
    attempts=(
        Attempt("Reassigned", reassigned),
        Attempt("In place", in_place),
        Attempt("In place, within no_grad()", without_gradient, right=True),
    ),
)
