"""The other methods beside a run that has ended: who trains them, for how long, and what the browser is told."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from recorded import recorded, shown

from core import Experiment, History, Record, Worker, make_dataset, train
from core.insight.agreement import ways_of
from dashboard.stage import agreement
from dashboard.stage.agreement import Others, told_of, watch_others
from dashboard.stage.watching import Request, Watched, Watching, next_watching, stopped

pytestmark = pytest.mark.usefixtures("quick_machine")

EXPERIMENT = Experiment(epochs=50, learning_rate=0.05)
DATASET = make_dataset(EXPERIMENT)
METHODS = ["numpy", "autograd", "optimizer", "loss_fn", "module"]


def watch(experiment: Experiment, worker: Worker, viewer: str = "me") -> Watching:
    """A run on the stage that has ended."""
    request = Request(((experiment, make_dataset(experiment)),), (), train=True, opened=False)
    watching = next_watching(None, request, worker, viewer)
    assert watching is not None
    end(watching.runs[0])
    return watching


def end(watched: Watched) -> None:
    assert watched.run is not None
    assert watched.run.has_ended.wait(60)


def told(others: Others | None) -> dict:
    """What is told once all have ended."""
    assert others is not None
    assert all(run.has_ended.wait(60) for run in others.runs)
    found = told_of(others, "scene")
    assert found is not None
    assert found["scene"] == "scene"
    return json.loads(json.dumps(found, allow_nan=False))


def ended_at(experiment: Experiment) -> dict[str, Record]:
    return {method: list(train(one))[-1] for method, one in ways_of(experiment).items()}


def test_five_methods_are_told_as_each_alone_ends(worker):
    watched = watch(EXPERIMENT, worker).runs[0]
    found = told(watch_others(None, watched, False, worker, "me"))
    assert (found["epoch"], found["shown"], found["ends"], found["missing"]) == (50, "autograd", {}, [])
    assert found["byHand"]
    # Of one seed NumPy draws another start.
    assert found["elsewhere"]
    assert [one["method"] for one in found["methods"]] == METHODS
    expected = ended_at(EXPERIMENT)
    for one in found["methods"]:
        for name, digits in zip(("b", "w", "loss"), one["digits"], strict=True):
            kind = float if one["method"] == "numpy" else np.float32
            assert kind(digits["text"]) == getattr(expected[one["method"]], name)
    assert told_of(None, "scene") is None


def test_only_three_methods_know_another_optimizer(worker):
    watched = watch(replace(EXPERIMENT, method="loss_fn", optimizer="adam"), worker).runs[0]
    found = told(watch_others(None, watched, False, worker, "me"))
    assert [one["method"] for one in found["methods"]] == METHODS[2:]
    assert (found["byHand"], found["optimizer"], found["elsewhere"]) == (False, "adam", False)


@pytest.mark.parametrize("fields", [{"learning_rate": 3.0}, {"reduction": "sum"}, {"batch_size": 16}, {"n": 10}])
def test_whatever_the_run_is_its_methods_are_compared_where_all_of_them_are(worker, fields):
    experiment = replace(EXPERIMENT, **fields)
    watched = watch(experiment, worker).runs[0]
    found = told(watch_others(None, watched, False, worker, "me"))
    lengths = {method: len(list(train(one))) for method, one in ways_of(experiment).items()}
    assert found["epoch"] == min(lengths.values()) - 1


def test_runs_that_end_at_different_epochs_are_compared_at_the_last_that_all_have(worker):
    experiment = Experiment(epochs=3000, tolerance=1e-7)
    ends = {method: len(list(train(one))) - 1 for method, one in ways_of(experiment).items()}
    assert len(set(ends.values())) > 1
    found = told(watch_others(None, watch(experiment, worker).runs[0], False, worker, "me"))
    assert (found["ends"], found["epoch"]) == (ends, min(ends.values()))
    for one in found["methods"]:
        b = list(train(replace(experiment, method=one["method"])))[found["epoch"]].b
        assert np.float32(one["digits"][0]["text"]) == np.float32(b)


def test_of_a_run_that_was_stopped_the_others_train_no_further(worker):
    experiment = replace(EXPERIMENT, epochs=100_000, schedule=((99_990, 0.01),))
    request = Request(((experiment, DATASET),), (), train=True, opened=False)
    watching = next_watching(None, request, worker, "me")
    watching.runs[0].run.has_records.wait(60)
    watched = stopped(watching, worker, "me").runs[0]
    others = watch_others(None, watched, True, worker, "me")
    assert {run.experiment.epochs for run in others.runs} == {max(watched.end.epoch, 1)}
    found = told(others)
    assert found["epoch"] == watched.end.epoch


def test_nobody_looks_and_nothing_is_trained_for_them(worker):
    watched = watch(EXPERIMENT, worker).runs[0]
    assert watch_others(None, None, False, worker, "me") is None
    assert [run.experiment.method for run in worker.runs] == ["autograd"]
    others = watch_others(None, watched, False, worker, "me")
    assert watch_others(others, watched, False, worker, "me") == others
    assert sorted(run.experiment.method for run in worker.runs) == sorted(METHODS)


def test_who_looks_away_leaves_them_and_not_the_same_runs_on_the_stage(worker):
    """A method of theirs may stand on the stage as well, and may be watched by others."""
    long = replace(EXPERIMENT, epochs=100_000, n=1000)
    watched = Watched(EXPERIMENT, DATASET, None, History(train(EXPERIMENT, DATASET)))
    (run,) = worker.watch_together([(replace(long, method="module"), make_dataset(long))], "me")
    others = Others(watched, ((replace(long, method="module"), make_dataset(long)),), (), "")
    others = replace(others, runs=tuple(worker.watch_together(others.asked, "me agreement")))
    assert others.runs == (run,)
    assert watch_others(others, None, False, worker, "me") is None
    assert list(run.leases) == ["me"]
    alone = replace(others, runs=tuple(worker.watch_together([(long, make_dataset(long))], "me agreement")))
    assert watch_others(alone, None, False, worker, "me") is None
    assert alone.runs[0].has_ended.wait(60)
    assert alone.runs[0].cancelled
    assert not run.cancelled
    worker.stop(run)


def test_another_run_in_front_has_others_beside_it(worker):
    first = watch(EXPERIMENT, worker).runs[0]
    others = watch_others(None, first, False, worker, "me")
    second = watch(replace(EXPERIMENT, seed=7), worker).runs[0]
    found = watch_others(others, second, False, worker, "me")
    assert {run.experiment.seed for run in found.runs} == {7}


def test_what_would_take_long_is_announced_and_trained_when_it_is_asked_for(worker, monkeypatch):
    monkeypatch.setattr(agreement, "seconds_of", lambda asked, enough: 240.0)
    watched = watch(EXPERIMENT, worker).runs[0]
    others = watch_others(None, watched, False, worker, "me")
    found = told_of(others, "scene")
    assert found["announced"] == "To train the other methods as well would take about 4 minutes here."
    assert found["methods"] is None
    assert len(worker.runs) == 1
    assert told(watch_others(others, watched, True, worker, "me"))["methods"]


def test_others_that_were_given_up_meanwhile_train_anew(worker):
    watched = watch(EXPERIMENT, worker).runs[0]
    others = watch_others(None, watched, False, worker, "me")
    assert told(others)["methods"]
    with worker._wake:
        worker._keep_bytes = 0
        worker._forget()
        worker._keep_bytes = 128_000_000
    again = watch_others(others, watched, False, worker, "me")
    assert all(run.has_ended.wait(60) and len(run.history) == 51 for run in again.runs)


def test_four_gradients_come_with_the_epoch_to_who_asks_for_them():
    moment, dataset, history = shown(EXPERIMENT, 7)
    assert moment["agreement"] is None
    moment, _, _ = shown(EXPERIMENT, 7, agreement=True)
    ways = {way["name"]: way for way in moment["agreement"]["ways"]}
    record = history[7]
    assert ways["autograd"]["values"] == pytest.approx([record.b_grad, record.w_grad], rel=1e-8)
    error = record.b + record.w * dataset.x_train - dataset.y_train
    expected = [2 * error.mean(), 2 * (dataset.x_train * error).mean()]
    for way in ways.values():
        assert way["values"] == pytest.approx(expected, rel=1e-5)
    assert ways["closed form"]["steps"] == [0, 0]


def test_numbers_that_have_run_away_are_told_by_their_names():
    experiment = Experiment(learning_rate=1000.0, epochs=300)
    _, history = recorded(experiment)
    moment, _, _ = shown(experiment, len(history) - 1, agreement=True)
    assert len(moment["agreement"]["ways"]) == 4
