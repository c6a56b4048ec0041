"""The autograd graph of one forward pass: what PyTorch remembers in order to find its way back."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor
from torch.autograd.graph import Node
from torch.overrides import TorchFunctionMode
from torchviz import make_dot

from core.data import Dataset, make_dataset
from core.experiment import Experiment
from core.training.four_steps import METHOD_CLASSES, TorchMethod

__all__ = ["ROOTS", "AutogradGraph", "GraphNode", "Trace", "autograd_dot", "autograd_graph", "forward_pass", "trace"]

ROOTS = ("yhat", "error", "loss")
"""The tensors that one can look back from, in the order in which they are computed."""

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

    Nodes are called by what they are (`b`, `w`, `x`, `y`, `yhat`, `error`, `loss`) or, for operations, `op1`,
    `op2`, … counted from the result back, so equal graphs have equal names.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[tuple[str, str], ...]

    def to_dot(self, colours: Mapping[str, tuple[str, str]] | None = None) -> str:
        """The graph as DOT text, from left to right. Equal graphs give equal text.

        Every node bears its kind as its class, and the kinds differ in outline: parameters bold, data dashed,
        operations as ellipses, results with a double line.

        Args:
            colours: fill and line by node or by kind; black on white where left out.
        """
        outline = {
            "parameter": 'shape=box style="filled,bold"',
            "data": 'shape=box style="filled,dashed"',
            "operation": 'shape=ellipse style="filled"',
            "result": 'shape=box style="filled" peripheries=2',
        }
        colours = colours or {}
        lines = [
            "digraph {",
            "\tgraph [rankdir=LR bgcolor=transparent nodesep=0.15 ranksep=0.3]",
            '\tnode [fontname="sans-serif" fontsize=12 height=0.3 margin="0.1,0.05"]',
            "\tedge [arrowsize=0.6]",
        ]
        for node in self.nodes:
            fill, line = colours.get(node.name, colours.get(node.kind, ("white", "black")))
            shape = "" if node.shape is None else f"\\n{shape_text(node.shape)}"
            lines.append(
                f'\t{node.name} [label="{node.label}{shape}" class={node.kind} {outline[node.kind]} '
                f'fillcolor="{fill}" color="{line}"]'
            )
        data = {node.name for node in self.nodes if node.kind == "data"}
        for source, target in self.edges:
            lines.append(f"\t{source} -> {target}{' [style=dashed]' if source in data else ''}")
        return "\n".join([*lines, "}"]) + "\n"


@dataclass(frozen=True)
class Trace:
    """A forward pass in which the data asked for gradients as well, and the graph that it left."""

    graph: AutogradGraph
    functions: Mapping[str, Node]
    """What autograd would call on the way back, by operation."""
    tensors: Mapping[str, Tensor]
    """What every node has computed, by node."""
    inputs: Mapping[str, tuple[str | None, ...]]
    """By operation, the nodes that its gradients go to, in autograd's order; None where there is none."""


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as PyTorch's users write it; the empty one in words."""
    return f"({', '.join(map(str, shape))})" if shape else "scalar"


def autograd_graph(experiment: Experiment, dataset: Dataset | None = None, root: str = "loss") -> AutogradGraph:
    """The graph that `root` is computed by in the experiment's method.

    Args:
        dataset: the points; those that the experiment describes if left out.
        root: `loss`, `yhat` or `error`.

    Raises:
        ValueError: for another root, for `error` where the loss function keeps it to itself, or for method
            `numpy`, which has no such graph.
    """
    method_class = METHOD_CLASSES[experiment.method]
    if not issubclass(method_class, TorchMethod):
        raise ValueError(
            "Method 'numpy' has no autograd graph: its gradients are worked out by hand. Choose another method."
        )
    # The graph is the same on every device, and this one is always there.
    experiment = replace(experiment, device="cpu")
    method = method_class(experiment, make_dataset(experiment) if dataset is None else dataset)
    return trace(method, method.x, method.y, root).graph


