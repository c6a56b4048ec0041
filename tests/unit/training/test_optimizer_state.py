"""What an optimizer remembers: read as numbers, put back to the last bit, and recorded with every epoch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from time import monotonic

import pytest
import torch
from bare_steps import KEPT, MAKERS, PAIRINGS, bare_steps
from hypothesis import given, settings
from hypothesis import strategies as st
from noisy_line import noisy_line
from strategies import within

from core import Experiment, History, Run, StopReason, Worker, make_dataset, optimizers, repeat_epoch, train
from core.training.four_steps import STATE_KEYS, make_method, read_state, write_state

WITH_OPTIMIZER = ("optimizer", "loss_fn", "module")


def flat(state) -> list[float]:
    """By name and pair as one list: name after name, b before w."""
    return [value for pair in state.values() for value in pair]


def update(method) -> None:
    method.backward(method.loss(method.forward(method.x), method.y))
    method.update()


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(turn_seconds=0.01)
    yield worker
    worker.close()


def ended(run: Run, deadline: float = 60.0) -> Run:
    pause, end = threading.Event(), monotonic() + deadline
    while run.stop is None:
        assert monotonic() < end, "it did not end"
        pause.wait(0.002)
    return run


def test_the_names_are_those_under_which_torch_keeps_what_changes():
    assert list(STATE_KEYS) == list(optimizers)
    for optimizer, make in MAKERS.items():
        b, w = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
        rule = make([b, w], lr=0.1)
        (b * w).sum().backward()
        rule.step()
        for parameter in (b, w):
            kept = {name for name, value in rule.state[parameter].items() if value is not None} - {"step"}
            assert kept == set(STATE_KEYS[optimizer]) == set(KEPT[optimizer])


@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop", "adam"])
@pytest.mark.parametrize("method", WITH_OPTIMIZER)
def test_before_the_first_update_it_remembers_nothing(method, optimizer):
    experiment = Experiment(method=method, optimizer=optimizer, n=10)
    fresh, keys = make_method(experiment, make_dataset(experiment)), STATE_KEYS[optimizer]
    assert read_state(fresh, keys) == [0.0] * 2 * len(keys)
    # To have looked does not change what the first update does.
    other = make_method(experiment, make_dataset(experiment))
    update(fresh)
    update(other)
    assert fresh.parameters() == other.parameters()
    assert 0.0 not in read_state(fresh, keys)


@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop", "adam"])
@pytest.mark.parametrize("method", WITH_OPTIMIZER)
def test_every_name_has_its_value_for_b_and_then_for_w(method, optimizer):
    experiment = Experiment(method=method, optimizer=optimizer, n=30, learning_rate=0.05)
    one, keys = make_method(experiment, make_dataset(experiment)), STATE_KEYS[optimizer]
    x, y, _, _ = noisy_line(n=30)
    for (step,) in bare_steps(x, y, seed=42, learning_rate=0.05, epochs=6, method=method, optimizer=optimizer):
        assert read_state(one, keys) == flat(step.state)
        update(one)
        assert read_state(one, keys) == flat(step.new_state)
        assert all(type(value) is float for value in read_state(one, keys))
        for index, key in enumerate(reversed(keys)):  # whatever the order that is asked for
            assert tuple(read_state(one, keys[::-1])[2 * index : 2 * index + 2]) == step.new_state[key]


@settings(max_examples=30)
@given(
    st.sampled_from(WITH_OPTIMIZER),
    st.sampled_from(["momentum", "rmsprop", "adam"]),
    st.integers(0, 2**32 - 1),
    within(1e-3, 0.2),
    st.integers(1, 12),
    st.integers(1, 5),
)
def test_what_was_read_continues_elsewhere_as_if_nothing_had_been_interrupted(
    method, optimizer, seed, rate, before, after
):
    experiment = Experiment(method=method, optimizer=optimizer, n=12, seed=seed, learning_rate=rate)
    dataset, keys = make_dataset(experiment), STATE_KEYS[optimizer]
    first, second = make_method(experiment, dataset), make_method(experiment, dataset)
    for _ in range(before):
        update(first)
    second.place(*first.parameters())
    write_state(second, keys, read_state(first, keys), before)
    assert read_state(second, keys) == read_state(first, keys)
    for _ in range(after):
        update(first)
        update(second)
        assert second.parameters() == first.parameters()
        assert read_state(second, keys) == read_state(first, keys)


def test_the_number_of_updates_matters_to_adam():
    experiment = Experiment(method="optimizer", optimizer="adam", n=12)
    ends = []
    for updates in (1, 2):
        method = make_method(experiment, make_dataset(experiment))
        write_state(method, STATE_KEYS["adam"], [0.1, 0.2, 0.3, 0.4], updates)
        update(method)
        ends.append(method.parameters())
    assert ends[0] != ends[1]


@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
def test_a_training_knows_at_every_record_what_the_optimizer_remembers(method, optimizer, batch_size):
    experiment = Experiment(
        method=method, optimizer=optimizer, n=25, batch_size=batch_size, learning_rate=0.05, epochs=5
    )
    x, y, _, _ = noisy_line(n=25)
    epochs = bare_steps(
        x, y, seed=42, learning_rate=0.05, epochs=6, method=method, optimizer=optimizer, batch_size=batch_size
    )
    training = train(experiment)
    for record, steps in zip(training, epochs, strict=True):
        assert list(training.state) == flat(steps[0].state)
        assert (record.b, record.w) == steps[0].before


@pytest.mark.parametrize("batch_size", [None, 3])
@pytest.mark.parametrize("optimizer", optimizers)
def test_a_run_in_the_background_keeps_what_the_optimizer_remembers(worker, optimizer, batch_size):
    experiment = Experiment(
        method="module", optimizer=optimizer, n=25, batch_size=batch_size, learning_rate=0.05, epochs=8
    )
    dataset = make_dataset(experiment)
    run = ended(worker.watch(experiment, dataset, "ann"))
    assert run.stop.reason is StopReason.FINISHED
    assert len(run.history) == 9
    x, y, _, _ = noisy_line(n=25)
    epochs = bare_steps(
        x, y, seed=42, learning_rate=0.05, epochs=9, method="module", optimizer=optimizer, batch_size=batch_size
    )
    for epoch, steps in enumerate(epochs):
        assert run.history.state(epoch) == flat(steps[0].state)
        assert repeat_epoch(experiment, dataset, run.history, epoch).after == steps[0].after


def test_a_run_that_ends_early_has_as_many_states_as_records():
    experiments = [
        Experiment(method="optimizer", optimizer="momentum", learning_rate=50.0, n=20),  # diverges
        Experiment(method="optimizer", optimizer="adam", tolerance=0.5, n=20),  # converges
    ]
    for experiment in experiments:
        training, history = train(experiment), History()
        for record in training:
            history.append(record, training.state)
        assert training.stop.reason in (StopReason.DIVERGED, StopReason.CONVERGED)
        assert len(history.state(len(history) - 1)) == 2 * len(KEPT[experiment.optimizer])
        assert history.state(0) == [0.0] * 2 * len(KEPT[experiment.optimizer])
