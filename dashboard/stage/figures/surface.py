"""The loss over (b, w), its field of gradients, the path so far, its next step, and the minimum.

Drawn as contours, and as a landscape by `static/stage/charts/landscape.js`.
"""

from __future__ import annotations

from dashboard.shared.palette import LIGHT
from dashboard.shared.plotted_numbers import NUMBER
from dashboard.stage.figures.meta import Slopes
from dashboard.stage.figures.template import Figure, Trace, around, axis, figure
from dashboard.stage.view import View

__all__ = ["surface_figure"]


def surface_figure(view: View) -> Figure:
    # With the start that the seed draws as well, so that the picture stands still while a hand tries others.
    b_range, w_range = (around((view.start[i], view.drawn_start[i]), view.minimum[i]) for i in (0, 1))
    rates = [(0, view.experiment.learning_rate), *view.experiment.schedule]
    traces = [
        contours(view),
        field(view),
        {
            "type": "scatter",
            "x": [],
            "y": [],
            "name": "path",
            "mode": "lines",
            "line": {"color": LIGHT["line"], "width": 2.5},
            "hovertemplate": f"b %{{x:{NUMBER}}}<br>w %{{y:{NUMBER}}}<extra>path</extra>",
            "meta": {"follow": "history", "x": "b", "y": "w", "company": "all"},
        },
        {
            "type": "scatter",
            "x": [view.minimum[0]],
            "y": [view.minimum[1]],
            "name": "minimum",
            "mode": "markers",
            "marker": {"symbol": "star", "size": 13, "color": LIGHT["minimum"]},
            "hovertemplate": f"minimum<br>b %{{x:{NUMBER}}}<br>w %{{y:{NUMBER}}}<extra></extra>",
            "meta": {"company": "elsewhere", "shows": "minimum"},
        },
        {
            "type": "scatter",
            "x": [],
            "y": [],
            "name": "next step",
            "mode": "lines+markers",
            "line": {"color": LIGHT["gradient"], "width": 2.5},
            "marker": {
                "color": LIGHT["gradient"],
                "symbol": "arrow",
                "angleref": "previous",
                "size": [0, 14],
                "opacity": 1,
            },
            "hoverinfo": "skip",
            "meta": {"follow": "step", "x": "b", "y": "w", "beats": ["update"]},
        },
        {
            "type": "scatter",
            "x": [],
            "y": [],
            "name": "−gradient",
            "mode": "lines+markers",
            "showlegend": False,
            "line": {"color": LIGHT["gradient"], "width": 2.5, "dash": "dot"},
            "marker": {"color": LIGHT["gradient"], "symbol": "arrow", "size": 14},
            "hoverinfo": "skip",
            "meta": {
                "follow": "arrow",
                "x": "b",
                "y": "w",
                # Of mini-batches the gradient is that of the first.
                "dx": "b_grad" if view.is_full_batch else "batch_b_grad",
                "dy": "w_grad" if view.is_full_batch else "batch_w_grad",
                "scale": [[epoch, -rate] for epoch, rate in rates],
                "beats": ["backward"],
                "only": True,
            },
        },
        {
            "type": "scatter",
            "x": [view.start[0]],
            "y": [view.start[1]],
            "name": "now",
            "mode": "markers",
            "marker": {"color": LIGHT["line"], "size": 11, "line": {"color": LIGHT["background"], "width": 2}},
            "hovertemplate": f"now<br>b %{{x:{NUMBER}}}<br>w %{{y:{NUMBER}}}<extra></extra>",
            "meta": {"follow": "point", "x": "b", "y": "w", "ahead": ["update"], "company": "all"},
        },
    ]
    return figure(
        "Loss surface",
        traces,
        axis("b", b_range, LIGHT["b"], showgrid=False),
        axis("w", w_range, LIGHT["w"], showgrid=False),
        {"widens": ["x", "y"]},
    )


def contours(view: View) -> Trace:
    """The browser computes them for what is in view: their grid would be half of all that a scene weighs."""
    return {
        "type": "contour",
        "name": "loss",
        "colorscale": [[i / 4, LIGHT[f"surface-{i}"]] for i in range(5)],
        "showscale": False,
        "showlegend": False,
        "line": {"width": 0.8, "color": LIGHT["surface-line"]},
        "hovertemplate": f"b %{{x:{NUMBER}}}<br>w %{{y:{NUMBER}}}<br>loss %{{customdata:{NUMBER}}}<extra></extra>",
        "meta": {"follow": "bowl", **slopes(view), "lowest_mean": view.training.lowest_mean},
    }


def field(view: View) -> Trace:
    return {
        "type": "scatter",
        "x": [],
        "y": [],
        "name": "downhill",
        "mode": "lines",
        "line": {"color": LIGHT["gradient"], "width": 1.6},
        "hoverinfo": "skip",
        "meta": {"follow": "field", **slopes(view), "layer": "arrows"},
    }


def slopes(view: View) -> Slopes:
    landscape = view.training
    return {
        "n": landscape.n,
        "x_mean": landscape.x_mean,
        "y_mean": landscape.y_mean,
        "x_variance": landscape.x_variance,
        "w_min": landscape.w_min,
        "reduction": landscape.reduction,
    }
