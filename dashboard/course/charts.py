"""Draws the charts of the course's cells."""

from __future__ import annotations

import plotly.graph_objects as go

from core.course import Plot, Series
from dashboard.shared.plotted_numbers import NUMBER
from dashboard.shared.still_charts import Palette, Trace, curve, loss_surface, minimum, padded, still_chart

__all__ = ["draw"]

MODES = {"line": "lines", "points": "markers", "path": "lines+markers"}


def draw(plot: Plot, palette: Palette) -> go.Figure:
    """The chart in these colours."""
    traces = [_trace(series, plot, palette) for series in plot.series]
    ranges = None
    if plot.landscape:
        b_range = padded([b for series in plot.series for b in series.x] + [plot.landscape.b_min], 0.12)
        w_range = padded([w for series in plot.series for w in series.y] + [plot.landscape.w_min], 0.12)
        ranges = b_range, w_range
        traces = [
            loss_surface(plot.landscape, b_range, w_range, palette),
            *traces,
            minimum(plot.landscape, palette),
        ]
    return still_chart(
        traces,
        plot.title,
        plot.x,
        plot.y,
        palette,
        logarithmic=plot.logarithmic,
        ranges=ranges,
        height=240,
        room_above=58,
    )


def _trace(series: Series, plot: Plot, palette: Palette) -> Trace:
    text = f"{plot.x} %{{x:{NUMBER}}}<br>{plot.y} %{{y:{NUMBER}}}"
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
