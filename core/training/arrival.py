"""Whether a run has arrived at the least-squares line when its epochs are over, and if not, why and what would help."""

from __future__ import annotations

from math import atan2, ceil, cos, inf, log, sin, sqrt

import numpy as np

from core.experiment import PARAMETERS, Experiment
from core.geometry.advice import MOMENTUM, STEADY, advised_rate, is_long_valley, roughly, zones_of
from core.geometry.landscape import Landscape
from core.parameters import Whole

__all__ = ["arrival_loss", "has_arrived", "what_is_missing"]

OF_THE_LOWEST = 0.01
"""A run has arrived whose loss is above the lowest by at most this share of it: the line is then well within what the
scatter of the points leaves open."""

OF_THE_EXPLAINED = 1e-4
"""The same of what the slope explains, where the points scatter hardly: the slope is then right to a hundredth."""

ROUNDING = 1e-6
"""The same of an offset, as a share of y's mean, where there is nothing to explain: float32 leaves that much."""

SMALLEST = 1e-7
"""The same where y is 0 everywhere."""

SWINGING = 3.0
"""Steps up to which an optimizer that always moves by about the learning rate is no nearer than it can come."""

STRAY = 5.0
"""Times the loss that batches are expected to add to the lowest, above which a run is still on its way."""


def has_arrived(experiment: Experiment, landscape: Landscape, b: float, w: float) -> bool:
    """Whether the loss at (b, w) is as good as the lowest, or as near to it as batches let it come."""
    return bool(_above(landscape, b, w) <= _tolerated(experiment, landscape))


def arrival_loss(experiment: Experiment, landscape: Landscape) -> float:
    """The loss from which on down a run has arrived, in the units that it sees."""
    return landscape.loss_min + _tolerated(experiment, landscape)


def what_is_missing(
    experiment: Experiment,
    landscape: Landscape,
    y_std: float,
    b: float,
    w: float,
    b_grad: float,
    w_grad: float,
) -> str:
    """One or two sentences for a run that ended at (b, w) with this gradient; none if it has arrived.

    Args:
        landscape: that of the training points, as the run sees them.
        y_std: what a y of 1 is in the units of the data, in which losses are told.
    """
    if has_arrived(experiment, landscape, b, w):
        return ""
    not_arrived = _not_arrived(landscape, y_std, b, w)
    if not experiment.is_full_batch(landscape.n) and experiment.optimizer not in STEADY:
        return f"{not_arrived} Raise the epochs or the learning rate{_or_scale(landscape)}."
    if experiment.optimizer in STEADY:
        return f"{not_arrived} {_of_steady_steps(experiment, landscape, b, w)}"
    if _stands_still(experiment, b, w, b_grad, w_grad):
        precision = "float64" if experiment.method == "numpy" else "float32"
        still = f"It stands still: its steps are smaller than {precision} can add to b and w."
        return f"{still} {_cure(experiment, landscape)}"
    zones = zones_of(landscape, experiment.optimizer)
    rate = experiment.learning_rate
    # Beyond the limit it will be off across, though it may not be yet.
    if zones and (rate > zones.limit or (rate > zones.smooth and _is_off_across(landscape, b, w))):
        smaller = advised_rate(landscape, experiment.optimizer)
        better = f"{smaller:g}" if smaller and smaller < rate else "less"
        return f"{not_arrived} It swings across the valley: take a rate of {better}."
    cure = _cure(experiment, landscape, *_more_epochs(experiment, landscape, b, w))
    return f"{not_arrived} {cure}"


def _above(landscape: Landscape, b: float, w: float) -> float:
    """How much the loss is above the lowest."""
    return landscape.loss(b, w) - landscape.loss_min


def _tolerated(experiment: Experiment, landscape: Landscape) -> float:
    """How much the loss of a run that has arrived may be above the lowest."""
    return _good_enough(landscape) + STRAY * _expected_of_batches(experiment, landscape)


def _good_enough(landscape: Landscape) -> float:
    """How much it may be above the lowest where nothing keeps it there."""
    explained = landscape.x_variance * landscape.w_min**2
    rounding = (ROUNDING * landscape.y_mean) ** 2 + SMALLEST**2
    return OF_THE_LOWEST * landscape.loss_min + landscape.scale * (OF_THE_EXPLAINED * explained + rounding)


