"""What the browser is told of a sweep: how far it is, its chart and its losses once, and where the runs stand in it."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from core import Experiment, Landscape, Record, StopReason, Sweep, make_dataset, sweep, sweep_values
from core.training.sweep import NUMERIC, SweepJob
from dashboard.stage.figures.meta import problems_of
from dashboard.stage.figures.sweep import sweep_figure
from dashboard.stage.sweep import ShownSweep, answer_sweep
from dashboard.stage.view import View
from dashboard.stage.watching import Request, next_watching

BASE = Experiment(epochs=40)
RATES = (0.001, 0.1, 0.5, 5.0)


def job_of(experiment: Experiment, field: str, values: tuple[float, ...], done: bool = True) -> SweepJob:
    job = SweepJob("sweep-7", experiment, field, values, 1.0 if done else 0.25)
    if done:
        job.sweep = sweep(experiment, field, values)
    return job


def watching(worker, *experiments: Experiment):
    asked = tuple((experiment, make_dataset(experiment)) for experiment in experiments)
    return next_watching(None, Request(asked, (), train=False, opened=False), worker, "me")


def answer(worker, job: SweepJob, have: object = None, runs: tuple[Experiment, ...] = (BASE,)):
    return answer_sweep(ShownSweep(lambda: job, (BASE, make_dataset(BASE))), watching(worker, *runs), have)


def test_without_a_sweep_there_is_nothing_to_say(worker):
    assert answer_sweep(None, watching(worker, BASE), "sweep-7") == (None, None)


def test_a_sweep_that_goes_on_says_how_far_it_is_and_one_that_failed_why(worker):
    job = job_of(BASE, "learning_rate", RATES, done=False)
    told, losses = answer(worker, job)
    expected = {"id": "sweep-7", "field": "learning_rate", "share": 0.25, "problem": "", "here": [0.1]}
    assert (told, losses) == (expected, None)
    job.problem = "Too much."
    assert answer(worker, job)[0]["problem"] == "Too much."


def test_every_question_is_a_sign_that_the_sweep_is_still_watched(worker):
    job, asked = job_of(BASE, "learning_rate", RATES, done=False), []
    shown = ShownSweep(lambda: asked.append("again") or job, (BASE, make_dataset(BASE)))
    for questions in (1, 2):
        answer_sweep(shown, watching(worker, BASE), None)
        assert len(asked) == questions


@pytest.mark.parametrize("have", [None, "sweep-6", 7, ["sweep-7"], {"id": "sweep-7"}], ids=repr)
def test_who_has_it_not_gets_all_losses_with_what_ended_where(worker, have):
    job = job_of(BASE, "learning_rate", RATES)
    told, losses = answer(worker, job, have)
    assert np.array_equal(
        losses["loss"].to_numpy().reshape(4, -1), sweep(BASE, "learning_rate", RATES).loss, equal_nan=True
    )
    assert losses["loss"].type == "float"
    assert told["values"] == list(RATES)
    assert told["epochs"] == list(range(41))
    limit = Landscape.of(make_dataset(BASE).x_train, make_dataset(BASE).y_train).max_learning_rate
    assert told["reasons"] == ["diverged" if rate > limit else "finished" for rate in RATES]
    assert told["ends"][:3] == [40, 40, 40]
    assert told["ends"][3] < 40
    json.dumps(told, allow_nan=False)


def test_last_records_are_told_to_the_last_bit(worker):
    for base, field, values in [
        (BASE, "learning_rate", RATES),
        (replace(BASE, standardize="xy", validation=0.0), "n", (10, 50)),
    ]:
        told, _ = answer(worker, job_of(base, field, values))
        result = sweep(base, field, values)
        assert told["whole"] == (field == "n")
        assert set(told["last"]) == {"b", "w", "loss", "val_loss"}
        for name, packed in told["last"].items():
            assert packed["dtype"] == "f8"
            found = np.frombuffer(b64decode(packed["bdata"]), dtype="<f8")
            expected = np.array([getattr(record, name) for record in result.last])
            assert found.tobytes() == expected.tobytes(), name


def test_a_run_that_has_converged_has_ended_and_is_not_lost(worker):
    job = job_of(Experiment(epochs=400, tolerance=1e-3), "learning_rate", (0.3, 0.5))
    told, _ = answer(worker, job)
    assert told["reasons"] == ["converged", "converged"]
    assert max(told["ends"]) < 400


def test_who_has_it_hears_only_where_the_runs_stand_by_now(worker):
    told, losses = answer(
        worker, job_of(BASE, "learning_rate", RATES), "sweep-7", (BASE, replace(BASE, learning_rate=0.5))
    )
    assert losses is None
    assert told == {"id": "sweep-7", "field": "learning_rate", "share": 1.0, "problem": "", "here": [0.1, 0.5]}


def test_a_batch_of_all_points_stands_at_their_number(worker):
    job = job_of(BASE, "batch_size", (1, 16, 80))
    told, _ = answer(worker, job, runs=(BASE, replace(BASE, batch_size=16)))
    assert told["here"] == [80, 16]


@pytest.mark.parametrize("field", NUMERIC)
@pytest.mark.parametrize("base", [BASE, Experiment(epochs=5, noise=0.0, true_b=0.0, true_w=0.0, reduction="sum")])
def test_chart_of_a_sweep_over_any_field_holds_what_is_in_it(field, base):
    base = replace(base, n=20)
    offered = sweep_values(base, field)
    values = (*offered[:-1:7], offered[-1])
    result = sweep(base, field, values)
    figure = sweep_figure(View.of(base, make_dataset(base)), result)
    go.Figure(figure)
    assert problems_of(figure) == []
    json.dumps(figure, allow_nan=False)
    assert figure["layout"]["meta"]["along"] == "values"
    x, y = figure["layout"]["xaxis"], figure["layout"]["yaxis"]
    shown = np.log10(values) if x.get("type") == "log" else np.array(values)
    assert x["range"][0] < shown.min() < shown.max() < x["range"][1]
    low, high = (10.0**end for end in y["range"])
    finite = result.loss[np.isfinite(result.loss)]
    assert low < max(finite.min(), result.loss[:, 0].max() * 1e-8)
    assert result.loss[:, 0].max() < high
    assert ("type" in x) == (values[0] > 0 and values[-1] > 20 * values[0])


def test_limits_of_the_data_stand_in_a_sweep_over_learning_rates_alone():
    dataset = make_dataset(BASE)
    landscape = Landscape.of(dataset.x_train, dataset.y_train)
    marks = {
        field: {
            trace["name"]: trace["x"]
            for trace in sweep_figure(View.of(BASE, dataset), sweep(BASE, field, values))["data"]
            if trace["name"] in ("swings", "limit")
        }
        for field, values in (("learning_rate", RATES), ("noise", (0.0, 1.0)))
    }
    most = landscape.max_learning_rate
    assert marks == {"learning_rate": {"swings": [most / 2] * 2, "limit": [most, most]}, "noise": {}}


def test_a_sweep_whose_device_failed_at_once_has_a_chart_all_the_same():
    nothing = np.full((2, 3), np.nan, dtype=np.float32)
    last = (Record(0, *[float("nan")] * 6),) * 2
    result = Sweep(BASE, "seed", (1, 2), np.arange(3), nothing, last, (StopReason.FAILED,) * 2, (1.0, 1.0))
    figure = sweep_figure(View.of(BASE, make_dataset(BASE)), result)
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)


def test_losses_are_compared_in_the_units_of_the_data(worker):
    base = replace(BASE, standardize="xy", true_w=40.0)
    noises = (0.0, 4.0, 10.0)
    shown = ShownSweep(lambda: job_of(base, "noise", noises), (base, make_dataset(base)))
    told, losses = answer_sweep(shown, watching(worker, base), None)
    stds = [make_dataset(replace(base, standardize="none", noise=noise)).y_train.std() for noise in noises]
    seen = losses["loss"].to_numpy().reshape(3, -1)
    assert seen == pytest.approx(np.square(stds)[:, np.newaxis] * sweep(base, "noise", noises).loss, rel=1e-5)
    figure = json.loads(told["figure"])
    low, high = (10.0**end for end in figure["layout"]["yaxis"]["range"])
    assert low < max(seen.min(), seen.max() * 1e-8)
    assert seen.max() < high < 10 * seen.max()
    (now,) = [trace for trace in figure["data"] if trace["name"] == "now"]
    assert now["meta"]["y"] == "original_loss"
