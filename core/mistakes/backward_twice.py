"""`backward()` twice on one graph: the first call frees what the second would need."""

# mypy: allow-untyped-defs

from __future__ import annotations

from core.mistakes.mistake import Attempt, Mistake

__all__ = ["BACKWARD_TWICE"]


def twice(x, y, b, w, show):
    error = b + w * x - y
    loss = (error**2).mean()
    loss.backward()
    show(b_grad=b.grad)
    loss.backward()
    show(b_grad=b.grad)


def forward_again(x, y, b, w, show):
    for _ in range(2):
        error = b + w * x - y
        loss = (error**2).mean()
        loss.backward()
        show(b_grad=b.grad)
        b.grad.zero_()
        w.grad.zero_()


def retained(x, y, b, w, show):
    error = b + w * x - y
    loss = (error**2).mean()
    loss.backward(retain_graph=True)
    show(b_grad=b.grad)
    loss.backward()
    show(b_grad=b.grad)


BACKWARD_TWICE = Mistake(
    name="backward",
    title="backward() twice on one graph",
    question="The loss is still there. Why not once more?",
    look_for=(
        "The forward pass builds the graph and keeps in it the numbers that the gradients need; `backward()` uses "
        "them up. `retain_graph=True` keeps them, and the second call adds the same gradients once more: they double."
    ),
    cure=(
        "One forward pass for every `backward()`, with the gradients cleared between. `retain_graph=True` is for "
        "graphs that really are walked twice; here it hides a forward pass that is missing."
    ),
    attempts=(
        Attempt("Twice", twice),
        Attempt("Forward again", forward_again, right=True),
        Attempt("With retain_graph=True", retained),
    ),
)
