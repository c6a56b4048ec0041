"""Of a run that hundreds try a little is kept: where it ended, exactly, and where it came by."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import Experiment, StopReason, Worker, make_dataset, train
from core.training.joint import Group
from core.training.loop import DEVICE_ERRORS
from core.training.sparse import MOST_RECORDS, SparseHistory


def bits(record) -> bytes:
    return struct.pack("<7d", *record)


@pytest.fixture
def sparing():
    worker = Worker(history=SparseHistory, most_per_viewer=1000)
    yield worker
    worker.close()


def trained(worker: Worker, experiments: list[Experiment]):
    runs = worker.watch_together([(one, make_dataset(one)) for one in experiments], "hall")
    for run in runs:
        assert run.has_ended.wait(60)
    return runs


def assert_as_train(experiment: Experiment, run) -> None:
    """What is kept are records of `train`, in their order, the first and the last among them, to the last bit."""
    alone = train(experiment)
    records = list(alone)
    kept = list(run.history)
    assert run.stop == alone.stop
    assert len(kept) <= MOST_RECORDS
    assert bits(kept[0]) == bits(records[0])
    assert bits(kept[-1]) == bits(records[-1])
    epochs = [record.epoch for record in kept]
    assert epochs == sorted(set(epochs))
    assert all(bits(record) == bits(records[record.epoch]) for record in kept)


@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("method", ["numpy", "autograd", "optimizer"])
def test_what_is_kept_of_runs_that_are_trained_together_is_as_train_has_it(sparing, method, batch_size):
    base = Experiment(method=method, n=40, epochs=250, batch_size=batch_size)
    experiments = [replace(base, learning_rate=rate) for rate in np.geomspace(1e-3, 5, 12).tolist()]
    runs = trained(sparing, experiments)
    assert {run.stop.reason for run in runs} == {StopReason.FINISHED, StopReason.DIVERGED}
    assert max(run.together for run in runs) > 1
    for experiment, run in zip(experiments, runs, strict=True):
        assert_as_train(experiment, run)


@settings(max_examples=20)
@given(
    starts=st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=5, unique=True),
    epochs=st.integers(1, 400),
    rate=st.floats(0.01, 2),
)
def test_starts_anywhere_are_trained_as_train_does(starts, epochs, rate):
    base = Experiment(epochs=epochs, learning_rate=rate)
    experiments = [replace(base, start_b=b, start_w=w) for b, w in starts]
    worker = Worker(history=SparseHistory)
    try:
        for experiment, run in zip(experiments, trained(worker, experiments), strict=True):
            assert_as_train(experiment, run)
    finally:
        worker.close()


def test_one_that_fails_jointly_goes_on_alone_with_what_it_has(sparing, monkeypatch):
    advance = Group.advance
    blocks = []

    def failing(group, epochs):
        blocks.append(epochs)
        if len(blocks) > 3:
            raise DEVICE_ERRORS[0]("The device is gone.")
        return advance(group, min(epochs, 40))

    monkeypatch.setattr(Group, "advance", failing)
    experiments = [Experiment(epochs=300, learning_rate=rate) for rate in (0.1, 0.2)]
    for experiment, run in zip(experiments, trained(sparing, experiments), strict=True):
        assert_as_train(experiment, run)


def test_of_a_long_run_as_much_is_kept_as_of_a_short_one(sparing):
    run, longer = trained(sparing, [Experiment(epochs=epochs, learning_rate=0.01) for epochs in (100, 20_000)])
    assert MOST_RECORDS // 2 < len(run.history) <= MOST_RECORDS
    assert MOST_RECORDS // 2 < len(longer.history) <= MOST_RECORDS
