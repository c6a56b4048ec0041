"""How a run ends, and what is said of it to whoever watched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from sys import float_info

from core.experiment import Experiment
from core.geometry.advice import advised_rate, needs_scaling, zones_of
from core.geometry.landscape import Landscape, digits_below
from core.training.arrival import what_is_missing
from core.training.devices import reason_of

__all__ = ["Stop", "StopReason", "cancelled", "converged", "device_failed", "diverged", "finished"]


class StopReason(Enum):
    """Why a run ended."""

    FINISHED = "finished"
    CONVERGED = "converged"
    DIVERGED = "diverged"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True)
class Stop:
    """The end of a run: why, after how many epochs, and a sentence for whoever watched it."""

    reason: StopReason
    epoch: int
    message: str


def diverged(experiment: Experiment, landscape: Landscape, epoch: int, loss: float, full_batch: bool) -> Stop:
    """The end of a run whose loss is beyond its bound, with the learning rate that the data would have borne."""
    grown = "has grown a millionfold" if loss <= float_info.max else "is no longer a finite number"
    zones = zones_of(landscape, experiment.optimizer) if full_batch else None
    advised = advised_rate(landscape, experiment.optimizer) if zones else None
    if zones is None:
        advice = "Try a smaller learning rate."
    elif advised is None:
        advice = "No learning rate is small enough for this data: standardising x helps."
    else:
        limit = digits_below(zones.limit)
        advice = f"This data bears a learning rate below {limit}; {advised:g} lowers the loss at once."
        if needs_scaling(experiment, landscape):
            advice += " To get anywhere, standardise x."
    return Stop(StopReason.DIVERGED, epoch, f"Diverged at epoch {epoch}: the loss {grown}. {advice}")


def converged(epoch: int, tolerance: float) -> Stop:
    """The end of a run whose gradients have become small."""
    return Stop(StopReason.CONVERGED, epoch, f"Converged at epoch {epoch}: both gradients are at most {tolerance:g}.")


def cancelled(epoch: int) -> Stop:
    """The end of a run that nobody wants any further."""
    return Stop(StopReason.CANCELLED, epoch, "Stopped. What was trained is kept.")


def device_failed(experiment: Experiment, epoch: int, error: Exception) -> Stop:
    """The end of a run whose device is gone or full."""
    return Stop(
        StopReason.FAILED,
        epoch,
        f"Device {experiment.device!r} failed at epoch {epoch}: {reason_of(error)} "
        "What was trained is kept. Try fewer points or another device.",
    )


def finished(
    experiment: Experiment,
    landscape: Landscape,
    y_std: float,
    b: float,
    w: float,
    b_grad: float,
    w_grad: float,
) -> Stop:
    """The end of a run that has all its epochs, and what it lacks if it has not arrived at the least-squares line.

    Args:
        landscape: that of the training points.
        y_std: the dataset's.
        b, w, b_grad, w_grad: what the last record has.
    """
    late = replace(experiment, learning_rate=experiment.rate_at(experiment.epochs - 1), schedule=())
    missing = what_is_missing(late, landscape, y_std, b, w, b_grad, w_grad)
    message = f"All {experiment.epochs} epochs are trained."
    return Stop(StopReason.FINISHED, experiment.epochs, f"{message} {missing}" if missing else message)
