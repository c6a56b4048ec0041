"""What the stage is answered: the rows it lacks, nothing twice, nothing that it cannot see."""

from __future__ import annotations

import json
import math
from contextlib import closing
from dataclasses import replace
from itertools import count

import pytest

from core import Experiment, Worker, make_dataset, train
from dashboard.stage import alignment
from dashboard.stage import component as stage
from dashboard.stage.alignment import epoch_length
from dashboard.stage.component import answer
from dashboard.stage.scene import scene_id
from dashboard.stage.watching import Request, Watched, next_watching, stopped

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
        "message": watching.runs[0].run.stop.message,
    }


def test_run_that_ends_while_its_rows_are_told_has_not_ended_yet(watching, worker, monkeypatch):
    counted = []
    monkeypatch.setattr(Watched, "count", property(lambda _: counted.append(True) or 30))
    monkeypatch.setattr(Watched, "end", property(lambda watched: watched.run.stop if counted else None))
    (run,) = answer(watching, {}, worker)["runs"]
    assert (run["sent"], run["count"], run["status"]["stop"]) == (30, 30, None)


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


# --- several runs -----------------------------------------------------------------------------------------

OTHERS = (EXPERIMENT, Experiment(epochs=30, learning_rate=0.5), Experiment(epochs=50, batch_size=16, seed=7))
KEYS = [scene_id(experiment, make_dataset(experiment)) for experiment in OTHERS]


@pytest.fixture
def several(worker):
    """Three runs that have ended, of 51, 31 and 51 records."""
    asked = tuple((experiment, make_dataset(experiment)) for experiment in OTHERS)
    watching = next_watching(None, Request(asked, (), train=True, opened=False), worker, "me")
    for watched in watching.runs:
        wait_for_end(watched.run)
    return watching


def parts(given) -> list[list[float]]:
    """The column b of every run, as the browser cuts it from the one table."""
    numbers, end = column(given, "b") if given["rows"] else [], 0
    found = []
    for run in given["runs"]:
        found.append(numbers[end : end + run["sent"]])
        end += run["sent"]
    assert end == len(numbers)
    return found


def test_rows_of_several_runs_come_in_one_table_one_after_the_other(several, worker):
    given = answer(several, {}, worker)
    records = [list(train(experiment)) for experiment in OTHERS]
    assert parts(given) == [[record.b for record in run] for run in records]
    assert [(run["start"], run["sent"], run["epochs"]) for run in given["runs"]] == [
        (0, 51, 50),
        (0, 31, 30),
        (0, 51, 50),
    ]
    assert [run["scene"] for run in given["runs"]] == list(given["scenes"]) == KEYS


def test_of_several_runs_each_goes_on_where_it_was_and_only_new_scenes_come(several, worker):
    counts = {KEYS[0]: 51, KEYS[2]: 20}
    given = answer(several, {"counts": counts, "scenes": [KEYS[0], KEYS[2]]}, worker)
    assert [(run["start"], run["sent"]) for run in given["runs"]] == [(51, 0), (0, 31), (20, 31)]
    assert list(given["scenes"]) == [KEYS[1]]
    records = [list(train(experiment)) for experiment in OTHERS]
    assert parts(given) == [[], [record.b for record in records[1]], [record.b for record in records[2][20:]]]


def test_runs_that_change_their_places_keep_their_rows(several, worker):
    turned = replace(several, runs=several.runs[::-1])
    given = answer(turned, {"counts": dict.fromkeys(KEYS, 20), "scenes": KEYS}, worker)
    assert [run["scene"] for run in given["runs"]] == KEYS[::-1]
    assert [(run["start"], run["sent"]) for run in given["runs"]] == [(20, 31), (20, 11), (20, 31)]


