"""A method put where a run stood: from b, w and what the optimizer remembered, an epoch's first update can begin anew.

A run's history holds these numbers of every epoch, so nothing else need be kept while it trains.
"""

from __future__ import annotations

from typing import Any

from core.experiment import Experiment
from core.training import batch_order
from core.training.four_steps import STATE_KEYS, Method, write_state
from core.training.history import History

__all__ = ["first_batch", "place", "updates_of"]


def updates_of(experiment: Experiment, points: int) -> int:
    """How many updates an epoch has."""
    return -(-points // (experiment.batch_size or points))


def place(method: Method, experiment: Experiment, history: History, epoch: int, batches: int) -> list[float]:
    """Put the method where the run stood after `epoch` epochs. Returns the optimizer's state."""
    if epoch < 0:
        raise IndexError(f"Epochs count from 0, but got {epoch}.")
    record, state = history[epoch], history.state(epoch)
    method.place(record.b, record.w)
    keys = STATE_KEYS[experiment.optimizer]
    if keys and epoch:
        if not state:
            raise ValueError(
                f"This history does not hold what {experiment.optimizer!r} remembers: "
                "append every record together with its training's `state`."
            )
        write_state(method, keys, state, epoch * batches)
    return state or [0.0] * 2 * len(keys)


def first_batch(method: Method, experiment: Experiment, points: int, epoch: int) -> tuple[Any, Any]:
    if experiment.is_full_batch(points):
        return method.x, method.y
    batch = method.index(batch_order(experiment.seed, epoch + 1, points)[: experiment.batch_size])
    return method.x[batch], method.y[batch]
