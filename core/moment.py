"""One epoch under the magnifying glass: its four steps run once more from where the run stood, with every tensor.

A run's history holds b, w and what the optimizer remembered at every epoch. From these the epoch's first update is
repeated with the method's own code, so nothing but numbers need be kept while a run trains. It agrees to the last
bit; for many points only if PyTorch adds them up on as many threads as it did in the run (the worker's take one).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.graph import Node

from core.data import Dataset
from core.dynamic import halfway, loss_by_size
from core.experiment import Experiment
from core.four_steps import STATE_KEYS, Method, TorchMethod, make_method, read_state, write_state
from core.graph import ROOTS, AutogradGraph, Trace, forward_pass, trace
from core.history import History
from core.landscape import Landscape
from core.training import batch_order

__all__ = [
    "CHANGING",
    "REQUIRES",
    "Chain",
    "Entries",
    "Epoch",
    "LookBack",
    "Operation",
    "TensorFacts",
    "look_back",
    "repeat_epoch",
]

CHANGING = "changing loss"
"""The root of `core.dynamic`'s example, beside those of the method's own."""

REQUIRES: dict[str, tuple[str, ...]] = {"both": ("b", "w"), "b": ("b",), "w": ("w",), "none": ()}
"""Which parameters can be made to require gradients."""

SHOWN = 3
"""Of a column of numbers the first few are shown."""

Pair = tuple[float, float]


@dataclass(frozen=True)
class Entries:
    """A tensor's shape, and the first few of its numbers in full."""

    shape: tuple[int, ...]
    first: tuple[float, ...]

    @classmethod
    def of(cls, tensor: Any) -> Entries:
        """Of a tensor or an array of any shape."""
        shape = tuple(tensor.shape)
        flat = tensor.detach().reshape(-1) if isinstance(tensor, Tensor) else tensor.reshape(-1)
        return cls(shape, tuple(flat[:SHOWN].tolist()))


@dataclass(frozen=True)
class Epoch:
    """The first update after `epoch` epochs, step by step. Pairs are for b and for w."""

    epoch: int
    points: int
    """The points of this update: all the training data, or the first batch of the epoch."""
    batches: int
    """The updates of the epoch."""
    before: Pair
    yhat: Entries
    error: Entries
    loss: float
    gradient: Pair
    learning_rate: float
    optimizer: str
    settings: Mapping[str, Any]
    """What else the optimizer is told, under the names of `torch.optim`: momentum, alpha, betas, eps, …"""
    state: Mapping[str, Pair]
    """What the optimizer remembered before, under the names of `torch.optim`."""
    new_state: Mapping[str, Pair]
    updates: int
    """How many updates the optimizer has made after this one."""
    after: Pair
    cleared: str
    """What `.grad` is in the end: `None`, `0`, or empty for the method without autograd."""


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


def repeat_epoch(experiment: Experiment, dataset: Dataset, history: History, epoch: int) -> Epoch:
    """The first update after record `epoch` of this run's history.

    Raises:
        IndexError: if the history has no such record.
        ValueError: if it was kept without what this experiment's optimizer remembers.
    """
    method = make_method(experiment, dataset)
    points = len(dataset.x_train)
    batches = _updates(experiment, points)
    state = _place(method, experiment, history, epoch, batches)
    x, y = _first_batch(method, experiment, points, epoch)
    keys = STATE_KEYS[experiment.optimizer]
    before = method.parameters()
    yhat = method.forward(x)
    with np.errstate(over="ignore", invalid="ignore"):
        loss = method.loss(yhat, y)
        method.backward(loss)
        _, _, loss_value, b_grad, w_grad = method.values(loss)
        method.update()
    return Epoch(
        epoch=epoch,
        points=len(x),
        batches=batches,
        before=before,
        yhat=Entries.of(yhat),
        error=Entries.of(yhat.detach() - y if isinstance(yhat, Tensor) else yhat - y),
        loss=loss_value,
        gradient=(b_grad, w_grad),
        learning_rate=experiment.learning_rate,
        optimizer=experiment.optimizer,
        settings=dict(vars(method)["optimizer"].defaults) if keys else {},
        state=_by_key(keys, state),
        new_state=_by_key(keys, read_state(method, keys) if keys else ()),
        updates=epoch * batches + 1,
        after=method.parameters(),
        cleared=_cleared(method),
    )


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
    _place(method, experiment, history, epoch, _updates(experiment, points))
    x, y = _first_batch(method, experiment, points, epoch)
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


def _updates(experiment: Experiment, points: int) -> int:
    """How many updates an epoch has."""
    return -(-points // (experiment.batch_size or points))


def _place(method: Method, experiment: Experiment, history: History, epoch: int, batches: int) -> list[float]:
    """Put the method where the run stood after `epoch` epochs. Returns the optimizer's state."""
    if epoch < 0:
        raise IndexError(f"Epochs count from 0, but got {epoch}.")
    record, state = history[epoch], history.state(epoch)
    method.place(record.b, record.w)
    keys = STATE_KEYS[experiment.optimizer]
    if keys and epoch:
        if not state:
            raise ValueError(
                f"This history does not hold what {experiment.optimizer!r} remembers: "
                "append every record together with its training's `state`."
            )
        write_state(method, keys, state, epoch * batches)
    return state or [0.0] * 2 * len(keys)


def _first_batch(method: Method, experiment: Experiment, points: int, epoch: int) -> tuple[Any, Any]:
    if experiment.is_full_batch(points):
        return method.x, method.y
    batch = method.index(batch_order(experiment.seed, epoch + 1, points)[: experiment.batch_size])
    return method.x[batch], method.y[batch]


def _by_key(keys: Sequence[str], values: Sequence[float]) -> dict[str, Pair]:
    return {key: (values[2 * i], values[2 * i + 1]) for i, key in enumerate(keys)}


def _cleared(method: Method) -> str:
    if not isinstance(method, TorchMethod):
        return ""
    return "None" if method.b.grad is None else f"{method.b.grad.item():g}"


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
