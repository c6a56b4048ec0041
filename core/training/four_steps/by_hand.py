"""The four steps in NumPy, with the gradients worked out on paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.data import Column, Dataset
from core.experiment import Experiment
from core.training.four_steps.method import Method, Values

__all__ = ["ByHand"]


class ByHand(Method):
    """Method `numpy`: no library knows what is being minimized."""

    title = "By hand"
    summary = "NumPy arrays, gradients derived by hand."

    def start(self, experiment: Experiment, dataset: Dataset) -> None:
        self.x, self.y = dataset.x_train, dataset.y_train
        random = np.random.RandomState(experiment.seed)
        self.b, self.w = random.randn(1), random.randn(1)

    def forward(self, x: Column) -> Column:
        self.inputs = x
        return self.b + self.w * x

    def loss(self, yhat: Column, y: Column) -> np.float64:
        self.error = yhat - y
        return self.reduce(self.error**2)

    def backward(self, loss: np.float64) -> None:
        self.b_grad = 2 * self.reduce(self.error)
        self.w_grad = 2 * self.reduce(self.inputs * self.error)

    def update(self) -> None:
        self.b = self.b - self.lr * self.b_grad
        self.w = self.w - self.lr * self.w_grad

    def values(self, loss: np.float64) -> Values:
        return self.b.item(), self.w.item(), float(loss), float(self.b_grad), float(self.w_grad)

    def parameters(self) -> tuple[float, float]:
        return self.b.item(), self.w.item()

    def place(self, b: float, w: float) -> None:
        self.b = np.array([b])
        self.w = np.array([w])

    def index(self, order: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return order
