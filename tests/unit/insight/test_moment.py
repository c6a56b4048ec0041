"""An epoch run once more, and the way back through its graph, against tensors that the tests compute themselves."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from bare_steps import KEPT, MAKERS, PAIRINGS, bare_steps, batches_of
from hypothesis import given, settings
from hypothesis import strategies as st
from noisy_line import noisy_line
from strategies import within
from torch import Tensor
from torch.nn import functional

from core import (
    Dataset,
    Experiment,
    History,
    Landscape,
    LookBack,
    Record,
    autograd_graph,
    look_back,
    make_dataset,
    methods,
    repeat_epoch,
    train,
)
from core.insight.dynamic import halfway, loss_by_size
from core.insight.look_back import CHANGING, REQUIRES

TORCH_METHODS = methods[1:]
OWN_LOSS = ("autograd", "optimizer")
EPS = 2.0**-23


@cache
def trained(experiment: Experiment) -> tuple[Dataset, History]:
    """The points of an experiment and its whole run, with what the optimizer remembered."""
    dataset = make_dataset(experiment)
    training, history = train(experiment, dataset), History()
    for record in training:
        history.append(record, training.state)
    return dataset, history


def repeated(experiment: Experiment, epoch: int):
    return repeat_epoch(experiment, *trained(experiment), epoch)


def rate_for(reduction: str, points: int = 20) -> float:
    return 0.1 if reduction == "mean" else 0.1 / points


def steps_of(experiment: Experiment, epochs: int):
    x, y, _, _ = noisy_line(experiment.n, experiment.noise, experiment.true_b, experiment.true_w, experiment.seed)
    return bare_steps(
        x,
        y,
        seed=experiment.seed,
        learning_rate=experiment.learning_rate,
        epochs=epochs,
        method=experiment.method,
        optimizer=experiment.optimizer,
        reduction=experiment.reduction,
        batch_size=experiment.batch_size,
    )


def agrees(moment, step) -> None:
    """Every number of the repeated update is that of the update that the test made, to the last bit."""
    assert moment.before == step.before
    assert moment.points == step.points
    assert moment.yhat.shape == moment.error.shape == (step.points, 1)
    assert moment.yhat.first == step.yhat[:3]
    assert moment.error.first == step.error[:3]
    assert moment.loss == step.loss
    assert moment.gradient == step.gradient
    assert moment.state == step.state
    assert moment.new_state == step.new_state
    assert moment.after == step.after


# One update once more


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
def test_a_repeated_epoch_leads_to_the_next_record_to_the_last_bit(method, optimizer, reduction):
    experiment = Experiment(
        method=method, optimizer=optimizer, reduction=reduction, n=25, learning_rate=rate_for(reduction), epochs=12
    )
    _, history = trained(experiment)
    for epoch in range(12):
        moment, here, there = repeated(experiment, epoch), history[epoch], history[epoch + 1]
        assert moment.epoch == epoch
        assert moment.before == (here.b, here.w)
        assert (moment.loss, moment.gradient) == (here.loss, (here.b_grad, here.w_grad))
        assert moment.after == (there.b, there.w)
        assert (moment.points, moment.batches, moment.updates) == (20, 1, epoch + 1)
        assert [value for pair in moment.new_state.values() for value in pair] == history.state(epoch + 1)
    # After the last record comes what a longer run would do.
    _, longer = trained(replace(experiment, epochs=13))
    assert repeated(experiment, 12).after == longer[13][1:3]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("batch_size", [8, 1, 1000])
@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
def test_a_repeated_update_is_the_first_of_its_epoch_in_a_loop_of_ones_own(method, optimizer, batch_size, reduction):
    experiment = Experiment(
        method=method,
        optimizer=optimizer,
        reduction=reduction,
        batch_size=batch_size,
        n=25,
        learning_rate=rate_for(reduction),
        epochs=2,
    )
    for epoch, steps in enumerate(steps_of(experiment, 3)):
        moment = repeated(experiment, epoch)
        agrees(moment, steps[0])
        assert moment.batches == len(steps)
        assert moment.updates == epoch * len(steps) + 1


@settings(max_examples=30)
@given(
    st.sampled_from(PAIRINGS),
    st.sampled_from(["mean", "sum"]),
    st.integers(0, 2**32 - 1),
    st.integers(10, 40),
    st.none() | st.integers(1, 40),
    within(1e-4, 0.02),
    within(-100, 100),
)
def test_a_repeated_update_is_that_of_ones_own_loop_whatever_the_experiment(
    pairing, reduction, seed, n, batch_size, rate, true_b
):
    method, optimizer = pairing
    experiment = Experiment(
        method=method,
        optimizer=optimizer,
        reduction=reduction,
        seed=seed,
        n=n,
        batch_size=batch_size,
        learning_rate=rate,
        true_b=true_b,
        epochs=3,
    )
    for epoch, steps in enumerate(steps_of(experiment, 4)):
        agrees(repeated(experiment, epoch), steps[0])


@pytest.mark.parametrize(("batch_size", "batches"), [(None, 1), (20, 1), (21, 1), (19, 2), (8, 3), (10, 2), (1, 20)])
@pytest.mark.parametrize("method", methods)
def test_a_last_batch_that_is_smaller_counts_but_is_not_the_one_that_is_shown(method, batch_size, batches):
    moment = repeated(Experiment(method=method, n=25, batch_size=batch_size, epochs=3), 2)
    assert moment.batches == batches
    assert moment.points == min(batch_size or 20, 20)
    assert moment.updates == 2 * batches + 1


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("batch_size", [None, 6])
@pytest.mark.parametrize("method", methods)
def test_the_numbers_are_those_of_numpy(method, batch_size, reduction):
    experiment = Experiment(method=method, n=25, batch_size=batch_size, reduction=reduction, epochs=3, true_b=-4.0)
    experiment = replace(experiment, learning_rate=rate_for(reduction))
    kind = np.float64 if method == "numpy" else np.float32
    all_x, all_y, _, _ = noisy_line(n=25, true_b=-4.0)
    for epoch in range(4):
        moment = repeated(experiment, epoch)
        positions = batches_of(epoch, 20, batch_size, experiment.seed)[0]
        x, y = all_x[positions].astype(kind), all_y[positions].astype(kind)
        b, w = map(kind, moment.before)
        yhat = b + w * x
        error = yhat - y
        assert yhat.dtype == error.dtype == kind
        assert moment.yhat.first == tuple(yhat[:3, 0].tolist())
        assert moment.error.first == tuple(error[:3, 0].tolist())
        reduce = np.mean if reduction == "mean" else np.sum
        exact = 1e-14 if method == "numpy" else 1e-6
        assert moment.loss == pytest.approx(float(reduce(error**2)), rel=exact)
        gradient = float(2 * reduce(error)), float(2 * reduce(x * error))
        size = float(2 * reduce(np.abs(error)))
        assert moment.gradient == pytest.approx(gradient, rel=exact, abs=exact * size)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("method", TORCH_METHODS)
def test_the_gradient_is_that_of_autograd_grad(method, reduction):
    experiment = Experiment(method=method, n=25, reduction=reduction, learning_rate=rate_for(reduction), epochs=3)
    all_x, all_y, _, _ = noisy_line(n=25)
    x, y = torch.tensor(all_x, dtype=torch.float32), torch.tensor(all_y, dtype=torch.float32)
    for epoch in range(4):
        moment = repeated(experiment, epoch)
        b, w = (torch.tensor([value], requires_grad=True) for value in moment.before)
        if method in OWN_LOSS:
            squares = (b + w * x - y) ** 2
            loss = squares.mean() if reduction == "mean" else squares.sum()
        else:
            loss = functional.mse_loss(b + w * x, y, reduction=reduction)
        assert moment.gradient == tuple(grad.item() for grad in torch.autograd.grad(loss, (b, w)))


@pytest.mark.parametrize("method", ["optimizer", "loss_fn", "module"])
@pytest.mark.parametrize("optimizer", MAKERS)
def test_what_the_optimizer_is_told_is_what_torch_tells_it(method, optimizer):
    experiment = Experiment(method=method, optimizer=optimizer, n=10, epochs=2, learning_rate=0.03)
    moment = repeated(experiment, 1)
    assert (moment.optimizer, moment.learning_rate) == (optimizer, 0.03)
    defaults = MAKERS[optimizer]([torch.zeros(1, requires_grad=True)], lr=0.03).defaults
    assert moment.settings == (defaults if KEPT[optimizer] else {})


@pytest.mark.parametrize("batch_size", [None, 3])
@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
def test_in_the_end_grad_is_what_zero_grad_or_zero_left(method, optimizer, batch_size):
    experiment = Experiment(method=method, optimizer=optimizer, batch_size=batch_size, n=10, epochs=2)
    cleared = {"numpy": "", "autograd": "0"}.get(method, "None")
    assert [repeated(experiment, epoch).cleared for epoch in range(3)] == [cleared] * 3


@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
def test_at_epoch_0_the_optimizer_remembers_nothing_yet(method, optimizer):
    moment = repeated(Experiment(method=method, optimizer=optimizer, n=10, epochs=2), 0)
    assert moment.state == dict.fromkeys(KEPT[optimizer], (0.0, 0.0))
    assert list(moment.new_state) == list(KEPT[optimizer])
    assert moment.updates == 1
    b_grad, w_grad = moment.gradient
    firsts = {
        "momentum_buffer": (b_grad, w_grad),
        "square_avg": (0.01 * b_grad**2, 0.01 * w_grad**2),
        "exp_avg": (0.1 * b_grad, 0.1 * w_grad),
        "exp_avg_sq": (0.001 * b_grad**2, 0.001 * w_grad**2),
    }
    for key, pair in moment.new_state.items():
        assert pair == pytest.approx(firsts[key], rel=1e-6)


@pytest.mark.parametrize("batch_size", [None, 2])
@pytest.mark.parametrize("method", methods)
def test_beyond_the_last_record_there_is_no_epoch_to_repeat(method, batch_size):
    experiment = Experiment(method=method, n=10, epochs=2, batch_size=batch_size)
    for epoch in (3, 10**9):
        with pytest.raises(IndexError, match=r"^There are 3 records, so none has index"):
            repeated(experiment, epoch)
        if method != "numpy":
            with pytest.raises(IndexError, match=r"^There are 3 records, so none has index"):
                look_back(experiment, *trained(experiment), epoch)
    with pytest.raises(IndexError, match=r"^There are 0 records"):
        repeat_epoch(experiment, make_dataset(experiment), History(), 0)


@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
def test_the_last_epochs_of_a_run_that_diverges_can_be_repeated(method, optimizer):
    experiment = Experiment(method=method, optimizer=optimizer, n=10, epochs=60, learning_rate=1000.0)
    _, history = trained(experiment)
    for epoch in range(len(history)):
        moment = repeated(experiment, epoch)
        if epoch + 1 < len(history):
            assert moment.after == history[epoch + 1][1:3]


@pytest.mark.parametrize("batch_size", [None, 2, 1])
@pytest.mark.parametrize("method", methods)
def test_of_a_column_the_first_three_numbers_are_shown(method, batch_size):
    moment = repeated(Experiment(method=method, n=10, epochs=1, batch_size=batch_size), 0)
    for entries in (moment.yhat, moment.error):
        assert entries.shape == (batch_size or 8, 1)
        assert len(entries.first) == min(3, batch_size or 8)
        assert all(type(value) is float for value in entries.first)
    for value in (moment.loss, *moment.before, *moment.gradient, *moment.after):
        assert type(value) is float


# Leaving everything as it was


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("method", TORCH_METHODS)
def test_many_points_are_added_up_as_in_the_run_on_however_many_threads_the_caller_computes(method, threads):
    experiment = Experiment(method=method, n=100_000, epochs=2)
    dataset, history = trained(experiment)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        repeated = repeat_epoch(experiment, dataset, history, 1)
        view = look_back(experiment, dataset, history, 1)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    record = history[1]
    assert (repeated.loss, *repeated.gradient) == (record.loss, record.b_grad, record.w_grad)
    assert repeated.after == (history[2].b, history[2].w)
    assert view.tensors["loss"].value.first == (record.loss,)
    assert [view.tensors[name].gradient.first for name in "bw"] == [(record.b_grad,), (record.w_grad,)]


def test_looking_leaves_everything_else_alone():
    experiments = [
        Experiment(method=method, optimizer=optimizer, n=20, epochs=3, batch_size=batch_size)
        for method, optimizer in PAIRINGS
        for batch_size in (None, 6)
    ]
    runs = [(experiment, *trained(experiment)) for experiment in experiments]

    def everything():
        return (
            torch.get_rng_state().tolist(),
            [part.tolist() if isinstance(part, np.ndarray) else part for part in np.random.get_state()],
            random.getstate(),
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
            torch.get_num_threads(),
            np.geterr(),
            [([*history], [history.state(index) for index in range(len(history))]) for _, _, history in runs],
            [dataset.x_train.tolist() for _, dataset, _ in runs],
        )

    before = everything()
    for experiment, dataset, history in runs:
        assert repeat_epoch(experiment, dataset, history, 2) == repeat_epoch(experiment, dataset, history, 2)
        if experiment.method != "numpy":
            for root in ("yhat", "loss", CHANGING):
                first = look_back(experiment, dataset, history, 2, root)
                assert look_back(experiment, dataset, history, 2, root) == first
    assert everything() == before


@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
def test_a_run_goes_on_as_if_nobody_had_looked(method, optimizer):
    experiment = Experiment(method=method, optimizer=optimizer, n=20, epochs=6)
    dataset, alone = trained(experiment)
    training, history = train(experiment, dataset), History()
    for record in training:
        history.append(record, training.state)
        repeat_epoch(experiment, dataset, history, record.epoch)
        if method != "numpy":
            look_back(experiment, dataset, history, record.epoch)
    assert list(history) == list(alone)


# The way back

ROOTS = [
    (method, root)
    for method in TORCH_METHODS
    for root in ("yhat", "error", "loss", CHANGING)
    if root != "error" or method in OWN_LOSS
]
LABELS = {
    "product": "MulBackward0",
    "yhat": "AddBackward0",
    "error": "SubBackward0",
    "squares": "PowBackward0",
}
"""The function that autograd makes for each quantity of the line's error."""


