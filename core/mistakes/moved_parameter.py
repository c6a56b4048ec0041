"""Moving a parameter to a device after asking for its gradient: what arrives is a copy that keeps none."""

# mypy: allow-untyped-defs

from __future__ import annotations

import torch

from core.mistakes.mistake import Attempt, Mistake, Outcome

__all__ = ["MOVED_PARAMETER"]


def asked_before(device, show):
    rng = torch.Generator().manual_seed(42)
    b = torch.randn(1, generator=rng, requires_grad=True)
    # copy=True: a copy even if it is there already
    b = b.to(device, copy=True)
    show(b=b, is_leaf=b.is_leaf)
    loss = ((b - 1) ** 2).mean()
    loss.backward()
    show(grad=b.grad)


def asked_after(device, show):
    rng = torch.Generator().manual_seed(42)
    b = torch.randn(1, generator=rng)
    b = b.to(device, copy=True).requires_grad_()
    show(b=b, is_leaf=b.is_leaf)
    loss = ((b - 1) ** 2).mean()
    loss.backward()
    show(grad=b.grad)


def made_there(device, show):
    rng = torch.Generator(device).manual_seed(42)
    b = torch.randn(
        1,
        generator=rng,
        device=device,
        requires_grad=True,
    )
    show(b=b, is_leaf=b.is_leaf)
    loss = ((b - 1) ** 2).mean()
    loss.backward()
    show(device=device, grad=b.grad)


def findings(outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    if "device=cpu" in outcomes[-1].printed[-1]:
        return (
            "This machine has no accelerator: `device` is `cpu`, and `copy=True` makes the copy that moving "
            "elsewhere would make.",
        )
    return ("`device` is this machine's accelerator.",)


MOVED_PARAMETER = Mistake(
    name="device",
    title="Moving a parameter after asking for its gradient",
    question="The parameter asked for its gradient. Where did that go?",
    look_for=(
        "`.to(device)` is an operation like any other: its result has a `grad_fn` and is no leaf. The gradient goes "
        "to the tensor that was left behind, and `.grad` of the moved one stays `None`."
    ),
    cure="Move first and ask afterwards, with `requires_grad_()`; or make the tensor where it belongs, with `device=`.",
    attempts=(
        Attempt("Asked, then moved", asked_before),
        Attempt("Moved, then asked", asked_after, right=True),
        Attempt("Made there", made_there, right=True),
    ),
    findings=findings,
)
