"""The four steps with PyTorch's gradients: `backward`, `no_grad` and `zero_`."""

from __future__ import annotations

import torch
from torch import Tensor

from core.training.four_steps.method import TorchMethod

__all__ = ["WithAutograd"]


class WithAutograd(TorchMethod):
    """Method `autograd`: PyTorch differentiates, the update is written out."""

    title = "Autograd"
    summary = "Autograd finds the gradients; the update is written out."

    def forward(self, x: Tensor) -> Tensor:
        return self.b + self.w * x

    def loss(self, yhat: Tensor, y: Tensor) -> Tensor:
        error = yhat - y
        return self.reduce(error**2)

    def backward(self, loss: Tensor) -> None:
        loss.backward()

    def update(self) -> None:
        with torch.no_grad():
            self.b -= self.lr * self.b.grad
            self.w -= self.lr * self.w.grad
        self.b.grad.zero_()
        self.w.grad.zero_()
