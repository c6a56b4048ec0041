"""The autograd graph of one forward pass as DOT: what PyTorch remembers in order to go back."""

from __future__ import annotations

import re

import torch
from torchviz import make_dot

from core.data import Dataset, make_dataset
from core.experiment import Experiment
from core.four_steps import METHOD_CLASSES, TorchMethod

__all__ = ["autograd_dot"]

COLOURS = {
    "parameter": ("#dceaf7", "#0b5fa5"),
    "data": ("#eceff1", "#5b6670"),
    "operation": ("#ffffff", "#8a949e"),
    "result": ("#f9e0e3", "#b3243b"),
}
"""Fill and line by kind of node. A page overrides them by the class that each node bears."""

_NODE = re.compile(r'^\t(\d+) \[label="?(.*?)"?(?: fillcolor=\w+)?\]$', re.DOTALL)
_EDGE = re.compile(r"^\t(\d+) -> (\d+)")


def autograd_dot(experiment: Experiment, dataset: Dataset | None = None, root: str = "loss") -> str:
    """The graph that `root` was computed by, from left to right, as DOT text.

    Nodes are called by what they are (`b`, `w`, `x`, `y`, `yhat`, `loss`) or, for operations, `op1`, `op2`, …
    counted from the result back, so equal graphs give equal text. Every node has a class: `parameter`,
    `data`, `operation` or `result`.

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
    method = method_class(experiment, make_dataset(experiment) if dataset is None else dataset)
    # Data that asked for gradients would be part of the graph: asking on its behalf finds where it enters.
    x, y = method.x.clone().requires_grad_(), method.y.clone().requires_grad_()
    yhat = method.forward(x)
    loss = method.loss(yhat, y)
    result = loss if root == "loss" else yhat
    tensors = {"b": method.b, "w": method.w, "x": x, "y": y}
    return _rewrite(make_dot(result, params=tensors).body, result, root, yhat, tensors)


def _rewrite(
    body: list[str], result: torch.Tensor, root: str, yhat: torch.Tensor, tensors: dict[str, torch.Tensor]
) -> str:
    """torchviz's lines with stable names, our classes, and `yhat` in its place on the way."""
    labels = {match[1]: match[2] for line in body if (match := _NODE.match(line.rstrip("\n")))}
    edges = [(match[1], match[2]) for line in body if (match := _EDGE.match(line))]
    names = {str(id(tensor)): name for name, tensor in tensors.items()} | {str(id(result)): root}
    incoming: dict[str, list[str]] = {}
    for source, target in edges:
        incoming.setdefault(target, []).append(source)

    order: list[str] = []  # breadth first, from the result back
    pending = [str(id(result))]
    while pending:
        node = pending.pop(0)
        if node in order:
            continue
        order.append(node)
        pending += incoming.get(node, [])
    # x and y never ask for gradients in the run, so the nodes that would collect theirs are not drawn.
    skipped = {
        target: source for source, target in edges if names.get(source) in ("x", "y") and "Accumulate" in labels[target]
    }
    operations = [node for node in order if node not in names and node not in skipped]
    names |= {node: f"op{number}" for number, node in enumerate(operations, start=1)}

    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()} | {root: tuple(result.shape)}
    after = {}
    if root == "loss":
        after = {str(id(yhat.grad_fn)): "yhat"}
        shapes["yhat"] = tuple(yhat.shape)

    def node_line(name: str, label: str, kind: str) -> str:
        fill, line = COLOURS[kind]
        shape = "ellipse" if kind == "operation" else "box"
        style = "filled,dashed" if kind == "data" else "filled"
        return (
            f'\t{name} [label="{label}" class={kind} shape={shape} style="{style}" fillcolor="{fill}" color="{line}"]'
        )

    lines = []
    for node in order:
        if node in skipped:
            continue
        name = names[node]
        if name in shapes:
            kind = "result" if name == root else "parameter" if name in ("b", "w") else "data"
            lines.append(node_line(name, f"{name}\\n{_shape(shapes[name])}", kind))
        else:
            lines.append(node_line(name, labels[node], "operation"))
    for name in after.values():
        lines.append(node_line(name, f"{name}\\n{_shape(shapes[name])}", "result"))
    for node, name in after.items():
        lines.append(f"\t{names[node]} -> {name}")
    for source, target in edges:
        if target in skipped:
            continue
        source = skipped.get(source, source)
        dashed = " [style=dashed]" if names[source] in ("x", "y") else ""
        lines.append(f"\t{after.get(source, names[source])} -> {names[target]}{dashed}")
    head = [
        "digraph {",
        "\tgraph [rankdir=LR bgcolor=transparent nodesep=0.15 ranksep=0.3]",
        '\tnode [fontname="sans-serif" fontsize=12 height=0.3 margin="0.1,0.05"]',
        '\tedge [arrowsize=0.6 color="#8a949e"]',
    ]
    return "\n".join([*head, *lines, "}"]) + "\n"


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})" if shape else "scalar"
