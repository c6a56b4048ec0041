"""Epochs under the magnifying glass as the stage shows them: the four beats in numbers, and the graph's values."""

from __future__ import annotations

import hashlib
import json
from math import isfinite
from typing import Any

import torch

from core import AutogradGraph, Dataset, Epoch, Experiment, History, LookBack, look_back, repeat_epoch
from core.insight.entries import Entries
from core.insight.graph import ROOTS
from core.insight.look_back import CHANGING, TensorFacts
from core.training.devices import reason_of
from core.training.four_steps import STEPS
from dashboard.shared.numerals import MINUS, entries, number, operand
from dashboard.shared.palette import LIGHT
from dashboard.stage.graph_layout import lay_out

__all__ = ["drawn", "moments", "offered_roots"]

AHEAD = 3
"""Epochs in one answer, so that slow play finds the next ones there."""

FEW_POINTS = 20_000
"""Up to here an epoch under the glass takes a millisecond or two; with more points they come one at a time."""

DOT_COLOURS = {
    name: (LIGHT["panel"], LIGHT[role])
    for name, role in {"b": "b", "w": "w", "loss": "loss", "yhat": "line", "data": "data", "operation": "muted"}.items()
}
"""Fill and line of the graph's nodes where it is taken away."""

Line = tuple[str, str]
"""A colour's role and a text."""


def moments(
    experiment: Experiment, dataset: Dataset, history: History, epoch: int, root: str = "loss", requires: str = "both"
) -> str:
    """What there is to see at `epoch` and at a few after it, as JSON.

    `root` and `requires` may be anything: what `look_back` cannot do is said in words in place of the graph.
    """
    torch.set_num_threads(1)  # as in the worker's thread, so that the sums over the points round alike
    count = AHEAD if len(dataset.x_train) <= FEW_POINTS else 1
    layouts: dict[str, Any] = {}
    found: dict[int, Any] = {}
    for k in range(max(epoch, 0), min(epoch + count, len(history))):
        try:
            repeated = repeat_epoch(experiment, dataset, history, k)
            found[k] = {
                "beats": beats(repeated, experiment, history),
                "columns": dict(zip(("batch_b_grad", "batch_w_grad"), map(finite, repeated.gradient), strict=True)),
                "graph": graph(experiment, dataset, history, k, root, requires, layouts),
            }
        except (RuntimeError, MemoryError) as error:
            # What drivers and allocators raise when a device is gone or full.
            sentence = f"This epoch cannot be repeated on {experiment.device!r} now: {reason_of(error)}"
            found[k] = {"beats": {step: [("muted", sentence)] for step in STEPS}, "graph": {"message": sentence}}
    return json.dumps({"root": root, "requires": requires, "layouts": layouts, "epochs": found}, allow_nan=False)


def finite(value: float) -> float | None:
    """`value`, or nothing where JSON has no word for it."""
    return value if isfinite(value) else None


# --- the four beats ---------------------------------------------------------------------------------------


def beats(epoch: Epoch, experiment: Experiment, history: History) -> dict[str, list[Line]]:
    """The lines that stand beside the code of each step."""
    batch = f"batch 1 of {epoch.batches}: {counted(epoch.points)}" if epoch.batches > 1 else ""
    gradient = "{}_grad" if experiment.method == "numpy" else "{}.grad"
    lines: dict[str, list[Line]] = {
        "forward": [("line", f"yhat {entries(epoch.yhat)}")],
        "loss": [("loss", f"error {entries(epoch.error)}"), ("loss", f"loss {number(epoch.loss)}")],
        "backward": [
            ("gradient", f"{gradient.format(role)} = {number(value)}")
            for role, value in zip(("b", "w"), epoch.gradient, strict=True)
        ],
        "update": update(epoch, gradient),
    }
    if batch:
        lines["forward"].insert(0, ("muted", batch))
        if epoch.epoch + 1 < len(history):
            record = history[epoch.epoch + 1]
            others = "1 more batch makes" if epoch.batches == 2 else f"{epoch.batches - 1} more batches make"
            lines["update"].append(("muted", f"{others} b {number(record.b)}, w {number(record.w)}"))
    return lines


def counted(points: int) -> str:
    """How many points, in words."""
    return f"{points} point{'' if points == 1 else 's'}"


def squared(value: float) -> str:
    """The square as a term: what has a sign or a power of ten is put in brackets."""
    text = number(value)
    return f"({text})²" if text.startswith(MINUS) or "e" in text else f"{text}²"


def update(epoch: Epoch, gradient: str) -> list[Line]:
    """The update written out with the numbers of the moment, for b and for w."""
    lines: list[Line] = []
    rate, settings = f"{epoch.learning_rate:g}".replace("-", MINUS), epoch.settings
    eps = f"{settings['eps']:g}".replace("-0", MINUS).replace("-", MINUS) if "eps" in settings else ""
    for i, name in enumerate(("b", "w")):
        old, grad, new = epoch.before[i], epoch.gradient[i], number(epoch.after[i])
        state = {key: (epoch.state[key][i], epoch.new_state[key][i]) for key in epoch.state}
        match epoch.optimizer:
            case "momentum":
                before, after = state["momentum_buffer"]
                lines.append(
                    (name, f"v = {settings['momentum']:g} × {operand(before)} + {operand(grad)} = {number(after)}")
                )
                step = f"{rate} × {operand(after)}"
            case "rmsprop":
                before, after = state["square_avg"]
                kept = settings["alpha"]
                lines.append(
                    (name, f"s = {kept:g} × {number(before)} + {1 - kept:g} × {squared(grad)} = {number(after)}")
                )
                step = f"{rate} × {operand(grad)} / (√{number(after)} + {eps})"
            case "adam":
                (m0, m), (v0, v) = state["exp_avg"], state["exp_avg_sq"]
                beta1, beta2 = settings["betas"]
                mean = f"{beta1:g} × {operand(m0)} + {1 - beta1:.3g} × {operand(grad)}"
                square = f"{beta2:g} × {number(v0)} + {1 - beta2:.3g} × {squared(grad)}"
                lines += [(name, f"m = {mean} = {number(m)}"), (name, f"v = {square} = {number(v)}")]
                # Both means start at 0, which their first few values have to be freed from.
                m_hat, v_hat = m / (1 - beta1**epoch.updates), v / (1 - beta2**epoch.updates)
                step = f"{rate} × {operand(m_hat)} / (√{number(v_hat)} + {eps})"
            case _:
                step = f"{rate} × {operand(grad)}"
        lines.append((name, f"{name} = {number(old)} − {step} = {new}"))
    if epoch.cleared:
        lines.append(("gradient", f"{gradient.format('b')}, {gradient.format('w')} → {epoch.cleared}"))
    return lines


# --- the graph --------------------------------------------------------------------------------------------

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
