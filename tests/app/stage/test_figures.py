"""The figures: what moves follows columns that exist, and axes hold what will happen in them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core import Experiment, History, make_dataset, shipped_table, train
from core.training.four_steps import METHOD_CLASSES
from core.training.history import COLUMNS
from dashboard.shared.palette import LIGHT
from dashboard.stage.figures import make_figures
from dashboard.stage.scene import make_scene, scene_id

EXPERIMENTS = [
    Experiment(),
    Experiment(method="numpy", n=10, noise=0.0),
    Experiment(method="module", optimizer="adam", reduction="sum", n=1000),
    Experiment(true_b=-100.0, true_w=100.0, noise=10.0, learning_rate=1000.0),
    Experiment(true_b=0.0, true_w=0.0, noise=0.0, epochs=1),
]
RULES = {
    "history": {"x", "y"},
    "point": {"x", "y"},
    "step": {"x", "y"},
    "affine": {"intercept", "slope", "fixed"},
    "squares": {"intercept", "slope"},
    "taylor": {"at", "value", "slope", "curvature"},
    "arrow": {"x", "y", "dx", "dy", "scale"},
}
BEATS = {"forward", "loss", "backward", "update"}
OF_THE_BATCH = {"batch_b_grad", "batch_w_grad"}


def figures_of(experiment):
    dataset = make_dataset(experiment)
    first = next(train(experiment, dataset))
    return make_figures(experiment, dataset, (first.b, first.w)), dataset, first


def moving(figures):
    return [trace for figure in figures.values() for trace in figure.data if trace.meta]


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=repr)
def test_every_moving_trace_follows_columns_of_the_run(experiment):
    figures, _, _ = figures_of(experiment)
    traces = moving(figures)
    assert len(traces) >= 8
    for trace in traces:
        rule = dict(trace.meta)
        kind = rule.pop("follow")
        shown, ahead, only = rule.pop("beats", BEATS), rule.pop("ahead", ()), rule.pop("only", False)
        assert set(ahead) <= set(shown) <= BEATS
        assert only in (True, False)
        assert set(rule) == RULES[kind]
        if kind == "affine":
            assert len(rule.pop("fixed")) == len(trace.x)
        for constant in ("curvature", "scale"):
            assert np.isfinite(rule.pop(constant, 0.0))
        assert set(rule.values()) <= set(COLUMNS)


def test_cross_sections_are_the_loss_itself_with_the_slope_that_backward_finds():
    experiment = Experiment(epochs=5)
    figures, dataset, _ = figures_of(experiment)
    record = list(train(experiment, dataset))[3]
    for name in ("b", "w"):
        parabola, tangent, _ = figures[f"loss-{name}"].data
        at, slope = getattr(record, name), getattr(record, f"{name}_grad")
        for x in parabola.x[::16]:
            b, w = (x, record.w) if name == "b" else (record.b, x)
            loss = ((b + w * dataset.x_train - dataset.y_train) ** 2).mean()
            curved = record.loss + slope * (x - at) + parabola.meta["curvature"] / 2 * (x - at) ** 2
            assert curved == pytest.approx(loss, rel=1e-4, abs=1e-5)
        assert tangent.meta["curvature"] == 0
        assert figures[f"loss-{name}"].layout.meta["during"] == "beats"


def test_gradient_arrow_of_mini_batches_is_that_of_the_batch():
    figures, _, _ = figures_of(Experiment(method="optimizer", batch_size=16, learning_rate=0.2))
    rule = next(trace.meta for trace in figures["surface"].data if (trace.meta or {}).get("follow") == "arrow")
    assert {rule["dx"], rule["dy"]} == OF_THE_BATCH
    assert rule["scale"] == -0.2


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=repr)
def test_axes_are_finite_ascending_and_hold_the_start_and_the_minimum(experiment):
    figures, dataset, first = figures_of(experiment)
    for figure in figures.values():
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            low, high = axis.range
            assert np.isfinite([low, high]).all()
            assert low < high
    w_min, b_min = np.polyfit(dataset.x_train[:, 0], dataset.y_train[:, 0], 1)
    surface = figures["surface"].layout
    for b, w in ((first.b, first.w), (b_min, w_min)):
        assert surface.xaxis.range[0] < b < surface.xaxis.range[1]
        assert surface.yaxis.range[0] < w < surface.yaxis.range[1]
    scales = figures["loss"].layout.meta["scales"]
    assert scales["linear"][0] <= 0 < first.loss < scales["linear"][1]
    assert scales["log"][0] < np.log10(first.loss) < scales["log"][1]


def test_surface_shows_the_loss_itself_on_hover():
    experiment = Experiment()
    figures, dataset, _ = figures_of(experiment)
    contour = figures["surface"].data[0]
    b, w = contour.x[7], contour.y[11]
    loss = ((b + w * dataset.x_train - dataset.y_train) ** 2).mean()
    assert np.asarray(contour.customdata)[11, 7] == pytest.approx(loss, rel=1e-5)


def test_large_data_is_drawn_in_part_and_says_so():
    figures, _, _ = figures_of(Experiment(n=100_000))
    drawn = sum(len(trace.x) for trace in figures["data"].data if trace.name in ("training", "validation"))
    assert drawn <= 1000
    title = figures["data"].layout.title.text
    assert f"{drawn} of 100\u202f000" in title


def test_every_colour_of_a_figure_has_a_role():
    figures, _, _ = figures_of(Experiment())
    written = json.dumps([json.loads(figure.to_json()) for figure in figures.values()])
    colours = {text for text in written.split('"') if text.startswith("#")}
    assert colours <= set(LIGHT.values())


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=repr)
def test_scene_is_json_without_nan_that_names_existing_columns(experiment):
    dataset = make_dataset(experiment)

    def refuse(word: str):
        raise AssertionError(f"{word} is no JSON")

    scene = json.loads(make_scene(experiment, dataset), parse_constant=refuse)
    assert set(scene["figures"]) == {"data", "surface", "loss", "parameters", "loss-b", "loss-w"}
    assert {row["column"] for row in scene["numbers"]} == set(COLUMNS) - {"epoch"}
    assert {value["column"] for step in scene["code"] for value in step["values"]} <= set(COLUMNS)
    assert [step["source"] for step in scene["code"]] == list(METHOD_CLASSES[experiment.method].source().values())
    assert bool(scene["graph"]) == (experiment.method != "numpy")
    assert bool(scene["graphMessage"]) == (experiment.method == "numpy")


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


def test_scene_of_a_table_names_its_columns():
    dataset = shipped_table("iris").dataset("petal_width", "petal_length", 42)
    scene = json.loads(make_scene(Experiment(), dataset))
    layout = scene["figures"]["data"]["layout"]
    assert layout["xaxis"]["title"]["text"] == "petal_width"
    assert layout["yaxis"]["title"]["text"] == "petal_length"


def test_scenes_differ_where_experiment_or_data_differ_and_nowhere_else():
    one, same, other = Experiment(), Experiment(), Experiment(learning_rate=0.2)
    iris = shipped_table("iris").dataset("petal_width", "petal_length", 42)
    names = [scene_id(one, make_dataset(one)), scene_id(other, make_dataset(other)), scene_id(one, iris)]
    assert len(set(names)) == 3
    assert scene_id(same, make_dataset(same)) == names[0]


def test_history_has_the_columns_that_figures_may_follow():
    history = History(train(Experiment(epochs=3)))
    assert set(history.columns()) == set(COLUMNS)