@dataclass
class Own:
    """The same pass as the test computes it."""

    quantities: dict[str, Tensor]
    """Every tensor by name, in the order in which they are computed."""
    function: dict[str, str]
    """By autograd's name for a function, the quantity that it computes."""
    root: Tensor


def own_pass(experiment, b, w, x, y, root, requires, limit=0.0) -> Own:
    b = torch.tensor([b], dtype=torch.float32, requires_grad=requires in ("both", "b"))
    w = torch.tensor([w], dtype=torch.float32, requires_grad=requires in ("both", "w"))
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    product = w * x
    yhat = b + product
    found = {"b": b, "w": w, "x": x, "y": y, "product": product, "yhat": yhat}
    labels = dict(LABELS)
    if root == CHANGING or experiment.method in OWN_LOSS:
        found["error"] = yhat - y
        found["squares"] = found["error"] ** 2
        if root != CHANGING:
            mean = experiment.reduction == "mean"
            found["loss"] = found["squares"].mean() if mean else found["squares"].sum()
            labels["loss"] = "MeanBackward0" if mean else "SumBackward0"
        elif found["squares"].mean().item() > limit:
            found["size"] = found["squares"].mean()
            found["loss"] = found["size"].sqrt()
            labels |= {"size": "MeanBackward0", "loss": "SqrtBackward0"}
        else:
            found["loss"] = found["squares"].mean()
            labels["loss"] = "MeanBackward0"
    else:
        found["loss"] = functional.mse_loss(yhat, y, reduction=experiment.reduction)
        labels["loss"] = "MseLossBackward0"
    end = "loss" if root == CHANGING else root
    order = list(found)
    up_to = order[: order.index(end) + 1]
    return Own(found, {labels[name]: name for name in up_to if name in labels}, found[end])


