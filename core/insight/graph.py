"""The autograd graph of one forward pass: what PyTorch remembers in order to find its way back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor
from torch.autograd.graph import Node
from torch.overrides import TorchFunctionMode

from core.data import Dataset, make_dataset
from core.experiment import Experiment
from core.insight.dot import write_dot
from core.training.four_steps import METHOD_CLASSES, TorchMethod

__all__ = ["ROOTS", "AutogradGraph", "GraphNode", "Trace", "autograd_dot", "autograd_graph", "forward_pass", "trace"]

ROOTS = ("yhat", "error", "loss")
"""The tensors that one can look back from, in the order in which they are computed."""


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
    objects: Mapping[str, Tensor | Node] = field(default_factory=dict, repr=False, compare=False)
    """PyTorch's tensor or function behind every node. A graph kept for long keeps the numbers in these, too."""

    def to_dot(self, colours: Mapping[str, tuple[str, str]] | None = None) -> str:
        """The graph as torchviz draws it from `objects`, as DOT text. Equal graphs give equal text.

        Nodes have the names that they have here, and their kinds as their classes. Parameters are bold, data dashed,
        operations ellipses, and results have a double line. `yhat` and `error` stand beside the way, not on it:
        autograd goes from function to function.

        Args:
            colours: fill and line by node or by kind; torchviz's own where left out.
        """
        kinds = {node.name: node.kind for node in self.nodes}
        return write_dot(kinds, self.objects, colours or {})


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
    return _read(root, tensors, results)


def _read(root: str, tensors: Mapping[str, Tensor], results: Mapping[Node, Tensor]) -> Trace:
    """Walk from the root back through autograd's functions, breadth first, and name what is met."""

    def tensor(name: str, kind: str) -> GraphNode:
        return GraphNode(name, kind, name, tuple(tensors[name].shape))

    leaves = {id(tensors[name]): name for name in ("b", "w", "x", "y")}
    nodes = [tensor(root, "result")]
    names: dict[Node, str] = {}
    functions: dict[str, Node] = {}
    pending: deque[Node | str | None] = deque([tensors[root].grad_fn])
    while pending:
        here = pending.popleft()
        if isinstance(here, str):
            nodes.append(tensor(here, "parameter" if here in ("b", "w") else "data"))
        elif here is not None and here not in names:
            leaf = leaves.get(id(getattr(here, "variable", None)))
            if leaf in ("x", "y"):
                # They ask for no gradients in the run, where nothing would collect theirs.
                names[here] = leaf
            else:
                names[here] = f"op{len(functions) + 1}"
                functions[names[here]] = here
                nodes.append(GraphNode(names[here], "operation", type(here).__name__))
            pending += [leaf] if leaf else [source for source, _ in here.next_functions]

    # What flows out of the operation that made yhat flows through yhat; so for the error.
    between = [name for name in ROOTS[: ROOTS.index(root)] if name in tensors]
    nodes += [tensor(name, "result") for name in between]
    made = {name: names[function] for name in (*between, root) if (function := tensors[name].grad_fn) is not None}
    through = {made[name]: name for name in between}
    inputs: dict[str, tuple[str | None, ...]] = {}
    for name, function in functions.items():
        into = [None if source is None else names[source] for source, _ in function.next_functions]
        inputs[name] = tuple(None if source is None else through.get(source, source) for source in into)

    edges = [(function, name) for name, function in made.items()]
    for name, function in functions.items():
        collected = leaves.get(id(getattr(function, "variable", None)))
        sources = inputs[name] if collected is None else (collected,)
        edges += [(source, name) for source in sources if source is not None]
    objects = {node.name: functions[node.name] if node.kind == "operation" else tensors[node.name] for node in nodes}
    values = {**tensors, **{names[function]: out for function, out in results.items() if function in names}}
    return Trace(AutogradGraph(tuple(nodes), tuple(edges), objects), functions, values, inputs)
