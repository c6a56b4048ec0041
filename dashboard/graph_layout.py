"""Where the nodes of an autograd graph stand: columns by distance from the result, the longest way in one row.

A layout of our own, small because these graphs are: the same graph always gets the same places, which Graphviz
does not promise, so values can change in them from epoch to epoch while nothing moves.
"""

from __future__ import annotations

from typing import Any

from core import AutogradGraph
from core.graph import shape_text

__all__ = ["lay_out"]

Place = tuple[int, int]


def lay_out(graph: AutogradGraph) -> dict[str, Any]:
    """Nodes with `column` and `row` counted from 0 at the top left, edges by name, and how many of each there are."""
    sources: dict[str, list[str]] = {node.name: [] for node in graph.nodes}
    for source, target in graph.edges:
        sources[target].append(source)
    result = graph.nodes[0].name
    distance = _longest_distances(sources, result)
    places: dict[str, Place] = {}
    _place(result, 0, sources, distance, places)
    top = min(row for _, row in places.values())
    columns = max(distance.values()) + 1
    rows = max(row for _, row in places.values()) - top + 1
    return {
        "columns": columns,
        "rows": rows,
        "nodes": [
            {
                "name": node.name,
                "kind": node.kind,
                "label": node.label,
                "detail": "" if node.shape is None else shape_text(node.shape),
                "column": columns - 1 - places[node.name][0],
                "row": places[node.name][1] - top,
            }
            for node in graph.nodes
        ],
        "edges": [list(edge) for edge in graph.edges],
        "words": _in_words(graph, sources, result),
    }


def _longest_distances(sources: dict[str, list[str]], result: str) -> dict[str, int]:
    """For every node the number of edges on its longest way to the result."""
    distance = {result: 0}
    pending = [result]
    while pending:
        node = pending.pop()
        for source in sources[node]:
            if distance[node] + 1 > distance.get(source, -1):
                distance[source] = distance[node] + 1
                pending.append(source)
    return distance


def _depth(node: str, sources: dict[str, list[str]]) -> int:
    return 1 + max((_depth(source, sources) for source in sources[node]), default=0)


def _place(
    node: str, row: int, sources: dict[str, list[str]], distance: dict[str, int], places: dict[str, Place]
) -> None:
    """Put `node` into `row` or the nearest free one, the deepest of its sources beside it, the others around."""
    if node in places:
        return
    column = distance[node]
    taken = {place for place in places.values() if place[0] == column}
    row = next(
        free for step in range(2 * len(sources) + 1) for free in (row - step, row + step) if (column, free) not in taken
    )
    places[node] = (column, row)
    ordered = sorted(sources[node], key=lambda source: -_depth(source, sources))
    for index, source in enumerate(ordered):
        # 0, -1, +1, -2, …: data below, where there is room beside a parameter's longer way above.
        offset = (index + 1) // 2 * (-1 if index % 2 else 1)
        if source in ("x", "y"):
            offset = abs(offset)
        _place(source, row + offset, sources, distance, places)


def _in_words(graph: AutogradGraph, sources: dict[str, list[str]], result: str) -> str:
    """The graph for those who cannot see it."""
    label = {node.name: node.label for node in graph.nodes}
    parts = [
        f"{label[node.name]} from {' and '.join(label[source] for source in sources[node.name])}"
        for node in graph.nodes
        if sources[node.name]
    ]
    return f"Autograd graph of {result}: {', '.join(parts)}."
