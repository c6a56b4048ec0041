"""Epochs under the magnifying glass: what the browser is told when it asks."""

from __future__ import annotations

import json
import math

import pytest
from recorded import recorded

from core import Experiment, History, Record, make_dataset, train
from core.insight.look_back import REQUIRES
from dashboard.stage.component import answer
from dashboard.stage.moments import moments
from dashboard.stage.scene import scene_id
from dashboard.stage.watching import Watched, Watching


def test_diverged_run_is_shown_to_its_last_record():
    experiment = Experiment(learning_rate=1000.0, epochs=300)
    dataset, history = recorded(experiment)
    text = moments(experiment, dataset, history, len(history) - 1)
    assert json.loads(text)["epochs"]


def test_number_that_json_lacks_goes_by_its_name():
    experiment = Experiment()
    beats = {}
    for name, b, w in (("large", 1e30, 0.0), ("too large", -math.inf, 0.0), ("senseless", math.inf, -math.inf)):
        history = History([Record(0, b, w, *[math.nan] * 4)])
        text = moments(experiment, make_dataset(experiment), history, 0)
        beats[name] = json.loads(text, parse_constant=pytest.fail)["epochs"]["0"]["beats"]
    # The square of 1e30 is more than float32 can hold, and inf - inf is nan.
    assert beats["large"]["loss"][1]["parts"] == ["loss ", {"number": "Infinity"}]
    assert beats["too large"]["forward"][0]["parts"][1]["tensor"]["first"] == ["-Infinity"] * 3
    assert beats["senseless"]["forward"][0]["parts"][1]["tensor"]["first"] == ["NaN"] * 3


def test_device_that_has_gone_since_is_named_in_a_sentence(monkeypatch):
    experiment = Experiment(epochs=3)
    dataset, history = recorded(experiment)

    def gone(*_):
        raise RuntimeError("no such device\nwith much else")

    monkeypatch.setattr("dashboard.stage.moments.repeat_epoch", gone)
    moment = json.loads(moments(experiment, dataset, history, 1))["epochs"]["1"]
    assert set(moment["beats"]) == {"forward", "loss", "backward", "update"}
    for sentence in (moment["graph"]["message"], *moment["beats"]["loss"][0]["parts"]):
        assert sentence.startswith("This epoch cannot be repeated on 'cpu' now: no such device")


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "all",
        {},
        {"epoch": "1", "root": "loss", "requires": "both"},
        {"epoch": -1, "root": "loss", "requires": "both"},
        {"epoch": 10**9, "root": "loss", "requires": "both"},
        {"epoch": 0, "root": 7, "requires": "both"},
        {"epoch": 0, "root": "loss", "requires": ["both"]},
    ],
    ids=repr,
)
def test_question_that_makes_no_sense_is_answered_without_moments(asked, worker):
    named = asked | {"scene": scene()} if isinstance(asked, dict) else asked
    assert answer(watching(), {"moments": named}, worker)["moments"] is None
    elsewhere = {"scene": "another", "epoch": 0, "root": "loss", "requires": "both"}
    assert answer(watching(), {"moments": elsewhere}, worker)["moments"] is None


def test_question_for_moments_is_answered(worker):
    for requires in REQUIRES:
        asked = {"moments": {"scene": scene(), "epoch": 0, "root": "loss", "requires": requires}}
        assert json.loads(answer(watching(), asked, worker)["moments"])["requires"] == requires
    unknown = {"moments": {"scene": scene(), "epoch": 0, "root": "x", "requires": "both"}}
    found = json.loads(answer(watching(), unknown, worker)["moments"])
    assert "root must be one of" in found["epochs"]["0"]["graph"]["message"]


def scene() -> str:
    """The name of the run's scene."""
    (run,) = watching().runs
    return scene_id(run.experiment, run.points)


def watching():
    experiment = Experiment(epochs=3)
    dataset = make_dataset(experiment)
    run = Watched(experiment, dataset, None, History(train(experiment, dataset)))
    return Watching((run,), "", 1, False)
