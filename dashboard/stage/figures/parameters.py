"""b and w by epoch, with the values where they should end."""

from __future__ import annotations

import numpy as np

from dashboard.shared.palette import LIGHT
from dashboard.stage.figures.meta import FigureMeta
from dashboard.stage.figures.template import (
    Figure,
    axis,
    epoch_axis,
    figure,
    follows_history,
    follows_point,
    marks,
    padded,
)
from dashboard.stage.view import View

__all__ = ["parameters_figure"]


def parameters_figure(view: View) -> Figure:
    epochs = view.experiment.epochs
    traces = [
        *(
            marks(f"{name} by least squares", value, epochs, LIGHT[name], width=1.6, legend=False)
            for name, value in zip(("b", "w"), view.minimum, strict=True)
        ),
        follows_history("b", "b", LIGHT["b"], {"company": "all", "label": True}, width=3),
        follows_history("w", "w", LIGHT["w"], {"company": "all", "company_dash": "dash"}, width=3),
        follows_point("b", LIGHT["b"]),
        follows_point("w", LIGHT["w"]),
    ]
    y_range = padded(np.array([*view.minimum, *view.start]), 0.15)
    meta: FigureMeta = {"during": "epochs", "along": "epochs", "widens": ["y"]}
    return figure("Parameters", traces, epoch_axis(epochs), axis("", y_range), meta)