def own_limit(experiment, history) -> float:
    """Halfway between the loss at the start and the least there is, worked out from the points."""
    x, y, _, _ = noisy_line(experiment.n, experiment.noise, experiment.true_b, experiment.true_w, experiment.seed)
    start = history[0]
    highest = float(((start.b + start.w * x - y) ** 2).mean())
    w, b = np.polyfit(x[:, 0], y[:, 0], 1)
    lowest = float(((b + w * x - y) ** 2).mean())
    return float(np.sqrt(highest * max(lowest, highest * 1e-6)))


@cache
def views(method: str, root: str) -> list[SimpleNamespace]:
    """Looks back from this root in many circumstances, each with the test's own pass beside it."""
    found = []
    for reduction, batch_size in (("mean", None), ("sum", None), ("mean", 6)):
        experiment = Experiment(
            method=method, reduction=reduction, batch_size=batch_size, n=25, learning_rate=rate_for(reduction), epochs=9
        )
        dataset, history = trained(experiment)
        all_x, all_y, _, _ = noisy_line(n=25)
        for epoch in (0, 1, 9):
            positions = batches_of(epoch, 20, batch_size, experiment.seed)[0]
            x, y = all_x[positions], all_y[positions]
            for requires in ("both", "b", "w", "none"):
                own = own_pass(experiment, *history[epoch][1:3], x, y, root, requires, own_limit(experiment, history))
                look = look_back(experiment, dataset, history, epoch, root, requires)
                found.append(SimpleNamespace(experiment=experiment, epoch=epoch, requires=requires, own=own, look=look))
    return found


