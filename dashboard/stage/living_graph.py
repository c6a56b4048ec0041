"""The autograd graph with the values of an epoch in it, and in its places."""

from __future__ import annotations

import hashlib
from typing import Any

from core import AutogradGraph, Dataset, Experiment, History, LookBack, look_back
from core.insight.entries import Entries
from core.insight.graph import ROOTS
from core.insight.look_back import CHANGING, TensorFacts
from dashboard.shared.numerals import counted, entries, number, operand
from dashboard.shared.palette import LIGHT
from dashboard.stage.graph_layout import lay_out

__all__ = ["drawn", "graph", "offered_roots"]

DOT_COLOURS = {
    name: (LIGHT["panel"], LIGHT[role])
    for name, role in {"b": "b", "w": "w", "loss": "loss", "yhat": "line", "data": "data", "operation": "muted"}.items()
}
"""Fill and line of the graph's nodes where it is taken away."""

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
    name = hashlib.sha256(view.graph.to_dot().encode()).hexdigest()[:12]
    if name not in layouts:
        layouts[name] = drawn(view.graph)
    return {
        "message": "",
        "layout": name,
        "error": view.error,
        "branch": view.branch,
        "saved": _saved(view),
        "nodes": _nodes(view),
        "edges": _edges(view, experiment),
        "chains": _chains(view),
        "table": [_row(name, facts) for name, facts in view.tensors.items()],
    }


def drawn(graph: AutogradGraph) -> dict[str, Any]:
    """The graph in its places, and as DOT to take away."""
    return lay_out(graph) | {"dot": graph.to_dot(DOT_COLOURS)}


def _saved(view: LookBack) -> list[str]:
    """What every operation saved for the way back, in words."""
    labels = {node.name: node.label for node in view.graph.nodes}
    return [
        f"{labels[name]}: {', '.join(f'{key} {_plain(value)}' for key, value in operation.saved.items())}"
        for name, operation in view.operations.items()
        if operation.saved
    ]


def _plain(value: Entries | float) -> str:
    return entries(value) if isinstance(value, Entries) else f"{value:g}"


def _nodes(view: LookBack) -> dict[str, dict[str, Any]]:
    """By node: its value, its gradient, whether it is part of the graph, and all of it for who points at it."""
    nodes: dict[str, dict[str, Any]] = {}
    for name, facts in view.tensors.items():
        nodes[name] = {
            "value": _short(facts.value),
            "gradient": _short(facts.gradient),
            "recorded": facts.requires_grad,
            "details": [
                f"{name} {entries(facts.value)}",
                f"{'.grad' if facts.is_leaf else 'gradient'} before backward(): {_or_none(facts.grad_before)}",
                f"{'.grad' if facts.is_leaf else 'gradient'} after backward(): {_or_none(facts.gradient)}",
            ],
        }
    for name, operation in view.operations.items():
        saved = [f"saved {key}: {_plain(value)}" for key, value in operation.saved.items()]
        nodes[name] = {
            "value": _short(operation.value),
            "gradient": _short(operation.gradient),
            "recorded": operation.recorded,
            "details": [
                f"result {_or_none(operation.value)}",
                f"gradient {_or_none(operation.gradient)}",
                *(
                    saved or ["nothing saved"]
                    if operation.recorded
                    else ["not recorded: no gradient is asked for here"]
                ),
            ],
        }
    for name, source in _collecting(view).items():
        nodes[name] = {
            "value": "",
            "gradient": nodes[source]["gradient"],
            "recorded": nodes[source]["recorded"],
            "details": [f"adds to {source}.grad"],
        }
    return nodes


def _collecting(view: LookBack) -> dict[str, str]:
    """The operations that collect a parameter's gradient, with the parameter."""
    return {target: source for source, target in view.graph.edges if source in ("b", "w")}


def _edges(view: LookBack, experiment: Experiment) -> dict[str, dict[str, str]]:
    labels = {node.name: node.label for node in view.graph.nodes}
    places: dict[str, int] = {}
    edges = {}
    for (source, operation), derivative in view.local.items():
        place = places.get(operation, 0)
        places[operation] = place + 1
        letters = LOCAL.get((labels[operation], place), "")
        if labels[operation] == "MeanBackward0":
            letters = "1 / N"
        if labels[operation] == "MseLossBackward0":
            letters = f"{'2' if place == 0 else '−2'} · error{' / N' if experiment.reduction == 'mean' else ''}"
        values = {number(value, 4) for value in derivative.first}
        edges[f"{source}>{operation}"] = {
            "letters": letters,
            "value": values.pop() if len(values) == 1 else f"{number(derivative.first[0], 4)}, …",
        }
    return edges


def _chains(view: LookBack) -> list[dict[str, Any]]:
    chains = []
    for name, chain in view.chains.items():
        factors = " × ".join(operand(view.local[edge].first[0], 4) for edge in chain.edges)
        gradient = view.tensors[name].gradient
        chains.append(
            {
                "parameter": name,
                "edges": [f"{source}>{operation}" for source, operation in chain.edges],
                "first": f"point 1: {factors} = {number(chain.first, 4)}",
                # Added up here with more digits than in the run, which rounds to those of float32.
                "total": f"sum over {counted(chain.points)} ≈ {number(chain.total)}",
                "gradient": f"{name}.grad = {number(gradient.first[0]) if gradient else 'None'}",
            }
        )
    return chains


def _row(name: str, facts: TensorFacts) -> list[str]:
    told = (facts.requires_grad, facts.is_leaf, facts.grad_fn, facts.device, facts.dtype, facts.value.shape)
    return [name, *map(str, told)]


def _short(tensor: Entries | None) -> str:
    if tensor is None:
        return "None"
    return number(tensor.first[0], 5) if len(tensor.first) == 1 else f"{number(tensor.first[0], 4)}, …"


def _or_none(tensor: Entries | None) -> str:
    return "None" if tensor is None else entries(tensor)


def offered_roots(experiment: Experiment) -> tuple[list[str], dict[str, str]]:
    """What one can look back from, and which of them this method does not have, with the reason."""
    missing = {}
    if experiment.method in ("loss_fn", "module"):
        missing["error"] = "nn.MSELoss keeps the error to itself: this method has no tensor of that name."
    return [*ROOTS, CHANGING], missing
