"""The update rules of `torch.optim` for many runs at once, each with a learning rate and a count of updates of its own.

`torch.optim` takes one rate for all. These are its single-tensor formulas, written so that every run's numbers come
out the same to the last bit: which of several equal-looking forms does that was found by trying, and `check.py` tries
it again on every machine. Parameters, gradients and what is remembered are float32 of shape (runs, 1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.training.four_steps.with_optimizer import RULES

__all__ = ["UPDATES", "Rates", "Update", "by_hand"]

MOST_CORRECTED = 40_000
"""Updates after which Adam's corrections are 1 to the last bit: 0.999 to that power is far below 2⁻⁵³."""


@dataclass(frozen=True)
class Rates:
    """The runs' learning rates, float64 of shape (runs,)."""

    exact: NDArray[np.float64]

    @cached_property
    def rounded(self) -> Tensor:
        """As PyTorch rounds a number that it meets beside float32 tensors: shape (runs, 1)."""
        return column(self.exact)


@dataclass(frozen=True)
class Moving:
    """One parameter of all runs, its gradient, and what the optimizer remembers of it."""

    parameter: Tensor
    grad: Tensor
    kept: Sequence[Tensor]


Update = Callable[[Sequence[Moving], Rates, NDArray[np.int64]], None]
"""Changes the parameters in place; the last argument counts the updates that each run has made before."""


def column(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32)).unsqueeze(1)


def by_hand(parameters: Sequence[Moving], rates: Rates, updates: NDArray[np.int64]) -> None:
    """The update as method `autograd` writes it out."""
    for one in parameters:
        one.parameter.sub_(rates.rounded * one.grad)


def sgd(parameters: Sequence[Moving], rates: Rates, updates: NDArray[np.int64]) -> None:
    for one in parameters:
        one.parameter.addcmul_(one.grad, rates.rounded, value=-1)


def momentum(parameters: Sequence[Moving], rates: Rates, updates: NDArray[np.int64]) -> None:
    settings = _settings("momentum")
    for one in parameters:
        (velocity,) = one.kept
        velocity.mul_(settings["momentum"]).add_(one.grad)
        one.parameter.addcmul_(velocity, rates.rounded, value=-1)


def rmsprop(parameters: Sequence[Moving], rates: Rates, updates: NDArray[np.int64]) -> None:
    settings = _settings("rmsprop")
    for one in parameters:
        (square,) = one.kept
        square.mul_(settings["alpha"]).addcmul_(one.grad, one.grad, value=1 - settings["alpha"])
        one.parameter.add_((-rates.rounded * one.grad) / square.sqrt().add_(settings["eps"]))


def adam(parameters: Sequence[Moving], rates: Rates, updates: NDArray[np.int64]) -> None:
    settings = _settings("adam")
    beta1, beta2 = settings["betas"]
    made = np.minimum(updates + 1, MOST_CORRECTED)
    step = column(-(rates.exact / _corrections(beta1)[made]))
    root = column(_roots(beta2)[made])
    for one in parameters:
        mean, square = one.kept
        mean.lerp_(one.grad, 1 - beta1)
        square.mul_(beta2).addcmul_(one.grad, one.grad, value=1 - beta2)
        one.parameter.add_((step * mean) / (square.sqrt() / root).add_(settings["eps"]))


UPDATES: dict[str, Update] = {"sgd": sgd, "momentum": momentum, "rmsprop": rmsprop, "adam": adam}
"""By the name that an experiment gives to its optimizer."""


@cache
def _settings(optimizer: str) -> dict[str, Any]:
    """What the optimizer is told besides the rate, PyTorch's own defaults among it."""
    kind, told = RULES[optimizer]
    settings: dict[str, Any] = kind([torch.zeros(1, requires_grad=True)], lr=0.1, **told).defaults
    return settings


# Python's powers, as in `torch.optim`: NumPy's may differ from them in the last bit.


@cache
def _corrections(beta: float) -> NDArray[np.float64]:
    return np.array([1 - beta**step for step in range(MOST_CORRECTED + 1)])


@cache
def _roots(beta: float) -> NDArray[np.float64]:
    return np.array([correction**0.5 for correction in _corrections(beta).tolist()])
