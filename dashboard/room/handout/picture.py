"""A still chart as SVG that the browser colours by the reader's theme: curves and points on two axes.

The charts are those of the pages, made in the light palette, where a colour says which role it stands for. The loss
beneath a path is left out: what is drawn over it tells the story on a phone's width.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from dashboard.shared.palette import LIGHT

__all__ = ["picture"]

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BELOW = 46, 8, 8, 34
"""The edges that the axes' numbers and names need."""

TICKS = 5
ROLES = {colour: role for role, colour in LIGHT.items()}
MARKERS = {"star": "★", "circle-open": "○"}
"""What plotly calls a marker that is no disc, and the character for it."""

Point = tuple[float, float]


class Axis:
    """Turns values into places between two ends, in the picture's units."""

    def __init__(self, values: Iterable[float], ends: tuple[float, float], layout: Any) -> None:
        self.name = layout.title.text
        self._logarithmic = layout.type == "log"
        if layout.range:
            self._low, self._high = layout.range
        else:
            seen = [one for one in map(self._scaled, values) if math.isfinite(one)] or [0.0, 1.0]
            edge = (max(seen) - min(seen)) * 0.04 or 0.5
            self._low, self._high = min(seen) - edge, max(seen) + edge
        self._ends = ends

    def place(self, value: float) -> float:
        """Not a number where the axis has no place for it."""
        start, end = self._ends
        return start + (end - start) * (self._scaled(value) - self._low) / (self._high - self._low)

    def ticks(self) -> list[float]:
        """Round values to write at the axis, a few."""
        step = _round_step((self._high - self._low) / TICKS)
        if self._logarithmic:
            step = math.ceil(step)
        first, last = math.ceil(self._low / step), math.floor(self._high / step)
        marks = [number * step for number in range(first, last + 1)]
        return [10.0**mark for mark in marks] if self._logarithmic else marks

    def _scaled(self, value: float) -> float:
        if not self._logarithmic:
            return float(value)
        return math.log10(value) if value > 0 else math.nan


def picture(figure: go.Figure) -> str:
    """The chart with its title and, below it, what its colours mean."""
    traces = [trace for trace in figure.data if trace.type == "scatter"]
    layout = figure.layout
    x = Axis([one for trace in traces for one in trace.x], (LEFT, WIDTH - RIGHT), layout.xaxis)
    y = Axis([one for trace in traces for one in trace.y], (HEIGHT - BELOW, TOP), layout.yaxis)
    title = escape(layout.title.text)
    drawn = "".join(part for trace in traces for part in _drawn(trace, x, y))
    return (
        f'<figure><figcaption>{title}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Chart: {title}.">{_axes(x, y)}'
        # What leaves the axes, as they are set, is cut off there.
        f'<svg x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BELOW}" '
        f'viewBox="{LEFT} {TOP} {WIDTH - LEFT - RIGHT} {HEIGHT - TOP - BELOW}">{drawn}</svg></svg>'
        f'<ul class="key">{"".join(map(_key, traces))}</ul></figure>'
    )


def _axes(x: Axis, y: Axis) -> str:
    bottom, right = HEIGHT - BELOW, WIDTH - RIGHT
    parts = [f'<path class="grid" d="M{LEFT} {TOP}V{bottom}H{right}"/>']
    for tick in x.ticks():
        at = _short(x.place(tick))
        parts.append(f'<path class="grid" d="M{at} {TOP}V{bottom}"/>')
        parts.append(f'<text x="{at}" y="{bottom + 13}" text-anchor="middle">{_number(tick)}</text>')
    for tick in y.ticks():
        at = _short(y.place(tick))
        parts.append(f'<path class="grid" d="M{LEFT} {at}H{right}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{at}" dy="0.35em" text-anchor="end">{_number(tick)}</text>')
    middle = (TOP + bottom) / 2
    parts.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 5}" text-anchor="middle">{escape(x.name)}</text>')
    parts.append(f'<text transform="translate(11 {middle}) rotate(-90)" text-anchor="middle">{escape(y.name)}</text>')
    return "".join(parts)


def _drawn(trace: Any, x: Axis, y: Axis) -> Iterator[str]:
    places = [(x.place(across), y.place(up)) for across, up in zip(trace.x, trace.y, strict=True)]
    colour = _class(trace)
    if "lines" in trace.mode:
        dashes = ' stroke-dasharray="2 4"' if _dotted(trace) else ""
        width = min(trace.line.width, 6) / 1.6
        yield f'<path class="line {colour}" stroke-width="{width:.2g}"{dashes} d="{_path(places)}"/>'
    if "markers" in trace.mode:
        yield from _markers(trace, [place for place in places if all(map(math.isfinite, place))], colour)


def _path(places: Sequence[Point]) -> str:
    """A line through the places, broken where one is none."""
    parts, drawing = [], False
    for across, up in places:
        if not (math.isfinite(across) and math.isfinite(up)):
            drawing = False
            continue
        parts.append(f"{'L' if drawing else 'M'}{_short(across)} {_short(up)}")
        drawing = True
    return "".join(parts)


def _markers(trace: Any, places: Sequence[Point], colour: str) -> Iterator[str]:
    mark = MARKERS.get(trace.marker.symbol)
    if mark:
        for across, up in places:
            yield f'<text class="mark {colour}" x="{_short(across)}" y="{_short(up)}" dy="0.35em">{mark}</text>'
        return
    # Lines of no length with round ends: a point is then a few characters.
    dots = "".join(f"M{_short(across)} {_short(up)}h0" for across, up in places)
    yield f'<path class="dots {colour}" stroke-width="{(trace.marker.size or 6) / 1.6:.2g}" d="{dots}"/>'


def _key(trace: Any) -> str:
    dotted = " dotted" if _dotted(trace) else ""
    return f'<li class="{_class(trace)}{dotted}"><span>{escape(trace.name)}</span></li>'


def _dotted(trace: Any) -> bool:
    return "lines" in trace.mode and trace.line.dash not in (None, "solid")


def _class(trace: Any) -> str:
    colour = trace.marker.color if trace.mode == "markers" else trace.line.color
    return f"role-{ROLES[colour]}"


def _round_step(step: float) -> float:
    """The next larger of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(one * power for one in (1, 2, 5, 10) if one * power >= step * 0.999)


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", "−").replace("e+0", "e").replace("e−0", "e−")


def _short(value: float) -> str:
    """To a tenth of a unit, less than a reader sees."""
    return f"{value:.1f}".removesuffix(".0")
