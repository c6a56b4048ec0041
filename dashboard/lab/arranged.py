"""How the runs that are asked for stand beside one another, and what else is chosen on the stage."""

from __future__ import annotations

from core.comparison import in_words
from dashboard.lab.asked import AskedRuns
from dashboard.lab.comparing import Comparing
from dashboard.stage.arrangement import CHOICES, Arrangement, Choices

__all__ = ["arranged"]


def arranged(asked: AskedRuns, state: Comparing, front: int) -> Arrangement:
    """All of it that a link says. `front` is the place of the run in front among those that are asked for."""
    comparison = asked.comparison
    if comparison is None:
        return Arrangement(show=state.show, projector=state.projector)
    names = comparison.names if len(asked.runs) > 1 else (in_words({"learning_rate": asked.runs[0][0].learning_rate}),)
    chosen = {name: getattr(state, name) for name in CHOICES}
    if len(asked.runs) == 1:
        del chosen["align"]
    return Arrangement(
        front,
        asked.numbers,
        names,
        comparison.short_names,
        choices=Choices(**chosen),
        camera=state.camera,
        show=state.show,
        projector=state.projector,
    )
