"""One epoch under the magnifying glass: its first update repeated with the method's own code, step by step.

It agrees with the run to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from core.data import Dataset
from core.experiment import Experiment
from core.insight.entries import Entries
from core.insight.standing import first_batch, place, updates_of
from core.training.four_steps import STATE_KEYS, Method, TorchMethod, make_method, read_state
from core.training.history import History
from core.training.threads import one_thread

__all__ = ["Epoch", "repeat_epoch"]

Pair = tuple[float, float]


@dataclass(frozen=True)
class Epoch:
    """The first update after `epoch` epochs, step by step. Pairs are for b and for w."""

    epoch: int
    points: int
    """The points of this update: all the training data, or the first batch of the epoch."""
    batches: int
    """The updates of the epoch."""
    before: Pair
    yhat: Entries
    error: Entries
    loss: float
    gradient: Pair
    learning_rate: float
    optimizer: str
    settings: Mapping[str, Any]
    """What else the optimizer is told, under the names of `torch.optim`: momentum, alpha, betas, eps, …"""
    state: Mapping[str, Pair]
    """What the optimizer remembered before, under the names of `torch.optim`."""
    new_state: Mapping[str, Pair]
    updates: int
    """How many updates the optimizer has made after this one."""
    after: Pair
    cleared: str
    """What `.grad` is in the end: `None`, `0`, or empty for the method without autograd."""


@one_thread()
def repeat_epoch(experiment: Experiment, dataset: Dataset, history: History, epoch: int) -> Epoch:
    """The first update after record `epoch` of this run's history.

    Raises:
        IndexError: if the history has no such record.
        ValueError: if it was kept without what this experiment's optimizer remembers.
    """
    method = make_method(experiment, dataset)
    points = len(dataset.x_train)
    batches = updates_of(experiment, points)
    state = place(method, experiment, history, epoch, batches)
    rate = experiment.rate_at(epoch)
    method.change_rate(rate)
    x, y = first_batch(method, experiment, points, epoch)
    keys = STATE_KEYS[experiment.optimizer]
    before = method.parameters()
    yhat = method.forward(x)
    with np.errstate(over="ignore", invalid="ignore"):
        loss = method.loss(yhat, y)
        method.backward(loss)
        _, _, loss_value, b_grad, w_grad = method.values(loss)
        method.update()
    return Epoch(
        epoch=epoch,
        points=len(x),
        batches=batches,
        before=before,
        yhat=Entries.of(yhat),
        error=Entries.of(yhat.detach() - y if isinstance(yhat, Tensor) else yhat - y),
        loss=loss_value,
        gradient=(b_grad, w_grad),
        learning_rate=rate,
        optimizer=experiment.optimizer,
        settings=dict(vars(method)["optimizer"].defaults) if keys else {},
        state=_by_key(keys, state),
        new_state=_by_key(keys, read_state(method, keys) if keys else ()),
        updates=epoch * batches + 1,
        after=method.parameters(),
        cleared=_cleared(method),
    )


def _by_key(keys: Sequence[str], values: Sequence[float]) -> dict[str, Pair]:
    return {key: (values[2 * i], values[2 * i + 1]) for i, key in enumerate(keys)}


def _cleared(method: Method) -> str:
    if not isinstance(method, TorchMethod):
        return ""
    return "None" if method.b.grad is None else f"{method.b.grad.item():g}"
