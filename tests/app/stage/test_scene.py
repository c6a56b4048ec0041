"""The scene: JSON that says of every run what it is compared with, and what code and graph it has."""

from __future__ import annotations

import json
import weakref
from itertools import product
from textwrap import indent

import numpy as np
import pytest

from core import (
    Dataset,
    Experiment,
    History,
    autograd_graph,
    make_dataset,
    make_program,
    methods,
    shipped_table,
    train,
)
from core.training.history import COLUMNS
from dashboard.stage import scene as scenes
from dashboard.stage.graph_layout import lay_out
from dashboard.stage.scene import kept_scene, make_scene, scene_id

EXPERIMENTS = [
    Experiment(),
    Experiment(method="numpy", n=10, noise=0.0),
    Experiment(method="module", optimizer="adam", reduction="sum", n=1000),
    Experiment(true_b=-100.0, true_w=100.0, noise=10.0, learning_rate=1000.0),
    Experiment(true_b=0.0, true_w=0.0, noise=0.0, epochs=1),
]


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=repr)
def test_scene_is_json_without_nan_that_names_existing_columns(experiment):
    dataset = make_dataset(experiment)

    def refuse(word: str):
        raise AssertionError(f"{word} is no JSON")

    scene = json.loads(make_scene(experiment, dataset), parse_constant=refuse)
    assert list(scene["figures"]) == ["data", "residuals", "surface", "loss", "parameters", "loss-b", "loss-w"]
    assert {row["column"] for row in scene["numbers"]} == set(COLUMNS) - {"epoch"}
    assert {row["column"] for row in scene["compared"]} == {"original_b", "original_w", "original_loss"}


@pytest.mark.parametrize("standardize", ["x", "xy"])
def test_numbers_stand_in_the_units_of_the_run_and_in_those_of_the_data(standardize):
    experiment = Experiment(standardize=standardize, true_w=40, noise=1)
    dataset, plain = make_dataset(experiment), make_dataset(Experiment(true_w=40, noise=1))
    scene = json.loads(make_scene(experiment, dataset))
    found = {row["column"]: row["reference"] for row in scene["numbers"]}
    w, b = np.polyfit(dataset.x_train[:, 0], dataset.y_train[:, 0], 1)
    assert (found["b"], found["w"]) == pytest.approx((b, w), abs=1e-9)
    w, b = np.polyfit(plain.x_train[:, 0], plain.y_train[:, 0], 1)
    assert (found["original_b"], found["original_w"]) == pytest.approx((b, w))
    lowest = ((b + w * plain.x_train - plain.y_train) ** 2).mean()
    assert found.get("original_loss", found["loss"]) == pytest.approx(lowest)
    assert ("original_loss" in found) == ("y" in standardize)
    lowest = ((plain.y_train - b - w * plain.x_train) ** 2).mean()
    assert scene["compared"][-1]["reference"] == pytest.approx(lowest)
    layout = scene["figures"]["data"]["layout"]
    assert layout["xaxis"]["title"]["text"] == "x (standardised)"
    assert layout["yaxis"]["title"]["text"] == ("y (standardised)" if standardize == "xy" else "y")
    assert scene["figures"]["loss"]["data"][0]["y"] == pytest.approx([lowest] * 2)


def test_reference_names_its_points():
    for experiment, words in (
        (Experiment(), "80 of 100"),
        (Experiment(validation=0), "100 of 100"),
        (Experiment(n=20_000), "16\u202f000 of 20\u202f000"),
    ):
        scene = json.loads(make_scene(experiment, make_dataset(experiment)))
        assert scene["reference"] == f"scikit-learn, {words} points"


def test_nothing_is_said_of_validation_where_no_point_is_held_out():
    experiment = Experiment(validation=0)
    scene = json.loads(make_scene(experiment, make_dataset(experiment)))
    assert "val_loss" not in {row["column"] for row in scene["numbers"]}
    assert "validation" not in {trace["name"] for trace in scene["figures"]["loss"]["data"]}
    assert scene["figures"]["loss"]["data"][0]["y"][0] > 0
    assert {value["column"] for step in scene["code"] for value in step["values"]} <= set(COLUMNS)


METHODS = [("numpy", "sgd"), ("autograd", "sgd"), ("optimizer", "momentum"), ("loss_fn", "adam"), ("module", "rmsprop")]


