"""What stays the same while a run plays: its charts, the numbers it is compared with, and its code.

Most of a scene is the same for many runs. What only the kind of run decides (its code, its graph) is made once and kept
as text; per link the numbers are filled in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from math import isfinite
from threading import Lock
from typing import Any

import numpy as np
from cachetools import LRUCache

from core import Dataset, Experiment, Points, autograd_graph, least_squares
from core.data.scaling import in_words
from core.insight.dynamic import loss_by_size
from core.insight.look_back import REQUIRES
from core.source import source_of
from core.takeaway.steps import BATCH, BEFORE, plain_parts
from core.training.arrival import arrival_loss
from core.training.four_steps import METHOD_CLASSES, STEPS
from dashboard.shared.palette import DARK, LIGHT
from dashboard.stage.by_hand import held_by_hand
from dashboard.stage.figures import make_figures
from dashboard.stage.first_points import first_points
from dashboard.stage.graph_drawing import drawn
from dashboard.stage.living_graph import offered_roots
from dashboard.stage.view import View

__all__ = ["kept_scene", "make_scene", "place_on_surface", "scene_id"]

KEPT_SCENES = 64
"""Of about 35 KB each."""

_kept: LRUCache[str, str] = LRUCache(KEPT_SCENES)
_keeping = Lock()


def scene_id(experiment: Experiment, points: Points) -> str:
    """A name for the scene: equal for equal experiments on equal data."""
    return f"{points.digest}:{experiment.to_json()}"


def place_on_surface(experiment: Experiment, points: Points) -> str:
    """Equal for runs whose loss has one and the same surface: those on the same data, reduced in the same way."""
    return f"{points.digest}:{experiment.loss}:{experiment.reduction}"


def kept_scene(name: str, experiment: Experiment, points: Points) -> str:
    """`make_scene`, made once for all who open the same link. `name` is the `scene_id`."""
    with _keeping:
        scene = _kept.get(name)
    if scene is None:
        scene = make_scene(experiment, points.load())
        with _keeping:
            _kept[name] = scene
    return scene


def make_scene(experiment: Experiment, dataset: Dataset) -> str:
    """The scene as JSON, as the stage's browser half reads it."""
    view = View.of(experiment, dataset)
    filled = {
        "units": {"x": [dataset.x_mean, dataset.x_std], "y": [dataset.y_mean, dataset.y_std]},
        "reference": reference(len(dataset.x_train), len(dataset)),
        "numbers": numbers(view),
        "compared": in_units_of_the_data(view),
        # Whether the run's own columns are those of every update: of mini-batches they are not.
        "graphWhole": view.is_full_batch,
        "figures": make_figures(view),
        "points": first_points(dataset),
        "rows": {
            "training": len(dataset.x_train),
            "reduction": experiment.reduction,
            "batches": not view.is_full_batch,
            "standardized": in_words(dataset.standardized),
        },
        "hand": held_by_hand(view),
        "learning_rate": None if experiment.schedule else experiment.learning_rate,
        "arrival_loss": loss_on_arrival(view),
    }
    # Two objects joined to one by their text.
    points = len(dataset.x_train)
    return f"{of_kind(kind_of(experiment, points), points)[:-1]},{written(filled)[1:]}"


def loss_on_arrival(view: View) -> float | None:
    """The loss from which on down the run has arrived; None where that is no number, as for points far too large."""
    late = view.experiment.rate_at(view.experiment.epochs - 1)
    loss = arrival_loss(replace(view.experiment, learning_rate=late, schedule=()), view.training)
    return loss if isfinite(loss) else None


def reference(training: int, points: int) -> str:
    """Whose numbers stand beside those of the run. Of many points it is enough to say how many."""
    of = "" if points >= 100_000 else f" of {points:_}"
    return f"scikit-learn, {training:_}{of} points".replace("_", "\u202f")


def written(part: dict[str, Any]) -> str:
    # JSON has no NaN: better no scene than one that the browser cannot read.
    return json.dumps(part, separators=(",", ":"), allow_nan=False)


def kind_of(experiment: Experiment, points: int) -> Experiment:
    """The experiment with one and the same value for all that its code and its graph do not depend on.

    Of the batch size it is whether it is smaller than the training data's `points`.
    """
    return replace(
        experiment,
        n=100,
        noise=0.0,
        true_b=0.0,
        true_w=0.0,
        seed=0,
        learning_rate=0.1,
        epochs=2,
        batch_size=None if experiment.is_full_batch(points) else 1,
        tolerance=None,
        validation=0.0,
        shape="line",
        start_b=None,
        start_w=None,
        schedule=((1, 0.1),) if experiment.schedule else (),
        moved=(),
    )


