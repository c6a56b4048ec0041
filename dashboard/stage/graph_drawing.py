"""An autograd graph as the browser gets it: in its places, and as DOT to take away."""

from __future__ import annotations

import hashlib
from typing import Any

from core import AutogradGraph
from dashboard.shared.palette import LIGHT
from dashboard.stage.graph_layout import lay_out

__all__ = ["drawn", "graph_name"]

DOT_COLOURS = {
    name: (LIGHT["panel"], LIGHT[role])
    for name, role in {
        "b": "b",
        "w": "w",
        "data": "data",
        "yhat": "line",
        "loss": "loss",
        "result": "text",
        "operation": "muted",
    }.items()
}
"""Fill and line of the graph's nodes where it is taken away."""

KEPT = 256
"""Drawings: there is one for every way to compute a loss with every number of points."""

_drawings: dict[str, dict[str, Any]] = {}


def graph_name(graph: AutogradGraph) -> str:
    """A name for the graph: equal for equal graphs."""
    return hashlib.sha256(repr(graph).encode()).hexdigest()[:12]


def drawn(graph: AutogradGraph) -> dict[str, Any]:
    """The graph in its places, and as DOT to take away. Equal graphs share theirs, so leave it as it is."""
    # Kept by name, as the graph itself holds on to its tensors.
    name = graph_name(graph)
    drawing = _drawings.get(name)
    if drawing is None:
        drawing = lay_out(graph) | {"dot": graph.to_dot(DOT_COLOURS)}
        if len(_drawings) >= KEPT:
            _drawings.clear()
        _drawings[name] = drawing
    return drawing
