"""The time of an epoch over the number of points, a line for every way, and where one overtakes another."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.training.devices.measuring import POINTS, Timing
from core.training.devices.overtaking import find_overtakings, told
from core.training.devices.ways import Way
from core.training.devices.words import told_points, told_seconds
from dashboard.shared.still_charts import Palette, Trace, curve, still_chart

__all__ = ["draw_times", "role_of"]

HEIGHT = 380
ROOM_ABOVE = 70
"""For the legend, in pixels."""
ROLES = tuple(f"run-{number}" for number in range(6))
DECADES = tuple(10.0**power for power in range(-7, 4))
"""Of seconds, to be written at the axis."""


def role_of(number: int) -> str:
    """The colour of the way with this position among all."""
    return ROLES[number % len(ROLES)]


def draw_times(ways: Sequence[Way], timings: Sequence[Timing], chosen: int, palette: Palette) -> go.Figure:
    """The chart, with a line at the `chosen` number of points. Both axes are logarithmic."""
    traces = [
        _line(way, [one for one in timings if one.way == way.name], palette[role_of(i)]) for i, way in enumerate(ways)
    ]
    traces += _overtakings(ways, timings, palette)
    figure = still_chart(
        traces, "", "points", "time of an epoch", palette, logarithmic=True, height=HEIGHT, room_above=ROOM_ABOVE
    )
    decades = [points for points in POINTS if str(points).strip("0") == "1"]
    figure.update_layout(
        xaxis={
            "type": "log",
            "range": [0.9, 7.1],
            "tickvals": decades,
            # In full, the last two would not stand beside one another.
            "ticktext": [told_points(points).replace(" million", "\u202fM") for points in decades],
        },
        yaxis={"tickvals": DECADES, "ticktext": [told_seconds(seconds) for seconds in DECADES]},
        shapes=[
            {
                "type": "line",
                "x0": chosen,
                "x1": chosen,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": palette["muted"], "width": 1.5, "dash": "dot"},
            }
        ],
    )
    return figure


def _line(way: Way, timings: Sequence[Timing], colour: str) -> Trace:
    return curve(
        way.label,
        [one.points for one in timings],
        [one.seconds for one in timings],
        colour,
        mode="lines+markers",
        marker={"size": 7, "color": colour},
        text="%{customdata}",
        customdata=[
            f"{told_points(one.points)} points: {told_seconds(one.seconds)}<br>computing {told_seconds(one.computing)}"
            f"<br>copying {told_seconds(one.copying)}<br>waiting {told_seconds(one.waiting)}"
            for one in timings
        ],
    )


def _overtakings(ways: Sequence[Way], timings: Sequence[Timing], palette: Palette) -> list[Trace]:
    """A ring where one overtakes the other; no trace where none does."""
    found = [(told(one), crossing) for one in find_overtakings(ways, timings) for crossing in one.crossings]
    if not found:
        return []
    ring = {"symbol": "circle-open", "size": 19, "color": palette["text"], "line": {"width": 2.5}}
    return [
        curve(
            "one overtakes another",
            [crossing.points for _, crossing in found],
            [crossing.seconds for _, crossing in found],
            palette["text"],
            mode="markers",
            marker=ring,
            text="%{customdata}",
            customdata=[sentence for sentence, _ in found],
        )
    ]
