"""The loss along b or w alone, the other standing still where it is, with the slope that backward() finds."""

from __future__ import annotations

from dashboard.shared.palette import LIGHT
from dashboard.shared.plotted_numbers import NUMBER
from dashboard.stage.figures.template import AFTER_FORWARD, Figure, around, axis, figure
from dashboard.stage.view import View

__all__ = ["section_figure"]


def section_figure(view: View, name: str) -> Figure:
    """`name` is `b` or `w`."""
    i = ("b", "w").index(name)
    reach = around([view.start[i]], view.minimum[i])
    highest = view.training.loss(*view.start)
    rule = {"follow": "taylor", "at": name, "value": "loss", "slope": f"{name}_grad"}
    traces = [
        {
            "type": "scatter",
            "x": [],
            "y": [],
            "name": "loss",
            "mode": "lines",
            "line": {"color": LIGHT["loss"], "width": 3},
            "hovertemplate": f"{name} %{{x:{NUMBER}}}<br>loss %{{y:{NUMBER}}}<extra></extra>",
            "meta": {**rule, "curvature": float(view.training.hessian[i][i])},
        },
        {
            "type": "scatter",
            "x": [],
            "y": [],
            "name": f"slope ∂loss/∂{name}",
            "mode": "lines",
            "line": {"color": LIGHT["gradient"], "width": 2.5, "dash": "dash"},
            "hoverinfo": "skip",
            "meta": {**rule, "curvature": 0.0, "beats": ["backward", "update"]},
        },
        {
            "type": "scatter",
            "x": [],
            "y": [],
            "name": "now",
            "mode": "markers",
            "showlegend": False,
            "marker": {"color": LIGHT[name], "size": 11, "line": {"color": LIGHT["background"], "width": 2}},
            "hoverinfo": "skip",
            "meta": {"follow": "point", "x": name, "y": "loss", "beats": AFTER_FORWARD},
        },
    ]
    title = f"Loss along {name}" + ("" if view.is_full_batch else " · all training data")
    y = axis("", (-0.04 * highest, highest * 1.25), rangemode="nonnegative")
    return figure(title, traces, axis(name, reach, LIGHT[name]), y, {"during": "beats", "widens": ["x", "y"]})
