"""Where a run may start, if somebody says so."""

from __future__ import annotations

from core.experiment import Experiment
from core.geometry.landscape import Landscape

__all__ = ["require_start"]

LARGEST = 1e38
"""Sums up to here are numbers of float32, which end a little above 3e38."""


def require_start(experiment: Experiment, landscape: Landscape) -> None:
    """Raises `ValueError` if the loss or its gradient at a start that is given would be no number in float32.

    Args:
        landscape: that of the training points.
    """
    if experiment.start_b is None and experiment.start_w is None:
        return
    # The one that is drawn is a small number.
    b, w = experiment.start_b or 0.0, experiment.start_w or 0.0
    points = landscape.n / landscape.scale  # a mean is a sum before it is divided
    if all(points * abs(value) <= LARGEST for value in (landscape.loss(b, w), *landscape.gradient(b, w))):
        return
    names = [name for name in ("start_b", "start_w") if getattr(experiment, name) is not None]
    given = " and ".join(f"{name} {getattr(experiment, name):g}" for name in names)
    raise ValueError(
        f"From {given} the line is so far from the points that the loss is no number of float32: start nearer to "
        f"b {landscape.b_min:.4g}, w {landscape.w_min:.4g}."
    )
