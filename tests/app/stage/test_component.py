"""What the stage is answered: the rows it lacks, nothing twice, nothing that it cannot see."""

from __future__ import annotations

import json
import math
from contextlib import closing
from itertools import count

import pytest

from core import Experiment, Worker, make_dataset, train
from dashboard.stage import component as stage
from dashboard.stage.component import answer
from dashboard.stage.scene import scene_id
from dashboard.stage.watching import Request, next_watching, stopped

EXPERIMENT = Experiment(epochs=50, learning_rate=0.05)
DATASET = make_dataset(EXPERIMENT)
SCENE = scene_id(EXPERIMENT, DATASET)
RECORDS = list(train(EXPERIMENT, DATASET))


def wait_for_end(run) -> None:
    from threading import Event
    from time import monotonic

    until = monotonic() + 60
    while run.stop is None:
        assert monotonic() < until
        Event().wait(0.005)


@pytest.fixture
def watching(worker):
    """A run that has ended."""
    request = Request(((EXPERIMENT, DATASET),), (), train=True, opened=False)
    watching = next_watching(None, request, worker, "me")
    wait_for_end(watching.runs[0].run)
    return watching


def have(watching, rows: int, **others):
    scene = scene_id(watching.runs[0].experiment, watching.runs[0].dataset)
    return {"counts": {scene: rows}, "scenes": [scene]} | others


def column(given, name: str) -> list[float]:
    return given["rows"].column(name).to_pylist()


def test_who_has_nothing_gets_the_scene_and_all_rows(watching, worker):
    given = answer(watching, {}, worker)
    scene = scene_id(EXPERIMENT, DATASET)
    (run,) = given["runs"]
    assert run["scene"] == scene
    assert json.loads(given["scenes"][scene])["figures"]
    assert (run["start"], run["sent"], run["count"], run["epochs"]) == (0, 51, 51, 50)
    assert given["started"]
    for name in ("b", "w", "loss", "val_loss", "b_grad", "w_grad"):
        assert column(given, name) == [getattr(record, name) for record in RECORDS]
    assert given["runs"][0]["status"]["stop"] == {
        "reason": "finished",
        "epoch": 50,
        "message": "All 50 epochs are trained.",
    }


def test_who_has_some_rows_gets_the_others_and_no_scene(watching, worker):
    given = answer(watching, have(watching, 20), worker)
    assert not given["scenes"]
    assert given["runs"][0]["start"] == 20
    assert column(given, "b") == [record.b for record in RECORDS[20:]]


def test_who_has_everything_gets_nothing(watching, worker):
    given = answer(watching, have(watching, 51), worker)
    assert given["rows"] is None
    assert not given["scenes"]
    assert (given["runs"][0]["start"], given["runs"][0]["count"]) == (51, 51)


def test_rows_of_another_run_do_not_count(watching, worker):
    given = answer(watching, have(watching, 20) | {"counts": {"another": 20}}, worker)
    assert given["runs"][0]["start"] == 0
    assert len(column(given, "b")) == 51


def test_rows_of_the_same_experiment_count_whoever_trained_them(watching, worker):
    with closing(Worker()) as another:
        again = next_watching(None, Request(((EXPERIMENT, DATASET),), (), train=True, opened=False), another, "she")
        wait_for_end(again.runs[0].run)
        given = answer(again, have(watching, 20), another)
    assert given["runs"][0]["start"] == 20
    assert column(given, "b") == [record.b for record in RECORDS[20:]]


def test_who_has_more_than_is_trained_by_now_gets_nothing_yet(worker):
    request = Request(((EXPERIMENT, DATASET),), (), train=False, opened=False)
    watching = next_watching(None, request, worker, "me")
    given = answer(watching, have(watching, 20), worker)
    assert given["rows"] is None
    assert (given["runs"][0]["start"], given["runs"][0]["count"]) == (1, 1)


def test_scene_of_another_run_is_replaced(watching, worker):
    assert answer(watching, have(watching, 51) | {"scenes": ["another"]}, worker)["scenes"]


def test_hidden_tab_gets_no_rows_but_the_standing(watching, worker):
    given = answer(watching, have(watching, 20, hidden=True), worker)
    assert given["rows"] is None
    assert (given["runs"][0]["start"], given["runs"][0]["count"]) == (20, 51)
    assert given["runs"][0]["status"]["stop"]["reason"] == "finished"


def test_portions_join_without_gap_or_repetition(watching, worker, monkeypatch):
    monkeypatch.setattr(stage, "MOST_ROWS", 7)
    rows: list[float] = []
    for questions in count(1):
        given = answer(watching, have(watching, len(rows), question=questions), worker)
        assert given["question"] == questions
        assert given["runs"][0]["start"] == len(rows)
        if given["rows"] is None:
            break
        assert len(column(given, "b")) <= 7
        rows += column(given, "b")
    assert rows == [record.b for record in RECORDS]
    assert questions == 51 // 7 + 2


@pytest.mark.parametrize(
    "nonsense",
    [
        *({"counts": {SCENE: odd}} for odd in (-5, 10**9, "twelve", None, [1], math.nan, math.inf, 3.7, {"a": 1})),
        {"counts": 7},
        {"counts": [SCENE]},
        {"scenes": 7},
        {"scenes": {SCENE: 1}},
        {"scenes": [["x"]]},
        {"hidden": "perhaps"},
        {"question": None},
        {"counts": None},
        {"unknown": "field"},
    ],
    ids=str,
)
def test_nonsense_gets_an_answer_that_starts_somewhere_sensible(watching, worker, nonsense):
    given = answer(watching, have(watching, 20) | nonsense, worker)
    assert 0 <= given["runs"][0]["start"] <= given["runs"][0]["count"] == 51


@pytest.mark.parametrize("nonsense", ["text", 7, [1, 2], None, True], ids=str)
def test_question_that_is_no_question_is_answered_from_the_start(watching, worker, nonsense):
    given = answer(watching, nonsense, worker)
    assert (given["runs"][0]["start"], given["runs"][0]["count"]) == (0, 51)


def test_answer_is_fit_for_json_but_for_its_table(watching, worker):
    given = answer(watching, {}, worker)
    del given["rows"]
    json.dumps(given, allow_nan=False)


def test_stopped_run_shows_no_more_than_was_trained_when_it_was_stopped(worker):
    experiment = Experiment(epochs=100_000)
    watching = next_watching(None, Request(((experiment, DATASET),), (), train=True, opened=False), worker, "me")
    while len(watching.runs[0].run.history) < 5:
        pass
    watching = stopped(watching, worker, "me")
    given = answer(watching, {}, worker)
    assert given["runs"][0]["count"] == watching.runs[0].stop.epoch + 1
    assert given["runs"][0]["status"]["stop"]["reason"] == "cancelled"
    assert given["rows"].num_rows == given["runs"][0]["count"]


def test_preview_is_epoch_0_alone(worker):
    request = Request(((EXPERIMENT, DATASET),), (), train=False, opened=False)
    given = answer(next_watching(None, request, worker, "me"), {}, worker)
    assert (given["started"], given["runs"][0]["count"]) == (False, 1)
    assert column(given, "loss") == [RECORDS[0].loss]
    assert given["runs"][0]["status"]["stop"] is None
    assert given["message"] == "Press Train to start."
