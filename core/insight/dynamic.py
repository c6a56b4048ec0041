"""A loss whose autograd graph is not always the same: what Python decides while it computes is part of the graph."""

from __future__ import annotations

from torch import Tensor

from core.geometry.landscape import Landscape

__all__ = ["halfway", "loss_by_size"]


def loss_by_size(yhat: Tensor, y: Tensor, limit: float) -> Tensor:
    error = yhat - y
    loss = (error**2).mean()
    if loss > limit:
        loss = loss.sqrt()
    return loss


def halfway(landscape: Landscape, start: tuple[float, float]) -> float:
    """A limit that a run from `start` to the minimum falls below on its way: halfway down on a logarithmic scale."""
    highest = landscape.loss(*start) / landscape.scale
    lowest = max(landscape.loss_min / landscape.scale, highest * 1e-6)
    return float((highest * lowest) ** 0.5)
