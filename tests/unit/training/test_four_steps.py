"""The five ways to write the four steps, against the bare loops of the course and the formulas of the optimizers."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
import torch
from bare_steps import MAKERS
from hypothesis import given, settings
from hypothesis import strategies as st
from noisy_line import noisy_line
from strategies import within

from benchmarks.bare_loops import LOOPS
from core import Experiment, make_dataset, methods, train
from core.training.four_steps import METHOD_CLASSES, STEPS, make_method
from core.training.four_steps.method import TorchMethod

TORCH_METHODS = methods[1:]


def states(experiment, dataset=None):
    return [(r.b, r.w, r.loss, r.b_grad, r.w_grad) for r in train(experiment, dataset)]


def bare_states(method, x, y, *, epochs, **given):
    """What the method's bare loop computes in every epoch before its update. Torch's global stream is left alone."""
    seen = []
    with torch.random.fork_rng(devices=[]):
        run = LOOPS[method](x, y, **given)
    run(epochs + 1, lambda *numbers: seen.append(tuple(number.item() for number in numbers)))
    return seen


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("method", methods)
def test_every_method_records_what_its_bare_loop_computes_to_the_last_bit(method, reduction):
    for seed, n in ((42, 100), (0, 37), (2**32 - 1, 1000)):
        rate = 0.1 if reduction == "mean" else 0.1 / n
        experiment = Experiment(method=method, reduction=reduction, learning_rate=rate, epochs=200, seed=seed, n=n)
        x, y, _, _ = noisy_line(n=n, seed=seed)
        bare = bare_states(method, x, y, seed=seed, learning_rate=rate, epochs=200, reduction=reduction)
        assert states(experiment) == bare


@settings(max_examples=15)
@given(st.sampled_from(methods), st.integers(0, 2**32 - 1), st.integers(10, 300), within(1e-3, 0.7))
def test_every_method_agrees_with_its_bare_loop_whatever_the_experiment(method, seed, n, rate):
    x, y, _, _ = noisy_line(n=n, seed=seed, noise=1.0, true_b=-3.0, true_w=5.0)
    experiment = Experiment(
        method=method, seed=seed, n=n, noise=1.0, true_b=-3.0, true_w=5.0, learning_rate=rate, epochs=20
    )
    assert states(experiment) == bare_states(method, x, y, seed=seed, learning_rate=rate, epochs=20)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("batch_size", [None, 16, 1])
def test_the_four_torch_methods_agree_record_by_record(reduction, batch_size):
    rate = 0.05 if reduction == "mean" else 0.005
    first, *others = (
        list(
            train(
                Experiment(
                    method=method, reduction=reduction, batch_size=batch_size, learning_rate=rate, epochs=25, n=50
                )
            )
        )
        for method in TORCH_METHODS
    )
    assert len(first) == 26
    for other in others:
        assert np.allclose(other, first, rtol=1e-5, atol=1e-6)


def test_the_torch_methods_start_where_torch_does_and_numpy_where_numpy_does():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        b, w = torch.randn(1).item(), torch.randn(1).item()
    for method in TORCH_METHODS:
        start = next(train(Experiment(method=method, seed=3)))
        assert (start.b, start.w) == (b, w)
    by_hand = next(train(Experiment(method="numpy", seed=3)))
    random = np.random.RandomState(3)
    assert (by_hand.b, by_hand.w) == (random.randn(), random.randn())


@pytest.mark.parametrize("optimizer", MAKERS)
@pytest.mark.parametrize("method", ["optimizer", "loss_fn", "module"])
def test_every_optimizer_is_that_of_torch_to_the_last_bit(method, optimizer):
    experiment = Experiment(method=method, optimizer=optimizer, learning_rate=0.02, epochs=150)
    x, y, _, _ = noisy_line()
    bare = bare_states(method, x, y, seed=42, learning_rate=0.02, epochs=150, rule=MAKERS[optimizer])
    assert states(experiment) == bare


def sgd(gradient, memory, rate):
    return rate * gradient


def momentum(gradient, memory, rate):
    memory["velocity"] = 0.9 * memory.get("velocity", 0.0) + gradient
    return rate * memory["velocity"]


def rmsprop(gradient, memory, rate):
    memory["square"] = 0.99 * memory.get("square", 0.0) + 0.01 * gradient**2
    return rate * gradient / (np.sqrt(memory["square"]) + 1e-8)


def adam(gradient, memory, rate):
    memory["step"] = memory.get("step", 0) + 1
    memory["mean"] = 0.9 * memory.get("mean", 0.0) + 0.1 * gradient
    memory["square"] = 0.999 * memory.get("square", 0.0) + 0.001 * gradient**2
    mean, square = memory["mean"] / (1 - 0.9 ** memory["step"]), memory["square"] / (1 - 0.999 ** memory["step"])
    return rate * mean / (np.sqrt(square) + 1e-8)


@pytest.mark.parametrize("rule", [sgd, momentum, rmsprop, adam], ids=lambda rule: rule.__name__)
def test_every_optimizer_follows_its_published_formula(rule):
    experiment = Experiment(method="optimizer", optimizer=rule.__name__, learning_rate=0.02, epochs=100)
    records = list(train(experiment))
    x, y, _, _ = noisy_line()
    place, memory = np.array([records[0].b, records[0].w]), {}
    for record in records:
        assert (record.b, record.w) == pytest.approx(place, abs=2e-4)
        error = place[0] + place[1] * x - y
        place = place - rule(np.array([2 * error.mean(), 2 * (x * error).mean()]), memory, 0.02)


def spy_on_batches(monkeypatch) -> list[list[int]]:
    """The positions of the points of every batch from now on, in order."""
    batches: list[list[int]] = []
    for owner in (TorchMethod, METHOD_CLASSES["numpy"]):
        index = owner.index

        def spy(self, order, index=index):
            batches.append(order.tolist())
            return index(self, order)

        monkeypatch.setattr(owner, "index", spy)
    return batches


def test_an_epoch_of_mini_batches_sees_every_point_once_in_an_order_of_its_own(monkeypatch):
    batches = spy_on_batches(monkeypatch)
    list(train(Experiment(batch_size=32, epochs=3)))
    assert [len(batch) for batch in batches] == [32, 32, 16] * 3
    orders = [list(chain(*batches[start : start + 3])) for start in (0, 3, 6)]
    assert all(sorted(order) == list(range(80)) for order in orders)
    assert orders[0] != orders[1] != orders[2] != orders[0] != list(range(80))


def test_the_order_of_the_batches_depends_on_seed_and_epoch_alone(monkeypatch):
    batches = spy_on_batches(monkeypatch)

    def order(**changed):
        batches.clear()
        list(train(Experiment(**{"batch_size": 16, "epochs": 2, **changed})))
        return list(chain(*batches))

    usual = order()
    np.random.seed(5)
    torch.manual_seed(5)
    assert order() == usual
    for same in ({"learning_rate": 0.3}, {"batch_size": 7}, {"true_w": 9.0}, *({"method": name} for name in methods)):
        assert order(**same) == usual, same
    assert order(epochs=4)[: len(usual)] == usual
    assert order(seed=43) != usual


@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("method", methods)
def test_training_neither_reads_nor_changes_the_global_streams(method, batch_size):
    experiment = Experiment(method=method, batch_size=batch_size, epochs=3)
    torch.manual_seed(1)
    np.random.seed(1)
    expected = torch.rand(1).item(), np.random.rand()
    torch.manual_seed(1)
    np.random.seed(1)
    records = list(train(experiment))
    assert (torch.rand(1).item(), np.random.rand()) == expected
    assert list(train(experiment)) == records


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("batch_size", [1, 16, 33])
@pytest.mark.parametrize("method", ["numpy", "autograd"])
def test_mini_batches_make_one_plain_step_each(monkeypatch, method, batch_size, reduction):
    batches = spy_on_batches(monkeypatch)
    rate = 0.02 if reduction == "mean" else 0.002
    records = list(
        train(Experiment(method=method, batch_size=batch_size, reduction=reduction, learning_rate=rate, epochs=4, n=50))
    )
    x, y, _, _ = noisy_line(n=50)
    b, w = records[0].b, records[0].w
    per_epoch = len(batches) // 4
    for number, batch in enumerate(batches, start=1):
        error = b + w * x[batch] - y[batch]
        share = 1 / len(batch) if reduction == "mean" else 1
        b, w = b - rate * 2 * share * error.sum(), w - rate * 2 * share * (x[batch] * error).sum()
        if number % per_epoch == 0:
            record = records[number // per_epoch]
            assert (record.b, record.w) == pytest.approx((b, w), rel=1e-12 if method == "numpy" else 1e-5)
    assert per_epoch == -(-40 // batch_size)


@pytest.mark.parametrize("batch_size", [80, 81, 1_000_000])
@pytest.mark.parametrize("method", methods)
def test_a_batch_that_holds_all_the_data_is_a_full_batch(method, batch_size):
    experiment = Experiment(method=method, epochs=20)
    assert list(train(Experiment(method=method, epochs=20, batch_size=batch_size))) == list(train(experiment))


def test_there_is_a_class_for_every_method_in_the_order_of_the_course():
    assert tuple(METHOD_CLASSES) == methods
    assert STEPS == ("forward", "loss", "backward", "update")
    assert len(set(METHOD_CLASSES.values())) == 5


def test_every_method_has_a_title_of_its_own_and_a_sentence_about_it():
    kinds = METHOD_CLASSES.values()
    assert [kind.title for kind in kinds] == ["By hand", "Autograd", "Optimizer", "Loss", "Module"]
    assert all(kind.summary.endswith(".") for kind in kinds)
    assert len({kind.summary for kind in kinds}) == 5


def test_the_four_steps_can_be_taken_one_at_a_time():
    x, y, _, _ = noisy_line()
    for name in methods:
        method = make_method(Experiment(method=name), make_dataset(Experiment()))
        start = method.parameters()
        loss = method.loss(method.forward(method.x), method.y)
        method.backward(loss)
        values = method.values(loss)
        assert method.parameters() == start == values[:2]
        error = start[0] + start[1] * x - y
        assert values[2:] == pytest.approx(((error**2).mean(), 2 * error.mean(), 2 * (x * error).mean()), rel=1e-5)
        method.update()
        assert method.parameters() == pytest.approx((start[0] - 0.1 * values[3], start[1] - 0.1 * values[4]), rel=1e-6)


@pytest.mark.parametrize("name", TORCH_METHODS)
def test_gradients_of_two_batches_do_not_add_up(name):
    method = make_method(Experiment(method=name), make_dataset(Experiment()))
    for _ in range(3):
        loss = method.loss(method.forward(method.x), method.y)
        method.backward(loss)
        b, w = method.parameters()
        error = b + w * make_dataset(Experiment()).x_train - make_dataset(Experiment()).y_train
        assert method.values(loss)[3] == pytest.approx(2 * error.mean(), rel=1e-4)
        method.update()


@pytest.mark.parametrize("name", TORCH_METHODS)
def test_numbers_fetched_from_an_accelerator_in_one_transfer_are_those_fetched_one_by_one(name):
    method = make_method(Experiment(method=name), make_dataset(Experiment()))
    loss = method.loss(method.forward(method.x), method.y)
    method.backward(loss)
    one_by_one = method.values(loss)
    method.on_cpu = False
    assert method.values(loss) == one_by_one
    assert [type(value) for value in method.values(loss)] == [float] * 5
