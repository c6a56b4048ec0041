"""Runs that are trained together have the bits that each has alone, whatever the others do."""

from __future__ import annotations

import struct
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from bare_steps import PAIRINGS
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import schedules

from core import Dataset, Experiment, StopReason, make_dataset, train, train_jointly
from core.training.history import History
from core.training.joint import Group, Member, joint_kind, kind_of
from core.training.joint import group as group_module
from core.training.joint.check import has_the_same_bits
from core.training.joint.rules import MOST_CORRECTED, _corrections

METHODS = st.sampled_from(PAIRINGS)


def alone(experiment: Experiment, dataset: Dataset | None = None) -> tuple[History, object]:
    training = train(experiment, dataset)
    history = History()
    for record in training:
        history.append(record, training.state)
    return history, training.stop


def bits(history: History) -> bytes:
    """Every number of every record, NaN among them."""
    return b"".join(struct.pack("<7d", *record) for record in history)


def assert_as_alone(experiments: list[Experiment], datasets: list[Dataset] | None = None) -> None:
    runs = train_jointly(experiments, datasets)
    for place, (experiment, run) in enumerate(zip(experiments, runs, strict=True)):
        history, stop = alone(experiment, datasets[place] if datasets else None)
        assert bits(run.history) == bits(history)
        assert [run.history.state(k) for k in range(len(run))] == [history.state(k) for k in range(len(history))]
        assert run.stop == stop


