"""*Web page* in the lab: the runs of a visitor as a page, as far as they are trained when it is asked for."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Iterator

import numpy as np
import pytest
from visit import open_page

from core import Experiment, Worker, train
from dashboard.lab import page_to_take
from dashboard.lab.page_to_take import PageToTake
from dashboard.lab.points import line_points, table_points
from dashboard.lab.uploads import shared_uploads
from dashboard.stage.arrangement import Arrangement

EXPERIMENT = Experiment(epochs=40)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


def asked(*experiments: Experiment, table: str = ""):
    return tuple((one, table_points(table, None, None, one) if table else line_points(one)) for one in experiments)


def page(worker: Worker, *runs, ghost: bool = False, **query: list[str]) -> str:
    names = tuple(f"run {number}" for number, _ in enumerate(runs))
    arrangement = Arrangement(0, tuple(range(len(runs))), names, names)
    return PageToTake(runs, ghost, arrangement, None, "http://lab.example/", query, worker)().decode()


def told(page: str) -> dict:
    (packed,) = re.findall(r'id="told">([^<]*)<', page)
    return json.loads(gzip.decompress(b64decode(packed)))


def column(run: dict, name: str) -> list[float]:
    return np.frombuffer(b64decode(run["columns"][name]["bdata"]), dtype="<f8").tolist()


def test_a_run_that_is_trained_is_not_trained_again(worker, monkeypatch):
    runs = asked(EXPERIMENT)
    worker.watch(*runs[0], "someone").has_ended.wait(30)
    monkeypatch.setattr(page_to_take, "Training", None)
    (run,) = told(page(worker, *runs))["runs"]
    assert column(run, "loss") == [record.loss for record in train(EXPERIMENT)]


def test_what_nobody_has_trained_yet_is_trained_for_the_page(worker):
    runs = asked(EXPERIMENT, Experiment(epochs=30, optimizer="adam", method="module"))
    for (experiment, _), run in zip(runs, told(page(worker, *runs))["runs"], strict=True):
        assert column(run, "b") == [record.b for record in train(experiment)]


def test_a_run_that_goes_on_is_on_the_page_as_far_as_it_is(worker):
    runs = asked(Experiment(epochs=100_000, batch_size=1))
    going_on = worker.watch(*runs[0], "someone")
    assert going_on.has_records.wait(30)
    (run,) = told(page(worker, *runs))["runs"]
    worker.stop(going_on)
    count = len(column(run, "loss"))
    stop = run["status"]["stop"]
    assert (stop["reason"], stop["epoch"]) == ("cancelled", count - 1)
    assert stop["message"] == f"This page was made when epoch {count - 1} was trained."


def test_a_run_that_would_take_long_is_trained_for_a_while_only(worker, monkeypatch):
    monkeypatch.setattr(page_to_take, "MOST_SECONDS", 0.0)
    (run,) = told(page(worker, *asked(EXPERIMENT)))["runs"]
    assert run["status"]["stop"]["message"] == "This page was made when epoch 0 was trained."
    assert column(run, "loss") == [next(iter(train(EXPERIMENT))).loss]


def test_the_ghost_is_on_the_page_and_no_run_of_its_own(worker):
    scheduled, earlier = Experiment(epochs=20, schedule=((5, 0.5),)), Experiment(epochs=20)
    found = told(page(worker, *asked(scheduled, earlier), ghost=True))
    assert found["ghost"] is True
    assert len(found["runs"]) == 2
    assert len(found["moments"]) == 1


def test_of_an_own_table_it_says_how_long_its_link_holds(worker):
    own_table = shared_uploads().add(
        b"time,speed\n" + b"\n".join(b"%d,%d" % (i, 3 * i) for i in range(12)), "own.csv", "me"
    )
    found = page(worker, *asked(Experiment(epochs=5, learning_rate=0.001), table=own_table), data=[own_table])
    assert "for as long as the server keeps the table." in found
    shipped = page(worker, *asked(Experiment(epochs=5), table="iris"), data=["iris"])
    assert "keeps the table" not in shipped


def test_the_lab_offers_it_beside_script_and_notebook():
    opened = open_page(epochs=["20"])
    labels = [one.proto.label for one in opened.get("download_button")]
    assert labels == ["Script", "Notebook", "Web page"]
