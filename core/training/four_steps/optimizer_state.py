"""What an optimizer remembers from one update to the next, as numbers.

SGD remembers nothing. The others keep, for every parameter: momentum its velocity, RMSprop a running mean of the
squared gradients, Adam a running mean of the gradients and one of their squares.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.training.four_steps.method import Method
from core.training.four_steps.with_optimizer import OptimizerMethod

__all__ = ["STATE_KEYS", "read_state", "write_state"]

STATE_KEYS: dict[str, tuple[str, ...]] = {
    "sgd": (),
    "momentum": ("momentum_buffer",),
    "rmsprop": ("square_avg",),
    "adam": ("exp_avg", "exp_avg_sq"),
}
"""By optimizer, the names that `torch.optim` gives to what it keeps for a parameter."""


def read_state(method: Method, keys: Sequence[str]) -> list[float]:
    """The values of `keys` for b and for w, key after key; 0 before the first update."""
    optimizer, parameters = _parts(method)
    states = [optimizer.state[parameter] for parameter in parameters]
    return [state[key].item() if key in state else 0.0 for key in keys for state in states]


def write_state(method: Method, keys: Sequence[str], values: Sequence[float], updates: int) -> None:
    """Put the optimizer where it was after `updates` updates, when `read_state` gave `values`."""
    optimizer, parameters = _parts(method)
    given = iter(values)
    for parameter in parameters:
        optimizer.state[parameter]["step"] = torch.tensor(float(updates))
    for key in keys:
        for parameter in parameters:
            optimizer.state[parameter][key] = torch.full_like(parameter.detach(), next(given))


def _parts(method: Method) -> tuple[torch.optim.Optimizer, tuple[Tensor, Tensor]]:
    assert isinstance(
        method, OptimizerMethod
    )  # as an optimizer other than plain SGD needs: the experiment sees to that
    return method.optimizer, (method.b, method.w)
