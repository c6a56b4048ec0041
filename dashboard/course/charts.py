"""Draws the charts of the course's cells."""

from __future__ import annotations

import plotly.graph_objects as go

from core.course import Plot, Series
from dashboard.shared.still_charts import Palette, curve, finish, logarithmic, loss_surface, minimum, padded

__all__ = ["draw"]

MODES = {"line": "lines", "points": "markers", "path": "lines+markers"}
HEIGHT = 240


def draw(plot: Plot, palette: Palette) -> go.Figure:
    """The chart in these colours."""
    traces: list[go.Scatter | go.Contour] = []
    if plot.landscape:
        b_range = padded([b for series in plot.series for b in series.x] + [plot.landscape.b_min], 0.12)
        w_range = padded([w for series in plot.series for w in series.y] + [plot.landscape.w_min], 0.12)
        traces.append(loss_surface(plot.landscape, b_range, w_range, palette))
    traces += [_trace(series, plot, palette) for series in plot.series]
    if plot.landscape:
        traces.append(minimum(plot.landscape, palette))
    figure = finish(go.Figure(traces), plot.title, plot.x, plot.y, palette)
    figure.update_layout(height=HEIGHT, margin={"t": 58})
    if plot.landscape:
        figure.update_xaxes(range=b_range, showgrid=False).update_yaxes(range=w_range, showgrid=False)
    return logarithmic(figure) if plot.logarithmic else figure


def _trace(series: Series, plot: Plot, palette: Palette) -> go.Scatter:
    text = f"{plot.x} %{{x:.4g}}<br>{plot.y} %{{y:.4g}}"
    size = 8 if series.style == "points" else 6
    return curve(
        series.label,
        series.x,
        series.y,
        palette[series.role],
        mode=MODES[series.style],
        text=text,
        marker={"size": size, "color": palette[series.role]},
    )
