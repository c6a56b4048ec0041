"""What the browser is told of a run so that a hand can move its start and its points."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core import Experiment, make_dataset
from core.geometry.advice import zones_of
from core.geometry.landscape import landscapes_of
from dashboard.stage.scene import make_scene

MOVED = ((3, 0.5, 1.0), (100, 0.2, 2.0))


def held(**fields):
    experiment = Experiment(**fields)
    return json.loads(make_scene(experiment, make_dataset(experiment)))["hand"]


def test_it_names_what_was_given_by_hand_and_how_far_an_optimizer_may_go():
    told = held(start_b=0.5, moved=MOVED, method="optimizer", optimizer="momentum", schedule=((5, 0.2),))
    assert (told["start"], told["moved"]) == ([0.5, None], [list(row) for row in MOVED])
    assert (told["optimizer"], told["rate"], told["standardize"]) == ("momentum", 0.1, "none")
    training, _ = landscapes_of(make_dataset(Experiment(moved=MOVED)))
    assert told["stretch"] * training.max_learning_rate == pytest.approx(zones_of(training, "momentum").limit)
    assert told["training"]["w_min"] == training.w_min
    assert held(method="optimizer", optimizer="adam")["stretch"] is None
    assert held(validation=0.0)["validation"] is None


def test_points_that_were_moved_have_a_ring_where_they_are():
    experiment = Experiment(moved=MOVED, standardize="x")
    dataset = make_dataset(experiment)
    scene = json.loads(make_scene(experiment, dataset))
    (rings,) = [trace for trace in scene["figures"]["data"]["data"] if trace["name"] == "moved"]
    found = sorted(zip(dataset.x_mean + dataset.x_std * np.array(rings["x"]), rings["y"], strict=True))
    assert np.array(found) == pytest.approx(np.array([[0.2, 2.0], [0.5, 1.0]]))


@pytest.mark.parametrize("start", [(1.0, 2.0), (-3.0, 50.0)])
def test_picture_of_a_start_by_hand_holds_that_and_the_drawn_one(start):
    drawn = Experiment()
    given = Experiment(start_b=start[0], start_w=start[1])
    before, after = (
        json.loads(make_scene(one, make_dataset(one)))["figures"]["surface"]["layout"] for one in (drawn, given)
    )
    for axis, value in zip(("xaxis", "yaxis"), start, strict=True):
        (low, high), (first, last) = after[axis]["range"], before[axis]["range"]
        assert low <= first < last <= high
        assert low < value < high
    assert (after["xaxis"]["range"] == before["xaxis"]["range"]) == (start == (1.0, 2.0))
