"""What the engine is measured against: the data and the five loops of the course, written without the engine.

Each loop records the parameters, the loss and the gradients of every epoch, and does nothing else.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

State = tuple[float, float, float, float, float]
"""b, w, loss, b_grad, w_grad."""


def noisy_line(n=100, noise=0.1, true_b=1.0, true_w=2.0, seed=42):
    """x_train, y_train, x_val, y_val from NumPy's global stream, which is left as it was found."""
    before = np.random.get_state()
    try:
        np.random.seed(seed)
        x = np.random.rand(n, 1)
        y = true_b + true_w * x + noise * np.random.randn(n, 1)
        shuffled = np.arange(n)
        np.random.shuffle(shuffled)
    finally:
        np.random.set_state(before)
    cut = int(0.8 * n)
    return x[shuffled[:cut]], y[shuffled[:cut]], x[shuffled[cut:]], y[shuffled[cut:]]


def numpy_loop(x, y, *, seed, learning_rate, epochs, reduction="mean") -> list[State]:
    before = np.random.get_state()
    np.random.seed(seed)
    b, w = np.random.randn(1), np.random.randn(1)
    np.random.set_state(before)
    reduce = {"mean": np.mean, "sum": np.sum}[reduction]
    states = []
    for epoch in range(epochs + 1):
        error = b + w * x - y
        loss = reduce(error**2)
        b_grad, w_grad = 2 * reduce(error), 2 * reduce(x * error)
        states.append((float(b[0]), float(w[0]), float(loss), float(b_grad), float(w_grad)))
        if epoch < epochs:
            b = b - learning_rate * b_grad
            w = w - learning_rate * w_grad
    return states


def torch_start(seed) -> tuple[torch.Tensor, torch.Tensor]:
    """b and w as torch's global stream gives them, which is left as it was found."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.randn(1, requires_grad=True), torch.randn(1, requires_grad=True)


def autograd_loop(x, y, *, seed, learning_rate, epochs, reduction="mean") -> list[State]:
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    b, w = torch_start(seed)
    states = []
    for epoch in range(epochs + 1):
        squares = (b + w * x - y) ** 2
        loss = squares.mean() if reduction == "mean" else squares.sum()
        loss.backward()
        states.append(_state(b, w, loss))
        if epoch < epochs:
            with torch.no_grad():
                b -= learning_rate * b.grad
                w -= learning_rate * w.grad
        b.grad.zero_()
        w.grad.zero_()
    return states


def optimizer_loop(x, y, *, seed, learning_rate, epochs, reduction="mean", make=torch.optim.SGD) -> list[State]:
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    b, w = torch_start(seed)
    optimizer = make([b, w], lr=learning_rate)
    states = []
    for _ in range(epochs + 1):
        squares = (b + w * x - y) ** 2
        loss = squares.mean() if reduction == "mean" else squares.sum()
        loss.backward()
        states.append(_state(b, w, loss))
        optimizer.step()
        optimizer.zero_grad()
    return states


def loss_fn_loop(x, y, *, seed, learning_rate, epochs, reduction="mean", make=torch.optim.SGD) -> list[State]:
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    b, w = torch_start(seed)
    optimizer, criterion = make([b, w], lr=learning_rate), nn.MSELoss(reduction=reduction)
    states = []
    for _ in range(epochs + 1):
        loss = criterion(b + w * x, y)
        loss.backward()
        states.append(_state(b, w, loss))
        optimizer.step()
        optimizer.zero_grad()
    return states


class StraightLine(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.intercept = nn.Parameter(torch.randn(1))
        self.slope = nn.Parameter(torch.randn(1))

    def forward(self, x):
        return self.intercept + self.slope * x


def module_loop(x, y, *, seed, learning_rate, epochs, reduction="mean", make=torch.optim.SGD) -> list[State]:
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        line = StraightLine()
    optimizer, criterion = make(line.parameters(), lr=learning_rate), nn.MSELoss(reduction=reduction)
    states = []
    for _ in range(epochs + 1):
        loss = criterion(line(x), y)
        loss.backward()
        states.append(_state(line.intercept, line.slope, loss))
        optimizer.step()
        optimizer.zero_grad()
    return states


def _state(b, w, loss) -> State:
    return b.item(), w.item(), loss.item(), b.grad.item(), w.grad.item()


LOOPS = {
    "numpy": numpy_loop,
    "autograd": autograd_loop,
    "optimizer": optimizer_loop,
    "loss_fn": loss_fn_loop,
    "module": module_loop,
}