@pytest.mark.parametrize(
    ("kind", "n", "reduction", "batch_size"), list(product(METHODS, (10, 57), ("mean", "sum"), (None, 5)))
)
def test_code_and_graph_are_those_of_the_run_whatever_scenes_were_made_before(kind, n, reduction, batch_size):
    method, optimizer = kind
    experiment = Experiment(
        method=method, optimizer=optimizer, n=n, reduction=reduction, batch_size=batch_size, learning_rate=0.01 * n
    )
    dataset = make_dataset(experiment)
    scene = json.loads(make_scene(experiment, dataset))
    parts = {part["step"]: part["source"] for part in scene["code"]}
    before = parts.pop("before", "")
    assert bool(before) == (method not in ("numpy", "autograd"))
    assert list(parts) == ([] if batch_size is None else ["batch"]) + ["forward", "loss", "backward", "update"]
    script = make_program(experiment).text
    assert set(before.splitlines()) <= set(script.splitlines())
    for source in parts.values():
        assert f"\n{indent(source, (4 if batch_size is None else 8) * ' ')}\n" in script
    assert scene["method"] == method
    assert [one["name"] for one in scene["methods"]] == list(methods)
    assert scene["graphWhole"] == (batch_size is None)
    if method == "numpy":
        assert scene["graph"] is None
        assert "numpy" in scene["graphMessage"]
    else:
        graph = lay_out(autograd_graph(experiment, dataset))
        assert {name: scene["graph"][name] for name in graph} == json.loads(json.dumps(graph))
        assert scene["graphMessage"] == ""


def test_a_batch_of_all_points_is_shown_as_what_it_is():
    scene = json.loads(make_scene(Experiment(batch_size=80), make_dataset(Experiment())))
    assert scene["code"] == json.loads(make_scene(Experiment(), make_dataset(Experiment())))["code"]


def test_code_names_the_device_where_the_script_does():
    kind = scenes.kind_of(Experiment(device="cuda", batch_size=16), 80)
    sources = {part["step"]: part["source"] for part in json.loads(scenes.of_kind(kind, 80))["code"]}
    assert sources["batch"] == "batch = torch.from_numpy(order[start:start + batch_size]).to(device)"


def test_numbers_compare_with_least_squares_of_numpy():
    experiment = Experiment(noise=1.0)
    dataset = make_dataset(experiment)
    scene = json.loads(make_scene(experiment, dataset))
    reference = {row["column"]: row["reference"] for row in scene["numbers"]}
    w, b = np.polyfit(dataset.x_train[:, 0], dataset.y_train[:, 0], 1)
    assert (reference["b"], reference["w"]) == pytest.approx((b, w))
    assert reference["loss"] == pytest.approx(((b + w * dataset.x_train - dataset.y_train) ** 2).mean())
    assert reference["val_loss"] == pytest.approx(((b + w * dataset.x_val - dataset.y_val) ** 2).mean())
    assert (reference["b_grad"], reference["w_grad"]) == (0, 0)


def test_scenes_differ_where_experiment_or_data_differ_and_nowhere_else():
    one, same, other = Experiment(), Experiment(), Experiment(learning_rate=0.2)
    iris = shipped_table("iris").dataset("petal_width", "petal_length", Experiment())
    names = [scene_id(one, make_dataset(one)), scene_id(other, make_dataset(other)), scene_id(one, iris)]
    assert len(set(names)) == 3
    assert scene_id(same, make_dataset(same)) == names[0]


def test_scene_is_made_once_for_all_who_open_the_same_link(monkeypatch):
    experiment = Experiment(seed=77)
    dataset = make_dataset(experiment)
    name = scene_id(experiment, dataset)
    first = kept_scene(name, experiment, dataset)
    assert first == make_scene(experiment, dataset)
    monkeypatch.setattr(scenes, "make_scene", None)
    assert kept_scene(name, experiment, make_dataset(experiment)) is first


def test_scenes_that_nobody_has_asked_for_lately_are_given_up_and_no_data_are_kept(monkeypatch):
    made = []
    monkeypatch.setattr(scenes, "make_scene", lambda experiment, dataset: made.append(experiment.seed) or "scene")
    monkeypatch.setattr(scenes, "_kept", type(scenes._kept)(2))
    points = np.zeros((1, 1))
    dataset = Dataset(points, points, points, points)
    for seed in (1, 2, 1, 3, 1, 2):
        kept_scene(str(seed), Experiment(seed=seed), dataset)
    assert made == [1, 2, 3, 2]
    reference = weakref.ref(dataset)
    del dataset
    assert reference() is None


def test_history_has_the_columns_that_figures_may_follow():
    history = History(train(Experiment(epochs=3)))
    assert set(history.columns()) == set(COLUMNS)
