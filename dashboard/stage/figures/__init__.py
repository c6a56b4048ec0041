"""The lab's charts as plotly's dictionaries, one file each; how their traces follow the playhead says `meta.py`.

They are no `go.Figure`s: those take a hundred times as long to make, and every visitor's link needs its own. The tests
let plotly's classes judge the dictionaries instead.
"""

from __future__ import annotations

from dashboard.stage.figures.data import data_figure
from dashboard.stage.figures.loss import loss_figure
from dashboard.stage.figures.parameters import parameters_figure
from dashboard.stage.figures.residuals import residuals_figure
from dashboard.stage.figures.section import section_figure
from dashboard.stage.figures.surface import surface_figure
from dashboard.stage.figures.template import Figure
from dashboard.stage.view import View

__all__ = ["make_figures"]


def make_figures(view: View) -> dict[str, Figure]:
    """The charts of a run by name, in the order in which they are shown."""
    return {
        "data": data_figure(view),
        "residuals": residuals_figure(view),
        "surface": surface_figure(view),
        "loss": loss_figure(view),
        "parameters": parameters_figure(view),
        "loss-b": section_figure(view, "b"),
        "loss-w": section_figure(view, "w"),
    }
