"""Training and validation loss by epoch, over the lowest training loss there is."""

from __future__ import annotations

from math import log10

from dashboard.shared.palette import LIGHT
from dashboard.stage.figures.template import Figure, axis, epoch_axis, figure, follows_history, follows_point, marks
from dashboard.stage.view import View

__all__ = ["loss_figure"]


def loss_figure(view: View) -> Figure:
    # In the units of the data: runs that see others can be compared in these.
    training, validation, square = view.training, view.validation, view.dataset.y_std**2
    # Without validation points that loss is NaN, which is neither more nor less.
    highest = square * max(training.loss(*view.start), validation.loss(*view.start))
    lowest = square * min(training.loss_min, validation.loss(*view.minimum))
    floor = max(lowest, highest * 1e-9)
    span = log10(highest / floor) if floor > 0 else 1.0
    log_range = [log10(floor) - 0.08 * span, log10(highest) + 0.08 * span] if floor > 0 else [-1.0, 1.0]
    traces = [
        # Of runs on other data it is another one.
        marks("lowest possible", square * training.loss_min, view.experiment.epochs, LIGHT["minimum"], width=1.8)
        | {"meta": {"company": "elsewhere"}},
        follows_history("training", "original_loss", LIGHT["loss"], {"company": "all", "label": True}, width=3),
        *(
            [
                follows_history(
                    "validation", "original_val_loss", LIGHT["loss"], {"company": "front"}, width=1.8, dash="dot"
                )
            ]
            if validation.n
            else []
        ),
        follows_point("loss", LIGHT["loss"], column="original_loss"),
    ]
    y = axis("", log_range, type="log", tickformat="~g", rangemode="nonnegative")
    # Of a decade and less plotly writes every tick, one over the other: rather at 1, 2 and 5, where these are in it.
    y["dtick"] = 1 if span > 1.5 else "D2" if span > 0.4 else "D1"
    return figure(
        "Loss" if square == 1 else "Loss · in the units of the data",
        traces,
        epoch_axis(view.experiment.epochs),
        y,
        # The stage offers both scales; each keeps the range it is given here.
        {
            "scales": {"linear": [0, highest * 1.05], "log": log_range},
            "during": "epochs",
            "along": "epochs",
            "widens": ["y"],
        },
    )
