"""What the browser needs to know of a run so that its start and its points follow a hand."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core import Landscape
from core.geometry.advice import zones_of
from dashboard.stage.view import View

__all__ = ["held_by_hand"]


def held_by_hand(view: View) -> dict[str, Any]:
    """Landscapes, start and points of the run, as plain JSON.

    `start` and `moved` are those that were given by hand, as the experiment has them. `optimizer` and `rate` are those
    of the first update. `stretch` is how many times farther than plain descent the learning rate may go, None where no
    limit is known.
    """
    experiment, plain = view.experiment, view.training.max_learning_rate
    zones = zones_of(view.training, experiment.optimizer)
    return {
        "training": _plain(view.training),
        "validation": _plain(view.validation),
        "start": [experiment.start_b, experiment.start_w],
        "moved": [list(row) for row in experiment.moved],
        "standardize": experiment.standardize,
        "optimizer": experiment.optimizer,
        "rate": experiment.rate_at(0),
        "stretch": zones.limit / plain if zones else None,
    }


def _plain(landscape: Landscape) -> dict[str, Any] | None:
    return asdict(landscape) if landscape.n else None