def each(method: str, root: str) -> Iterator[tuple[SimpleNamespace, Own, LookBack]]:
    for view in views(method, root):
        yield view, view.own, view.look


def walk(root: Tensor) -> dict[str, object]:
    """All functions that autograd would call from here, by name, without those that only collect."""
    found, pending = {}, [root.grad_fn]
    while pending:
        function = pending.pop()
        if function is not None and type(function).__name__ != "AccumulateGrad":
            assert function.name() not in found
            found[function.name()] = function
            pending += [source for source, _ in function.next_functions]
    return found


def shown(tensor: Tensor) -> tuple[tuple[int, ...], tuple[float, ...]]:
    return tuple(tensor.shape), tuple(tensor.detach().flatten()[:3].tolist())


def as_shown(entries) -> tuple[tuple[int, ...], tuple[float, ...]] | None:
    return None if entries is None else (entries.shape, entries.first)


def operations_of(look: LookBack) -> dict[str, tuple[str, object]]:
    """By autograd's name, our name for the operation and what is said of it."""
    labels = {node.name: node.label for node in look.graph.nodes}
    found = {labels[name]: (name, operation) for name, operation in look.operations.items()}
    assert len(found) == len(look.operations)
    return found


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_the_operations_are_those_that_lead_to_the_root(method, root):
    for view, own, look in each(method, root):
        assert look.epoch == view.epoch
        assert set(operations_of(look)) == set(own.function)
        collecting = {node.name for node in look.graph.nodes if node.label == "AccumulateGrad"}
        drawn = {node.name for node in look.graph.nodes if node.kind == "operation"}
        assert drawn == set(look.operations) | collecting
        assert len(collecting) == 2


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_recorded_are_the_functions_that_the_real_graph_has(method, root):
    for _, own, look in each(method, root):
        recorded = {label for label, (_, operation) in operations_of(look).items() if operation.recorded}
        assert recorded == set(walk(own.root))


