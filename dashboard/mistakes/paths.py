"""Charts of the mistakes over b and w: the path of a run on the surface of its loss."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.geometry.landscape import Landscape
from core.mistakes import Outcome, landscape
from core.mistakes.unscaled import valleys
from dashboard.mistakes.roles import RIGHT, WRONG
from dashboard.shared.plotted_numbers import NUMBER
from dashboard.shared.still_charts import Palette, Trace, curve, loss_surface, minimum, padded, still_chart

__all__ = ["forgotten_zero", "unscaled"]

Outcomes = Sequence[Outcome]

ROUND = 0.85
"""Height over width of a chart whose axes have one scale: about that of its place on the page."""


def forgotten_zero(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
    """Both paths over the loss, and what stands in `.grad` epoch by epoch."""
    valley = landscape()
    b_range = padded([b for one in outcomes for b in one.columns["b"]])
    w_range = padded([w for one in outcomes for w in one.columns["w"]])
    traces = [loss_surface(valley, b_range, w_range, palette)]
    for label, one, role in zip(labels, outcomes, (WRONG, RIGHT), strict=True):
        traces.append(path(label, one, palette[role]))
    traces.append(minimum(valley, palette))
    wrong, right = outcomes
    grads = [
        curve(f"{name}.grad, {words}", one.columns["epoch"], one.columns[f"{name}_grad"], palette[name], dash=dash)
        for one, words, dash in ((wrong, "without", "solid"), (right, "with", "dot"))
        for name in ("b", "w")
    ]
    return [
        still_chart(traces, "Path over the loss", "b", "w", palette, ranges=(b_range, w_range)),
        still_chart(grads, "What stands in .grad", "epoch", "gradient", palette),
    ]


def unscaled(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
    """The two paths that do not diverge, each over a loss of its own, and both losses by epoch."""
    _, raw, scaled = outcomes
    valley, bowl = valleys(raw.columns["k"][0])
    lowest = [valley.loss_min] * len(raw.columns["epoch"])
    losses = [
        curve("as it is", raw.columns["epoch"], raw.columns["loss"], palette[WRONG], width=3.5),
        curve("standardised", scaled.columns["epoch"], scaled.columns["loss"], palette[RIGHT], width=3.5),
        curve("lowest", raw.columns["epoch"], lowest, palette["minimum"], width=2.0, dash="dot"),
    ]
    return [
        descent("x as it is", raw, valley, WRONG, palette),
        descent("x standardised", scaled, bowl, RIGHT, palette, true_to_scale=True),
        still_chart(losses, "Loss", "epoch", "loss", palette, logarithmic=True),
    ]


def descent(
    title: str, outcome: Outcome, valley: Landscape, role: str, palette: Palette, *, true_to_scale: bool = False
) -> go.Figure:
    """One path from its start over its own loss, with the minimum in the picture."""
    b, w = outcome.columns["b"], outcome.columns["w"]
    b_range, w_range = padded([*b, valley.b_min]), padded([*w, valley.w_min])
    if true_to_scale:
        # Room above and below, in which it can be seen how round the bowl is.
        middle, reach = sum(w_range) / 2, max(w_range[1] - w_range[0], ROUND * (b_range[1] - b_range[0])) / 2
        w_range = middle - reach, middle + reach
    start = curve(
        "start",
        b[:1],
        w[:1],
        palette["text"],
        mode="markers",
        marker={"size": 11, "symbol": "circle-open", "line": {"width": 2.5}, "color": palette["text"]},
        text=f"b %{{x:{NUMBER}}}<br>w %{{y:{NUMBER}}}",
    )
    traces = [
        loss_surface(valley, b_range, w_range, palette),
        path("path", outcome, palette[role]),
        start,
        minimum(valley, palette),
    ]
    ranges = b_range, w_range
    return still_chart(traces, title, "b", "w", palette, ranges=ranges, true_to_scale=true_to_scale)


def path(name: str, outcome: Outcome, colour: str) -> Trace:
    """b and w, epoch by epoch."""
    return curve(
        name,
        outcome.columns["b"],
        outcome.columns["w"],
        colour,
        mode="lines+markers",
        marker={"size": 6},
        text=f"b %{{x:{NUMBER}}}<br>w %{{y:{NUMBER}}}",
    )
