"""The charts of the mistakes: the curves of their attempts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go

from core.mistakes import Mistake, Outcome, landscape
from dashboard.shared.still_charts import Palette, curve, loss_surface, minimum, padded, still_chart

__all__ = ["make_figures"]

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
    traces = [loss_surface(valley, b_range, w_range, palette)]
    for label, (b, w), role in zip(labels, paths, (WRONG, RIGHT), strict=True):
        traces.append(
            curve(label, b, w, palette[role], mode="lines+markers", marker={"size": 6}, text="b %{x:.4g}<br>w %{y:.4g}")
        )
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


def sub_batches(labels: Sequence[str], outcomes: Outcomes, palette: Palette) -> list[go.Figure]:
    """The loss and the parameters of all three runs, each loss that of the whole batch at the run's b and w."""
    valley = landscape()
    epochs = outcomes[0].columns["epoch"]
    losses = [valley.loss(np.array(one.columns["b"]), np.array(one.columns["w"])).tolist() for one in outcomes]
    # The whole batch is drawn broad, so that it can be seen beneath the run that lies on it.
    looks = ((RIGHT, 9.0, "solid"), (THIRD, 3.0, "dot"), (WRONG, 3.0, "solid"))
    loss = [
        curve(label, epochs, losses[i], palette[role], width=width, dash=dash)
        for i, (label, (role, width, dash)) in enumerate(zip(labels, looks, strict=True))
    ]
    whole, weighted, _ = outcomes
    parameters = [
        curve(f"{name}, {words}", epochs, one.columns[name], colour, width=width, dash=dash)
        for name in ("b", "w")
        for one, words, colour, width, dash in (
            (whole, "whole", palette[name], 9.0, "solid"),
            (weighted, "parts", palette["text"], 2.5, "dot"),
        )
    ]
    return [
        still_chart(loss, "Loss of the whole batch", "epoch", "loss", palette, logarithmic=True),
        still_chart(parameters, "b and w: the parts lie on the whole", "epoch", "value", palette),
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


CHARTS: dict[str, Callable[..., list[go.Figure]]] = {
    "zero-grad": forgotten_zero,
    "sub-batches": sub_batches,
    "sum": losses_by_epoch("Loss, each as it is defined", (RIGHT, WRONG, THIRD)),
    "learning-rate": losses_by_epoch("Loss", (RIGHT, THIRD, WRONG)),
}
"""The charts by the mistake's name."""
