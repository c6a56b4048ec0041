"""The four steps with an optimizer from `torch.optim`: `step` and `zero_grad` replace the update by hand."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data import Dataset
from core.experiment import Experiment
from core.four_steps.method import TorchMethod

__all__ = ["WithOptimizer", "make_optimizer"]


def make_optimizer(experiment: Experiment, parameters: list[Tensor]) -> torch.optim.Optimizer:
    """The optimizer that `experiment` names, over `parameters`, with PyTorch's defaults besides the rate."""
    rate = experiment.learning_rate
    match experiment.optimizer:
        case "momentum":
            return torch.optim.SGD(parameters, lr=rate, momentum=0.9)
        case "rmsprop":
            return torch.optim.RMSprop(parameters, lr=rate)
        case "adam":
            return torch.optim.Adam(parameters, lr=rate)
        case _:
            return torch.optim.SGD(parameters, lr=rate)


class WithOptimizer(TorchMethod):
    """Method `optimizer`: the optimizer knows the parameters and the rule by which they change."""

    summary = "An optimizer makes the update and clears the gradients."

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        super().__init__(experiment, dataset)
        self.optimizer = make_optimizer(experiment, [self.b, self.w])

    def forward(self, x: Tensor) -> Tensor:
        return self.b + self.w * x

    def loss(self, yhat: Tensor, y: Tensor) -> Tensor:
        error = yhat - y
        return self.reduce(error**2)

    def backward(self, loss: Tensor) -> None:
        loss.backward()

    def update(self) -> None:
        self.optimizer.step()
        self.optimizer.zero_grad()
