"""Adding gradients up on purpose: sub-batches that give the whole batch's gradient, if each has its weight."""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch

from core.mistakes.mistake import Attempt, Mistake, Option, Outcome

__all__ = ["SUB_BATCHES"]


def whole(x, y, b, w, lr, show):
    for epoch in range(61):
        error = b + w * x - y
        loss = (error**2).mean()
        loss.backward()
        show(epoch=epoch, b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def weighted(x, y, b, w, lr, k, show):
    xs, ys = x.tensor_split(k), y.tensor_split(k)
    show(sizes=[len(part) for part in xs])
    for epoch in range(61):
        for xk, yk in zip(xs, ys, strict=True):
            error = b + w * xk - yk
            loss = (error**2).mean()
            share = len(xk) / len(x)
            (share * loss).backward()
        show(epoch=epoch, b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def unweighted(x, y, b, w, lr, k, show):
    xs, ys = x.tensor_split(k), y.tensor_split(k)
    show(sizes=[len(part) for part in xs])
    for epoch in range(61):
        for xk, yk in zip(xs, ys, strict=True):
            error = b + w * xk - yk
            loss = (error**2).mean()
            loss.backward()
        show(epoch=epoch, b=b, w=w)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad.zero_()
        w.grad.zero_()


def difference(one: Outcome, other: Outcome) -> float:
    """The largest difference of b or w between two runs, in any epoch."""
    pairs = [pair for name in "bw" for pair in zip(one.columns[name], other.columns[name], strict=True)]
    return max(abs(mine - theirs) for mine, theirs in pairs)


def findings(outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    right, with_weights, without = outcomes
    return (
        "Largest difference of `b` or `w` from the whole batch, in any epoch: "
        f"{difference(right, with_weights):.2g} weighted, {difference(right, without):.2g} not.",
    )


SUB_BATCHES = Mistake(
    name="sub-batches",
    title="Adding gradients up on purpose",
    question="The batch does not fit into memory. Can its parts give the same run?",
    look_for=(
        "`backward()` adds to `.grad`, so the parts' gradients sum by themselves. The sum is the whole batch's "
        "gradient only if each part's mean is weighted by its share of the points. Without the weights it is about k "
        "times as long, as if the learning rate were."
    ),
    cure=(
        "Weight each loss by its share of the points, call `backward()` for every part, then update and clear once. "
        "Dividing by k is right only for parts of one size. What is left differs by rounding."
    ),
    attempts=(
        Attempt("Whole batch", whole, right=True),
        Attempt("k parts, weighted", weighted, right=True),
        Attempt("k parts, not weighted", unweighted),
    ),
    option=Option("k", "Parts k", 2, 8, 3),
    findings=findings,
)
