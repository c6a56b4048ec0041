"""`.numpy()` on a tensor that is part of a graph: NumPy could change it behind autograd's back."""

# mypy: allow-untyped-defs

from __future__ import annotations

from core.mistakes.mistake import Attempt, Mistake

__all__ = ["TO_NUMPY"]


def straight(x, b, w, show):
    yhat = b + w * x[:3]
    show(yhat=yhat)
    line = yhat.numpy()
    show(line=line)


def detached(x, b, w, show):
    yhat = b + w * x[:3]
    show(yhat=yhat)
    line = yhat.detach().numpy()
    show(line=line)


TO_NUMPY = Mistake(
    name="numpy",
    title="numpy() on a tensor with a gradient",
    question="You want to plot the line. Why does PyTorch refuse?",
    look_for=(
        "`b` and `w` ask for gradients, so what is computed from them carries a `grad_fn`. An array cannot carry one, "
        "and what NumPy does to it would be missing in the gradient."
    ),
    cure=(
        "`detach()` first: the same numbers, outside the graph. They also share their memory, so changing the array "
        "changes the tensor."
    ),
    attempts=(Attempt("Straight to NumPy", straight), Attempt("Detached first", detached, right=True)),
)
