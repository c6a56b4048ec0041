"""The autograd graph at one epoch of a run with all that is in it: values, gradients, local derivatives.

The epoch's first forward pass is made once more with the method's own code, from where the run stood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.autograd.graph import Node

from core.data import Dataset
from core.experiment import Experiment
from core.geometry.landscape import Landscape
from core.insight.dynamic import halfway, loss_by_size
from core.insight.entries import Entries
from core.insight.graph import ROOTS, AutogradGraph, Trace, forward_pass, trace
from core.insight.standing import first_batch, place, updates_of
from core.training.four_steps import TorchMethod, make_method
from core.training.history import History
from core.training.threads import one_thread

__all__ = ["CHANGING", "REQUIRES", "Chain", "LookBack", "Operation", "TensorFacts", "look_back"]

CHANGING = "changing loss"
"""The root of `core.insight.dynamic`'s example, beside those of the method's own."""

REQUIRES: dict[str, tuple[str, ...]] = {"both": ("b", "w"), "b": ("b",), "w": ("w",), "none": ()}
"""Which parameters can be made to require gradients."""


@dataclass(frozen=True)
class TensorFacts:
    """What PyTorch says of a tensor of the step."""

    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None
    device: str
    dtype: str
    value: Entries
    grad_before: Entries | None
    """`.grad` before `backward()`; None is Python's None."""
    gradient: Entries | None
    """The gradient of the root by this tensor after `backward()`: for a leaf that is its `.grad`."""


@dataclass(frozen=True)
class Operation:
    """One of autograd's functions."""

    recorded: bool
    """Whether the forward pass kept it: only what leads to a tensor that requires a gradient is kept."""
    saved: Mapping[str, Entries | float]
    """What it saved for the way back, by the name that autograd gives it."""
    value: Entries | None
    """What it computed on the way there."""
    gradient: Entries | None
    """The gradient of the root by that."""


@dataclass(frozen=True)
class Chain:
    """The chain rule from the root down to one parameter, multiplied out."""

    edges: tuple[tuple[str, str], ...]
    """(source, operation), from the root down; the local derivatives on them are the factors."""
    first: float
    """The product for the first point."""
    points: int
    total: float
    """The sum of the products over all points."""


@dataclass(frozen=True)
class LookBack:
    """The autograd graph at one epoch with all that is in it."""

    epoch: int
    graph: AutogradGraph
    tensors: Mapping[str, TensorFacts]
    operations: Mapping[str, Operation]
    local: Mapping[tuple[str, str], Entries]
    """By (source, operation) the derivative of the operation's result by its source, point by point."""
    chains: Mapping[str, Chain]
    error: str
    """What PyTorch says to `backward()` here, if it refuses."""
    branch: str
    """For the changing loss: the comparison as it turned out."""


@one_thread()
def look_back(
    experiment: Experiment,
    dataset: Dataset,
    history: History,
    epoch: int,
    root: str = "loss",
    requires: str = "both",
) -> LookBack:
    """What `backward()` from `root` meets after `epoch` epochs of this run: graph, values, gradients.

    From a root with more than one number `backward()` refuses. It is then called again with a one for each, so
    that the way back can be seen all the same; `error` keeps what it said.

    Args:
        root: one of `ROOTS`, or `CHANGING`.
        requires: a key of `REQUIRES`.

    Raises:
        ValueError: for method `numpy`, for a root that there is not, or for another `requires`; or if the
            history was kept without what this experiment's optimizer remembers.
        IndexError: if the history has no such record.
    """
    if requires not in REQUIRES:
        raise ValueError(f"requires must be one of {', '.join(map(repr, REQUIRES))}, but got {requires!r}.")
    method = make_method(experiment, dataset)
    if not isinstance(method, TorchMethod):
        raise ValueError("Method 'numpy' has no autograd graph: its gradients are worked out by hand.")
    points = len(dataset.x_train)
    place(method, experiment, history, epoch, updates_of(experiment, points))
    x, y = first_batch(method, experiment, points, epoch)
    loss, limit = _changing_loss(dataset, method, history) if root == CHANGING else (None, 0.0)
    end = "loss" if root == CHANGING else root
    traced = trace(method, x, y, end, loss)

    for name, parameter in (("b", method.b), ("w", method.w)):
        parameter.requires_grad_(name in REQUIRES[requires])
        # What the update before this epoch left: zeros where it calls zero_(), None where it calls zero_grad().
        zeros = parameter.requires_grad and epoch > 0 and experiment.method == "autograd"
        parameter.grad = torch.zeros_like(parameter) if zeros else None
    tensors, results = forward_pass(method, x, y, loss)
    before = {
        name: Entries.of(tensor.grad) for name, tensor in tensors.items() if tensor.is_leaf and tensor.grad is not None
    }
    kept = _same_functions(traced, tensors[end].grad_fn)
    saved = {name: _saved(function) for name, function in kept.items()}
    for result in [*results.values(), *tensors.values()]:
        if result.requires_grad:
            result.retain_grad()
    error = _go_back(tensors[end])
    facts = {name: _facts(tensors[name], before.get(name)) for name in ("x", "y", "b", "w", *ROOTS) if name in tensors}
    operations = {}
    for name in traced.functions:
        if name not in traced.tensors:
            continue  # only collects a parameter's gradient
        out = results.get(kept[name]) if name in kept else None
        grad = None if out is None or out.grad is None else Entries.of(out.grad)
        operations[name] = Operation(name in kept, saved.get(name, {}), Entries.of(traced.tensors[name]), grad)
    local = _local_derivatives(traced)
    wanted = REQUIRES[requires]
    chains = {name: chain for name in wanted if (chain := _chain(traced, local, name)) is not None}
    return LookBack(
        epoch=epoch,
        graph=traced.graph,
        tensors=facts,
        operations=operations,
        local={edge: Entries.of(derivative) for edge, derivative in local.items()},
        chains=chains,
        error=error,
        branch="" if root != CHANGING else _branch(x, y, method, limit),
    )


