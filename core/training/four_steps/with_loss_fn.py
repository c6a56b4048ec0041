"""The four steps with `nn.MSELoss`: calling it once makes the function that is then called every epoch."""

from __future__ import annotations

from torch import Tensor, nn

from core.data import Dataset
from core.experiment import Experiment
from core.training.four_steps.with_optimizer import OptimizerMethod, make_optimizer

__all__ = ["WithLossFn"]


class WithLossFn(OptimizerMethod):
    """Method `loss_fn`: the loss is an object of PyTorch's as well."""

    title = "Loss"
    summary = "nn.MSELoss computes the loss, an optimizer makes the update."

    def start(self, experiment: Experiment, dataset: Dataset) -> None:
        super().start(experiment, dataset)
        self.loss_fn = nn.MSELoss(reduction=experiment.reduction)
        self.optimizer = make_optimizer(experiment, [self.b, self.w])

    def forward(self, x: Tensor) -> Tensor:
        return self.b + self.w * x

    def loss(self, yhat: Tensor, y: Tensor) -> Tensor:
        return self.loss_fn(yhat, y)