@st.composite
def similar_experiments(draw) -> list[Experiment]:
    """Some that differ in numbers alone: also ones that diverge, converge, or end earlier than others."""
    method, optimizer = draw(METHODS)
    n = draw(st.integers(10, 140))
    sum_ = draw(st.booleans())
    base = Experiment(
        n=n,
        method=method,
        optimizer=optimizer,
        reduction="sum" if sum_ else "mean",
        batch_size=draw(st.one_of(st.none(), st.integers(max(1, n // 12), n + 5))),
    )
    lengths = draw(st.lists(st.integers(1, 40), min_size=1, max_size=9))
    return [
        replace(
            base,
            learning_rate=draw(st.floats(1e-4, 3.0)) / (n if sum_ and draw(st.booleans()) else 1),
            start_b=draw(st.none() | st.floats(-20, 20)),
            start_w=draw(st.none() | st.floats(-20, 20)),
            schedule=draw(schedules(epochs)),
            seed=draw(st.integers(0, 2**32 - 1)),
            noise=draw(st.floats(0, 2)),
            true_b=draw(st.floats(-100, 100)),
            true_w=draw(st.floats(-100, 100)),
            epochs=epochs,
            tolerance=draw(st.one_of(st.none(), st.floats(0, 1))),
        )
        for epochs in lengths
    ]


@given(similar_experiments())
@settings(max_examples=150)
def test_every_run_has_the_bits_it_has_alone(experiments):
    assert_as_alone(experiments)


@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("points", [1, 7, 8, 15, 16, 33, 62, 800, 8000])
def test_sums_of_any_length_and_any_number_of_runs_come_out_alike(method, optimizer, reduction, points):
    random = np.random.default_rng(points)
    experiments, datasets = [], []
    for number in range(19):
        x, y = random.normal(3, 2, (2, points + 2))
        datasets.append(Dataset(x[:points], y[:points], x[points:], y[points:]))
        rate = 0.02 * (number + 1) / (points if reduction == "sum" else 1)
        experiments.append(
            Experiment(
                method=method, optimizer=optimizer, reduction=reduction, learning_rate=rate, seed=number, epochs=5
            )
        )
    assert kind_of(experiments[0], datasets[0]) is not None
    assert_as_alone(experiments, datasets)


@pytest.mark.parametrize(("method", "optimizer"), PAIRINGS)
@pytest.mark.parametrize("batch_size", [None, 16])
def test_run_that_enters_later_or_leaves_early_changes_nothing(method, optimizer, batch_size):
    base = Experiment(method=method, optimizer=optimizer, batch_size=batch_size, epochs=60)
    members = [Member(one, make_dataset(one), History()) for one in (replace(base, seed=seed) for seed in range(6))]
    kind = joint_kind(members[0].experiment, members[0].dataset)
    assert kind is not None
    group = Group(kind)
    group.add(members[:2])
    group.advance(7)
    group.add(members[2:5])
    group.advance(11)
    group.remove([members[0], members[3]])
    group.add(members[5:])
    while group.members:
        group.advance(13)
    for number, member in enumerate(members):
        whole, stop = alone(member.experiment, member.dataset)
        if number in (0, 3):
            assert len(member.history) == (18 if number == 0 else 11)
            assert member.stop is None
            assert bits(whole).startswith(bits(member.history))
        else:
            assert bits(member.history) == bits(whole)
            assert member.stop == stop


def test_thousand_epochs_are_equal_for_every_optimizer():
    """Where Adam's corrections, momentum and running means have gone a long way."""
    experiments = [
        Experiment(method="module", optimizer=optimizer, learning_rate=rate, seed=seed)
        for optimizer, (seed, rate) in product(("momentum", "rmsprop", "adam"), enumerate((0.01, 0.1, 0.4)))
    ]
    assert_as_alone(experiments)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("method", ["autograd", "module"])
def test_many_points_are_added_up_alike_on_however_many_threads_the_caller_computes(method, threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for runs in (1, 3):
            assert_as_alone([Experiment(method=method, n=100_000, seed=seed, epochs=5) for seed in range(runs)])
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


def test_divergence_within_a_block_ends_that_run_alone_and_with_its_own_words():
    experiments = [Experiment(learning_rate=rate, epochs=400) for rate in (0.1, 0.9, 0.801, 5.0, 1000.0)]
    runs = train_jointly(experiments)
    assert [run.stop.reason for run in runs] == [
        StopReason.FINISHED,
        StopReason.DIVERGED,
        StopReason.FINISHED,
        StopReason.DIVERGED,
        StopReason.DIVERGED,
    ]
    assert_as_alone(experiments)


@pytest.mark.parametrize("method", ["numpy", "autograd"])
def test_numbers_that_run_away_to_infinity_are_left_out_as_alone(method):
    experiments = [
        Experiment(method=method, learning_rate=1000.0, epochs=300, reduction="sum", n=5000, seed=seed)
        for seed in range(3)
    ]
    assert_as_alone(experiments)


def test_bits_are_the_same_however_many_threads_the_caller_has_set():
    """300 runs of 80 points are more numbers than PyTorch leaves to one thread."""
    experiments = [Experiment(seed=seed, learning_rate=0.01 + seed / 500, epochs=5) for seed in range(600)]
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert_as_alone(experiments)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_order_is_that_of_the_experiments_whatever_is_trained_with_what():
    experiments = [
        Experiment(seed=1, epochs=3),
        Experiment(seed=2, epochs=3, method="numpy"),
        Experiment(seed=3, epochs=3, n=200),
        Experiment(seed=4, epochs=3),
        Experiment(seed=5, epochs=3, n=1000, batch_size=1),
    ]
    runs = train_jointly(experiments)
    assert [run.experiment for run in runs] == experiments
    assert_as_alone(experiments)


def test_columns_are_those_of_the_records_under_their_names():
    (run,) = train_jointly([Experiment(epochs=5)])
    records = list(train(Experiment(epochs=5)))
    assert list(run) == records
    assert list(run.columns) == list(records[0]._fields)
    for name, column in run.columns.items():
        assert column.dtype == np.float64
        assert column.tolist() == [getattr(record, name) for record in records]


def test_another_number_of_datasets_than_of_experiments_is_refused():
    with pytest.raises(ValueError, match=r"2 experiments, but 1 datasets"):
        train_jointly([Experiment(), Experiment(seed=1)], [make_dataset(Experiment())])


def test_nothing_to_train_gives_nothing():
    assert train_jointly([]) == []


def test_kind_that_has_other_bits_here_is_trained_alone(monkeypatch):
    def other_rule(parameters, rates, updates):
        with torch.no_grad():
            for one in parameters:
                one.parameter.sub_(rates.rounded * one.grad * 1.0000001)

    has_the_same_bits.__globals__["_tried"].cache_clear()
    monkeypatch.setattr("core.training.joint.steps.by_hand", other_rule)
    monkeypatch.setattr(group_module.Group, "advance", fails_for_others(group_module.Group.advance))
    try:
        experiment = Experiment(epochs=4)
        assert joint_kind(experiment, make_dataset(experiment)) is None
        assert_as_alone([experiment, replace(experiment, seed=7)])
    finally:
        has_the_same_bits.__globals__["_tried"].cache_clear()


def fails_for_others(advance):
    """Only the check itself may train jointly here: it has `RUNS` members, less those that enter later."""

    def checked(self, epochs):
        assert len(self.members) > 2, "A kind that failed its check was trained jointly."
        return advance(self, epochs)

    return checked


def test_run_on_an_accelerator_or_with_very_many_points_is_of_no_kind():
    small = make_dataset(Experiment())
    assert kind_of(Experiment(device="cuda"), small) is None
    assert kind_of(Experiment(), make_dataset(Experiment(n=200_000))) is None
    assert kind_of(Experiment(batch_size=1), make_dataset(Experiment(n=10_000))) is None


def test_kinds_differ_by_what_cannot_share_a_step_and_by_nothing_else():
    data, other = make_dataset(Experiment()), make_dataset(Experiment(seed=9))
    kind = kind_of(Experiment(), data)
    assert kind_of(Experiment(learning_rate=0.3, seed=9, noise=1.0, epochs=7, tolerance=0.1), other) == kind
    assert kind_of(Experiment(batch_size=500), data) == kind
    others = [
        kind_of(Experiment(method="module"), data),
        kind_of(Experiment(method="module", optimizer="adam"), data),
        kind_of(Experiment(reduction="sum"), data),
        kind_of(Experiment(batch_size=16), data),
        kind_of(Experiment(n=200), make_dataset(Experiment(n=200))),
    ]
    assert len({kind, *others}) == len(others) + 1


def test_corrections_that_are_left_out_are_those_that_change_nothing():
    for beta in (0.9, 0.999):
        assert _corrections(beta)[MOST_CORRECTED] == 1.0
        assert 1 - beta ** (MOST_CORRECTED + 1) == 1.0
