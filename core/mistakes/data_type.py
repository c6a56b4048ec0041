"""float64 data in a float32 layer: NumPy and PyTorch count with different numbers of digits."""

# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np
import torch
from torch import nn, optim

from core.data import make_dataset
from core.experiment import Experiment
from core.mistakes.mistake import Attempt, Mistake, Outcome

__all__ = ["DATA_TYPE"]


def straight(x_train, y_train, show):
    x = torch.as_tensor(x_train)
    y = torch.as_tensor(y_train)
    torch.manual_seed(42)
    layer = nn.Linear(1, 1)
    show(x=x.dtype)
    show(weight=layer.weight.dtype)
    loss_fn = nn.MSELoss()
    sgd = optim.SGD(
        layer.parameters(),
        lr=0.1,
    )
    for epoch in range(4):
        loss = loss_fn(layer(x), y)
        loss.backward()
        show(epoch=epoch, loss=loss)
        sgd.step()
        sgd.zero_grad()


def single(x_train, y_train, show):
    x = torch.as_tensor(x_train)
    x = x.float()
    # or at once:
    y = torch.as_tensor(
        y_train,
        dtype=torch.float32,
    )
    torch.manual_seed(42)
    layer = nn.Linear(1, 1)
    show(x=x.dtype)
    show(weight=layer.weight.dtype)
    loss_fn = nn.MSELoss()
    sgd = optim.SGD(
        layer.parameters(),
        lr=0.1,
    )
    for epoch in range(4):
        loss = loss_fn(layer(x), y)
        loss.backward()
        show(epoch=epoch, loss=loss)
        sgd.step()
        sgd.zero_grad()


def double(x_train, y_train, show):
    x = torch.as_tensor(x_train)
    y = torch.as_tensor(y_train)
    torch.manual_seed(42)
    layer = nn.Linear(1, 1).double()
    show(x=x.dtype)
    show(weight=layer.weight.dtype)
    loss_fn = nn.MSELoss()
    sgd = optim.SGD(
        layer.parameters(),
        lr=0.1,
    )
    for epoch in range(4):
        loss = loss_fn(layer(x), y)
        loss.backward()
        show(epoch=epoch, loss=loss)
        sgd.step()
        sgd.zero_grad()


def findings(outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    x = make_dataset(Experiment()).x_train
    rounded = x.astype(np.float32)
    of_single, of_double = (np.array(one.columns["loss"]) for one in outcomes[1:])
    return (
        f"The {len(x)} numbers of `x` take {x.nbytes} bytes as `float64` and {rounded.nbytes} as `float32`. "
        f"The two losses differ by at most {np.abs(of_single / of_double - 1).max():.1g} of their value.",
    )


DATA_TYPE = Mistake(
    name="dtype",
    title="float64 data in a float32 layer",
    question="The numbers are right and so is the shape. What is it that does not match?",
    look_for=(
        "The word after `torch.`. NumPy makes `float64`, and a tensor made from an array keeps that; PyTorch's layers "
        "hold `float32` unless they are told otherwise. `b + w * x` converts by itself, a layer does not: its matrix "
        "product takes one type only. In the message, Double is `float64` and Float is `float32`."
    ),
    cure=(
        "Convert the data where it enters: `torch.as_tensor(x_train).float()`, or "
        "`torch.as_tensor(x_train, dtype=torch.float32)`. Where you need the digits, make the layer `float64` instead: "
        "`nn.Linear(1, 1, dtype=torch.float64)`, or `.double()` on one that there is."
    ),
    attempts=(
        Attempt("Straight from NumPy", straight),
        Attempt("Data of float32", single, right=True),
        Attempt("A layer of float64", double, right=True),
    ),
    findings=findings,
)
