"""Charts that stand still, on the pages of the mistakes and of the course: drawn to be read from the back row.

Unlike the lab's they bear their titles, legends and colours themselves: they are made in the palette of the page
that asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core import Landscape
from dashboard.shared.plotted_numbers import COUNT, NUMBER, SEPARATORS

__all__ = ["Palette", "Trace", "curve", "loss_surface", "minimum", "padded", "still_chart"]

HEIGHT = 330
SURFACE_SIZE = 61
TEXT_SIZE = 15

Palette = Mapping[str, str]
"""Colours by role, as `dashboard.shared.palette` has them."""

Trace = dict[str, Any]
"""A trace as plotly's script takes it."""


def curve(
    name: str,
    x: Sequence[float],
    y: Sequence[float],
    colour: str,
    *,
    width: float = 3.0,
    dash: str = "solid",
    mode: str = "lines",
    text: str = f"epoch %{{x:{COUNT}}}<br>%{{y:{NUMBER}}}",
    **more: Any,
) -> Trace:
    return {
        "type": "scatter",
        "x": list(x),
        "y": list(y),
        "name": name,
        "mode": mode,
        "line": {"color": colour, "width": width, "dash": dash},
        "hovertemplate": f"{text}<extra>{name}</extra>",
        **more,
    }


def loss_surface(
    valley: Landscape, b_range: tuple[float, float], w_range: tuple[float, float], palette: Palette
) -> Trace:
    """The loss over these ranges of b and w."""
    surface = valley.surface(b_range, w_range, SURFACE_SIZE)
    # Of the logarithm, as in the lab: the valley shows as well as the walls.
    height = np.log10(np.maximum(surface.loss - valley.loss_min, surface.loss.max() * 1e-4))
    return {
        "type": "contour",
        "x": surface.b,
        "y": surface.w,
        "z": height.astype(np.float32),
        "colorscale": [[i / 4, palette[f"surface-{i}"]] for i in range(5)],
        "showscale": False,
        "showlegend": False,
        "ncontours": 12,
        "line": {"width": 0.8, "color": palette["surface-line"]},
        "hoverinfo": "skip",
    }


def minimum(valley: Landscape, palette: Palette) -> Trace:
    """The star at the lowest point."""
    return {
        "type": "scatter",
        "x": [valley.b_min],
        "y": [valley.w_min],
        "name": "minimum",
        "mode": "markers",
        "marker": {"symbol": "star", "size": 16, "color": palette["minimum"]},
        "hovertemplate": f"minimum<br>b %{{x:{NUMBER}}}<br>w %{{y:{NUMBER}}}<extra></extra>",
    }


def still_chart(
    traces: Sequence[Trace],
    title: str,
    x: str,
    y: str,
    palette: Palette,
    *,
    logarithmic: bool = False,
    ranges: tuple[tuple[float, float], tuple[float, float]] | None = None,
    true_to_scale: bool = False,
    height: int = HEIGHT,
    room_above: int = 82,
) -> go.Figure:
    """What all charts share: a title and a legend above, quiet axes, large letters, and the page shining through.

    A chart over b and w is given its `ranges`, of both axes, and has no grid; `true_to_scale`, a unit is as long on the
    one as on the other. The figure is made of one description:
    every later change of a `go.Figure` would cost several times as much.
    """
    axis = {
        "gridcolor": palette["grid"],
        "linecolor": palette["grid"],
        "zerolinecolor": palette["grid"],
        "zeroline": False,
        "ticks": "",
        "nticks": 6,
        "automargin": True,
        "tickfont": {"size": TEXT_SIZE - 1, "color": palette["muted"]},
    }
    text = {"size": TEXT_SIZE, "color": palette["text"], "family": "Source Sans, sans-serif"}
    x_axis = {**axis, "title": {"text": x, "font": text, "standoff": 6}}
    y_axis = {**axis, "title": {"text": y, "font": text, "standoff": 6}}
    if ranges:
        x_axis |= {"range": list(ranges[0]), "showgrid": False}
        y_axis |= {"range": list(ranges[1]), "showgrid": False}
    if true_to_scale:
        x_axis |= {"constrain": "domain", "constraintoward": "left"}
        y_axis |= {"constrain": "domain", "scaleanchor": "x"}
    if logarithmic:
        y_axis |= {"type": "log", "tickformat": "~g"}
    layout = {
        "template": "none",
        "height": height,
        "title": {"text": title, "x": 0, "xref": "paper", "y": 0.99, "yanchor": "top", "font": {**text, "size": 17}},
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.01,
            "yanchor": "bottom",
            "font": text,
            "bgcolor": "rgba(0,0,0,0)",
        },
        "hovermode": "closest",
        "separators": SEPARATORS,
        "dragmode": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": text,
        "hoverlabel": {"bgcolor": palette["panel"], "bordercolor": palette["grid"], "font": text},
        "margin": {"l": 60, "r": 14, "t": room_above, "b": 44, "pad": 2},
        "xaxis": x_axis,
        "yaxis": y_axis,
    }
    return go.Figure({"data": list(traces), "layout": layout})


def padded(values: Sequence[float], share: float = 0.06) -> tuple[float, float]:
    """The range of `values` with a little room on both sides, a `share` of its length."""
    low, high = min(values), max(values)
    margin = share * (high - low)
    return low - margin, high + margin
