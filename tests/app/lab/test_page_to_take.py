"""*Web page* in the lab: the runs of a visitor as a page, as far as they are trained when it is asked for."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from threading import BoundedSemaphore

import numpy as np
import pytest
from visit import open_page

from core import Experiment, History, Stop, StopReason, Worker, train
from dashboard.lab import page_to_take
from dashboard.lab.page_to_take import PageToTake
from dashboard.lab.points import line_points, table_points
from dashboard.lab.uploads import shared_uploads
from dashboard.stage.arrangement import Arrangement
from dashboard.stage.watching import Watched, Watching

EXPERIMENT = Experiment(epochs=40)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


def asked(*experiments: Experiment, table: str = ""):
    return tuple((one, table_points(table, None, None, one) if table else line_points(one)) for one in experiments)


def watched(worker: Worker, runs, *, started: bool = True) -> Watching:
    """What a visitor of these runs watches: all of them trained, or none begun."""
    found = worker.watch_together(runs, "someone") if started else [None] * len(runs)
    for run in found:
        assert run is None or run.has_ended.wait(60)
    return Watching(
        tuple(Watched(*one, run, History()) for one, run in zip(runs, found, strict=True)), "", 1, armed=True
    )


def page(worker: Worker, watching: Watching | None, **query: list[str]) -> str:
    count = len(watching.runs) if watching else 0
    names = tuple(f"run {number}" for number in range(count))
    arrangement = Arrangement(0, tuple(range(count)), names, names)
    return PageToTake(lambda: watching, arrangement, None, "http://lab.example/", query, worker, "someone")().decode()


def told(page: str) -> dict:
    (packed,) = re.findall(r'id="told">([^<]*)<', page)
    return json.loads(gzip.decompress(b64decode(packed)))


def column(run: dict, name: str) -> list[float]:
    return np.frombuffer(b64decode(run["columns"][name]["bdata"]), dtype="<f8").tolist()


def test_the_page_holds_the_runs_as_they_were_trained(worker):
    runs = asked(EXPERIMENT, Experiment(epochs=30, optimizer="adam", method="module"))
    for (experiment, _), run in zip(runs, told(page(worker, watched(worker, runs)))["runs"], strict=True):
        assert column(run, "b") == [record.b for record in train(experiment)]


def test_what_nobody_has_trained_yet_is_trained_for_the_page_and_then_left(worker):
    runs = asked(EXPERIMENT)
    (run,) = told(page(worker, watched(worker, runs, started=False)))["runs"]
    assert column(run, "loss") == [record.loss for record in train(EXPERIMENT)]
    assert not any(one.leases for one in worker.runs)


def test_a_run_that_goes_on_is_on_the_page_as_far_as_it_is(worker):
    ((experiment, points),) = asked(Experiment(epochs=100_000, batch_size=1))
    going_on = worker.watch(experiment, points, "someone")
    assert going_on.has_records.wait(30)
    watching = Watching((Watched(experiment, points, going_on, History()),), "", 1, armed=True)
    (run,) = told(page(worker, watching))["runs"]
    worker.stop(going_on)
    count = len(column(run, "loss"))
    stop = run["status"]["stop"]
    assert (stop["reason"], stop["epoch"]) == ("cancelled", count - 1)
    assert stop["message"] == f"This page was made when epoch {count - 1} was trained."


def test_a_run_that_the_visitor_has_stopped_ends_there_although_it_goes_on_for_others(worker):
    watching = watched(worker, asked(EXPERIMENT))
    stop = Stop(StopReason.CANCELLED, 7, "Stopped at epoch 7. What was trained is kept.")
    stopped = replace(watching, runs=tuple(replace(one, stop=stop) for one in watching.runs))
    (run,) = told(page(worker, stopped))["runs"]
    assert len(column(run, "loss")) == 8
    assert run["status"]["stop"]["message"] == stop.message


def test_where_there_is_no_time_left_the_page_knows_less_of_single_epochs_and_says_so(worker, monkeypatch):
    watching = watched(worker, asked(EXPERIMENT))
    monkeypatch.setattr(page_to_take, "MOST_SECONDS", 0.0)
    found = page(worker, watching)
    (moments,) = told(found)["moments"].values()
    assert list(json.loads(moments)["epochs"]) == ["0"]
    assert "What happens within an epoch it knows of 1 alone; the lab knows it of every one." in found


def test_beyond_a_few_pages_at_once_there_is_a_sentence_and_afterwards_a_page(worker, monkeypatch):
    watching = watched(worker, asked(EXPERIMENT))
    places = BoundedSemaphore(1)
    monkeypatch.setattr(page_to_take, "_places", places)
    with places:
        assert f"<p>{page_to_take.BUSY}</p>" in page(worker, watching)
    assert told(page(worker, watching))["runs"]


def test_without_a_run_or_without_its_points_there_is_a_sentence_in_which_nothing_is_html(worker, monkeypatch):
    assert "<p>There is no run on the stage: press Train, and ask again.</p>" in page(worker, None)
    watching = watched(worker, asked(EXPERIMENT))

    def gone(*_, **__):
        raise ValueError("Column <b>x</b> is gone.")

    monkeypatch.setattr(page_to_take, "make_page", gone)
    assert "<p>Column &lt;b&gt;x&lt;/b&gt; is gone.</p>" in page(worker, watching)


def test_pages_take_turns_so_that_a_short_one_does_not_wait_for_a_long(worker, monkeypatch):
    """While a page is looked into it lets others have the turn between two epochs."""
    turns = []
    watching = watched(worker, asked(Experiment(epochs=20)))
    monkeypatch.setattr(worker, "give_way", lambda: turns.append(page_to_take._turn.locked()))
    page(worker, watching)
    assert turns == [False] * 20


def test_the_ghost_is_on_the_page_and_no_run_of_its_own(worker):
    scheduled, earlier = Experiment(epochs=20, schedule=((5, 0.5),)), Experiment(epochs=20)
    watching = replace(watched(worker, asked(scheduled, earlier)), ghost=True)
    found = told(page(worker, watching))
    assert found["ghost"] is True
    assert len(found["runs"]) == 2
    assert len(found["moments"]) == 1


def test_of_an_own_table_it_says_how_long_its_link_holds(worker):
    own_table = shared_uploads().add(
        b"time,speed\n" + b"\n".join(b"%d,%d" % (i, 3 * i) for i in range(12)), "own.csv", "me"
    )
    own = asked(Experiment(epochs=5, learning_rate=0.001), table=own_table)
    found = page(worker, watched(worker, own), data=[own_table])
    assert "for as long as the server keeps the table." in found
    shipped = page(worker, watched(worker, asked(Experiment(epochs=5), table="iris")), data=["iris"])
    assert "keeps the table" not in shipped


def test_the_lab_offers_it_beside_script_and_notebook():
    opened = open_page(epochs=["20"])
    labels = [one.proto.label for one in opened.get("download_button")]
    assert labels == ["Script", "Notebook", "Web page"]
