"""The four steps of many runs at once: parameters of shape (runs, 1) against points of shape (runs, points).

Every run's numbers are those that its own method gives, to the last bit: the same operations in the same order, a row
of a reduction along the points being added up as a column alone would be.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.data import Dataset
from core.experiment import Experiment
from core.training.four_steps import STATE_KEYS
from core.training.joint.kind import Kind
from core.training.joint.rules import UPDATES, Moving, Rates, by_hand

__all__ = ["JointSteps", "make_steps"]

Floats = NDArray[np.float64]
Number = TypeVar("Number", NDArray[np.float64], torch.Tensor)


class JointSteps(ABC):
    """The runs of one kind in progress. Rows keep their order; `keep` takes some out, `add` puts others at the end."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.rates = np.empty(0)
        self.updates = np.empty(0, dtype=np.int64)
        """By run, the updates that it has made."""

    def add(self, experiments: Sequence[Experiment], datasets: Sequence[Dataset]) -> None:
        """Further runs, each at its start."""
        self.rates = np.append(self.rates, [experiment.learning_rate for experiment in experiments])
        self.updates = np.append(self.updates, np.zeros(len(experiments), dtype=np.int64))
        self._add(experiments, datasets)
        self._changed()

    def change_rates(self, rates: Mapping[int, float]) -> None:
        """From the next update on, runs have other learning rates: by row."""
        for row, rate in rates.items():
            self.rates[row] = rate
        self._rates_changed()

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Go on with these rows alone."""
        self.rates, self.updates = self.rates[rows], self.updates[rows]
        self._keep(rows)
        self._changed()

    @abstractmethod
    def place(self, order: NDArray[np.int64]) -> None:
        """Bring every run's points into its `order`, shape (runs, points)."""

    @abstractmethod
    def backward(self, batch: slice) -> None:
        """Steps 1 to 3 on these columns of the points."""

    @abstractmethod
    def update(self) -> None:
        """Step 4, after which the gradients are forgotten."""

    @abstractmethod
    def read(self, values: Floats, state: Floats) -> None:
        """Write b, w, loss and both gradients into `values`, shape (5, runs), what is remembered into `state`."""

    @abstractmethod
    def read_parameters(self, values: Floats, state: Floats) -> None:
        """Write b and w into `values`, shape (2, runs), and what the optimizer remembers into `state`."""

    @abstractmethod
    def _add(self, experiments: Sequence[Experiment], datasets: Sequence[Dataset]) -> None: ...

    @abstractmethod
    def _keep(self, rows: NDArray[np.int64]) -> None: ...

    @abstractmethod
    def _changed(self) -> None:
        """The rows are others than before."""

    @abstractmethod
    def _rates_changed(self) -> None: ...


