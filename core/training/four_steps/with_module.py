"""The four steps with the line as an `nn.Module`, the way larger networks are written."""

from __future__ import annotations

from torch import Tensor, nn

from core.data import Dataset
from core.experiment import Experiment
from core.training.four_steps.with_optimizer import OptimizerMethod, make_optimizer

__all__ = ["Line", "WithModule"]


class Line(nn.Module):
    def __init__(self, b: Tensor, w: Tensor) -> None:
        super().__init__()
        self.b = nn.Parameter(b)
        self.w = nn.Parameter(w)

    def forward(self, x: Tensor) -> Tensor:
        return self.b + self.w * x


class WithModule(OptimizerMethod):
    """Method `module`: the model owns its parameters and hands them to the optimizer."""

    title = "Module"
    summary = "The line is an nn.Module that owns b and w."
    also_shown = (Line,)

    def start(self, experiment: Experiment, dataset: Dataset) -> None:
        super().start(experiment, dataset)
        self.model = Line(self.b.detach(), self.w.detach())
        self.b, self.w = self.model.b, self.model.w
        self.loss_fn = nn.MSELoss(reduction=experiment.reduction)
        self.optimizer = make_optimizer(experiment, self.model.parameters())

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)

    def loss(self, yhat: Tensor, y: Tensor) -> Tensor:
        return self.loss_fn(yhat, y)
