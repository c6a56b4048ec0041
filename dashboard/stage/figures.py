"""The lab's charts as plotly figures, and how each trace follows the playhead.

A figure is described once per run. A trace that moves says how in its `meta`, in terms of the run's columns:

    {"follow": "history", "x": "epoch", "y": "loss"}   all rows up to the playhead, one column over another
    {"follow": "point", "x": "b", "y": "w"}            the playhead's row alone
    {"follow": "step", "x": "b", "y": "w"}             the playhead's row and the one after it
    {"follow": "affine", "intercept": "b", "slope": "w", "fixed": […]}
        at each x of the trace the value `fixed` gives, and where that is null, intercept + slope·x
    {"follow": "squares", "intercept": "b", "slope": "w"}
        at each point of the trace a square whose side is its distance from intercept + slope·x
    {"follow": "taylor", "at": "b", "value": "loss", "slope": "b_grad", "curvature": 2.0}
        at each x of the trace value + slope·(x - at) + curvature/2·(x - at)²
    {"follow": "arrow", "x": "b", "y": "w", "dx": "b_grad", "dy": "w_grad", "scale": -0.1}
        from the playhead's point to where scale·(dx, dy) leads

Between two epochs the run can be stepped through beat by beat: forward, loss, backward, update. A trace that is not
to be seen in all of them names its own in `beats`; one with `"only": true` is seen in no whole epoch. In the beats
that `ahead` names, a trace shows the epoch to come. A figure whose layout's meta says `"during": "beats"` or
`"epochs"` is there only then.

Whatever x and y such a rule reads are given as lists: arrays travel in a form that only plotly decodes.

The browser plays columns into traces by these rules and knows nothing else of what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core import Dataset, Experiment, Landscape
from dashboard.shared.palette import LIGHT

__all__ = ["make_figures"]

DRAWN_POINTS = 400
DRAWN_RESIDUALS = 120
DRAWN_SQUARES = 12
SURFACE_SIZE = 61
SECTION_SIZE = 65
AFTER_FORWARD = ["loss", "backward", "update"]

Range = tuple[float, float]


@dataclass(frozen=True)
class View:
    """What the figures of a run have in common."""

    experiment: Experiment
    dataset: Dataset
    landscape: Landscape
    start: tuple[float, float]
    """b and w before the first epoch."""

    @property
    def minimum(self) -> tuple[float, float]:
        return self.landscape.b_min, self.landscape.w_min


def make_figures(experiment: Experiment, dataset: Dataset, start: tuple[float, float]) -> dict[str, go.Figure]:
    """The charts of a run that starts at `start`, by name, in the order in which they are shown."""
    landscape = Landscape.of(dataset.x_train, dataset.y_train, experiment.reduction)
    view = View(experiment, dataset, landscape, start)
    return {
        "data": data_figure(view),
        "surface": surface_figure(view),
        "loss": loss_figure(view),
        "parameters": parameters_figure(view),
        "loss-b": section_figure(view, "b"),
        "loss-w": section_figure(view, "w"),
    }


def data_figure(view: View) -> go.Figure:
    """The points, the line of the moment with its residuals, and the least-squares line."""
    dataset = view.dataset
    # The rows are shuffled already, so the first ones are a fair sample of the others.
    x_train, y_train = dataset.x_train[:DRAWN_POINTS, 0], dataset.y_train[:DRAWN_POINTS, 0]
    x_val, y_val = dataset.x_val[: DRAWN_POINTS // 4, 0], dataset.y_val[: DRAWN_POINTS // 4, 0]
    x_range = padded(np.concatenate([x_train, x_val]), 0.05)
    lines = [b + w * x for b, w in (view.start, view.minimum) for x in x_range]
    y_range = padded(np.concatenate([y_train, y_val, lines]), 0.06)
    ends = np.array(x_range)
    b_min, w_min = view.minimum
    few = min(len(x_train), DRAWN_RESIDUALS)
    size = 6 if len(x_train) <= 150 else 4
    title = "Data"
    if len(dataset) > len(x_train) + len(x_val):
        title += f" · {len(x_train) + len(x_val)} of {len(dataset):,} points drawn".replace(",", "\u202f")
    figure = go.Figure(
        [
            # Three entries per residual: at the point, on the line, and a gap.
            go.Scatter(
                x=spread(x_train[:few], x_train[:few]),
                y=spread(y_train[:few], view.start[0] + view.start[1] * x_train[:few]),
                name="residuals",
                mode="lines",
                showlegend=False,
                line={"color": LIGHT["loss"], "width": 1},
                opacity=0.45,
                hoverinfo="skip",
                meta={
                    "follow": "affine",
                    "intercept": "b",
                    "slope": "w",
                    "fixed": spread(y_train[:few], None),
                    "beats": AFTER_FORWARD,
                },
            ),
            go.Scatter(
                x=x_train[:DRAWN_SQUARES].tolist(),
                y=y_train[:DRAWN_SQUARES].tolist(),
                name="squared error",
                mode="lines",
                showlegend=False,
                line={"color": LIGHT["loss"], "width": 1},
                opacity=0.75,
                hoverinfo="skip",
                meta={"follow": "squares", "intercept": "b", "slope": "w", "beats": ["loss"], "only": True},
            ),
            go.Scatter(
                x=x_train,
                y=y_train,
                name="training",
                mode="markers",
                marker={"color": LIGHT["data"], "size": size, "opacity": 0.85},
                hovertemplate="x %{x:.4g}<br>y %{y:.4g}<extra>training</extra>",
            ),
            go.Scatter(
                x=x_val,
                y=y_val,
                name="validation",
                mode="markers",
                marker={"color": LIGHT["data"], "size": size + 1, "symbol": "diamond-open", "line": {"width": 1.6}},
                hovertemplate="x %{x:.4g}<br>y %{y:.4g}<extra>validation</extra>",
            ),
            go.Scatter(
                x=ends,
                y=b_min + w_min * ends,
                name="least squares",
                mode="lines",
                line={"color": LIGHT["minimum"], "width": 1.8, "dash": "dash"},
                hovertemplate="least squares %{y:.4g}<extra></extra>",
            ),
            go.Scatter(
                x=list(x_range),
                y=list(view.start[0] + view.start[1] * ends),
                name="line",
                mode="lines",
                line={"color": LIGHT["line"], "width": 3.5},
                hovertemplate="line %{y:.4g}<extra></extra>",
                meta={"follow": "affine", "intercept": "b", "slope": "w", "fixed": [None, None]},
            ),
        ]
    )
    return finish(
        figure, title, (escape(dataset.x_name, quote=False), x_range), (escape(dataset.y_name, quote=False), y_range)
    )


def surface_figure(view: View) -> go.Figure:
    """The loss over (b, w) as contours, the path so far, its next step, and the minimum."""
    b_range, w_range = (around(view.start[i], view.minimum[i]) for i in (0, 1))
    surface = view.landscape.surface(b_range, w_range, SURFACE_SIZE)
    # The bowl is steep: contours of the logarithm show the valley as well as the walls. The floor keeps
    # them defined where the lowest loss is 0.
    height = np.log10(np.maximum(surface.loss - view.landscape.loss_min, surface.loss.max() * 1e-4))
    low, high = float(height.min()), float(height.max())
    full_batch = view.experiment.is_full_batch(len(view.dataset.x_train))
    figure = go.Figure(
        [
            go.Contour(
                x=surface.b,
                y=surface.w,
                z=height.astype(np.float32),
                customdata=surface.loss.astype(np.float32),
                colorscale=[[i / 4, LIGHT[f"surface-{i}"]] for i in range(5)],
                showscale=False,
                showlegend=False,
                contours={"start": low, "end": high, "size": (high - low) / 14 or 1.0},
                line={"width": 0.8, "color": LIGHT["surface-line"]},
                hovertemplate="b %{x:.4g}<br>w %{y:.4g}<br>loss %{customdata:.4g}<extra></extra>",
            ),
            go.Scatter(
                x=[],
                y=[],
                name="path",
                mode="lines",
                line={"color": LIGHT["line"], "width": 2.5},
                hovertemplate="b %{x:.4g}<br>w %{y:.4g}<extra>path</extra>",
                meta={"follow": "history", "x": "b", "y": "w"},
            ),
            go.Scatter(
                x=[view.minimum[0]],
                y=[view.minimum[1]],
                name="minimum",
                mode="markers",
                marker={"symbol": "star", "size": 13, "color": LIGHT["minimum"]},
                hovertemplate="minimum<br>b %{x:.4g}<br>w %{y:.4g}<extra></extra>",
            ),
            go.Scatter(
                x=[],
                y=[],
                name="next step",
                mode="lines+markers",
                line={"color": LIGHT["gradient"], "width": 2.5},
                marker={
                    "color": LIGHT["gradient"],
                    "symbol": "arrow",
                    "angleref": "previous",
                    "size": [0, 14],
                    "opacity": 1,
                },
                hoverinfo="skip",
                meta={"follow": "step", "x": "b", "y": "w", "beats": ["update"]},
            ),
            go.Scatter(
                x=[],
                y=[],
                name="−gradient",
                mode="lines+markers",
                showlegend=False,
                line={"color": LIGHT["gradient"], "width": 2.5, "dash": "dot"},
                marker={"color": LIGHT["gradient"], "symbol": "arrow", "size": 14},
                hoverinfo="skip",
                meta={
                    "follow": "arrow",
                    "x": "b",
                    "y": "w",
                    # Of mini-batches the gradient is that of the first.
                    "dx": "b_grad" if full_batch else "batch_b_grad",
                    "dy": "w_grad" if full_batch else "batch_w_grad",
                    "scale": -view.experiment.learning_rate,
                    "beats": ["backward"],
                    "only": True,
                },
            ),
            go.Scatter(
                x=[view.start[0]],
                y=[view.start[1]],
                name="now",
                mode="markers",
                marker={"color": LIGHT["line"], "size": 11, "line": {"color": LIGHT["background"], "width": 2}},
                hovertemplate="now<br>b %{x:.4g}<br>w %{y:.4g}<extra></extra>",
                meta={"follow": "point", "x": "b", "y": "w", "ahead": ["update"]},
            ),
        ]
    )
    finish(figure, "Loss surface", ("b", b_range), ("w", w_range))
    figure.update_xaxes(title_font_color=LIGHT["b"], showgrid=False)
    figure.update_yaxes(title_font_color=LIGHT["w"], showgrid=False)
    return figure


def loss_figure(view: View) -> go.Figure:
    """Training and validation loss by epoch, over the lowest training loss there is."""
    landscape, dataset = view.landscape, view.dataset
    validation = Landscape.of(dataset.x_val, dataset.y_val, view.experiment.reduction)
    highest = max(landscape.loss(*view.start), validation.loss(*view.start))
    lowest = min(landscape.loss_min, validation.loss(*view.minimum))
    floor = max(lowest, highest * 1e-9)
    epochs = view.experiment.epochs
    figure = go.Figure(
        [
            go.Scatter(
                x=[0, epochs],
                y=[landscape.loss_min] * 2,
                name="lowest possible",
                mode="lines",
                line={"color": LIGHT["minimum"], "width": 1.8, "dash": "dash"},
                hovertemplate="lowest possible %{y:.4g}<extra></extra>",
            ),
            follows_history("training", "loss", LIGHT["loss"], width=3),
            follows_history("validation", "val_loss", LIGHT["loss"], width=1.8, dash="dot"),
            follows_point("loss", LIGHT["loss"]),
        ]
    )
    finish(figure, "Loss", ("epoch", epoch_range(epochs)), ("", (0, highest * 1.05)))
    span = np.log10(highest / floor) if floor > 0 else 1.0
    log_range = (np.log10(floor) - 0.08 * span, np.log10(highest) + 0.08 * span) if floor > 0 else (-1.0, 1.0)
    # The stage offers both scales; each keeps the range it is given here.
    scales = {"linear": [0, highest * 1.05], "log": [float(end) for end in log_range]}
    figure.update_layout(meta={"scales": scales, "during": "epochs"})
    figure.update_yaxes(type="log", range=log_range, dtick=1 if span > 1.5 else None, tickformat="~g")
    return figure


def parameters_figure(view: View) -> go.Figure:
    """b and w by epoch, with the values where they should end."""
    epochs = view.experiment.epochs
    (b_min, w_min), (b_start, w_start) = view.minimum, view.start
    figure = go.Figure(
        [
            *(
                go.Scatter(
                    x=[0, epochs],
                    y=[value, value],
                    name=f"{name} by least squares",
                    mode="lines",
                    showlegend=False,
                    line={"color": LIGHT[name], "width": 1.6, "dash": "dash"},
                    hovertemplate=f"{name} by least squares %{{y:.4g}}<extra></extra>",
                )
                for name, value in (("b", b_min), ("w", w_min))
            ),
            follows_history("b", "b", LIGHT["b"], width=3),
            follows_history("w", "w", LIGHT["w"], width=3),
            follows_point("b", LIGHT["b"]),
            follows_point("w", LIGHT["w"]),
        ]
    )
    finish(
        figure,
        "Parameters",
        ("epoch", epoch_range(epochs)),
        ("", padded(np.array([b_min, w_min, b_start, w_start]), 0.15)),
    )
    return figure.update_layout(meta={"during": "epochs"})


def section_figure(view: View, name: str) -> go.Figure:
    """The loss along b or w alone, the other standing still where it is, with the slope that backward() finds."""
    i = ("b", "w").index(name)
    reach = around(view.start[i], view.minimum[i])
    x = np.linspace(*reach, SECTION_SIZE).tolist()
    curvature = float(view.landscape.hessian[i][i])
    rule = {"follow": "taylor", "at": name, "value": "loss", "slope": f"{name}_grad"}
    highest = view.landscape.loss(*view.start)
    figure = go.Figure(
        [
            go.Scatter(
                x=x,
                y=[None] * SECTION_SIZE,
                name="loss",
                mode="lines",
                line={"color": LIGHT["loss"], "width": 3},
                hovertemplate=f"{name} %{{x:.4g}}<br>loss %{{y:.4g}}<extra></extra>",
                meta={**rule, "curvature": curvature},
            ),
            go.Scatter(
                x=list(reach),
                y=[None, None],
                name=f"slope ∂loss/∂{name}",
                mode="lines",
                line={"color": LIGHT["gradient"], "width": 2.5, "dash": "dash"},
                hoverinfo="skip",
                meta={**rule, "curvature": 0.0, "beats": ["backward", "update"]},
            ),
            go.Scatter(
                x=[],
                y=[],
                name="now",
                mode="markers",
                showlegend=False,
                marker={"color": LIGHT[name], "size": 11, "line": {"color": LIGHT["background"], "width": 2}},
                hoverinfo="skip",
                meta={"follow": "point", "x": name, "y": "loss", "beats": AFTER_FORWARD},
            ),
        ]
    )
    full_batch = view.experiment.is_full_batch(len(view.dataset.x_train))
    title = f"Loss along {name}" + ("" if full_batch else " · all training data")
    finish(figure, title, (name, reach), ("", (-0.04 * highest, highest * 1.25)))
    figure.update_xaxes(title_font_color=LIGHT[name])
    return figure.update_layout(meta={"during": "beats"})


def follows_history(name: str, column: str, color: str, **line: Any) -> go.Scatter:
    return go.Scatter(
        x=[],
        y=[],
        name=name,
        mode="lines",
        line={"color": color, **line},
        hovertemplate=f"epoch %{{x}}<br>{name} %{{y:.5g}}<extra></extra>",
        meta={"follow": "history", "x": "epoch", "y": column},
    )


def follows_point(column: str, color: str) -> go.Scatter:
    return go.Scatter(
        x=[],
        y=[],
        name=f"{column} now",
        mode="markers",
        showlegend=False,
        marker={"color": color, "size": 9, "line": {"color": LIGHT["background"], "width": 1.5}},
        hoverinfo="skip",
        meta={"follow": "point", "x": "epoch", "y": column},
    )


def finish(figure: go.Figure, title: str, x: tuple[str, Range], y: tuple[str, Range]) -> go.Figure:
    """What all charts share: quiet axes with fixed ranges, and no legend of plotly's (the stage draws one)."""
    axis = {
        "gridcolor": LIGHT["grid"],
        "linecolor": LIGHT["grid"],
        "zeroline": False,
        "ticks": "",
        "tickfont": {"color": LIGHT["muted"]},
        "nticks": 6,
        "automargin": False,
    }
    return figure.update_layout(
        template="none",
        title={"text": title},
        showlegend=False,
        hovermode="closest",
        dragmode="zoom",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": LIGHT["text"]},
        hoverlabel={"bgcolor": LIGHT["panel"], "bordercolor": LIGHT["grid"], "font": {"color": LIGHT["text"]}},
        margin={"l": 46, "r": 10, "t": 6, "b": 34, "pad": 0},
        xaxis={**axis, "title": {"text": x[0], "standoff": 4}, "range": x[1]},
        yaxis={**axis, "title": {"text": y[0], "standoff": 4}, "range": y[1]},
    )


def spread(first: np.ndarray[Any, Any], second: np.ndarray[Any, Any] | None) -> list[float | None]:
    """first[0], second[0], None, first[1], … with None for every second if there are none."""
    seconds = [None] * len(first) if second is None else second.tolist()
    return [value for pair in zip(first.tolist(), seconds, strict=True) for value in (*pair, None)]


def epoch_range(epochs: int) -> Range:
    """Room for a point at either end."""
    return -0.015 * epochs, 1.02 * epochs


def padded(values: np.ndarray[Any, Any], share: float) -> Range:
    """The range of `values`, widened by `share` of it on both sides; never of width 0."""
    low, high = float(np.min(values)), float(np.max(values))
    margin = (high - low) * share or max(abs(low) * share, share)
    return low - margin, high + margin


def around(start: float, minimum: float) -> Range:
    """A range with the minimum near its middle and the start well inside, so that overshooting stays in view."""
    reach = max(abs(start - minimum) * 1.35, abs(minimum) * 0.05, 0.05)
    return minimum - reach, minimum + reach
