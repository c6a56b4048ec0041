"""The loss after the epochs so far at many values of one field, with what got lost, and the runs on the stage in it.

All losses are in the units of the data: runs whose y is standardised by their own points see different ones.
"""

from __future__ import annotations

from math import log10
from typing import Any

import numpy as np

from core.geometry.advice import zones_of
from core.geometry.landscape import digits_below
from core.training.sweep import Sweep
from dashboard.shared.palette import LIGHT
from dashboard.shared.plotted_numbers import NUMBER
from dashboard.stage.figures.template import Figure, Trace, axis, figure, padded
from dashboard.stage.view import View

__all__ = ["sweep_figure"]

BY_FACTOR = 20
"""Values that rise by more than this factor from first to last have a logarithmic axis."""


def sweep_figure(view: View, sweep: Sweep) -> Figure:
    """`view` is that of the base, whose other fields all runs of the sweep have."""
    values = np.array(sweep.values, dtype=np.float64)
    log = bool(values.min() > 0 and values.max() > BY_FACTOR * values.min())
    shown = np.log10(values) if log else values
    low, high = _loss_range(sweep)
    name = "N" if sweep.field == "n" else sweep.field.replace("_", " ")
    traces: list[Trace] = [
        *_limits(view, sweep, low, high),
        {
            "type": "scatter",
            "x": values.tolist(),
            "y": [None] * len(values),
            "name": "loss so far",
            "mode": "lines",
            "line": {"color": LIGHT["loss"], "width": 3},
            "hovertemplate": f"{name} %{{x:{NUMBER}}}<br>loss %{{y:{NUMBER}}}<extra></extra>",
            "meta": {"follow": "sweep", "lost": None},
        },
        {
            "type": "scatter",
            "x": values.tolist(),
            "y": [None] * len(values),
            "name": "diverged",
            "mode": "markers",
            "marker": {"color": LIGHT["line"], "size": 7},
            "hovertemplate": f"{name} %{{x:{NUMBER}}}<br>diverged<extra></extra>",
            "meta": {"follow": "sweep", "lost": low * (high / low) ** 0.96},
        },
    ]
    traces.append(
        # One for each run on the stage, at its value of the field.
        {
            "type": "scatter",
            "x": [None],
            "y": [None],
            "name": "now",
            "mode": "markers",
            "showlegend": False,
            "marker": {"color": LIGHT["line"], "size": 11, "line": {"color": LIGHT["background"], "width": 2}},
            "hoverinfo": "skip",
            "meta": {"follow": "level", "y": "original_loss"},
        }
    )
    x = axis(name, padded(shown, 0.02), **(_powers(shown.min(), shown.max()) if log else {}))
    y = axis("", (log10(low), log10(high)), **_powers(log10(low), log10(high)))
    return figure("Sweep", traces, x, y, {"during": "epochs", "along": "values"})


def _powers(low: float, high: float) -> dict[str, Any]:
    """A logarithmic axis between these powers of ten, with a label at each of them where there are some."""
    return {"type": "log", "tickformat": "~g"} | ({"dtick": 1} if high - low > 1.5 else {})


def _loss_range(sweep: Sweep) -> tuple[float, float]:
    """From the lowest loss of all to a little above the start: what is higher than that is on its way to be lost."""
    loss = sweep.original_loss
    first = loss[:, 0]
    if np.isnan(first).all():  # their device failed before the first epoch
        return 0.1, 10.0
    highest = float(np.nanmax(first)) * 4
    lowest = max(float(np.nanmin(loss)), highest * 1e-9)
    return lowest / 1.6, highest


def _limits(view: View, sweep: Sweep, low: float, high: float) -> list[Trace]:
    """Of learning rates the first that swings and the first that diverges, as far as they are known."""
    if sweep.field != "learning_rate":
        return []
    zones = zones_of(view.training, sweep.experiment.optimizer)
    marks = (("swings", zones.smooth, "dot"), ("limit", zones.limit, "dash")) if zones else ()
    return [
        {
            "type": "scatter",
            "x": [rate, rate],
            "y": [low, high],
            "name": name,
            "mode": "lines",
            "line": {"color": LIGHT["minimum"], "width": 1.8, "dash": dash},
            "hovertemplate": f"{name} {digits_below(rate)}<extra></extra>",
        }
        for name, rate, dash in marks
    ]