@pytest.mark.parametrize("root", ["yhat", "loss", CHANGING])
def test_without_a_gradient_of_w_the_product_is_not_recorded_and_without_any_nothing_is(root):
    for method in TORCH_METHODS:
        for view, _, look in each(method, root):
            recorded = {label: operation.recorded for label, (_, operation) in operations_of(look).items()}
            assert recorded["MulBackward0"] is (view.requires in ("both", "w"))
            others = {kept for label, kept in recorded.items() if label != "MulBackward0"}
            assert others == {view.requires != "none"}


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_the_message_is_the_one_that_torch_raises(method, root):
    for view, own, look in each(method, root):
        said = ""
        try:
            own.root.backward(retain_graph=True)
        except RuntimeError as error:
            said = f"RuntimeError: {error}"
        assert look.error == said
        assert bool(said) is (view.requires == "none" or root in ("yhat", "error"))


def test_from_a_column_of_one_number_the_way_back_needs_no_start():
    experiment = Experiment(n=10, batch_size=1, epochs=1)
    for root in ("yhat", "error", "loss"):
        assert look_back(experiment, *trained(experiment), 0, root).error == ""
    assert "does not require grad" in look_back(experiment, *trained(experiment), 0, "yhat", "none").error


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_saved_is_what_the_functions_need_for_the_way_back(method, root):
    for view, own, look in each(method, root):
        found = own.quantities
        needed = {
            # x asks for no gradient, so w is never needed; the gradient of w needs x.
            "MulBackward0": {"other": found["x"]} if view.requires in ("both", "w") else {},
            "PowBackward0": {"self": found.get("error"), "exponent": 2},
            "MseLossBackward0": {"self": found["yhat"], "target": found["y"]},
            "SqrtBackward0": {"result": found["loss"]},
        }
        functions = walk(own.root)
        for label, (_, operation) in operations_of(look).items():
            saved = {name: as_shown(value) if name != "exponent" else value for name, value in operation.saved.items()}
            expected = needed.get(label, {}) if label in functions else {}
            assert saved == {
                name: shown(value) if isinstance(value, Tensor) else value for name, value in expected.items()
            }


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_saved_are_the_tensors_that_the_real_functions_hold(method, root):
    for view in views(method, root):
        # A pass of its own: what a function has saved is gone once it was called.
        own = own_pass(
            view.experiment,
            *(view.own.quantities[name].item() for name in ("b", "w")),
            *(view.own.quantities[name].numpy() for name in ("x", "y")),
            root,
            view.requires,
            limit=0.0 if "size" in view.own.quantities else float("inf"),
        )
        functions = walk(own.root)
        for label, (_, operation) in operations_of(view.look).items():
            function = functions.get(label)
            attributes = [name for name in dir(function) if name.startswith("_saved_")]
            held = {name.removeprefix("_saved_"): getattr(function, name) for name in attributes}
            assert {name: shown(value) for name, value in held.items() if isinstance(value, Tensor)} == {
                name: as_shown(value) for name, value in operation.saved.items() if name != "exponent"
            }
            assert operation.saved.get("exponent") == held.get("exponent")


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_values_are_those_of_the_way_there(method, root):
    for _, own, look in each(method, root):
        for label, (_, operation) in operations_of(look).items():
            assert as_shown(operation.value) == shown(own.quantities[own.function[label]])
        expected = [name for name in ("x", "y", "b", "w", "yhat", "error", "loss") if name in own.quantities]
        assert list(look.tensors) == expected
        for name, facts in look.tensors.items():
            assert as_shown(facts.value) == shown(own.quantities[name])


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_gradients_are_those_of_autograd_grad_to_the_last_bit(method, root):
    for _, own, look in each(method, root):
        expected = {}
        for name, tensor in own.quantities.items():
            given = None
            if own.root.requires_grad and tensor.requires_grad:
                (given,) = torch.autograd.grad(
                    own.root, tensor, torch.ones_like(own.root), retain_graph=True, allow_unused=True
                )
            expected[name] = None if given is None else shown(given)
        for name, facts in look.tensors.items():
            assert as_shown(facts.gradient) == expected[name]
        for label, (_, operation) in operations_of(look).items():
            assert as_shown(operation.gradient) == expected[own.function[label]]


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_the_facts_are_what_torch_says_of_the_tensors(method, root):
    for _, own, look in each(method, root):
        for name, facts in look.tensors.items():
            tensor = own.quantities[name]
            assert facts.requires_grad is tensor.requires_grad
            assert facts.is_leaf is tensor.is_leaf
            assert facts.grad_fn == (tensor.grad_fn and tensor.grad_fn.name())
            assert facts.dtype == "torch.float32" == str(tensor.dtype)
            assert facts.device == "cpu"
            assert facts.value.shape == tuple(tensor.shape)


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_before_the_way_back_grad_is_what_the_update_before_has_left(method, root):
    zero = ((1,), (0.0,))
    for view, _, look in each(method, root):
        for name, facts in look.tensors.items():
            asked = name in {"both": "bw", "none": ""}.get(view.requires, view.requires)
            left = zero if method == "autograd" and view.epoch > 0 and asked else None
            assert as_shown(facts.grad_before) == left


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_the_graph_is_the_same_whoever_asks_for_gradients(method, root):
    for view, _, look in each(method, root):
        assert next(iter(look.graph.nodes)).name == ("loss" if root == CHANGING else root)
        if root != CHANGING and view.experiment.batch_size is None:
            assert look.graph == autograd_graph(view.experiment, root=root)
        shapes = {node.name: node.shape for node in look.graph.nodes if node.shape is not None}
        assert shapes["x"] == (view.experiment.batch_size or 20, 1)
        assert shapes.items() <= {name: tuple(t.shape) for name, t in view.own.quantities.items()}.items()


