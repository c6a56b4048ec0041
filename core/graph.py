"""The autograd graph of one forward pass: what PyTorch remembers in order to find its way back."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torchviz import make_dot

from core.data import Dataset, make_dataset
from core.experiment import Experiment
from core.four_steps import METHOD_CLASSES, TorchMethod

__all__ = ["AutogradGraph", "GraphNode", "autograd_dot", "autograd_graph"]

_NODE = re.compile(r'^\t(\d+) \[label="?(.*?)"?(?: fillcolor=\w+)?\]$', re.DOTALL)
_EDGE = re.compile(r"^\t(\d+) -> (\d+)")


@dataclass(frozen=True)
class GraphNode:
    """A tensor or an operation. `kind` is `parameter`, `data`, `operation` or `result`."""

    name: str
    kind: str
    label: str
    shape: tuple[int, ...] | None = None
    """The tensor's shape; None for an operation."""


@dataclass(frozen=True)
class AutogradGraph:
    """Nodes, from the result back, and edges in the direction of the forward pass.

    Nodes are called by what they are (`b`, `w`, `x`, `y`, `yhat`, `loss`) or, for operations, `op1`, `op2`, …
    counted from the result back, so equal graphs have equal names.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[tuple[str, str], ...]

    def to_dot(self, colours: Mapping[str, tuple[str, str]] | None = None) -> str:
        """The graph as DOT text, from left to right. Equal graphs give equal text.

        Every node bears its kind as its class, and the kinds differ in outline: parameters bold, data dashed,
        operations as ellipses, results with a double line.

        Args:
            colours: fill and line by kind; black on white where left out.
        """
        outline = {
            "parameter": 'shape=box style="filled,bold"',
            "data": 'shape=box style="filled,dashed"',
            "operation": 'shape=ellipse style="filled"',
            "result": 'shape=box style="filled" peripheries=2',
        }
        lines = [
            "digraph {",
            "\tgraph [rankdir=LR bgcolor=transparent nodesep=0.15 ranksep=0.3]",
            '\tnode [fontname="sans-serif" fontsize=12 height=0.3 margin="0.1,0.05"]',
            "\tedge [arrowsize=0.6]",
        ]
        for node in self.nodes:
            fill, line = (colours or {}).get(node.kind, ("white", "black"))
            shape = "" if node.shape is None else f"\\n{shape_text(node.shape)}"
            lines.append(
                f'\t{node.name} [label="{node.label}{shape}" class={node.kind} {outline[node.kind]} '
                f'fillcolor="{fill}" color="{line}"]'
            )
        data = {node.name for node in self.nodes if node.kind == "data"}
        for source, target in self.edges:
            lines.append(f"\t{source} -> {target}{' [style=dashed]' if source in data else ''}")
        return "\n".join([*lines, "}"]) + "\n"


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as PyTorch's users write it; the empty one in words."""
    return f"({', '.join(map(str, shape))})" if shape else "scalar"


def autograd_graph(experiment: Experiment, dataset: Dataset | None = None, root: str = "loss") -> AutogradGraph:
    """The graph that `root` is computed by in the experiment's method.

    Args:
        dataset: the points; those that the experiment describes if left out.
        root: `loss` or `yhat`.

    Raises:
        ValueError: for another root, or for method `numpy`, which has no such graph.
    """
    if root not in ("loss", "yhat"):
        raise ValueError(f"root must be 'loss' or 'yhat', but got {root!r}.")
    method_class = METHOD_CLASSES[experiment.method]
    if not issubclass(method_class, TorchMethod):
        raise ValueError(
            "Method 'numpy' has no autograd graph: its gradients are worked out by hand. Choose another method."
        )
    # The graph is the same on every device, and this one is always there.
    experiment = replace(experiment, device="cpu")
    method = method_class(experiment, make_dataset(experiment) if dataset is None else dataset)
    # Data that asked for gradients would be part of the graph: asking on its behalf finds where it enters.
    x, y = method.x.clone().requires_grad_(), method.y.clone().requires_grad_()
    yhat = method.forward(x)
    loss = method.loss(yhat, y)
    tensors = {"b": method.b, "w": method.w, "x": x, "y": y, "yhat": yhat, "loss": loss}
    return _named(make_dot(tensors[root]).body, root, tensors)


def autograd_dot(
    experiment: Experiment,
    dataset: Dataset | None = None,
    root: str = "loss",
    colours: Mapping[str, tuple[str, str]] | None = None,
) -> str:
    """`autograd_graph` as DOT text: see there, and `AutogradGraph.to_dot`."""
    return autograd_graph(experiment, dataset, root).to_dot(colours)


def _named(body: list[str], root: str, tensors: dict[str, torch.Tensor]) -> AutogradGraph:
    """torchviz's graph, whose names are memory addresses, with names of ours and `yhat` in its place."""
    labels = {match[1]: match[2] for line in body if (match := _NODE.match(line.rstrip("\n")))}
    edges = [(match[1], match[2]) for line in body if (match := _EDGE.match(line))]
    sources: dict[str, list[str]] = {}
    for source, target in edges:
        sources.setdefault(target, []).append(source)

    order: list[str] = []  # breadth first, from the result back
    pending = deque([str(id(tensors[root]))])
    while pending:
        node = pending.popleft()
        if node not in order:
            order.append(node)
            pending.extend(sources.get(node, []))

    names = {str(id(tensors[name])): name for name in ("b", "w", "x", "y", root)}
    # x and y ask for no gradients in the run, so the nodes that would collect theirs are left out.
    merged = {
        target: names[source]
        for source, target in edges
        if names.get(source) in ("x", "y") and labels[target] == "AccumulateGrad"
    }
    operations = [node for node in order if node not in names and node not in merged]
    names |= {node: f"op{number}" for number, node in enumerate(operations, start=1)} | merged

    nodes, links = [], []
    for node in order:
        name = names[node]
        if node in merged:
            continue
        if name in tensors:
            kind = "result" if name == root else "parameter" if name in ("b", "w") else "data"
            nodes.append(GraphNode(name, kind, name, tuple(tensors[name].shape)))
        else:
            nodes.append(GraphNode(name, "operation", labels[node]))
    # What flows out of the operation that made yhat flows through yhat.
    through = {}
    if root == "loss":
        yhat = names[str(id(tensors["yhat"].grad_fn))]
        nodes.append(GraphNode("yhat", "result", "yhat", tuple(tensors["yhat"].shape)))
        links.append((yhat, "yhat"))
        through[yhat] = "yhat"
    for source, target in edges:
        if target not in merged:
            name = names[source]
            links.append((through.get(name, name), names[target]))
    return AutogradGraph(tuple(nodes), tuple(links))
