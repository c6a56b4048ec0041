"""What stays the same while a run plays: its charts, the numbers it is compared with, and its code."""

from __future__ import annotations

import inspect
import json
from typing import Any

from core import Dataset, Experiment, Landscape, Points, autograd_graph, least_squares
from core.insight.dynamic import loss_by_size
from core.insight.look_back import REQUIRES
from core.training.four_steps import METHOD_CLASSES, STEPS, make_method
from dashboard.shared.palette import DARK, LIGHT
from dashboard.stage.figures import make_figures
from dashboard.stage.graph_drawing import drawn
from dashboard.stage.living_graph import offered_roots

__all__ = ["make_scene", "scene_id"]


def scene_id(experiment: Experiment, points: Points) -> str:
    """A name for the scene: equal for equal experiments on equal data."""
    return f"{points.digest}:{experiment.to_json()}"


def make_scene(experiment: Experiment, dataset: Dataset) -> str:
    """The scene as JSON, as the stage's browser half reads it."""
    start = make_method(experiment, dataset).parameters()
    figures = make_figures(experiment, dataset, start)
    scene = {
        "palette": {"light": LIGHT, "dark": DARK},
        "numbers": numbers(experiment, dataset),
        "reference": "scikit-learn",
        "summary": METHOD_CLASSES[experiment.method].summary,
        "code": code(experiment),
        **graph(experiment, dataset),
    }
    # plotly writes its figures itself; what it wrote is put in as it is.
    written = ",".join(f"{json.dumps(name)}:{figure.to_json()}" for name, figure in figures.items())
    return f'{json.dumps(scene)[:-1]},"figures":{{{written}}}}}'


def graph(experiment: Experiment, dataset: Dataset) -> dict[str, Any]:
    """The autograd graph in its places, or a sentence that says why there is none."""
    try:
        found = autograd_graph(experiment, dataset)
    except ValueError as error:
        return {"graph": None, "graphMessage": str(error)}
    roots, missing = offered_roots(experiment)
    source = inspect.getsource(loss_by_size)
    return {
        "graph": drawn(found),
        # Whether the run's own columns are those of every update: of mini-batches they are not.
        "graphWhole": experiment.is_full_batch(len(dataset.x_train)),
        "graphMessage": "",
        "graphValues": {"b": "b", "w": "w", "loss": "loss"},
        "graphGradients": {"b": "b_grad", "w": "w_grad"},
        "graphChoices": {"roots": roots, "missing": missing, "requires": list(REQUIRES), "source": source},
    }


def numbers(experiment: Experiment, dataset: Dataset) -> list[dict[str, Any]]:
    """The rows of the table of numbers: a column of the run, its role, and its value for the least-squares line."""
    b, w = least_squares(dataset)
    training = Landscape.of(dataset.x_train, dataset.y_train, experiment.reduction)
    validation = Landscape.of(dataset.x_val, dataset.y_val, experiment.reduction)
    # At the minimum both gradients are zero but for rounding, which would only distract.
    rounding = 1e-9 * (abs(training.gradient(b + 1, w + 1)[0]) + training.scale)
    b_grad, w_grad = (0.0 if abs(grad) < rounding else grad for grad in training.gradient(b, w))
    rows = [
        ("b", "b", "b", b),
        ("w", "w", "w", w),
        ("loss", "loss", "loss", training.loss(b, w)),
        ("validation loss", "val_loss", "loss", validation.loss(b, w)),
        ("∂loss/∂b", "b_grad", "gradient", b_grad),
        ("∂loss/∂w", "w_grad", "gradient", w_grad),
    ]
    return [
        {"label": label, "column": column, "role": role, "reference": reference}
        for label, column, role, reference in rows
    ]


def code(experiment: Experiment) -> list[dict[str, Any]]:
    """The method's real source by step, and which columns to show beside each, `ahead` epochs on."""
    grad = "_grad" if experiment.method == "numpy" else ".grad"
    values = {
        "forward": [("b", "b", "b", 0), ("w", "w", "w", 0)],
        "loss": [("loss", "loss", "loss", 0)],
        "backward": [(f"b{grad}", "b_grad", "gradient", 0), (f"w{grad}", "w_grad", "gradient", 0)],
        "update": [("b →", "b", "b", 1), ("w →", "w", "w", 1)],
    }
    listing = []
    for name, source in METHOD_CLASSES[experiment.method].source().items():
        number = f"{STEPS.index(name) + 1} " if name in STEPS else ""
        listing.append(
            {
                "step": name,
                "title": f"{number}{name.capitalize() if name in STEPS else name}",
                "source": source,
                "values": [
                    {"label": label, "column": column, "role": role, "ahead": ahead}
                    for label, column, role, ahead in values.get(name, [])
                ],
            }
        )
    return listing
