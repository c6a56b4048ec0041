"""What the lab's charts share: quiet axes with fixed ranges, and no legend of plotly's (the stage draws one).

The colours are those of `palette.LIGHT`; the stage exchanges them for the dark ones by their value.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dashboard.shared.palette import LIGHT
from dashboard.shared.plotted_numbers import COUNT, NUMBER, SEPARATORS
from dashboard.stage.figures.meta import FigureMeta

__all__ = ["AFTER_FORWARD", "Figure", "Range", "Trace", "around", "array", "axis", "epoch_axis", "figure", "padded"]
__all__ += ["follows_history", "follows_point", "marks"]

Figure = dict[str, Any]
"""`data` and `layout`, as plotly's script takes them."""
Trace = dict[str, Any]
Range = tuple[float, float]

AFTER_FORWARD = ["loss", "backward", "update"]
"""The beats in which the loss of the epoch is known."""

_AXIS = {
    "gridcolor": LIGHT["grid"],
    "linecolor": LIGHT["grid"],
    "zeroline": False,
    "ticks": "",
    "tickfont": {"color": LIGHT["muted"]},
    "nticks": 6,
    "automargin": False,
}
_LAYOUT = {
    "showlegend": False,
    "hovermode": "closest",
    "separators": SEPARATORS,
    "dragmode": "zoom",
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {"color": LIGHT["text"]},
    "hoverlabel": {"bgcolor": LIGHT["panel"], "bordercolor": LIGHT["grid"], "font": {"color": LIGHT["text"]}},
    "margin": {"l": 46, "r": 10, "t": 6, "b": 34, "pad": 0},
}


def figure(
    title: str, traces: Sequence[Trace], x: Mapping[str, Any], y: Mapping[str, Any], meta: FigureMeta | None = None
) -> Figure:
    """A chart with these traces, the first at the bottom, and these two axes."""
    layout = {**_LAYOUT, "title": {"text": title}, "xaxis": x, "yaxis": y}
    if meta:
        layout["meta"] = meta
    return {"data": list(traces), "layout": layout}


def axis(title: str, shown: Range, colour: str | None = None, **more: Any) -> dict[str, Any]:
    """An axis that shows the range `shown`; its title is in the colour of the text unless told."""
    words: dict[str, Any] = {"text": title, "standoff": 4}
    if colour is not None:
        words["font"] = {"color": colour}
    return {**_AXIS, "title": words, "range": list(shown), **more}


def epoch_axis(epochs: int) -> dict[str, Any]:
    """The epochs, with room for a point at either end."""
    return axis("epoch", (-0.015 * epochs, 1.02 * epochs))


def follows_history(name: str, column: str, colour: str, company: Mapping[str, Any], **line: Any) -> Trace:
    """A column over the epochs so far. `company` says how several runs have it, see `meta.Seen`."""
    return {
        "type": "scatter",
        "x": [],
        "y": [],
        "name": name,
        "mode": "lines",
        "line": {"color": colour, **line},
        "hovertemplate": f"epoch %{{x:{COUNT}}}<br>{name} %{{y:{NUMBER}}}<extra></extra>",
        "meta": {"follow": "history", "x": "epoch", "y": column, **company},
    }


def follows_point(name: str, colour: str, column: str | None = None) -> Trace:
    """The dot at the end of such a line; the column is called as the trace is if not told."""
    return {
        "type": "scatter",
        "x": [],
        "y": [],
        "name": f"{name} now",
        "mode": "markers",
        "showlegend": False,
        "marker": {"color": colour, "size": 9, "line": {"color": LIGHT["background"], "width": 1.5}},
        "hoverinfo": "skip",
        "meta": {"follow": "point", "x": "epoch", "y": column or name, "company": "all"},
    }


def marks(name: str, height: float, epochs: int, colour: str, *, width: float, legend: bool = True) -> Trace:
    """A dashed line over all epochs, where something should end."""
    return {
        "type": "scatter",
        "x": [0, epochs],
        "y": [height, height],
        "name": name,
        "mode": "lines",
        "showlegend": legend,
        "line": {"color": colour, "width": width, "dash": "dash"},
        "hovertemplate": f"{name} %{{y:{NUMBER}}}<extra></extra>",
    }


def array(values: ArrayLike, dtype: str = "f8") -> dict[str, str]:
    """Numbers in the form in which plotly's script takes arrays: their bytes, little-endian, in base64."""
    numbers = np.ascontiguousarray(values, dtype=f"<{dtype}")
    spec = {"dtype": dtype, "bdata": b64encode(numbers).decode()}
    return spec if numbers.ndim == 1 else spec | {"shape": ", ".join(map(str, numbers.shape))}


def padded(values: NDArray[np.float64], share: float) -> Range:
    """The range of `values`, widened by `share` of it on both sides; never of width 0."""
    low, high = float(values.min()), float(values.max())
    margin = (high - low) * share or max(abs(low) * share, share)
    return low - margin, high + margin


def around(starts: Iterable[float], minimum: float) -> Range:
    """A range with the minimum near its middle and all starts well inside, so that overshooting stays in view."""
    reach = max(max(abs(start - minimum) for start in starts) * 1.35, abs(minimum) * 0.05, 0.05)
    return minimum - reach, minimum + reach
