"""What the engine is measured against: the loops of the course, bare. They record nothing.

Each function makes what its loop needs before the first epoch and gives back the loop, which can be run some
epochs at a time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from core import Dataset, Experiment

__all__ = ["LOOPS", "Loop"]

Loop = Callable[[int], None]
"""Runs so many epochs more."""


def numpy_loop(experiment: Experiment, dataset: Dataset) -> Loop:
    x, y, lr = dataset.x_train, dataset.y_train, experiment.learning_rate
    random = np.random.RandomState(experiment.seed)
    b, w = random.randn(1), random.randn(1)

    def run(epochs: int) -> None:
        nonlocal b, w
        for _ in range(epochs):
            yhat = b + w * x
            error = yhat - y
            loss = (error**2).mean()  # noqa: F841  the course computes it, so its time counts
            b_grad = 2 * error.mean()
            w_grad = 2 * (x * error).mean()
            b = b - lr * b_grad
            w = w - lr * w_grad

    return run


def tensors(dataset: Dataset) -> tuple[Tensor, Tensor]:
    return torch.as_tensor(dataset.x_train.copy()).float(), torch.as_tensor(dataset.y_train.copy()).float()


def start(seed: int) -> tuple[Tensor, Tensor]:
    torch.manual_seed(seed)
    return torch.randn(1, requires_grad=True), torch.randn(1, requires_grad=True)


def autograd_loop(experiment: Experiment, dataset: Dataset) -> Loop:
    (x, y), lr = tensors(dataset), experiment.learning_rate
    b, w = start(experiment.seed)

    def run(epochs: int) -> None:
        nonlocal b, w
        for _ in range(epochs):
            yhat = b + w * x
            error = yhat - y
            loss = (error**2).mean()
            loss.backward()
            with torch.no_grad():
                b -= lr * b.grad
                w -= lr * w.grad
            b.grad.zero_()
            w.grad.zero_()

    return run


def optimizer_loop(experiment: Experiment, dataset: Dataset) -> Loop:
    x, y = tensors(dataset)
    b, w = start(experiment.seed)
    optimizer = torch.optim.SGD([b, w], lr=experiment.learning_rate)

    def run(epochs: int) -> None:
        for _ in range(epochs):
            yhat = b + w * x
            error = yhat - y
            loss = (error**2).mean()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    return run


def loss_fn_loop(experiment: Experiment, dataset: Dataset) -> Loop:
    x, y = tensors(dataset)
    b, w = start(experiment.seed)
    optimizer = torch.optim.SGD([b, w], lr=experiment.learning_rate)
    loss_fn = nn.MSELoss(reduction="mean")

    def run(epochs: int) -> None:
        for _ in range(epochs):
            yhat = b + w * x
            loss = loss_fn(yhat, y)
            loss.backward()
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


def module_loop(experiment: Experiment, dataset: Dataset) -> Loop:
    x, y = tensors(dataset)
    torch.manual_seed(experiment.seed)
    model = StraightLine()
    optimizer = torch.optim.SGD(model.parameters(), lr=experiment.learning_rate)
    loss_fn = nn.MSELoss(reduction="mean")

    def run(epochs: int) -> None:
        for _ in range(epochs):
            yhat = model(x)
            loss = loss_fn(yhat, y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    return run


LOOPS: dict[str, Callable[[Experiment, Dataset], Loop]] = {
    "numpy": numpy_loop,
    "autograd": autograd_loop,
    "optimizer": optimizer_loop,
    "loss_fn": loss_fn_loop,
    "module": module_loop,
}
