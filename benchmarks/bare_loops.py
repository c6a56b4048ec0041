"""The loops of the course, bare. The engine is measured against them, and its tests hold it against their numbers.

They are written without the engine. Each function makes what its loop needs before the first epoch, from training
points as NumPy arrays of shape (n, 1), and gives back the loop, which can be run some epochs at a time. It records
nothing: who wants to see its numbers looks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = ["LOOPS", "Loop", "start"]

Points = NDArray[np.float64]

Look = Callable[[Any, Any, Any, Any, Any], None]
"""Called in every epoch before the update, with b, w, the loss and the gradients by b and w."""


class Loop(Protocol):
    def __call__(self, epochs: int, look: Look | None = None) -> None:
        """Run so many epochs more."""


class MakeLoop(Protocol):
    def __call__(self, x: Points, y: Points, *, seed: int, learning_rate: float, reduction: str = "mean") -> Loop: ...


def numpy_loop(x: Points, y: Points, *, seed: int, learning_rate: float, reduction: str = "mean") -> Loop:
    reduce = getattr(np.ndarray, reduction)  # called like this it takes no longer than behind a dot
    random = np.random.RandomState(seed)
    b, w = random.randn(1), random.randn(1)

    def run(epochs: int, look: Look | None = None) -> None:
        nonlocal b, w
        for _ in range(epochs):
            yhat = b + w * x
            error = yhat - y
            loss = reduce(error**2)
            b_grad = 2 * reduce(error)
            w_grad = 2 * reduce(x * error)
            if look:
                look(b, w, loss, b_grad, w_grad)
            b = b - learning_rate * b_grad
            w = w - learning_rate * w_grad

    return run


def tensors(x: Points, y: Points) -> tuple[Tensor, Tensor]:
    return torch.as_tensor(x.copy()).float(), torch.as_tensor(y.copy()).float()


def start(seed: int) -> tuple[Tensor, Tensor]:
    """b and w from torch's global stream, which is seeded for that."""
    torch.manual_seed(seed)
    return torch.randn(1, requires_grad=True), torch.randn(1, requires_grad=True)


def autograd_loop(x: Points, y: Points, *, seed: int, learning_rate: float, reduction: str = "mean") -> Loop:
    reduce = getattr(Tensor, reduction)
    x_train, y_train = tensors(x, y)
    b, w = start(seed)

    def run(epochs: int, look: Look | None = None) -> None:
        nonlocal b, w
        for _ in range(epochs):
            yhat = b + w * x_train
            error = yhat - y_train
            loss = reduce(error**2)
            loss.backward()
            if look:
                look(b, w, loss, b.grad, w.grad)
            with torch.no_grad():
                b -= learning_rate * b.grad
                w -= learning_rate * w.grad
            b.grad.zero_()
            w.grad.zero_()

    return run


def optimizer_loop(
    x: Points, y: Points, *, seed: int, learning_rate: float, reduction: str = "mean", rule: Any = torch.optim.SGD
) -> Loop:
    reduce = getattr(Tensor, reduction)
    x_train, y_train = tensors(x, y)
    b, w = start(seed)
    optimizer = rule([b, w], lr=learning_rate)

    def run(epochs: int, look: Look | None = None) -> None:
        for _ in range(epochs):
            yhat = b + w * x_train
            error = yhat - y_train
            loss = reduce(error**2)
            loss.backward()
            if look:
                look(b, w, loss, b.grad, w.grad)
            optimizer.step()
            optimizer.zero_grad()

    return run


def loss_fn_loop(
    x: Points, y: Points, *, seed: int, learning_rate: float, reduction: str = "mean", rule: Any = torch.optim.SGD
) -> Loop:
    x_train, y_train = tensors(x, y)
    b, w = start(seed)
    optimizer = rule([b, w], lr=learning_rate)
    loss_fn = nn.MSELoss(reduction=reduction)

    def run(epochs: int, look: Look | None = None) -> None:
        for _ in range(epochs):
            yhat = b + w * x_train
            loss = loss_fn(yhat, y_train)
            loss.backward()
            if look:
                look(b, w, loss, b.grad, w.grad)
            optimizer.step()
            optimizer.zero_grad()

    return run


class StraightLine(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Parameter(torch.randn(1))
        self.w = nn.Parameter(torch.randn(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.b + self.w * x


def module_loop(
    x: Points, y: Points, *, seed: int, learning_rate: float, reduction: str = "mean", rule: Any = torch.optim.SGD
) -> Loop:
    x_train, y_train = tensors(x, y)
    torch.manual_seed(seed)
    model = StraightLine()
    optimizer = rule(model.parameters(), lr=learning_rate)
    loss_fn = nn.MSELoss(reduction=reduction)

    def run(epochs: int, look: Look | None = None) -> None:
        for _ in range(epochs):
            yhat = model(x_train)
            loss = loss_fn(yhat, y_train)
            loss.backward()
            if look:
                look(model.b, model.w, loss, model.b.grad, model.w.grad)
            optimizer.step()
            optimizer.zero_grad()

    return run


LOOPS: dict[str, MakeLoop] = {
    "numpy": numpy_loop,
    "autograd": autograd_loop,
    "optimizer": optimizer_loop,
    "loss_fn": loss_fn_loop,
    "module": module_loop,
}