@lru_cache(maxsize=256)
def of_kind(kind: Experiment, points: int) -> str:
    """What all scenes of this kind on so many training points have in common, as JSON: at most 10 KB."""
    blank = np.zeros((points, 1))
    return written(
        {
            "palette": {"light": LIGHT, "dark": DARK},
            "method": kind.method,
            "methods": [
                {"name": name, "title": method.title, "summary": method.summary}
                for name, method in METHOD_CLASSES.items()
            ],
            "code": code(kind),
            # On every device it is the same, and the CPU is always there.
            **graph(replace(kind, device="cpu"), Dataset(blank, blank, blank[:1], blank[:1])),
        }
    )


def graph(experiment: Experiment, dataset: Dataset) -> dict[str, Any]:
    """The autograd graph in its places, or a sentence that says why there is none."""
    try:
        found = autograd_graph(experiment, dataset)
    except ValueError as error:
        return {"graph": None, "graphMessage": str(error)}
    roots, missing = offered_roots(experiment)
    return {
        "graph": drawn(found),
        "graphMessage": "",
        "graphValues": {"b": "b", "w": "w", "loss": "loss"},
        "graphGradients": {"b": "b_grad", "w": "w_grad"},
        "graphChoices": {
            "roots": roots,
            "missing": missing,
            "requires": list(REQUIRES),
            "source": source_of(loss_by_size),
        },
    }


def numbers(view: View) -> list[dict[str, Any]]:
    """The rows of the table of numbers: a column of the run, its role, and its value for the least-squares line."""
    b, w = least_squares(view.dataset)
    training, validation = view.training, view.validation
    # At the minimum both gradients are zero but for rounding, which would only distract; so is b of scaled columns.
    rounding = 1e-9 * (abs(training.gradient(b + 1, w + 1)[0]) + training.scale)
    b_grad, w_grad = (0.0 if abs(grad) < rounding else grad for grad in training.gradient(b, w))
    b = b if abs(b) > 1e-12 or "y" not in view.dataset.standardized else 0.0
    rows = [
        ("b", "b", "b", b),
        ("w", "w", "w", w),
        ("loss", "loss", "loss", training.loss(b, w)),
        *([("validation loss", "val_loss", "loss", validation.loss(b, w))] if validation.n else []),
        ("∂loss/∂b", "b_grad", "gradient", b_grad),
        ("∂loss/∂w", "w_grad", "gradient", w_grad),
    ]
    standardized, converted = view.dataset.standardized, in_units_of_the_data(view)
    # Of x alone standardised the loss is in the units of the data as it is.
    return _rows(rows) + (converted if "y" in standardized else converted[:2] if standardized else [])


def in_units_of_the_data(view: View) -> list[dict[str, Any]]:
    """Rows of the same table for runs that see different units."""
    b, w = least_squares(view.dataset)
    square = view.dataset.y_std**2
    original_b, original_w = view.dataset.original(b, w)
    return _rows(
        [
            ("b (data)", "original_b", "b", original_b),
            ("w (data)", "original_w", "w", original_w),
            ("loss (data)", "original_loss", "loss", square * view.training.loss(b, w)),
        ]
    )


def _rows(rows: Iterable[tuple[str, str, str, float]]) -> list[dict[str, Any]]:
    return [
        {"label": label, "column": column, "role": role, "reference": reference}
        for label, column, role, reference in rows
    ]


def code(kind: Experiment) -> list[dict[str, Any]]:
    """The code by step, as the program has it that can be taken away; and which columns to show beside each.

    A value that is `ahead` is that of so many epochs later.
    """
    grad = "_grad" if kind.method == "numpy" else ".grad"
    titles = {BEFORE: "Before the loop", BATCH: "Batch"}
    titles |= {step: f"{number} {step.capitalize()}" for number, step in enumerate(STEPS, start=1)}
    values = {
        "forward": [("b", "b", "b", 0), ("w", "w", "w", 0)],
        "loss": [("loss", "loss", "loss", 0)],
        "backward": [(f"b{grad}", "b_grad", "gradient", 0), (f"w{grad}", "w_grad", "gradient", 0)],
        "update": [("b →", "b", "b", 1), ("w →", "w", "w", 1)],
    }
    return [
        {
            "step": step,
            "title": titles[step],
            "source": "\n".join(lines),
            "values": [
                {"label": label, "column": column, "role": role, "ahead": ahead}
                for label, column, role, ahead in values.get(step, [])
            ],
        }
        for step, lines in plain_parts(kind, full_batch=kind.batch_size is None).items()
    ]
