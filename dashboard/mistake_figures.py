"""The charts of the mistakes: the curves of their attempts, drawn to be read from the back row.

They stand still, so unlike the lab's they bear their titles, legends and colours themselves: they are made
in the palette of the page that asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.mistakes import Mistake, Outcome, landscape

__all__ = ["make_figures"]

HEIGHT = 330
SURFACE_SIZE = 61
TEXT_SIZE = 15

Palette = Mapping[str, str]
Outcomes = Sequence[Outcome]

WRONG, RIGHT, THIRD = "line", "gradient", "loss"
"""The roles in which attempts are drawn: the wrong one as the run's line always is, in the loudest colour."""


def make_figures(mistake: Mistake, outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
    """The mistake's charts in the order in which they are shown; none where its message says it all."""
    draw = CHARTS.get(mistake.name)
    if draw is None:
        return []
    return draw([attempt.label for attempt in mistake.attempts], outcomes, palette)


def forgotten_zero(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
    """Both paths over the loss, and what stands in `.grad` epoch by epoch."""
    valley = landscape()
    paths = [(one.columns["b"], one.columns["w"]) for one in outcomes]
    b_range = padded([b for bs, _ in paths for b in bs])
    w_range = padded([w for _, ws in paths for w in ws])
    surface = valley.surface(b_range, w_range, SURFACE_SIZE)
    # Of the logarithm, as in the lab: the valley shows as well as the walls.
    height = np.log10(np.maximum(surface.loss - valley.loss_min, surface.loss.max() * 1e-4))
    contour = go.Contour(
        x=surface.b,
        y=surface.w,
        z=height.astype(np.float32),
        colorscale=[[i / 4, palette[f"surface-{i}"]] for i in range(5)],
        showscale=False,
        showlegend=False,
        ncontours=12,
        line={"width": 0.8, "color": palette["surface-line"]},
        hoverinfo="skip",
    )
    traces: list[Any] = [contour]
    for label, (b, w), role in zip(labels, paths, (WRONG, RIGHT), strict=True):
        traces.append(
            curve(label, b, w, palette[role], mode="lines+markers", marker={"size": 6}, text="b %{x:.4g}<br>w %{y:.4g}")
        )
    traces.append(
        go.Scatter(
            x=[valley.b_min],
            y=[valley.w_min],
            name="minimum",
            mode="markers",
            marker={"symbol": "star", "size": 16, "color": palette["minimum"]},
            hovertemplate="minimum<br>b %{x:.4g}<br>w %{y:.4g}<extra></extra>",
        )
    )
    path = finish(go.Figure(traces), "Path over the loss", "b", "w", palette)
    path.update_xaxes(range=b_range, showgrid=False).update_yaxes(range=w_range, showgrid=False)

    wrong, right = outcomes
    grads = go.Figure(
        [
            curve(f"{name}.grad, {words}", one.columns["epoch"], one.columns[f"{name}_grad"], palette[name], dash=dash)
            for one, words, dash in ((wrong, "without", "solid"), (right, "with", "dot"))
            for name in ("b", "w")
        ]
    )
    return [path, finish(grads, "What stands in .grad", "epoch", "gradient", palette)]


def sub_batches(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
    """The loss and the parameters of all three runs, each loss that of the whole batch at the run's b and w."""
    valley = landscape()
    epochs = outcomes[0].columns["epoch"]
    losses = [valley.loss(np.array(one.columns["b"]), np.array(one.columns["w"])).tolist() for one in outcomes]
    # The whole batch is drawn broad, so that it can be seen beneath the run that lies on it.
    looks = ((RIGHT, 9.0, "solid"), (THIRD, 3.0, "dot"), (WRONG, 3.0, "solid"))
    loss = go.Figure(
        [
            curve(label, epochs, losses[i], palette[role], width=width, dash=dash)
            for i, (label, (role, width, dash)) in enumerate(zip(labels, looks, strict=True))
        ]
    )
    whole, weighted, _ = outcomes
    parameters = go.Figure(
        [
            curve(f"{name}, {words}", epochs, one.columns[name], colour, width=width, dash=dash)
            for name in ("b", "w")
            for one, words, colour, width, dash in (
                (whole, "whole", palette[name], 9.0, "solid"),
                (weighted, "parts", palette["text"], 2.5, "dot"),
            )
        ]
    )
    return [
        logarithmic(finish(loss, "Loss of the whole batch", "epoch", "loss", palette)),
        finish(parameters, "b and w: the parts lie on the whole", "epoch", "value", palette),
    ]


def losses_by_epoch(title: str, roles: tuple[str, str, str]) -> Callable[..., list[go.Figure]]:
    """What draws the loss that each run recorded, in these roles."""

    def draw(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
        figure = go.Figure(
            [
                curve(label, one.columns["epoch"], one.columns["loss"], palette[role], width=3.5)
                for label, one, role in zip(labels, outcomes, roles, strict=True)
            ]
        )
        return [logarithmic(finish(figure, title, "epoch", "loss", palette))]

    return draw


CHARTS: dict[str, Callable[..., list[go.Figure]]] = {
    "zero-grad": forgotten_zero,
    "sub-batches": sub_batches,
    "sum": losses_by_epoch("Loss, each as it is defined", (RIGHT, WRONG, THIRD)),
    "learning-rate": losses_by_epoch("Loss", (RIGHT, THIRD, WRONG)),
}
"""The charts by the mistake's name."""


def curve(
    name: str,
    x: Sequence[float],
    y: Sequence[float],
    colour: str,
    *,
    width: float = 3.0,
    dash: str = "solid",
    mode: str = "lines",
    text: str = "epoch %{x}<br>%{y:.5g}",
    **more: Any,
) -> go.Scatter:
    return go.Scatter(
        x=list(x),
        y=list(y),
        name=name,
        mode=mode,
        line={"color": colour, "width": width, "dash": dash},
        hovertemplate=f"{text}<extra>{name}</extra>",
        **more,
    )


def finish(figure: go.Figure, title: str, x: str, y: str, palette: Palette) -> go.Figure:
    """What all charts share: a title and a legend above, quiet axes, large letters, and the page shining through."""
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
    return figure.update_layout(
        template="none",
        height=HEIGHT,
        title={"text": title, "x": 0, "xref": "paper", "y": 0.99, "yanchor": "top", "font": {**text, "size": 17}},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "font": text, "bgcolor": "rgba(0,0,0,0)"},
        hovermode="closest",
        dragmode=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font=text,
        hoverlabel={"bgcolor": palette["panel"], "bordercolor": palette["grid"], "font": text},
        margin={"l": 60, "r": 14, "t": 82, "b": 44, "pad": 2},
        xaxis={**axis, "title": {"text": x, "font": text, "standoff": 6}},
        yaxis={**axis, "title": {"text": y, "font": text, "standoff": 6}},
    )


def logarithmic(figure: go.Figure) -> go.Figure:
    return figure.update_yaxes(type="log", tickformat="~g")


def padded(values: Sequence[float]) -> tuple[float, float]:
    """The range of `values` with a little room on both sides."""
    low, high = min(values), max(values)
    margin = 0.06 * (high - low)
    return low - margin, high + margin
