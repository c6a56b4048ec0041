"""What every way of writing the four steps has in common.

A method is one training problem in progress: its data, its parameters b and w, and the four steps that
take one epoch, or one batch of it, in the order in which they are called.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from operator import methodcaller
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from core.data import Dataset
from core.experiment import Experiment

__all__ = ["STEPS", "Method", "TorchMethod", "Values"]

STEPS = ("forward", "loss", "backward", "update")
"""The four steps of an epoch, in the order in which the engine calls them."""


Values = tuple[float, float, float, float, float]
"""b, w, the loss and its gradients by b and w: the numbers after `backward`, before `update`, as plain floats."""


class Method(ABC):
    """Holds `x` and `y`, the training data, and the parameters; subclasses write the four steps."""

    title: ClassVar[str]
    """What this way is called, in a word or two."""

    summary: ClassVar[str]
    """What is particular to this way, in one sentence."""

    also_shown: ClassVar[tuple[type, ...]] = ()
    """Classes that a reader needs to see to follow the steps."""

    x: Any
    y: Any

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self.lr = experiment.learning_rate
        # mean() or sum(), whichever turns the squared errors into one loss.
        self.reduce: Callable[[Any], Any] = methodcaller(experiment.reduction)
        self.start(experiment, dataset)
        given = experiment.start_b, experiment.start_w
        if given != (None, None):
            drawn = self.parameters()
            self.place(*(one if start is None else start for one, start in zip(drawn, given, strict=True)))

    @abstractmethod
    def start(self, experiment: Experiment, dataset: Dataset) -> None:
        """What comes before the loop: the data, the parameters, and what else the steps use."""

    @abstractmethod
    def forward(self, x: Any) -> Any:
        """Step 1: the predictions for `x`."""

    @abstractmethod
    def loss(self, yhat: Any, y: Any) -> Any:
        """Step 2: how wrong the predictions are, as one number."""

    @abstractmethod
    def backward(self, loss: Any) -> None:
        """Step 3: the gradients of the loss with respect to b and w."""

    @abstractmethod
    def update(self) -> None:
        """Step 4: a step against the gradients, which are then forgotten."""

    def change_rate(self, rate: float) -> None:
        """From the next update on the learning rate is another; what an optimizer remembers stays."""
        self.lr = rate

    @abstractmethod
    def values(self, loss: Any) -> Values:
        """The parameters, `loss` and the gradients as numbers."""

    @abstractmethod
    def parameters(self) -> tuple[float, float]:
        """b and w as numbers."""

    @abstractmethod
    def place(self, b: float, w: float) -> None:
        """Set the parameters."""

    @abstractmethod
    def index(self, order: np.ndarray[Any, Any]) -> Any:
        """`order`, the positions of some points, as what `x` and `y` can be indexed with."""


class TorchMethod(Method):
    """The part that the four PyTorch methods share: tensors on a device and the same start for all."""

    b: Tensor
    w: Tensor

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self.device = torch.device(experiment.device)
        super().__init__(experiment, dataset)
        self.on_cpu = self.device.type == "cpu"
        if self.on_cpu:
            # The same memory seen through NumPy, which reads a number many times faster than a tensor does.
            # Every update is made in place, so it stays the same memory.
            self.b_now, self.w_now = self.b.detach().numpy(), self.w.detach().numpy()

    def start(self, experiment: Experiment, dataset: Dataset) -> None:
        self.x = torch.tensor(dataset.x_train).float().to(self.device)
        self.y = torch.tensor(dataset.y_train).float().to(self.device)
        # A generator of its own gives what torch.manual_seed would, and leaves everybody else's stream alone.
        # Drawn on the CPU, the start is the same on every device.
        random = torch.Generator().manual_seed(experiment.seed)
        self.b = torch.randn(1, generator=random).to(self.device).requires_grad_()
        self.w = torch.randn(1, generator=random).to(self.device).requires_grad_()

    def values(self, loss: Tensor) -> Values:
        if self.on_cpu:
            return self.b_now.item(), self.w_now.item(), loss.item(), self.b.grad.item(), self.w.grad.item()
        # One transfer instead of five: each waits for the device to finish.
        together = torch.cat([self.b.detach(), self.w.detach(), loss.detach().reshape(1), self.b.grad, self.w.grad])
        return tuple(together.tolist())

    def parameters(self) -> tuple[float, float]:
        return self.b.item(), self.w.item()

    def place(self, b: float, w: float) -> None:
        with torch.no_grad():
            self.b.fill_(b)
            self.w.fill_(w)

    def index(self, order: np.ndarray[Any, Any]) -> Tensor:
        return torch.from_numpy(order).to(self.device)
