"""What the line of the moment misses at every point, over x: the shape of it is what a line cannot learn."""

from __future__ import annotations

import numpy as np

from dashboard.shared.palette import LIGHT
from dashboard.shared.plotted_numbers import NUMBER
from dashboard.stage.figures.data import axis_names
from dashboard.stage.figures.template import Figure, Trace, axis, figure, padded
from dashboard.stage.view import View

__all__ = ["residuals_figure"]

DRAWN_POINTS = 200
NEIGHBOURHOODS = 10
"""Into how many parts of equally many points x is cut for the line of their means, at most."""


def residuals_figure(view: View) -> Figure:
    dataset = view.dataset
    # The rows are shuffled already, so the first ones are a fair sample of the others.
    x, y = dataset.x_train[:DRAWN_POINTS, 0], dataset.y_train[:DRAWN_POINTS, 0]
    b, w = view.minimum
    # Around those that will be left at the end: before that the axis reaches farther.
    reach = 1.3 * max(float(np.abs(y - b - w * x).max()), 0.01 * float(np.ptp(y)), 1e-9)
    x_range = padded(x, 0.05)
    traces: list[Trace] = [
        {
            "type": "scatter",
            "x": list(x_range),
            "y": [0, 0],
            "name": "on the line",
            "mode": "lines",
            "line": {"color": LIGHT["line"], "width": 2.5},
            "hoverinfo": "skip",
        },
        left_over(x, y, "training", "markers")
        | {"marker": {"color": LIGHT["data"], "size": 6 if len(x) <= 150 else 4, "opacity": 0.85}},
        left_over(*means_of_neighbours(x, y), "mean of neighbours", "lines+markers")
        | {"line": {"color": LIGHT["loss"], "width": 3}, "marker": {"color": LIGHT["loss"], "size": 7}},
    ]
    x_name, y_name = axis_names(dataset)
    y_axis = axis(f"{y_name} − line", (-reach, reach))
    return figure("Residuals", traces, axis(x_name, x_range), y_axis, {"during": "epochs", "widens": ["y"]})


def left_over(x: np.ndarray, y: np.ndarray, name: str, mode: str) -> Trace:
    return {
        "type": "scatter",
        "x": x.tolist(),
        "y": [0.0] * len(x),
        "name": name,
        "mode": mode,
        "hovertemplate": f"x %{{x:{NUMBER}}}<br>missed by %{{y:{NUMBER}}}<extra>{name}</extra>",
        "meta": {"follow": "residuals", "intercept": "b", "slope": "w", "of": y.tolist()},
    }


def means_of_neighbours(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The means of x and of y in each part: what a line misses of them is the mean of what it misses of the points."""
    count = max(2, min(NEIGHBOURHOODS, len(x) // 5))
    parts = [part for part in np.array_split(np.argsort(x, kind="stable"), count) if len(part)]
    return np.array([x[part].mean() for part in parts]), np.array([y[part].mean() for part in parts])