# Derivatives one by one, and multiplied

FORMULAS = {
    "product": lambda v: v["w"] * v["x"],
    "yhat": lambda v: v["b"] + v["product"],
    "error": lambda v: v["yhat"] - v["y"],
    "squares": lambda v: v["error"] ** 2,
}
SOURCES = {
    "MulBackward0": {"w", "x"},
    "AddBackward0": {"b", "product"},
    "SubBackward0": {"yhat", "y"},
    "PowBackward0": {"error"},
    "MeanBackward0": {"squares"},
    "SumBackward0": {"squares"},
    "MseLossBackward0": {"yhat", "y"},
    "SqrtBackward0": {"size"},
}


def formula(label, quantity, view):
    """How the quantity is computed from others, in float64."""
    if label == "SqrtBackward0":
        return lambda v: np.sqrt(v["size"])
    if label == "MseLossBackward0":
        return lambda v: getattr((v["yhat"] - v["y"]) ** 2, view.experiment.reduction)()
    if label in ("MeanBackward0", "SumBackward0"):
        return lambda v: getattr(v["squares"], label[:-9].lower())()
    return FORMULAS[quantity]


def difference(function, values, source, index, step=1e-4) -> float:
    """What a small change of one number of `source` does to the result, per change."""
    ends = []
    for sign in (1, -1):
        moved = {name: value.copy() for name, value in values.items()}
        flat = moved[source].reshape(-1)
        flat[index if flat.size > 1 else 0] += sign * step
        result = np.reshape(function(moved), -1)
        ends.append(result[index if result.size > 1 else 0])
    return (ends[0] - ends[1]) / (2 * step)


def quantity_at(look: LookBack, own: Own, name: str) -> str:
    """What flows from this node: a quantity of the test's."""
    labels = {node.name: node.label for node in look.graph.nodes if node.kind == "operation"}
    if name not in labels:
        return name
    if labels[name] == "AccumulateGrad":
        (parameter,) = [source for source, target in look.graph.edges if target == name]
        return parameter
    return own.function[labels[name]]


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_local_derivatives_are_those_that_small_changes_show(method, root):
    for view, own, look in each(method, root):
        values = {name: np.atleast_1d(t.detach().numpy().astype(np.float64)) for name, t in own.quantities.items()}
        met = {}
        for (source, name), entries in look.local.items():
            (label,) = [node.label for node in look.graph.nodes if node.name == name]
            quantity = quantity_at(look, own, source)
            met.setdefault(label, set()).add(quantity)
            function = formula(label, own.function[label], view)
            expected = [difference(function, values, quantity, index) for index in range(len(entries.first))]
            assert list(entries.first) == pytest.approx(expected, rel=1e-5, abs=1e-6)
            column = (view.experiment.batch_size or 20, 1)
            assert entries.shape == (() if label == "SqrtBackward0" else column)
            assert (source, name) in look.graph.edges
        assert met == {label: SOURCES[label] for label in own.function}


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_local_derivatives_are_those_of_the_textbook(method, root):
    for view, own, look in each(method, root):
        n = view.experiment.batch_size or 20
        q = {name: t.detach().flatten()[:3].numpy() for name, t in own.quantities.items()}
        one, error = np.ones(3), q["yhat"] - q["y"]
        part = 2 * error / (n if view.experiment.reduction == "mean" else 1)
        closed = {
            ("MulBackward0", "w"): q["x"],
            ("MulBackward0", "x"): q["w"] * one,
            ("AddBackward0", "b"): one,
            ("AddBackward0", "product"): one,
            ("SubBackward0", "yhat"): one,
            ("SubBackward0", "y"): -one,
            ("PowBackward0", "error"): 2 * error,
            ("MeanBackward0", "squares"): one / n,
            ("SumBackward0", "squares"): one,
            ("MseLossBackward0", "yhat"): part,
            ("MseLossBackward0", "y"): -part,
            ("SqrtBackward0", "size"): 0.5 / q["loss"],
        }
        labels = {node.name: node.label for node in look.graph.nodes}
        for (source, name), entries in look.local.items():
            expected = closed[labels[name], quantity_at(look, own, source)]
            assert entries.first == pytest.approx(expected.tolist(), rel=1e-6)


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_the_chain_to_a_parameter_goes_edge_by_edge_from_the_root(method, root):
    for view, own, look in each(method, root):
        asked = {"both": ["b", "w"], "b": ["b"], "w": ["w"], "none": []}[view.requires]
        assert list(look.chains) == asked
        makers = {target: source for source, target in look.graph.edges if source in look.operations}
        for parameter, chain in look.chains.items():
            place = makers["loss" if root == CHANGING else root]
            for source, operation in chain.edges:
                assert operation == place
                assert (source, operation) in look.local
                place = makers.get(source, source) if source not in look.operations else source
            assert quantity_at(look, own, chain.edges[-1][0]) == parameter


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_the_chain_multiplied_out_and_summed_is_the_gradient(method, root):
    for view, own, look in each(method, root):
        q = {name: t.detach().double().flatten().numpy() for name, t in own.quantities.items()}
        for parameter, chain in look.chains.items():
            factors = [look.local[edge].first[0] for edge in chain.edges]
            assert chain.first == pytest.approx(np.prod(factors), rel=1e-14)
            assert chain.points == (view.experiment.batch_size or 20)

            products = np.ones(chain.points)
            if root in ("loss", CHANGING):
                mean = root == CHANGING or view.experiment.reduction == "mean"
                products = 2 * (q["yhat"] - q["y"]) / (chain.points if mean else 1)
                if "size" in q:
                    products = products / (2 * q["loss"])
            if parameter == "w":
                products = products * q["x"]
            size = np.abs(products).sum()
            assert chain.first == pytest.approx(products[0], rel=8 * EPS)
            assert chain.total == pytest.approx(products.sum(), abs=8 * EPS * size)
            (gradient,) = look.tensors[parameter].gradient.first
            assert chain.total == pytest.approx(gradient, abs=8 * EPS * size)


