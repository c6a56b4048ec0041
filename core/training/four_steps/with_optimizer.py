"""The four steps with an optimizer from `torch.optim`: `step` and `zero_grad` replace the update by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from core.data import Dataset
from core.experiment import Experiment
from core.training.four_steps.method import TorchMethod

__all__ = ["RULES", "OptimizerMethod", "WithOptimizer", "make_optimizer"]


RULES: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adam": (torch.optim.Adam, {}),
}
"""By the name that an experiment gives it, the optimizer's class and what it is told besides the learning rate."""


def make_optimizer(experiment: Experiment, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
    """The optimizer that `experiment` names, over `parameters`, with PyTorch's defaults besides the rate."""
    kind, settings = RULES[experiment.optimizer]
    return kind(parameters, lr=experiment.learning_rate, **settings)


class OptimizerMethod(TorchMethod):
    """The part that all methods with an optimizer share."""

    optimizer: torch.optim.Optimizer

    def backward(self, loss: Tensor) -> None:
        loss.backward()

    def update(self) -> None:
        self.optimizer.step()
        self.optimizer.zero_grad()

    def change_rate(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate


class WithOptimizer(OptimizerMethod):
    """Method `optimizer`: the optimizer knows the parameters and the rule by which they change."""

    title = "Optimizer"
    summary = "An optimizer makes the update and clears the gradients."

    def start(self, experiment: Experiment, dataset: Dataset) -> None:
        super().start(experiment, dataset)
        self.optimizer = make_optimizer(experiment, [self.b, self.w])

    def forward(self, x: Tensor) -> Tensor:
        return self.b + self.w * x

    def loss(self, yhat: Tensor, y: Tensor) -> Tensor:
        error = yhat - y
        return self.reduce(error**2)