def test_portions_of_several_runs_are_no_larger_than_those_of_one(several, worker, monkeypatch):
    monkeypatch.setattr(stage, "MOST_ROWS", 24)
    counts, found = dict.fromkeys(KEYS, 0), {key: [] for key in KEYS}
    for questions in count(1):
        given = answer(several, {"counts": counts, "scenes": KEYS, "question": questions}, worker)
        if given["rows"] is None:
            break
        assert given["rows"].num_rows <= 24
        for key, some in zip(KEYS, parts(given), strict=True):
            found[key] += some
            counts[key] += len(some)
    assert counts == dict(zip(KEYS, (51, 31, 51), strict=True))
    for experiment, some in zip(OTHERS, found.values(), strict=True):
        assert some == [record.b for record in train(experiment)]


def test_runs_on_one_surface_have_one_place_and_others_another(worker):
    alike = Experiment(learning_rate=0.3, method="module", batch_size=7)
    others = [Experiment(seed=1), Experiment(reduction="sum"), Experiment(noise=0.5)]
    asked = tuple((experiment, make_dataset(experiment)) for experiment in (Experiment(), alike, *others))
    given = answer(next_watching(None, Request(asked, (), train=False, opened=False), worker, "me"), {}, worker)
    places = [run["place"] for run in given["runs"]]
    assert places[0] == places[1]
    assert len(set(places)) == 4


def test_beats_are_those_of_the_run_that_one_looks_at(several, worker):
    asked = {"epoch": 3, "root": "loss", "requires": "both"}
    for key in KEYS:
        given = answer(several, {"scenes": KEYS, "moments": asked | {"scene": key}}, worker)
        assert json.loads(given["moments"])["scene"] == key
    # The second has 30 epochs.
    late = asked | {"scene": KEYS[1], "epoch": 40}
    assert answer(several, {"scenes": KEYS, "moments": late}, worker)["moments"] is None
    assert answer(several, {"scenes": KEYS, "moments": asked | {"scene": "another"}}, worker)["moments"] is None


# --- what the playhead counts -----------------------------------------------------------------------------


def lengths(several, worker, align) -> list[float]:
    return [run["epochLength"] for run in answer(several, {"scenes": KEYS}, worker, align)["runs"]]


def test_an_epoch_is_one_or_as_many_updates_as_it_has_batches(several, worker):
    assert lengths(several, worker, "epoch") == [1, 1, 1]
    assert lengths(several, worker, "update") == [1, 1, math.ceil(80 / 16)]


@pytest.mark.parametrize(("batch_size", "updates"), [(None, 1), (1, 80), (79, 2), (80, 1), (1000, 1), (7, 12)])
def test_updates_of_an_epoch_are_counted(batch_size, updates):
    experiment = Experiment(batch_size=batch_size)
    assert epoch_length(experiment, make_dataset(experiment), "update") == updates


@pytest.fixture
def tried(monkeypatch) -> list[Experiment]:
    """Those that were tried, on a clock of their own: each point of a batch costs 2 µs, the first epoch 1 s."""
    tried: list[Experiment] = []
    clock = [0.0]

    class Tried:
        epochs_done = 0.0

        def __init__(self, experiment, dataset):
            tried.append(experiment)
            self.cost = 2e-6 * experiment.batch_size

        def advance(self):
            clock[0] += self.cost if self.epochs_done else 1.0
            self.epochs_done += 1

    monkeypatch.setattr(alignment, "Training", Tried)
    monkeypatch.setattr(alignment, "perf_counter", lambda: clock[0])
    return tried


def test_time_of_an_epoch_is_measured_once_for_all_runs_that_do_the_same_work(tried):
    base = Experiment(n=77, batch_size=9)
    points = make_dataset(base)
    assert epoch_length(base, points, "time") == pytest.approx(0.018), "what the first epoch costs does not count"
    for same in (replace(base, learning_rate=3.0), replace(base, epochs=7), replace(base, tolerance=0.1)):
        assert epoch_length(same, points, "time") == pytest.approx(0.018)
    assert len(tried) == 1
    assert epoch_length(replace(base, batch_size=10), points, "time") == pytest.approx(0.020)
    assert len(tried) == 2


def test_time_that_an_epoch_takes_is_positive_and_stays_the_same(several, worker):
    first = lengths(several, worker, "time")
    assert all(length > 0 for length in first)
    assert lengths(several, worker, "time") == first
