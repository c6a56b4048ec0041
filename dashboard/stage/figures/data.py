"""The points, the line of the moment with its residuals, and the least-squares line."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from core import Dataset
from dashboard.shared.palette import LIGHT
from dashboard.shared.plotted_numbers import NUMBER
from dashboard.stage.figures.template import AFTER_FORWARD, Figure, Trace, array, axis, figure, padded
from dashboard.stage.view import View

__all__ = ["axis_names", "data_figure"]

DRAWN_POINTS = 400
DRAWN_HELD_OUT = 100
DRAWN_RESIDUALS = 120
DRAWN_SQUARES = 12


def data_figure(view: View) -> Figure:
    dataset = view.dataset
    # The rows are shuffled already, so the first ones are a fair sample of the others.
    x_train, y_train = dataset.x_train[:DRAWN_POINTS, 0], dataset.y_train[:DRAWN_POINTS, 0]
    x_val, y_val = dataset.x_val[:DRAWN_HELD_OUT, 0], dataset.y_val[:DRAWN_HELD_OUT, 0]
    x_range = padded(np.concatenate([x_train, x_val]), 0.05)
    line, drawn, least_squares = ([b + w * x for x in x_range] for b, w in (view.start, view.drawn_start, view.minimum))
    y_range = padded(np.concatenate([y_train, y_val, line, drawn, least_squares]), 0.06)
    few_x, few_y = x_train[:DRAWN_RESIDUALS], y_train[:DRAWN_RESIDUALS]
    size = 6 if len(x_train) <= 150 else 4
    title = "Data"
    if len(dataset) > len(x_train) + len(x_val):
        title += f" · {len(x_train) + len(x_val)} of {len(dataset):,} points".replace(",", "\u202f")
    traces = [
        # Three entries per residual: at the point, on the line, and a gap.
        {
            "type": "scatter",
            "x": spread(few_x, few_x),
            "y": spread(few_y, view.start[0] + view.start[1] * few_x),
            "name": "residuals",
            "mode": "lines",
            "showlegend": False,
            "line": {"color": LIGHT["loss"], "width": 1},
            "opacity": 0.45,
            "hoverinfo": "skip",
            "meta": {
                "follow": "affine",
                "intercept": "b",
                "slope": "w",
                "fixed": spread(few_y, None),
                "beats": AFTER_FORWARD,
                "shows": "residuals",
            },
        },
        {
            "type": "scatter",
            "x": x_train[:DRAWN_SQUARES].tolist(),
            "y": y_train[:DRAWN_SQUARES].tolist(),
            "name": "squared error",
            "mode": "lines",
            "showlegend": False,
            "line": {"color": LIGHT["loss"], "width": 1},
            "opacity": 0.75,
            "hoverinfo": "skip",
            "meta": {
                "follow": "squares",
                "intercept": "b",
                "slope": "w",
                "beats": ["loss"],
                "only": True,
                "shows": "training",
            },
        },
        {
            "type": "scatter",
            "x": array(x_train),
            "y": array(y_train),
            "name": "training",
            "mode": "markers",
            "marker": {"color": LIGHT["data"], "size": size, "opacity": 0.85},
            "hovertemplate": f"x %{{x:{NUMBER}}}<br>y %{{y:{NUMBER}}}<extra>training</extra>",
            "meta": {"shows": "training"},
        },
        *([held_out(x_val, y_val, size)] if len(x_val) else []),
        *([moved_by_hand(view, size)] if view.experiment.moved else []),
        {
            "type": "scatter",
            "x": list(x_range),
            "y": least_squares,
            "name": "least squares",
            "mode": "lines",
            "line": {"color": LIGHT["minimum"], "width": 1.8, "dash": "dash"},
            "hovertemplate": f"least squares %{{y:{NUMBER}}}<extra></extra>",
            "meta": {"shows": "line"},
        },
        {
            "type": "scatter",
            "x": list(x_range),
            "y": line,
            "name": "line",
            "mode": "lines",
            "line": {"color": LIGHT["line"], "width": 3.5},
            "hovertemplate": f"line %{{y:{NUMBER}}}<extra></extra>",
            "meta": {"follow": "affine", "intercept": "b", "slope": "w", "fixed": [None, None], "company": "all"},
        },
    ]
    x_name, y_name = axis_names(dataset)
    return figure(title, traces, axis(x_name, x_range), axis(y_name, y_range), {"widens": ["y"]})


def held_out(x: NDArray[np.float64], y: NDArray[np.float64], size: int) -> Trace:
    return {
        "type": "scatter",
        "x": array(x),
        "y": array(y),
        "name": "validation",
        "mode": "markers",
        "marker": {"color": LIGHT["data"], "size": size + 1, "symbol": "diamond-open", "line": {"width": 1.6}},
        "hovertemplate": f"x %{{x:{NUMBER}}}<br>y %{{y:{NUMBER}}}<extra>validation</extra>",
        "meta": {"shows": "validation"},
    }


def moved_by_hand(view: View, size: int) -> Trace:
    """A ring around each."""
    dataset, numbers = view.dataset, [index for index, _, _ in view.experiment.moved]
    chosen = np.isin(dataset.order, numbers)
    x, y = (np.concatenate([dataset.x_train, dataset.x_val]), np.concatenate([dataset.y_train, dataset.y_val]))
    return {
        "type": "scatter",
        "x": x[chosen, 0].tolist(),
        "y": y[chosen, 0].tolist(),
        "name": "moved",
        "mode": "markers",
        "showlegend": False,
        "marker": {"color": LIGHT["text"], "size": size + 8, "symbol": "circle-open", "line": {"width": 2}},
        "hoverinfo": "skip",
        "meta": {"shows": "moved"},
    }


def axis_names(dataset: Dataset) -> tuple[str, str]:
    """What x and y are called on an axis. Plotly takes some tags for markup, so names are escaped."""
    x_name, y_name = (
        escape(name, quote=False) + (" (standardised)" if letter in dataset.standardized else "")
        for letter, name in (("x", dataset.x_name), ("y", dataset.y_name))
    )
    return x_name, y_name


def spread(first: NDArray[np.float64], second: NDArray[np.float64] | None) -> list[float | None]:
    """first[0], second[0], None, first[1], … with None for every second if there are none."""
    seconds = [None] * len(first) if second is None else second.tolist()
    return [value for pair in zip(first.tolist(), seconds, strict=True) for value in (*pair, None)]