@settings(max_examples=40)
@given(
    st.sampled_from(ROOTS),
    st.sampled_from(["mean", "sum"]),
    st.sampled_from(["both", "b", "w", "none"]),
    st.floats(-100, 100, width=32),
    st.floats(-100, 100, width=32),
    st.lists(st.tuples(within(-50, 50), within(-50, 50)), min_size=1, max_size=7),
)
def test_whatever_the_line_and_the_points_the_way_back_is_that_of_ones_own_pass(
    method_and_root, reduction, requires, b, w, points
):
    method, root = method_and_root
    x, y = (np.array(column).reshape(-1, 1) for column in zip(*points, strict=True))
    dataset, history = Dataset(x, y, x, y), History([Record(0, b, w, 0.0, 0.0, 0.0, 0.0)])
    experiment = Experiment(method=method, reduction=reduction)
    look = look_back(experiment, dataset, history, 0, root, requires)
    took_root = "SqrtBackward0" in {node.label for node in look.graph.nodes}
    own = own_pass(experiment, b, w, x, y, root, requires, -1.0 if took_root else float("inf"))
    assert set(operations_of(look)) == set(own.function)
    recorded = {label for label, (_, operation) in operations_of(look).items() if operation.recorded}
    assert recorded == set(walk(own.root))
    for name in ("b", "w"):
        if own.quantities[name].requires_grad:
            ones = torch.ones_like(own.root)
            (gradient,) = torch.autograd.grad(own.root, own.quantities[name], ones, retain_graph=True)
            assert np.array_equal(look.tensors[name].gradient.first, gradient.tolist(), equal_nan=True)
        else:
            assert look.tensors[name].gradient is None


# What cannot be looked at


def test_numpy_has_no_way_back():
    experiment = Experiment(method="numpy", n=10, epochs=1)
    for root in ("yhat", "loss", CHANGING):
        with pytest.raises(ValueError, match=r"^Method 'numpy' has no autograd graph"):
            look_back(experiment, *trained(experiment), 0, root)


@pytest.mark.parametrize("method", TORCH_METHODS)
def test_another_root_or_another_choice_of_gradients_is_refused_in_words(method):
    experiment = Experiment(method=method, n=10, epochs=1)
    for root in ("", "x", "op1", None):
        with pytest.raises(ValueError, match=r"^root must be one of 'yhat', 'error', 'loss', but got"):
            look_back(experiment, *trained(experiment), 0, root)
    for requires in ("", "x", "bw"):
        with pytest.raises(ValueError, match=r"^requires must be one of 'both', 'b', 'w', 'none', but got"):
            look_back(experiment, *trained(experiment), 0, "loss", requires)
    if method not in OWN_LOSS:
        with pytest.raises(ValueError, match="keeps the error to itself"):
            look_back(experiment, *trained(experiment), 0, "error")