def autograd_dot(
    experiment: Experiment,
    dataset: Dataset | None = None,
    root: str = "loss",
    colours: Mapping[str, tuple[str, str]] | None = None,
) -> str:
    """`autograd_graph` as DOT text: see there, and `AutogradGraph.to_dot`."""
    return autograd_graph(experiment, dataset, root).to_dot(colours)


class _Outputs(TorchFunctionMode):
    """Keeps the tensor that every operation returns, by the function that autograd made for it."""

    def __init__(self) -> None:
        super().__init__()
        self.by_function: dict[Node, Tensor] = {}
        self.differences: list[tuple[Any, Tensor]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if isinstance(out, Tensor):
            if out.grad_fn is not None:
                self.by_function[out.grad_fn] = out
            if func in (Tensor.sub, Tensor.__sub__):
                self.differences.append((args, out))
        return out


def forward_pass(
    method: TorchMethod, x: Tensor, y: Tensor, loss: Callable[[Tensor, Tensor], Tensor] | None = None
) -> tuple[dict[str, Tensor], dict[Node, Tensor]]:
    """The first two steps: the tensors that have a name, and every operation's result by its function.

    `error` is among the former where the method itself computes it. `loss` stands in for the method's own.
    """
    with _Outputs() as outputs:
        yhat = method.forward(x)
        result = (loss or method.loss)(yhat, y)
    tensors = {"b": method.b, "w": method.w, "x": x, "y": y, "yhat": yhat, "loss": result}
    for (first, second, *_), out in outputs.differences:
        if first is yhat and second is y:
            tensors["error"] = out
    return tensors, outputs.by_function


def trace(
    method: TorchMethod,
    x: Tensor,
    y: Tensor,
    root: str = "loss",
    loss: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> Trace:
    """Run the first two steps on `x` and `y`, and look back from `root`.

    Raises:
        ValueError: for a root that there is not, saying which there are.
    """
    # Data that asked for gradients would be part of the graph: asking on its behalf finds where it enters.
    tensors, results = forward_pass(method, x.clone().requires_grad_(), y.clone().requires_grad_(), loss)
    if root not in ROOTS:
        raise ValueError(f"root must be one of {', '.join(map(repr, ROOTS))}, but got {root!r}.")
    if root not in tensors:
        raise ValueError("This method's loss function keeps the error to itself: look back from 'loss' or 'yhat'.")
    return _named(make_dot(tensors[root]).body, root, tensors, results)


def _named(body: list[str], root: str, tensors: dict[str, Tensor], results: dict[Node, Tensor]) -> Trace:
    """torchviz's graph with names of ours for its memory addresses, and with `yhat` and `error` in their places."""
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
    # What flows out of the operation that made yhat flows through yhat; so for the error.
    through = {}
    for name in ROOTS[: ROOTS.index(root)]:
        if name in tensors:
            operation = names[str(id(tensors[name].grad_fn))]
            nodes.append(GraphNode(name, "result", name, tuple(tensors[name].shape)))
            links.append((operation, name))
            through[operation] = name
    for source, target in edges:
        if target not in merged:
            name = names[source]
            links.append((through.get(name, name), names[target]))

    functions = {names[str(id(function))]: function for function in _reachable(tensors[root].grad_fn)}
    functions = {name: function for name, function in functions.items() if name not in tensors}
    ids = {id(function): name for name, function in functions.items()}
    inputs: dict[str, tuple[str | None, ...]] = {}
    for name, function in functions.items():
        into = [None if source is None else names[str(id(source))] for source, _ in function.next_functions]
        inputs[name] = tuple(None if source is None else through.get(source, source) for source in into)
    values = dict(tensors) | {ids[id(function)]: out for function, out in results.items() if id(function) in ids}
    return Trace(AutogradGraph(tuple(nodes), tuple(links)), functions, values, inputs)


def _reachable(function: Node | None) -> list[Node]:
    """All that autograd would call from this function on."""
    found: dict[int, Node] = {}
    pending = [function]
    while pending:
        node = pending.pop()
        if node is not None and id(node) not in found:
            found[id(node)] = node
            pending.extend(source for source, _ in node.next_functions)
    return list(found.values())
