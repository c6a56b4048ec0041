"""Training update by update, written without the engine: what every single step computes and remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import nn

from benchmarks.bare_loops import start

MAKERS = {
    "sgd": torch.optim.SGD,
    "momentum": partial(torch.optim.SGD, momentum=0.9),
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
}
KEPT = {
    "sgd": (),
    "momentum": ("momentum_buffer",),
    "rmsprop": ("square_avg",),
    "adam": ("exp_avg", "exp_avg_sq"),
}
"""What each keeps for a parameter from one update to the next, besides the number of updates."""

PAIRINGS = [
    ("numpy", "sgd"),
    ("autograd", "sgd"),
    *((method, optimizer) for method in ("optimizer", "loss_fn", "module") for optimizer in MAKERS),
]
"""Every method with every optimizer that it allows."""

Pair = tuple[float, float]


@dataclass(frozen=True)
class Step:
    """One update. Pairs are for b and for w."""

    points: int
    before: Pair
    yhat: tuple[float, ...]
    error: tuple[float, ...]
    loss: float
    gradient: Pair
    state: Mapping[str, Pair]
    new_state: Mapping[str, Pair]
    after: Pair


def batches_of(epoch: int, points: int, batch_size: int | None, seed: int) -> list[np.ndarray]:
    """The positions of the points in each update that follows upon `epoch` epochs."""
    if batch_size is None or batch_size >= points:
        return [np.arange(points)]
    order = np.random.default_rng([seed, epoch + 1]).permutation(points)
    return [order[start : start + batch_size] for start in range(0, points, batch_size)]


def bare_steps(
    x, y, *, seed, learning_rate, epochs, method="optimizer", optimizer="sgd", reduction="mean", batch_size=None
) -> list[list[Step]]:
    """The updates of every epoch."""
    if method == "numpy":
        return _by_hand(x, y, seed, learning_rate, epochs, reduction, batch_size)
    points = len(x)
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    with torch.random.fork_rng(devices=[]):
        b, w = start(seed)
    criterion = nn.MSELoss(reduction=reduction)
    rule = MAKERS[optimizer]([b, w], lr=learning_rate)
    all_steps = []
    for epoch in range(epochs):
        steps = []
        for positions in batches_of(epoch, points, batch_size, seed):
            x_now, y_now = (x, y) if len(positions) == points else (x[positions], y[positions])
            before, state = (b.item(), w.item()), remembered(rule, optimizer, b, w)
            yhat = b + w * x_now
            error = yhat - y_now
            if method in ("loss_fn", "module"):
                loss = criterion(yhat, y_now)
            else:
                loss = (error**2).mean() if reduction == "mean" else (error**2).sum()
            rule.zero_grad()
            loss.backward()
            if method == "autograd":
                with torch.no_grad():
                    b -= learning_rate * b.grad
                    w -= learning_rate * w.grad
            else:
                rule.step()
            steps.append(
                Step(
                    len(positions),
                    before,
                    tuple(yhat.flatten().tolist()),
                    tuple(error.flatten().tolist()),
                    loss.item(),
                    (b.grad.item(), w.grad.item()),
                    state,
                    remembered(rule, optimizer, b, w),
                    (b.item(), w.item()),
                )
            )
        all_steps.append(steps)
    return all_steps


def remembered(rule, optimizer, b, w) -> dict[str, Pair]:
    """What `torch.optim`'s object holds for b and for w; nothing counts as 0."""
    return {key: tuple(float(rule.state[parameter].get(key, 0.0)) for parameter in (b, w)) for key in KEPT[optimizer]}


def _by_hand(x, y, seed, learning_rate, epochs, reduction, batch_size) -> list[list[Step]]:
    random = np.random.RandomState(seed)
    b, w = random.randn(1), random.randn(1)
    reduce = {"mean": np.mean, "sum": np.sum}[reduction]
    all_steps = []
    for epoch in range(epochs):
        steps = []
        for positions in batches_of(epoch, len(x), batch_size, seed):
            before = b.item(), w.item()
            yhat = b + w * x[positions]
            error = yhat - y[positions]
            b_grad, w_grad = 2 * reduce(error), 2 * reduce(x[positions] * error)
            b, w = b - learning_rate * b_grad, w - learning_rate * w_grad
            steps.append(
                Step(
                    len(positions),
                    before,
                    tuple(yhat[:, 0].tolist()),
                    tuple(error[:, 0].tolist()),
                    float(reduce(error**2)),
                    (float(b_grad), float(w_grad)),
                    {},
                    {},
                    (b.item(), w.item()),
                )
            )
        all_steps.append(steps)
    return all_steps
