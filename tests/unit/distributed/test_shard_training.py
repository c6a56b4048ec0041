"""A run over several processes has the records of one over all points, to rounding, and the same in each of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from thread_group import ThreadGroup, together

from core import Dataset, Experiment, Record, StopReason, make_dataset, train
from core.data import scaled
from core.distributed.checkpoint import Checkpoint
from core.distributed.shard import stream_shard, whole_shard
from core.distributed.streams import Stream
from core.distributed.training import ShardTraining, piece_on

BASE = Experiment(n=60, epochs=12)


def run_of(experiment: Experiment, size: int, shard=None) -> list[ShardTraining]:
    """The run over so many processes, by rank, each with its `records`."""
    dataset = make_dataset(experiment) if shard is None else None

    def work(group: ThreadGroup) -> ShardTraining:
        own = shard(group) if shard else whole_shard(experiment, dataset, group.rank, group.size)
        training = ShardTraining(experiment, own, group)
        training.records = list(training)
        return training

    return together(size, work)


def assert_agree(ours: list[Record], theirs: list[Record], experiment: Experiment) -> None:
    """Both to rounding: float32 has 24 bits, which some sums and a few dozen updates may cost the last five of.

    A gradient is a difference, so its rounding is that of what it is made of: of the first, which is the largest.
    """
    unit = 2.0**-52 if experiment.method == "numpy" else 2.0**-24
    scale = np.abs(np.array(theirs)[:, 1:]).max(axis=0)
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.epoch == other.epoch
        np.testing.assert_array_less(np.abs(np.array(mine[1:]) - other[1:]), 2**5 * unit * scale + 1e-300)


VARIANTS = {
    "numpy": {"method": "numpy"},
    "autograd": {},
    "optimizer": {"method": "optimizer", "optimizer": "momentum"},
    "loss_fn": {"method": "loss_fn", "optimizer": "rmsprop", "learning_rate": 0.01},
    "module": {"method": "module", "optimizer": "adam"},
    "a sum": {"reduction": "sum", "learning_rate": 0.005},
    "a sum by numpy": {"reduction": "sum", "learning_rate": 0.005, "method": "numpy"},
    "batches": {"batch_size": 7},
    "batches by an optimizer": {"batch_size": 1, "method": "module", "optimizer": "adam", "epochs": 3},
    "batches and a sum": {"batch_size": 20, "reduction": "sum", "learning_rate": 0.01, "method": "loss_fn"},
    "a batch of all": {"batch_size": 48},
    "a schedule": {"schedule": ((3, 0.5), (7, 0.01))},
    "a schedule of batches": {"schedule": ((3, 0.5), (7, 0.01)), "batch_size": 7, "method": "optimizer"},
    "a start": {"start_b": -3.0, "start_w": 5.0},
    "scaled": {"standardize": "xy"},
    "moved": {"moved": ((3, 0.9, 7.0), (60, 0.1, 0.1))},
    "a half held out": {"validation": 0.5, "shape": "outliers"},
}


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_records_are_those_of_one_process_to_rounding(variant, size):
    experiment = replace(BASE, **variant)
    alone = train(experiment)
    expected = list(alone)
    runs = run_of(experiment, size)
    assert_agree(runs[0].records, expected, experiment)
    for run in runs:
        assert run.records == runs[0].records
        assert (run.stop.reason, run.stop.epoch) == (alone.stop.reason, alone.stop.epoch)


def test_without_any_point_held_out_the_validation_loss_is_no_number():
    (run,) = run_of(replace(BASE, validation=0), 1)
    assert all(np.isnan(record.val_loss) for record in run.records)
    assert run.stop.reason is StopReason.FINISHED


def test_more_processes_than_points_is_fine():
    experiment = replace(BASE, n=10, batch_size=3)
    runs = run_of(experiment, 11)
    assert_agree(runs[0].records, list(train(experiment)), experiment)


def test_the_same_number_of_processes_gives_the_same_bits():
    experiment = replace(BASE, n=1000, method="module", optimizer="adam", batch_size=100)
    first, second = (run_of(experiment, 3)[0].records for _ in range(2))
    assert first == second


def test_a_large_part_is_computed_in_pieces(monkeypatch):
    monkeypatch.setattr("core.distributed.training.PIECE", 5)
    experiment = replace(BASE, method="loss_fn")
    assert_agree(run_of(experiment, 2)[0].records, list(train(experiment)), experiment)


def test_a_gpu_is_waited_for_less_than_a_hundred_times_an_epoch_by_the_largest_run():
    assert 1_000_000_000 / piece_on(torch.device("cuda:0")) < 100


@settings(max_examples=25)
@given(
    n=st.integers(10, 90),
    size=st.integers(1, 4),
    block=st.integers(10, 40),
    experiment=st.builds(
        Experiment,
        epochs=st.just(4),
        seed=st.integers(0, 99),
        method=st.sampled_from(["numpy", "autograd"]),
        standardize=st.sampled_from(["none", "x", "xy"]),
        shape=st.sampled_from(["line", "groups"]),
        validation=st.sampled_from([0.1, 0.25]),
    ),
)
def test_streamed_points_are_trained_on_as_if_one_process_had_them(n, size, block, experiment):
    experiment = replace(experiment, n=n)
    pieces = list(zip(*Stream(experiment, 0, n, block).pieces(), strict=True))
    dataset = scaled(Dataset(*map(np.concatenate, pieces)), experiment.standardize)
    expected = list(train(experiment, dataset))
    runs = run_of(experiment, size, lambda group: stream_shard(experiment, group, block))
    numpy = experiment.method == "numpy"
    for run in runs:
        # Points that are scaled by other sums have other last bits themselves.
        np.testing.assert_allclose(run.records, expected, rtol=1e-9 if numpy else 1e-5, atol=1e-9 if numpy else 1e-5)
        outline = run.shard.outline
        assert outline.original(0.5, 2.0) == pytest.approx(dataset.original(0.5, 2.0), rel=1e-12)
        assert outline.standardized == dataset.standardized


def test_a_constant_y_is_scaled_by_nothing():
    experiment = Experiment(n=30, epochs=2, true_w=0.0, noise=0.0, true_b=0.1, standardize="xy")
    (run,) = run_of(experiment, 1, lambda group: stream_shard(experiment, group, 10))
    assert (run.shard.outline.y_mean, run.shard.outline.y_std) == (0.1, 1.0)
    assert not run.shard.y.any()


@pytest.mark.parametrize(
    "change", [{"learning_rate": 5.0}, {"tolerance": 0.5}, {"learning_rate": 900, "batch_size": 9}]
)
def test_a_run_ends_early_where_it_would_alone_and_with_the_same_words(change):
    experiment = replace(BASE, n=100, epochs=500, **change)
    alone = train(experiment)
    expected = list(alone)
    assert alone.stop.reason in (StopReason.DIVERGED, StopReason.CONVERGED)
    for run in run_of(experiment, 2):
        assert run.stop == alone.stop
        assert len(run.records) == len(expected)


@pytest.mark.parametrize("batch_size", [None, 1])
def test_whoever_wants_to_leave_ends_the_run_for_all_at_the_same_record(batch_size):
    experiment = replace(BASE, epochs=100_000, batch_size=batch_size)
    dataset = make_dataset(experiment)

    def work(group: ThreadGroup) -> tuple[int, StopReason]:
        training = ShardTraining(experiment, whole_shard(experiment, dataset, group.rank, group.size), group)
        for record in training:
            if group.rank == 1 and record.epoch == 4:
                training.cancel()
        return training.stop.epoch, training.stop.reason

    assert together(3, work) == [(4, StopReason.CANCELLED)] * 3


def test_a_process_that_is_lost_ends_the_run_in_a_sentence():
    dataset = make_dataset(BASE)

    def work(group: ThreadGroup) -> tuple[int, str]:
        training = ShardTraining(BASE, whole_shard(BASE, dataset, group.rank, group.size), group)
        records = 0
        for record in training:
            records += 1
            if group.rank == 1 and record.epoch == 4:
                group.end()
                return records, "dead"
        assert training.lost
        assert training.stop.reason is StopReason.FAILED
        return records, training.stop.message

    said = (
        "A process has ended or cannot be heard, and the run ends after epoch 4. The records up to there are written."
    )
    assert together(3, work) == [(5, said), (5, "dead"), (5, said)]


OPTIMIZERS = {
    "numpy": {"method": "numpy"},
    "autograd": {},
    "sgd": {"method": "optimizer", "batch_size": 9},
    "momentum": {"method": "loss_fn", "optimizer": "momentum"},
    "rmsprop": {"method": "module", "optimizer": "rmsprop", "schedule": ((4, 0.01), (9, 0.02))},
    "adam": {"method": "module", "optimizer": "adam", "schedule": ((5, 0.01),), "batch_size": 10},
}


@pytest.mark.parametrize("change", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_run_that_goes_on_from_a_file_has_the_bits_of_one_that_was_never_interrupted(change, tmp_path):
    experiment = replace(BASE, **change)
    dataset = make_dataset(experiment)
    path = tmp_path / "run.pt"

    def interrupted(group: ThreadGroup) -> None:
        training = ShardTraining(experiment, whole_shard(experiment, dataset, group.rank, group.size), group)
        for record in training:
            if record.epoch == 5:
                if group.rank == 0:
                    training.checkpoint(record, training.state).save(path)
                return

    def resumed(group: ThreadGroup) -> list[Record]:
        own = whole_shard(experiment, dataset, group.rank, group.size)
        return list(ShardTraining(experiment, own, group, checkpoint=Checkpoint.load(path)))

    together(2, interrupted)
    whole = run_of(experiment, 2)[0].records
    assert together(2, resumed) == [whole[5:], whole[5:]]
    assert_agree(together(3, resumed)[0], whole[5:], experiment)
