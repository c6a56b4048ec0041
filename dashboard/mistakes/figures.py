"""The charts of the mistakes, by their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from core.mistakes import Mistake, Outcome
from dashboard.mistakes.curves import flat_line, halved_loss, losses_by_epoch, sub_batches
from dashboard.mistakes.paths import forgotten_zero, unscaled
from dashboard.mistakes.roles import RIGHT, THIRD, WRONG
from dashboard.shared.still_charts import Palette

__all__ = ["CHARTS", "make_figures"]

CHARTS: dict[str, Callable[..., list[go.Figure]]] = {
    "zero-grad": forgotten_zero,
    "sub-batches": sub_batches,
    "broadcast": flat_line,
    "sum": losses_by_epoch("Loss, each as it is defined", (RIGHT, WRONG, THIRD)),
    "half": halved_loss,
    "learning-rate": losses_by_epoch("Loss", (RIGHT, THIRD, WRONG)),
    "scaling": unscaled,
}
"""What draws them, given the attempts' labels, their outcomes and the page's palette."""


def make_figures(mistake: Mistake, outcomes: Sequence[Outcome], palette: Palette) -> list[go.Figure]:
    """The mistake's charts in the order in which they are shown; none where its message says it all."""
    draw = CHARTS.get(mistake.name)
    if draw is None:
        return []
    return draw([attempt.label for attempt in mistake.attempts], outcomes, palette)
