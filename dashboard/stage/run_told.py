"""What a stage is told of a run that somebody watches, beside its records."""

from __future__ import annotations

from typing import Any

from core import Stop
from dashboard.stage.alignment import epoch_length
from dashboard.stage.arrangement import Alignment
from dashboard.stage.scene import place_on_surface
from dashboard.stage.status import device_label, stop_told
from dashboard.stage.watching import Watched

__all__ = ["run_told"]


def run_told(watched: Watched, scene: str, align: Alignment, end: Stop | None, place: int = 0) -> dict[str, Any]:
    """It as JSON takes it, but for its records and how many there are.

    Args:
        scene: its name, see `scene_id`.
        end: how it has ended, as it was when the records were counted.
        place: its own among those that wait for room on this server; 0 for one that does not.
    """
    run = watched.run
    return {
        "scene": scene,
        "epochs": watched.experiment.epochs,
        "epochLength": epoch_length(watched.experiment, watched.points, align),
        "place": place_on_surface(watched.experiment, watched.points),
        "status": {
            "stop": stop_told(end),
            "speed": run.epochs_per_second if run else 0,
            "left": run.seconds_left if run else None,
            "place": place,
            "together": run.together if run else 1,
            "device": device_label(watched.experiment.device),
        },
    }
