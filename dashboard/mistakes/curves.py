"""Charts of the mistakes by epoch, and of the lines that come of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go

from core import Experiment, make_dataset
from core.mistakes import Outcome, landscape
from dashboard.mistakes.roles import RIGHT, WRONG
from dashboard.shared.plotted_numbers import NUMBER
from dashboard.shared.still_charts import Palette, Trace, curve, still_chart

__all__ = ["flat_line", "halved_loss", "losses_by_epoch", "sub_batches"]

Outcomes = Sequence[Outcome]

LOOKS = ((RIGHT, 9.0, "solid"), ("text", 2.5, "dot"), (WRONG, 3.0, "solid"))
"""Role, width and dash of three runs of which two are the same: the first is drawn broad, so that it can be seen
beneath the one that lies on it."""


def sub_batches(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
    """The loss and the parameters of all three runs, each loss that of the whole batch at the run's b and w."""
    whole, weighted, _ = outcomes
    return [
        still_chart(
            mean_losses(labels, outcomes, palette),
            "Loss of the whole batch",
            "epoch",
            "loss",
            palette,
            logarithmic=True,
        ),
        parameters((whole, "whole"), (weighted, "parts"), "b and w: the parts lie on the whole", palette),
    ]


def halved_loss(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
    """All three runs by the mean of their squared errors, and the parameters of the two that are the same."""
    first, half, twice = outcomes
    names = [labels[0], labels[2], labels[1]]
    losses = mean_losses(names, (first, twice, half), palette)
    return [
        still_chart(losses, "Mean of the squared errors", "epoch", "mean", palette, logarithmic=True),
        parameters((first, "1/n"), (twice, "1/(2n), twice the rate"), "b and w: the same steps", palette),
    ]


def mean_losses(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[Trace]:
    """The mean of the squared errors at each run's b and w, whatever its own loss is, in the `LOOKS`."""
    valley = landscape()
    return [
        curve(
            label,
            one.columns["epoch"],
            valley.loss(np.array(one.columns["b"]), np.array(one.columns["w"])).tolist(),
            palette[role],
            width=width,
            dash=dash,
        )
        for label, one, (role, width, dash) in zip(labels, outcomes, LOOKS, strict=True)
    ]


def parameters(below: tuple[Outcome, str], above: tuple[Outcome, str], title: str, palette: Palette) -> go.Figure:
    """b and w of two runs by epoch: of one broad, and dotted upon it those of the other."""
    traces = [
        curve(f"{name}, {words}", one.columns["epoch"], one.columns[name], colour, width=width, dash=dash)
        for name in ("b", "w")
        for (one, words), colour, width, dash in (
            (below, palette[name], 9.0, "solid"),
            (above, palette["text"], 2.5, "dot"),
        )
    ]
    return still_chart(traces, title, "epoch", "value", palette)


def flat_line(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
    """The lines that the labels of the wrong and of the right shape end in, and their slopes by epoch."""
    points = make_dataset(Experiment())
    x, y = points.x_train[:, 0].tolist(), points.y_train[:, 0].tolist()
    ends = [min(x), max(x)]
    runs = [
        (outcome.columns, words, palette[role])
        for outcome, words, role in ((outcomes[1], "(N, 1) − (N,)", WRONG), (outcomes[2], "one shape", RIGHT))
    ]
    text = f"x %{{x:{NUMBER}}}<br>y %{{y:{NUMBER}}}"
    marks = {"size": 6, "color": palette["data"]}
    lines = [curve("points", x, y, palette["data"], mode="markers", marker=marks, text=text)]
    lines += [
        curve(words, ends, [run["b"][-1] + run["w"][-1] * at for at in ends], colour, width=4.0, text=text)
        for run, words, colour in runs
    ]
    best = landscape().w_min
    epochs = runs[0][0]["epoch"]
    slopes = [curve(words, epochs, run["w"], colour, width=3.5) for run, words, colour in runs]
    slopes.append(curve("best", epochs, [best] * len(epochs), palette["minimum"], width=2.0, dash="dot"))
    return [
        still_chart(lines, "The line in the end", "x", "y", palette),
        still_chart(slopes, "Slope w", "epoch", "w", palette),
    ]


def losses_by_epoch(title: str, roles: tuple[str, str, str]) -> Callable[..., list[go.Figure]]:
    """What draws the loss that each run recorded, in these roles."""

    def draw(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
        traces = [
            curve(label, one.columns["epoch"], one.columns["loss"], palette[role], width=3.5)
            for label, one, role in zip(labels, outcomes, roles, strict=True)
        ]
        return [still_chart(traces, title, "epoch", "loss", palette, logarithmic=True)]

    return draw