class ByHandJointly(JointSteps):
    """Method `numpy`."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.b = self.w = np.empty((0, 1))
        self.x = self.y = np.empty((0, kind.points))

    def _add(self, experiments: Sequence[Experiment], datasets: Sequence[Dataset]) -> None:
        starts = []
        for experiment in experiments:
            random = np.random.RandomState(experiment.seed)
            starts.append(_given(experiment, (random.randn(1), random.randn(1)), lambda start: np.array([start])))
        self.b = np.vstack([self.b, *(b for b, _ in starts)])
        self.w = np.vstack([self.w, *(w for _, w in starts)])
        self.x = np.vstack([self.x, *(dataset.x_train.T for dataset in datasets)])
        self.y = np.vstack([self.y, *(dataset.y_train.T for dataset in datasets)])

    def _keep(self, rows: NDArray[np.int64]) -> None:
        self.b, self.w, self.x, self.y = self.b[rows], self.w[rows], self.x[rows], self.y[rows]

    def _changed(self) -> None:
        self._rates_changed()
        self.x_placed, self.y_placed = self.x, self.y

    def _rates_changed(self) -> None:
        self.lr = self.rates[:, np.newaxis]

    def place(self, order: NDArray[np.int64]) -> None:
        self.x_placed = np.take_along_axis(self.x, order, axis=1)
        self.y_placed = np.take_along_axis(self.y, order, axis=1)

    def reduce(self, errors: Floats) -> Floats:
        reduced: Floats = getattr(errors, self.kind.reduction)(axis=1, keepdims=True)
        return reduced

    def backward(self, batch: slice) -> None:
        # A row of a part of the columns must lie as it would alone, or NumPy adds it up in another order.
        x, y = np.ascontiguousarray(self.x_placed[:, batch]), self.y_placed[:, batch]
        error = self.b + self.w * x - y
        self.loss = self.reduce(error**2)
        self.b_grad, self.w_grad = 2 * self.reduce(error), 2 * self.reduce(x * error)

    def update(self) -> None:
        self.b = self.b - self.lr * self.b_grad
        self.w = self.w - self.lr * self.w_grad
        self.updates += 1

    def read(self, values: Floats, state: Floats) -> None:
        for place, column in enumerate((self.b, self.w, self.loss, self.b_grad, self.w_grad)):
            values[place] = column[:, 0]

    def read_parameters(self, values: Floats, state: Floats) -> None:
        values[0], values[1] = self.b[:, 0], self.w[:, 0]


class TorchJointly(JointSteps):
    """The four methods of PyTorch, on the CPU."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.b = self.w = torch.empty(0, 1)
        self.x = self.y = torch.empty(0, kind.points)
        self.kept = [[torch.empty(0, 1) for _ in STATE_KEYS[kind.optimizer]] for _ in ("b", "w")]
        """For b and for w, what the optimizer remembers, in the order of `STATE_KEYS`."""
        self.rule = by_hand if kind.method == "autograd" else UPDATES[kind.optimizer]
        self.criterion = nn.MSELoss(reduction="none") if kind.method in ("loss_fn", "module") else None

    def _add(self, experiments: Sequence[Experiment], datasets: Sequence[Dataset]) -> None:
        starts = []
        for experiment in experiments:
            random = torch.Generator().manual_seed(experiment.seed)
            drawn = torch.randn(1, generator=random), torch.randn(1, generator=random)
            starts.append(_given(experiment, drawn, lambda start: torch.tensor([start])))
        new = torch.zeros(len(experiments), 1)
        self.b = torch.cat([self.b.detach(), torch.stack([b for b, _ in starts])])
        self.w = torch.cat([self.w.detach(), torch.stack([w for _, w in starts])])
        self.kept = [[torch.cat([kept, new]) for kept in of_one] for of_one in self.kept]
        rows = [(dataset.x_train.astype(np.float32).T, dataset.y_train.astype(np.float32).T) for dataset in datasets]
        self.x = torch.cat([self.x, *(torch.from_numpy(x) for x, _ in rows)])
        self.y = torch.cat([self.y, *(torch.from_numpy(y) for _, y in rows)])

    def _keep(self, rows: NDArray[np.int64]) -> None:
        index = torch.from_numpy(rows)
        self.b, self.w = self.b.detach()[index], self.w.detach()[index]
        self.kept = [[kept[index] for kept in of_one] for of_one in self.kept]
        self.x, self.y = self.x[index], self.y[index]

    def _changed(self) -> None:
        self.b.requires_grad_()
        self.w.requires_grad_()
        # The same memory seen through NumPy, as in `TorchMethod`.
        self.seen: list[NDArray[Any]] = [parameter.detach().numpy() for parameter in (self.b, self.w)]
        self.kept_seen = [kept.numpy() for pair in zip(*self.kept, strict=True) for kept in pair]
        self._rates_changed()
        self.ones = torch.ones(len(self.rates))
        self.x_placed, self.y_placed = self.x, self.y

    def _rates_changed(self) -> None:
        self.rounded = Rates(self.rates)

    def place(self, order: NDArray[np.int64]) -> None:
        index = torch.from_numpy(order)
        self.x_placed, self.y_placed = self.x.gather(1, index), self.y.gather(1, index)

    def backward(self, batch: slice) -> None:
        x, y = self.x_placed[:, batch], self.y_placed[:, batch]
        yhat = self.b + self.w * x
        errors = (yhat - y) ** 2 if self.criterion is None else self.criterion(yhat, y)
        self.loss = errors.mean(dim=1) if self.kind.reduction == "mean" else errors.sum(dim=1)
        # Each run's loss depends on its own parameters alone, so all ways back can be gone at once.
        self.loss.backward(self.ones)

    def update(self) -> None:
        parameters = (self.b, self.w)
        with torch.no_grad():
            moving = [
                Moving(parameter, parameter.grad, kept)  # type: ignore[arg-type]  # there is one after backward()
                for parameter, kept in zip(parameters, self.kept, strict=True)
            ]
            self.rule(moving, self.rounded, self.updates)
            for parameter in parameters:
                # As the method does it: a gradient added to zeros is not always the gradient alone (-0.0).
                if self.kind.method == "autograd":
                    parameter.grad.zero_()  # type: ignore[union-attr]
                else:
                    parameter.grad = None
        self.updates += 1

    def read(self, values: Floats, state: Floats) -> None:
        self.read_parameters(values, state)
        values[2] = self.loss.detach().numpy()
        for place, parameter in ((3, self.b), (4, self.w)):
            values[place] = parameter.grad.numpy()[:, 0]  # type: ignore[union-attr]

    def read_parameters(self, values: Floats, state: Floats) -> None:
        for place, seen in enumerate(self.seen):
            values[place] = seen[:, 0]
        for place, seen in enumerate(self.kept_seen):
            state[place] = seen[:, 0]


def _given(experiment: Experiment, drawn: tuple[Number, Number], made: Callable[[float], Number]) -> list[Number]:
    """b and w at the start: those that the experiment gives, of which `made` makes a number, or those drawn."""
    given = experiment.start_b, experiment.start_w
    return [one if start is None else made(start) for one, start in zip(drawn, given, strict=True)]


def make_steps(kind: Kind) -> JointSteps:
    """The steps of this kind, without any run yet."""
    return ByHandJointly(kind) if kind.method == "numpy" else TorchJointly(kind)