def _expected_of_batches(experiment: Experiment, landscape: Landscape) -> float:
    """The loss that the scatter of small batches keeps adding to the lowest, to first order in the learning rate.

    For a rate η and batches of B points that is η·tr(H)/(2B) of the lowest loss (Mandt, Hoffman and Blei, 2017);
    momentum makes the rate 1/(1 - β) times as large. Of `STEADY` nothing is known.
    """
    size = experiment.batch_size
    if size is None or experiment.is_full_batch(landscape.n):
        return 0.0
    if experiment.optimizer in STEADY:
        return landscape.loss_min
    rate = experiment.learning_rate / (1 - MOMENTUM if experiment.optimizer == "momentum" else 1)
    trace = 2 * (1 + landscape.x_variance + landscape.x_mean**2)
    points = 1 if experiment.reduction == "sum" else size
    return rate * trace / (2 * points) * landscape.loss_min


def _of_steady_steps(experiment: Experiment, landscape: Landscape, b: float, w: float) -> str:
    rate = experiment.learning_rate
    distance, name = max((abs(landscape.b_min - b), "b"), (abs(landscape.w_min - w), "w"))
    if distance <= SWINGING * rate:
        return "It swings by about the learning rate: take a smaller one."
    reach = f"{name} is {roughly(distance)} away, in steps of about {rate:.4g}"
    return f"{reach}: raise rate or epochs, or standardise x and y."


def _stands_still(experiment: Experiment, b: float, w: float, b_grad: float, w_grad: float) -> bool:
    kind = np.float64 if experiment.method == "numpy" else np.float32
    rate = kind(experiment.learning_rate)
    return all(kind(value) - rate * kind(grad) == kind(value) for value, grad in ((b, b_grad), (w, w_grad)))


def _not_arrived(landscape: Landscape, y_std: float, b: float, w: float) -> str:
    square = y_std**2
    loss, lowest = square * landscape.loss(b, w), square * landscape.loss_min
    # What rounding leaves of points that lie on a line is 0 to whoever reads it.
    lowest = lowest if lowest > 1e-12 * loss else 0
    units = ", in units of the data" if y_std != 1 else ""
    return f"Not arrived: loss {roughly(loss, 3)}, lowest possible {roughly(lowest, 3)}{units}."


def _is_off_across(landscape: Landscape, b: float, w: float) -> bool:
    """Whether most of what the loss is above the lowest lies across the valley and not along it."""
    hessian = landscape.hessian
    turned = atan2(2 * hessian[0, 1], hessian[0, 0] - hessian[1, 1]) / 2
    # The distance along the flattest direction, where no large numbers cancel.
    along = (w - landscape.w_min) * cos(turned) - (b - landscape.b_min) * sin(turned)
    above = _above(landscape, b, w)
    return bool(landscape.eigenvalues[0] * along**2 / 2 < above / 2)


def _epochs_more(experiment: Experiment, landscape: Landscape, b: float, w: float) -> float:
    """Epochs of plain descent after which even its slowest direction has arrived."""
    slowest = max(abs(1 - experiment.learning_rate * curvature) for curvature in landscape.eigenvalues)
    return log(sqrt(_above(landscape, b, w) / _good_enough(landscape))) / -log(slowest) if 0 < slowest < 1 else inf


def _cure(experiment: Experiment, landscape: Landscape, *others: str) -> str:
    """What helps a run that descends too slowly: a larger rate if one is known, what else is named, a rounder bowl."""
    larger = advised_rate(landscape, experiment.optimizer)
    cures = [f"a learning rate of {larger:g}"] if larger and larger > 1.5 * experiment.learning_rate else []
    cures += others
    if is_long_valley(landscape):
        cures.append("standardising x")
    return f"What helps is {' or '.join(cures or ['standardising x and y'])}."


def _more_epochs(experiment: Experiment, landscape: Landscape, b: float, w: float) -> tuple[str, ...]:
    """How many more it takes, as far as that is known and can be had."""
    if experiment.optimizer != "sgd":
        return ("more epochs",)
    most = PARAMETERS["epochs"]
    assert isinstance(most, Whole)
    more = _epochs_more(experiment, landscape, b, w)
    return (f"about {roughly(max(ceil(more), 1))} epochs more",) if experiment.epochs + more <= most.high else ()


def _or_scale(landscape: Landscape) -> str:
    return ", or standardise x" if is_long_valley(landscape) else ""