def test_the_choices_of_gradients_are_every_set_of_parameters():
    assert {name: set(chosen) for name, chosen in REQUIRES.items()} == {
        "both": {"b", "w"},
        "b": {"b"},
        "w": {"w"},
        "none": set(),
    }


# A loss that changes its graph


@pytest.mark.parametrize("batch_size", [None, 6])
@pytest.mark.parametrize("method", TORCH_METHODS)
def test_the_graph_of_the_changing_loss_changes_within_one_run(method, batch_size):
    experiment = Experiment(method=method, n=25, epochs=80, batch_size=batch_size)
    dataset, history = trained(experiment)
    limit = own_limit(experiment, history)
    all_x, all_y, _, _ = noisy_line(n=25)
    graphs = {}
    for epoch in range(0, 81, 4):
        look = look_back(experiment, dataset, history, epoch, CHANGING)
        labels = {node.label for node in look.graph.nodes}
        b, w = history[epoch][1:3]
        positions = batches_of(epoch, 20, batch_size, experiment.seed)[0]
        size = float(((b + w * all_x[positions] - all_y[positions]) ** 2).mean())
        said = re.fullmatch(r"loss > limit is (True|False): (\S+) > (\S+)", look.branch)
        assert said[1] == str(size > limit)
        assert float(said[2]) == pytest.approx(size, rel=1e-4)
        assert float(said[3]) == pytest.approx(limit, rel=1e-4)
        assert ("SqrtBackward0" in labels) is (size > limit)
        assert look.tensors["loss"].value.first[0] == pytest.approx(size**0.5 if size > limit else size, rel=1e-5)
        graphs[size > limit] = frozenset(node.name for node in look.graph.nodes)
    # One operation more in the one than in the other.
    assert set(graphs) == {True, False}
    assert len(graphs[True]) == len(graphs[False]) + 1


@pytest.mark.parametrize("method", TORCH_METHODS)
def test_the_changing_loss_is_the_same_for_every_reduction(method):
    for epoch in (0, 5):
        mean, total = (
            Experiment(method=method, reduction=reduction, n=25, epochs=5, learning_rate=rate_for(reduction))
            for reduction in ("mean", "sum")
        )
        dataset, history = trained(mean)
        first, second = (look_back(experiment, dataset, history, epoch, CHANGING) for experiment in (mean, total))
        assert second == first


@pytest.mark.parametrize(("method", "root"), ROOTS)
def test_only_the_changing_loss_has_a_branch(method, root):
    for _, _, look in each(method, root):
        assert bool(look.branch) is (root == CHANGING)


@given(
    st.lists(st.tuples(within(-10, 10), within(-10, 10)), min_size=1, max_size=6),
    within(0, 100),
)
def test_the_changing_loss_is_the_mean_square_or_its_root(points, limit):
    yhat, y = (torch.tensor(column).reshape(-1, 1) for column in zip(*points, strict=True))
    size = ((yhat - y) ** 2).mean().item()
    loss = loss_by_size(yhat, y, limit).item()
    # The limit meets the loss in the tensor's own precision.
    assert loss == pytest.approx(size**0.5 if size > np.float32(limit) else size, rel=1e-6)


@given(
    st.lists(st.tuples(within(-50, 50), within(-50, 50)), min_size=2, max_size=8),
    within(-100, 100),
    within(-100, 100),
    st.sampled_from(["mean", "sum"]),
)
def test_the_limit_lies_between_the_start_and_the_minimum(points, b, w, reduction):
    x, y = (np.array(column) for column in zip(*points, strict=True))
    landscape = Landscape.of(x, y, reduction)
    start = float(((b + w * x - y) ** 2).mean())
    least = landscape.loss_min / landscape.scale
    limit = halfway(landscape, (b, w))
    assert limit >= least * (1 - 1e-9)
    assert limit <= start * (1 + 1e-9) + 1e-9
    assert halfway(Landscape.of(x, y), (b, w)) == pytest.approx(limit, rel=1e-9)


def test_negative_epochs_are_refused():
    experiment = Experiment(epochs=3)
    dataset = make_dataset(experiment)
    history = History(train(experiment, dataset))
    for look in (repeat_epoch, look_back):
        with pytest.raises(IndexError, match="count from 0"):
            look(experiment, dataset, history, -1)


def test_history_without_the_optimizers_state_is_refused_in_words_where_it_matters():
    experiment = Experiment(method="module", optimizer="adam", n=20, epochs=5)
    dataset = make_dataset(experiment)
    history = History(train(experiment, dataset))
    assert repeat_epoch(experiment, dataset, history, 0).state == {"exp_avg": (0, 0), "exp_avg_sq": (0, 0)}
    with pytest.raises(ValueError, match="does not hold what 'adam' remembers"):
        repeat_epoch(experiment, dataset, history, 3)