def _changing_loss(
    dataset: Dataset, method: TorchMethod, history: History
) -> tuple[Callable[[Tensor, Tensor], Tensor], float]:
    landscape = Landscape.of(dataset.x_train, dataset.y_train)
    limit = halfway(landscape, history[0][1:3])
    return partial(loss_by_size, limit=limit), limit


def _branch(x: Tensor, y: Tensor, method: TorchMethod, limit: float) -> str:
    with torch.no_grad():
        size = ((method.forward(x) - y) ** 2).mean()
    return f"loss > limit is {bool(size > limit)}: {size.item():.5g} > {limit:.5g}"


def _same_functions(traced: Trace, function: Node | None) -> dict[str, Node]:
    """The functions that the pass really kept, by the names of those in the trace, found by walking both at once."""
    names = {id(other): name for name, other in traced.functions.items()}
    found: dict[str, Node] = {}
    results = {name: tensor.grad_fn for name, tensor in traced.tensors.items()}
    start = results[traced.graph.nodes[0].name]
    pending = [(function, start)]
    while pending:
        kept, other = pending.pop()
        if kept is None or other is None:
            continue
        if id(other) in names:
            found[names[id(other)]] = kept
        pending += [
            (mine, theirs) for (mine, _), (theirs, _) in zip(kept.next_functions, other.next_functions, strict=True)
        ]
    return found


def _saved(function: Node) -> dict[str, Entries | float]:
    found: dict[str, Entries | float] = {}
    for attribute in dir(function):
        if attribute.startswith("_saved_"):
            value = getattr(function, attribute)
            if isinstance(value, Tensor):
                found[attribute.removeprefix("_saved_")] = Entries.of(value)
            elif isinstance(value, int | float) and not isinstance(value, bool) and attribute == "_saved_exponent":
                found["exponent"] = value
    return found


def _go_back(root: Tensor) -> str:
    """Call `backward()`. Returns what PyTorch says if it refuses."""
    try:
        root.backward()
    except RuntimeError as error:
        if root.requires_grad:
            root.backward(torch.ones_like(root))
        return f"{type(error).__name__}: {error}"
    return ""


def _facts(tensor: Tensor, before: Entries | None) -> TensorFacts:
    return TensorFacts(
        requires_grad=tensor.requires_grad,
        is_leaf=tensor.is_leaf,
        grad_fn=None if tensor.grad_fn is None else tensor.grad_fn.name(),
        device=str(tensor.device),
        dtype=str(tensor.dtype),
        value=Entries.of(tensor),
        grad_before=before,
        gradient=None if tensor.grad is None else Entries.of(tensor.grad),
    )


def _local_derivatives(traced: Trace) -> dict[tuple[str, str], Tensor]:
    """What every operation's own function makes of ones: its derivative by each source, of the points' shape."""
    found = {}
    for name, function in traced.functions.items():
        if name not in traced.tensors:
            continue
        with torch.no_grad():
            given = function(torch.ones_like(traced.tensors[name]))  # type: ignore[operator]
        for source, derivative in zip(
            traced.inputs[name], given if isinstance(given, tuple) else (given,), strict=True
        ):
            if source is not None and derivative is not None:
                found[source, name] = derivative
    return found


def _chain(traced: Trace, local: Mapping[tuple[str, str], Tensor], parameter: str) -> Chain | None:
    """The way from the root down to the parameter, and the product of the derivatives along it."""
    into = dict(traced.graph.edges)  # every node flows into one other
    edges: list[tuple[str, str]] = []
    product: Tensor | None = None
    node = parameter
    while node in into:
        edge = (node, into[node])
        if edge in local:
            edges.insert(0, edge)
            factor = local[edge].double().reshape(-1)
            product = factor if product is None else product * factor
        node = into[node]
    if product is None:
        return None
    return Chain(tuple(edges), float(product[0]), len(product), float(product.sum()))
