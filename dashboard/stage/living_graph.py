"""The autograd graph with the values of an epoch in it, and in its places.

What PyTorch says goes to the browser as it is; `static/stage/graph/words.js` says it to the reader.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from core import Dataset, Experiment, History, LookBack, look_back
from core.insight.entries import Entries
from core.insight.graph import ROOTS
from core.insight.look_back import CHANGING, TensorFacts
from dashboard.stage.graph_drawing import drawn, graph_name
from dashboard.stage.lines import Number, Part, Tensor, entries, in_json, setting, tensor

__all__ = ["graph", "offered_roots"]

LOCAL = {
    ("SumBackward0", 0): "1",
    ("PowBackward0", 0): "2 · error",
    ("SubBackward0", 0): "1",
    ("SubBackward0", 1): "−1",
    ("AddBackward0", 0): "1",
    ("AddBackward0", 1): "1",
    ("MulBackward0", 0): "x",
    ("MulBackward0", 1): "w",
    ("SqrtBackward0", 0): "1 / (2 · √loss)",
}
"""The local derivative in letters, by operation and place of the source."""


class TensorNode(TypedDict):
    """A tensor of the step."""

    recorded: bool
    """Whether it is part of the graph."""
    value: Tensor
    before: Tensor | None
    """The gradient before `backward()`; null is Python's None."""
    gradient: Tensor | None
    """The gradient after it."""
    leaf: bool


class OperationNode(TypedDict):
    """A function that computes a tensor. Of one with a name, value and gradient stand there."""

    recorded: bool
    value: NotRequired[Tensor | None]
    gradient: NotRequired[Tensor | None]
    saved: dict[str, Part]
    """What it keeps for the way back, by the name that autograd gives it."""


class CollectingNode(TypedDict):
    """A function that adds to a parameter's `.grad`."""

    recorded: bool
    collects: str


class Edge(TypedDict):
    """The local derivative along an edge."""

    letters: str
    values: list[Number]
    """For the first few points, or the one for all."""


class Chain(TypedDict):
    """The chain rule from the root down to a parameter."""

    parameter: str
    edges: list[str]
    first: Number
    """The product of the derivatives for the first point."""
    points: int
    total: Number
    """The sum of the products over all points, with more digits than in the run, which rounds to those of float32."""


def graph(
    experiment: Experiment,
    dataset: Dataset,
    history: History,
    epoch: int,
    root: str,
    requires: str,
    layouts: dict[str, Any],
) -> dict[str, Any]:
    """The values in the graph; the layout, which many epochs share, goes into `layouts`."""
    try:
        view = look_back(experiment, dataset, history, epoch, root, requires)
    except ValueError as error:
        return {"message": str(error)}
    name = graph_name(view.graph)
    layouts[name] = drawn(view.graph)
    return {
        "message": "",
        "layout": name,
        "error": view.error,
        "branch": view.branch,
        "nodes": _nodes(view),
        "edges": _edges(view, experiment),
        "chains": _chains(view),
        "table": [_row(name, facts) for name, facts in view.tensors.items()],
    }


def _nodes(view: LookBack) -> dict[str, TensorNode | OperationNode | CollectingNode]:
    nodes: dict[str, TensorNode | OperationNode | CollectingNode] = {}
    for name, facts in view.tensors.items():
        nodes[name] = {
            "recorded": facts.requires_grad,
            "value": entries(facts.value),
            "before": _entries(facts.grad_before),
            "gradient": _entries(facts.gradient),
            "leaf": facts.is_leaf,
        }
    named = {source for source, target in view.graph.edges if target in view.tensors}
    for name, operation in view.operations.items():
        saved = {
            key: tensor(value) if isinstance(value, Entries) else setting(value)
            for key, value in operation.saved.items()
        }
        node: OperationNode = {"recorded": operation.recorded, "saved": saved}
        if name not in named:
            node |= {"value": _entries(operation.value), "gradient": _entries(operation.gradient)}
        nodes[name] = node
    for source, target in view.graph.edges:
        if source in ("b", "w"):
            nodes[target] = {"recorded": nodes[source]["recorded"], "collects": source}
    return nodes


def _edges(view: LookBack, experiment: Experiment) -> dict[str, Edge]:
    labels = {node.name: node.label for node in view.graph.nodes}
    places: dict[str, int] = {}
    edges: dict[str, Edge] = {}
    for (source, operation), derivative in view.local.items():
        place = places.get(operation, 0)
        places[operation] = place + 1
        letters = LOCAL.get((labels[operation], place), "")
        if labels[operation] == "MeanBackward0":
            letters = "1 / N"
        if labels[operation] == "MseLossBackward0":
            letters = f"{'2' if place == 0 else '−2'} · error{' / N' if experiment.reduction == 'mean' else ''}"
        edges[f"{source}>{operation}"] = {"letters": letters, "values": entries(derivative)["first"]}
    return edges


def _chains(view: LookBack) -> list[Chain]:
    return [
        {
            "parameter": name,
            "edges": [f"{source}>{operation}" for source, operation in chain.edges],
            "first": in_json(chain.first),
            "points": chain.points,
            "total": in_json(chain.total),
        }
        for name, chain in view.chains.items()
    ]


def _entries(shown: Entries | None) -> Tensor | None:
    return None if shown is None else entries(shown)


def _row(name: str, facts: TensorFacts) -> list[str]:
    told = (facts.requires_grad, facts.is_leaf, facts.grad_fn, facts.device, facts.dtype, facts.value.shape)
    return [name, *map(str, told)]


def offered_roots(experiment: Experiment) -> tuple[list[str], dict[str, str]]:
    """What one can look back from, and which of them this method does not have, with the reason."""
    missing = {}
    if experiment.method in ("loss_fn", "module"):
        missing["error"] = "nn.MSELoss keeps the error to itself: this method has no tensor of that name."
    return [*ROOTS, CHANGING], missing
