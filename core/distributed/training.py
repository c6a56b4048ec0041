"""A run over several processes: in each the same four steps, with one line more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import torch

from core.distributed.checkpoint import Checkpoint
from core.distributed.group import Group, ProcessLost
from core.distributed.shard import ONE_POINT, Shard
from core.experiment import Experiment
from core.insight.standing import updates_of
from core.training.ending import Stop, StopReason
from core.training.four_steps import STATE_KEYS, Method, TorchMethod, Values, make_method, write_state
from core.training.four_steps.by_hand import ByHand
from core.training.four_steps.with_optimizer import OptimizerMethod
from core.training.loop import STEPS_BETWEEN_PAUSES, Loop, Record, batch_order

__all__ = ["ShardTraining", "piece_on"]

PIECE = 2**16
"""Points that a step computes on at once: what it makes on the way stays in the processor's cache."""

PIECE_ELSEWHERE = 2**24
"""The same on any other device, which is waited for after each piece: what is made on the way takes half a gigabyte."""


class ShardTraining(Loop):
    """This process's part of a run. Every process has the same records, to the last bit.

    The method computes sums over the process's own points. Their sums over all processes, divided by the count of the
    points where the loss is a mean, become the gradients with which each process makes the same update.

    Args:
        device: this process's, as torch spells it.
        checkpoint: where the run goes on; its record is the first.
    """

    def __init__(
        self,
        experiment: Experiment,
        shard: Shard,
        group: Group,
        device: str = "cpu",
        checkpoint: Checkpoint | None = None,
    ) -> None:
        super().__init__(experiment, shard.landscape, shard.validation, shard.outline.y_std)
        self.shard = shard
        self._group = group
        self._device = device
        self._checkpoint = checkpoint
        self.lost = False
        """Whether the run ended because another process did."""
        if checkpoint is not None:
            self.first_epoch, self.bound = checkpoint.epoch, checkpoint.bound

    def cancel(self) -> None:
        """End the run in all processes, at the next step that they take together."""
        self._group.leaving = True

    def checkpoint(self, record: Record, state: Sequence[float]) -> Checkpoint:
        """Where the run stood at this record, whose `state` this was.

        It is made of these numbers alone, which every epoch has anyway, however far the run has come since.
        """
        experiment, epoch = self.experiment, record.epoch
        optimizer: dict[str, Any] = {}
        method = make_method(replace(experiment, device="cpu"), ONE_POINT)
        if isinstance(method, OptimizerMethod):
            method.change_rate(experiment.rate_at(epoch))
            if state and epoch:
                updates = epoch * updates_of(experiment, self.landscape.n)
                write_state(method, STATE_KEYS[experiment.optimizer], state, updates)
            optimizer = method.optimizer.state_dict()
        return Checkpoint(experiment.to_json(), self.shard.digest, epoch, self.bound, record.b, record.w, optimizer)

    def _make_method(self) -> Method:
        # It begins on a single point, and is given the shard then: a dataset would be a copy in float64.
        own = replace(self.experiment, reduction="sum", device=self._device)
        method = make_method(own, self.shard.outline)
        if self._checkpoint is not None:
            self._checkpoint.restore(method)
            method.change_rate(self.experiment.rate_at(self.first_epoch))
        method.x, method.y = self.shard.x, self.shard.y
        if isinstance(method, TorchMethod):
            method.x, method.y = (torch.from_numpy(one).to(method.device) for one in (method.x, method.y))
        return method

    def _full_batches(self, method: Method) -> Iterator[Values]:
        x, y = method.x, method.y
        size = piece_on(torch.device(self._device))
        pieces = [(x[start : start + size], y[start : start + size]) for start in range(0, len(x), size)]
        changes = dict(self.experiment.schedule)
        for epoch in count(self.first_epoch):
            yield self._gradients(method, pieces)
            if epoch in changes:
                method.change_rate(changes[epoch])
            method.update()

    def _mini_batches(self, method: Method) -> Iterator[Values | None]:
        x, y, size = method.x, method.y, self.experiment.batch_size
        assert size is not None
        first, points = self.shard.first, self.landscape.n
        stride = size * STEPS_BETWEEN_PAUSES
        changes = dict(self.experiment.schedule)
        yield self._values_at(*method.parameters())
        for epoch in count(self.first_epoch + 1):
            order = batch_order(self.experiment.seed, epoch, points) - first
            if epoch - 1 in changes:
                method.change_rate(changes[epoch - 1])
            for start in range(0, points, size):
                if start and start % stride == 0:
                    self.epochs_done = epoch - 1 + start / points
                    yield None
                batch = order[start : start + size]
                own = method.index(batch[(batch >= 0) & (batch < len(x))])
                self._gradients(method, [(x[own], y[own])])
                method.update()
            yield self._values_at(*method.parameters())

    def _gradients(self, method: Method, pieces: list[tuple[Any, Any]]) -> Values:
        """The first three steps on everybody's points; `update` is then the same everywhere."""
        sums = np.zeros(4)
        with np.errstate(over="ignore", invalid="ignore"):  # numbers that run away end the run in words
            for x, y in pieces:
                loss = method.loss(method.forward(x), y)
                method.backward(loss)
                _, _, *own = method.values(loss)
                sums += (*own, len(x))
                _forget(method)
            everybody = self._group.gather((*sums, self._group.leaving))
            loss, b_grad, w_grad, points, leaving = everybody.sum(axis=0).tolist()
        self._cancelled = leaving > 0
        scale = points if self.experiment.reduction == "mean" else 1.0
        return *method.parameters(), loss / scale, *_set_gradients(method, b_grad / scale, w_grad / scale)

    def _failed(self, error: Exception) -> Stop:
        epoch = int(self.epochs_done)
        if not isinstance(error, ProcessLost):
            return super()._failed(error)
        self.lost = True
        return Stop(
            StopReason.FAILED,
            epoch,
            f"A process has ended or cannot be heard, and the run ends after epoch {epoch}. The records up to there "
            "are written.",
        )


def piece_on(device: torch.device) -> int:
    """How many points are computed on at once."""
    return PIECE if device.type == "cpu" else PIECE_ELSEWHERE


def _forget(method: Method) -> None:
    """Clear the gradients: torch would add the next ones to them, in float32."""
    if isinstance(method, TorchMethod):
        method.b.grad = method.w.grad = None


def _set_gradients(method: Method, b_grad: float, w_grad: float) -> tuple[float, float]:
    """Give the method the gradients for its update. Returns them as it has them, in its own precision."""
    if isinstance(method, TorchMethod):
        # By way of a tensor of float64, so that what is too large for float32 becomes infinite, and is no error.
        given = torch.tensor([[b_grad], [w_grad]], dtype=torch.float64).to(method.b.detach())
        method.b.grad, method.w.grad = given[0], given[1]
        b_grad, w_grad = given[:, 0].tolist()
    else:
        assert isinstance(method, ByHand)
        method.b_grad, method.w_grad = np.float64(b_grad), np.float64(w_grad)
    return b_grad, w_grad
