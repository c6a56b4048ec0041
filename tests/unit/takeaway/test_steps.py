"""What is shown of a method: plain lines that, taken in a loop, give the very records of the engine."""

from __future__ import annotations

import ast
import re
from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from core import Experiment, make_dataset, methods, optimizers, train
from core.takeaway.steps import plain_parts

STEPS = ("forward", "loss", "backward", "update")
KINDS = [
    Experiment(method=method, optimizer=optimizer, reduction=reduction, n=50, learning_rate=0.003, epochs=30, seed=7)
    for method, optimizer, reduction in product(methods, optimizers, ("mean", "sum"))
    if optimizer == "sgd" or method in ("optimizer", "loss_fn", "module")
]
each_kind = pytest.mark.parametrize("experiment", KINDS, ids=lambda e: f"{e.method}-{e.optimizer}-{e.reduction}")


def start(experiment: Experiment) -> dict:
    """What a student has before the lines that are shown: the points, b and w, drawn in this order from the seed."""
    points = make_dataset(experiment)
    names = {"np": np, "torch": torch, "nn": nn, "lr": experiment.learning_rate, "batch_size": experiment.batch_size}
    if experiment.method == "numpy":
        np.random.seed(experiment.seed)
        return names | {"x": points.x_train, "y": points.y_train, "b": np.random.randn(1), "w": np.random.randn(1)}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(experiment.seed)
        names |= {name: torch.randn(1, requires_grad=True) for name in ("b", "w")}
    return names | {name: torch.tensor(getattr(points, f"{name}_train")).float() for name in ("x", "y")}


def gradients(names: dict) -> tuple[float, float]:
    if "b_grad" in names:
        return float(names["b_grad"]), float(names["w_grad"])
    return names["b"].grad.item(), names["w"].grad.item()


def parts_of(experiment: Experiment, **batch: bool) -> dict[str, str]:
    return {name: "\n".join(lines) for name, lines in plain_parts(experiment, **batch).items()}


@each_kind
def test_the_steps_that_are_shown_give_the_records_of_the_engine_to_the_last_bit(experiment):
    parts, names = parts_of(experiment), start(experiment)
    exec(parts.pop("before", ""), names)
    assert tuple(parts) == STEPS
    for record in train(experiment):
        for step in ("forward", "loss", "backward"):
            exec(parts[step], names)
        found = (names["b"].item(), names["w"].item(), names["loss"].item(), *gradients(names))
        assert found == (record.b, record.w, record.loss, record.b_grad, record.w_grad)
        exec(parts["update"], names)


@each_kind
@pytest.mark.parametrize("batch_size", [1, 16])
def test_in_batches_they_do_so_too(experiment, batch_size):
    experiment = Experiment(**experiment.to_dict() | {"batch_size": batch_size})
    parts, names = parts_of(experiment, full_batch=False), start(experiment)
    exec(parts.pop("before", ""), names)
    assert tuple(parts) == ("batch", *STEPS)
    first, *records = train(experiment)
    assert (names["b"].item(), names["w"].item()) == (first.b, first.w)
    for record in records:
        order = np.random.default_rng([experiment.seed, record.epoch]).permutation(40)
        for at in range(0, 40, batch_size):
            names |= {"order": order, "start": at}
            for source in parts.values():
                exec(source, names)
        assert (names["b"].item(), names["w"].item()) == (record.b, record.w)


@each_kind
@pytest.mark.parametrize("full_batch", [True, False])
def test_nothing_of_the_engine_is_to_be_seen(experiment, full_batch):
    for part, source in parts_of(experiment, full_batch=full_batch).items():
        tree = ast.parse(source)
        # A module of PyTorch's is a class, and has a self of its own.
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        assert len(classes) == (part == "before" and experiment.method == "module")
        flat = "\n".join(ast.unparse(node) for node in tree.body if node not in classes)
        assert not re.search(r"\b(self|reduce|experiment|dataset|make_optimizer|def|return)\b", flat)
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)]
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.arg) and node.annotation]
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.returns]


def test_before_the_loop_stands_what_the_method_needs_besides_b_and_w():
    momentum = {"optimizer": "momentum", "reduction": "sum"}
    assert "before" not in plain_parts(Experiment(method="numpy"))
    assert "before" not in plain_parts(Experiment(method="autograd"))
    assert plain_parts(Experiment(method="optimizer", **momentum))["before"] == [
        "optimizer = torch.optim.SGD([b, w], lr=lr, momentum=0.9)"
    ]
    assert plain_parts(Experiment(method="loss_fn", **momentum))["before"] == [
        'loss_fn = nn.MSELoss(reduction="sum")',
        "optimizer = torch.optim.SGD([b, w], lr=lr, momentum=0.9)",
    ]
    assert plain_parts(Experiment(method="module", **momentum))["before"] == [
        "class Line(nn.Module):",
        "    def __init__(self, b, w):",
        "        super().__init__()",
        "        self.b = nn.Parameter(b)",
        "        self.w = nn.Parameter(w)",
        "",
        "    def forward(self, x):",
        "        return self.b + self.w * x",
        "",
        "model = Line(b.detach(), w.detach())",
        "b, w = model.b, model.w",
        'loss_fn = nn.MSELoss(reduction="sum")',
        "optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)",
    ]
