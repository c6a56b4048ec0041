"""Where the boxes of an autograd graph stand: columns by distance from the result, the longest way in one row.

A layout of our own, small because these graphs are: the same graph always gets the same places, which Graphviz
does not promise, so values can change in them from epoch to epoch while nothing moves.

A tensor and the function that made it share a box, and so do a parameter and the function that collects its
gradient: who reads the graph from the back row has to see half as many boxes.
"""

from __future__ import annotations

from typing import Any

from core import AutogradGraph, GraphNode
from core.insight.graph import shape_text

__all__ = ["lay_out"]

Place = tuple[int, int]


def lay_out(graph: AutogradGraph) -> dict[str, Any]:
    """Boxes with `column` and `row` counted from 0 at the top left, and edges between them.

    A box is called as its tensor, or as its function where it has none; `function` names the latter. An edge is
    (from, to, the graph's own edge into the function as `SOURCE>FUNCTION`).
    """
    home = _homes(graph)
    nodes = {node.name: node for node in graph.nodes}
    boxes = [name for name in nodes if home.get(name, name) == name]
    function = {tensor: name for name, tensor in home.items()}
    edges = [
        (home.get(source, source), home.get(target, target), f"{source}>{target}")
        for source, target in graph.edges
        if home.get(source, source) != home.get(target, target)
    ]
    sources: dict[str, list[str]] = {name: [] for name in boxes}
    for source, target, _ in edges:
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
            _box(nodes[name], nodes.get(function.get(name, "")))
            | {"column": columns - 1 - places[name][0], "row": places[name][1] - top}
            for name in boxes
        ],
        "edges": [list(edge) for edge in edges],
        "words": _in_words(graph, sources, function, result),
    }


def _homes(graph: AutogradGraph) -> dict[str, str]:
    """The functions that share a box with a tensor, and which."""
    kinds = {node.name: node.kind for node in graph.nodes}
    made = {source: target for source, target in graph.edges if kinds[target] == "result"}
    collecting = {target: source for source, target in graph.edges if kinds[source] == "parameter"}
    return made | collecting


def _box(node: GraphNode, function: GraphNode | None) -> dict[str, Any]:
    operation = node.kind == "operation"
    return {
        "name": node.name,
        "kind": node.kind,
        "label": node.label,
        "function": node.name if operation else function.name if function else None,
        "functionLabel": function.label if function else "",
        "detail": "" if node.shape is None else shape_text(node.shape),
    }


def _longest_distances(sources: dict[str, list[str]], result: str) -> dict[str, int]:
    """For every box the number of edges on its longest way to the result."""
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


def _in_words(graph: AutogradGraph, sources: dict[str, list[str]], function: dict[str, str], result: str) -> str:
    """The graph for those who cannot see it."""
    label = {node.name: node.label for node in graph.nodes}
    parts = [
        f"{label[name]}{f' ({label[function[name]]})' if name in function else ''} "
        f"from {' and '.join(label[source] for source in sources[name])}"
        for name in sources
        if sources[name]
    ]
    return f"Autograd graph of {result}: {', '.join(parts)}."
