"""What the stages of followers are told of a link: what they lack, once for all who lack the same."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core import Experiment, History, Run, Stop, Worker, train
from dashboard.room.shown import MOST_ROWS, Showing

LINK = "?learning_rate=0.05&epochs=40"


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture
def showing(worker) -> Showing:
    return Showing(worker, "room K7QXM2")


def told(answer: bytes) -> Any:
    return json.loads(gzip.decompress(answer))


def whole(showing: Showing, link: str, *, begun: bool = False) -> Any:
    """What is told of a link once its runs have ended."""
    while True:
        answer = told(showing.answer(link, begun, {}))
        if all(run["status"]["stop"] for run in answer["runs"]):
            return answer


def numbers(packed: dict[str, str]) -> np.ndarray:
    return np.frombuffer(b64decode(packed["bdata"]), packed["dtype"])


def test_all_records_of_all_runs_are_told_to_whoever_has_none(showing):
    answer = whole(showing, f"{LINK}&versus=learning_rate:0.4&front=1")
    assert (answer["link"], answer["arrangement"]["front"], answer["problems"]) == (
        f"{LINK}&versus=learning_rate:0.4&front=1",
        1,
        [],
    )
    for run, rate in zip(answer["runs"], (0.05, 0.4), strict=True):
        records = list(train(Experiment(learning_rate=rate, epochs=40)))
        for name in ("b", "w", "loss", "val_loss", "b_grad", "w_grad"):
            assert numbers(run["columns"][name]).tolist() == [getattr(record, name) for record in records]
        assert run["scene"] in answer["scenes"]


def test_only_what_follows_is_told_to_whoever_has_some(showing):
    run = whole(showing, LINK)["runs"][0]
    answer = told(showing.answer(LINK, False, {run["scene"]: 31}))
    (rest,) = answer["runs"]
    assert (rest["start"], rest["count"], answer["scenes"]) == (31, 41, {})
    assert numbers(rest["columns"]["b"]).tolist() == numbers(run["columns"]["b"]).tolist()[31:]


def test_more_than_there_is_cannot_be_had(showing):
    scene = whole(showing, LINK)["runs"][0]["scene"]
    (run,) = told(showing.answer(LINK, False, {scene: 10**9}))["runs"]
    assert (run["start"], numbers(run["columns"]["b"]).size) == (41, 0)


def test_long_runs_come_in_portions(showing):
    epochs = MOST_ROWS + 10
    (run,) = whole(showing, f"?epochs={epochs}&learning_rate=0.0001")["runs"]
    assert (numbers(run["columns"]["b"]).size, run["count"]) == (MOST_ROWS, epochs + 1)


def test_those_who_have_the_same_are_given_the_same_bytes(showing):
    whole(showing, LINK)
    assert showing.answer(LINK, False, {}) is showing.answer(LINK, False, {})


class Looked:
    """A run as far as epoch 30 of 40, which goes on to its end right after it was looked at for the `last` time."""

    def __init__(self, last: int, experiment: Experiment, points) -> None:
        trained = train(experiment)
        records, looked = list(trained), self

        class Records(History):
            def __len__(self) -> int:
                return looked.at(super().__len__())

        class Going(Run):
            @property
            def stop(self) -> Stop | None:
                return looked.at(looked.stop)

            @stop.setter
            def stop(self, stop: Stop | None) -> None:
                looked.stop = stop

        self.left, self.rest, self.end = last, records[31:], trained.stop
        self.stop: Stop | None = None
        self.run = Going(experiment, points, "looked at", (experiment, points.digest), Records(records[:31]))

    def at(self, value):
        self.left -= 1
        if self.left == 0:
            self.run.history.extend(np.array(self.rest), np.empty((len(self.rest), 0)))
            self.stop = self.end
        return value


@pytest.mark.parametrize("last", range(1, 11))
def test_run_that_ends_while_it_is_told_is_not_told_as_ended_without_its_last_records(
    monkeypatch, showing, worker, last
):
    monkeypatch.setattr(worker, "watch_together", lambda wanted, _: [Looked(last, *wanted[0]).run])
    (run,) = told(showing.answer(LINK, False, {}))["runs"]
    assert run["status"]["stop"] is None or run["count"] == 41
    (run,) = told(showing.answer(LINK, False, {}))["runs"]
    assert (run["count"], run["status"]["stop"] is None) == (41, False)


def test_what_would_take_long_waits_for_the_lecturer_to_begin(showing, worker):
    link = "?n=1000000&epochs=100000&batch_size=100"
    answer = told(showing.answer(link, False, {}))
    assert (answer["started"], answer["runs"][0]["count"]) == (False, 1)
    assert "Press Train" in answer["message"]
    assert worker.runs == []
    answer = told(showing.answer(link, True, {}))
    assert answer["started"]
    assert [run.experiment.n for run in worker.runs] == [1_000_000]
    # Another link ends what nobody watches any more.
    showing.answer(LINK, False, {})
    assert all(run.cancelled for run in worker.runs if run.experiment.n == 1_000_000)


def test_sweep_is_told_once_and_then_named(showing):
    link = f"{LINK}&sweep=learning_rate:0.01:0.5:7"
    while "values" not in (sweep := told(showing.answer(link, False, {}))["sweep"]):
        pass
    assert len(sweep["values"]) == 7
    assert numbers(sweep["losses"]).size == 7 * len(sweep["epochs"])
    assert told(showing.answer(link, False, {}, sweep["id"]))["sweep"] == {"id": sweep["id"]}


def test_epoch_under_the_glass_is_that_of_a_run_that_is_shown(showing):
    scene = whole(showing, LINK)["runs"][0]["scene"]
    moment = told(showing.moment(scene, 7, "loss", "both", False))
    assert (moment["scene"], "7" in moment["epochs"]) == (scene, True)
    assert showing.moment(scene, 41, "loss", "both", False) is None
    assert showing.moment(scene, -1, "loss", "both", False) is None
    assert showing.moment(scene, 7, "loss", "neither of them", False) is None
    assert showing.moment("another", 7, "loss", "both", False) is None


def test_what_a_link_says_wrongly_is_told_with_what_is_shown_instead(showing):
    answer = whole(showing, "?epochs=40&learning_rate=much")
    (problem,) = answer["problems"]
    assert problem.startswith("learning_rate must be")
    assert problem.endswith("Using 0.1 instead.")
    assert answer["runs"]


def test_projector_of_the_lecturer_is_none_of_the_followers(showing):
    assert whole(showing, f"{LINK}&projector=surface,code")["arrangement"]["projector"] == []
