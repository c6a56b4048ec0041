"""The figures: what moves follows columns that exist, and axes hold what will happen in them."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import Dataset, Experiment, Landscape, make_dataset, shipped_table, train
from dashboard.shared.palette import LIGHT
from dashboard.stage.figures import make_figures
from dashboard.stage.figures.meta import BATCH_COLUMNS, problems_of
from dashboard.stage.view import View

EXPERIMENTS = [
    Experiment(),
    Experiment(method="numpy", n=10, noise=0.0),
    Experiment(method="module", optimizer="adam", reduction="sum", n=1000),
    Experiment(true_b=-100.0, true_w=100.0, noise=10.0, learning_rate=1000.0),
    Experiment(true_b=0.0, true_w=0.0, noise=0.0, epochs=1),
]


def within(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


@st.composite
def runs(draw: st.DrawFn) -> tuple[Experiment, Dataset]:
    """An experiment on its own line, or on points and under names of any kind."""
    experiment = Experiment(
        n=draw(st.integers(10, 2000)),
        noise=draw(within(0, 10)),
        true_b=draw(within(-100, 100)),
        true_w=draw(within(-100, 100)),
        seed=draw(st.integers(0, 2**32 - 1)),
        method=draw(st.sampled_from(["numpy", "autograd", "optimizer", "loss_fn", "module"])),
        reduction=draw(st.sampled_from(["mean", "sum"])),
        learning_rate=draw(within(1e-15, 1000)),
        epochs=draw(st.integers(1, 100_000)),
        batch_size=draw(st.none() | st.integers(1, 1_000_000)),
    )
    if draw(st.booleans()):
        return experiment, make_dataset(experiment)
    columns = []
    for _ in range(2):
        size = draw(st.integers(1, 30))
        values = st.lists(within(-1e9, 1e9) | st.sampled_from([0.0, 1.0, 1e9]), min_size=size, max_size=size)
        columns += [np.array(draw(values))[:, np.newaxis] for _ in ("x", "y")]
    return experiment, Dataset(*columns, x_name=draw(st.text(max_size=20)), y_name=draw(st.text(max_size=20)))


def figures_of(experiment: Experiment) -> tuple[dict[str, Any], Dataset, Any]:
    dataset = make_dataset(experiment)
    return make_figures(View.of(experiment, dataset)), dataset, next(train(experiment, dataset))


def numbers(spec: dict[str, str]) -> np.ndarray:
    """An array as plotly's script reads it."""
    flat = np.frombuffer(b64decode(spec["bdata"]), f"<{spec['dtype']}")
    return flat.reshape([int(size) for size in spec.get("shape", str(len(flat))).split(",")])


@settings(deadline=None, derandomize=True, max_examples=60)
@given(runs())
def test_plotly_takes_every_figure_and_its_meta_keeps_the_contract(run):
    for figure in make_figures(View.of(*run)).values():
        go.Figure(figure)  # raises ValueError for a name or a value that plotly does not know
        assert problems_of(figure) == []
        json.dumps(figure, allow_nan=False)
        for axis in (figure["layout"]["xaxis"], figure["layout"]["yaxis"]):
            low, high = axis["range"]
            assert low < high


def test_plotly_does_not_take_what_it_does_not_know():
    figure = make_figures(View.of(Experiment(), make_dataset(Experiment())))["data"]
    for broken in (figure["data"][0] | {"colour": "red"}, figure["data"][0] | {"mode": "zigzag"}):
        with pytest.raises(ValueError, match=r"colour|zigzag"):
            go.Figure(figure | {"data": [broken]})


GOOD = {"follow": "affine", "intercept": "b", "slope": "w", "fixed": [None, 1.0], "beats": ["loss"]}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"follow": "spiral"}, "spiral"),
        ({"follow": None}, "follow"),
        ({"slope": "weight"}, "slope"),
        ({"slope": None}, "slope"),
        ({"fixed": [None]}, "fixed"),
        ({"fixed": [None, float("nan")]}, "fixed"),
        ({"fixed": [None, "1"]}, "fixed"),
        ({"beats": ["loss", "lunch"]}, "beats"),
        ({"beats": "loss"}, "beats"),
        ({"ahead": ["update"]}, "ahead"),
        ({"only": 1}, "only"),
        ({"color": "red"}, "color"),
    ],
    ids=str,
)
def test_meta_that_breaks_the_contract_is_told(change, word):
    trace = {"x": [0.0, 1.0], "y": [0.0, 1.0], "meta": GOOD}
    assert problems_of({"data": [trace], "layout": {}}) == []
    (problem,) = problems_of({"data": [trace | {"meta": GOOD | change}], "layout": {}})
    assert word in problem


@pytest.mark.parametrize(
    "change",
    [
        {"x": {"dtype": "f8", "bdata": ""}, "meta": {"follow": "point", "x": "b", "y": "w"}},
        {"meta": {"follow": "point", "x": "b"}},
        {"meta": {"follow": "history", "x": "b", "y": "w", "label": "b"}},
        {"meta": {"follow": "taylor", "at": "b", "value": "loss", "slope": "b_grad", "curvature": float("inf")}},
    ],
    ids=str,
)
def test_trace_that_the_browser_could_not_move_is_told(change):
    assert len(problems_of({"data": [{"x": [], "y": [], **change}], "layout": {}})) == 1


@pytest.mark.parametrize(
    "meta",
    [
        {"during": "lunch"},
        {"scales": {"log": [0, 1]}},
        {"scales": {"log": [0, 1], "linear": "0 1"}},
        {"up": 1},
        {"along": "w"},
        {"widens": ["z"]},
    ],
)
def test_layout_that_breaks_the_contract_is_told(meta):
    assert len(problems_of({"data": [], "layout": {"meta": meta}})) == 1


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=repr)
def test_figures_move(experiment):
    figures, _, _ = figures_of(experiment)
    assert sum("meta" in trace for figure in figures.values() for trace in figure["data"]) >= 8


def test_cross_sections_are_the_loss_itself_with_the_slope_that_backward_finds():
    experiment = Experiment(epochs=5)
    figures, dataset, _ = figures_of(experiment)
    record = list(train(experiment, dataset))[3]
    for name in ("b", "w"):
        parabola, tangent, _ = figures[f"loss-{name}"]["data"]
        at, slope = getattr(record, name), getattr(record, f"{name}_grad")
        for x in np.linspace(*figures[f"loss-{name}"]["layout"]["xaxis"]["range"], 5):
            b, w = (x, record.w) if name == "b" else (record.b, x)
            loss = ((b + w * dataset.x_train - dataset.y_train) ** 2).mean()
            curved = record.loss + slope * (x - at) + parabola["meta"]["curvature"] / 2 * (x - at) ** 2
            assert curved == pytest.approx(loss, rel=1e-4, abs=1e-5)
        assert tangent["meta"]["curvature"] == 0
        assert figures[f"loss-{name}"]["layout"]["meta"]["during"] == "beats"


def test_gradient_arrow_of_mini_batches_is_that_of_the_batch():
    figures, _, _ = figures_of(Experiment(method="optimizer", batch_size=16, learning_rate=0.2))
    metas = [trace.get("meta", {}) for trace in figures["surface"]["data"]]
    (rule,) = [meta for meta in metas if meta.get("follow") == "arrow"]
    assert (rule["dx"], rule["dy"]) == BATCH_COLUMNS
    assert rule["scale"] == [[0, -0.2]]


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=repr)
def test_axes_hold_the_start_and_the_minimum(experiment):
    figures, dataset, first = figures_of(experiment)
    w_min, b_min = np.polyfit(dataset.x_train[:, 0], dataset.y_train[:, 0], 1)
    surface = figures["surface"]["layout"]
    for b, w in ((first.b, first.w), (b_min, w_min)):
        assert surface["xaxis"]["range"][0] < b < surface["xaxis"]["range"][1]
        assert surface["yaxis"]["range"][0] < w < surface["yaxis"]["range"][1]
    scales = figures["loss"]["layout"]["meta"]["scales"]
    assert scales["linear"][0] <= 0 < first.loss < scales["linear"][1]
    assert scales["log"][0] < np.log10(first.loss) < scales["log"][1]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_surface_tells_the_landscape_of_the_training_points(reduction):
    figures, dataset, _ = figures_of(Experiment(reduction=reduction))
    meta = figures["surface"]["data"][0]["meta"]
    landscape = Landscape(**{name: value for name, value in meta.items() if name != "follow"})
    b, w = 0.3, 1.7
    loss = getattr((b + w * dataset.x_train - dataset.y_train) ** 2, reduction)()
    assert landscape.loss(b, w) == pytest.approx(loss, rel=1e-12)


def test_points_are_those_of_the_data():
    figures, dataset, _ = figures_of(Experiment())
    for trace, x, y in ((2, dataset.x_train, dataset.y_train), (3, dataset.x_val, dataset.y_val)):
        assert numbers(figures["data"]["data"][trace]["x"]).tolist() == x[:, 0].tolist()
        assert numbers(figures["data"]["data"][trace]["y"]).tolist() == y[:, 0].tolist()


def test_large_data_is_drawn_in_part_and_says_so():
    figures, _, _ = figures_of(Experiment(n=100_000))
    points = [trace for trace in figures["data"]["data"] if trace["name"] in ("training", "validation")]
    drawn = sum(len(numbers(trace["x"])) for trace in points)
    assert drawn <= 1000
    assert f"{drawn} of 100\u202f000" in figures["data"]["layout"]["title"]["text"]


def test_every_colour_of_a_figure_has_a_role():
    figures, _, _ = figures_of(Experiment())
    colours = {text for text in json.dumps(figures).split('"') if text.startswith("#")}
    assert colours <= set(LIGHT.values())


def test_figure_of_a_table_names_its_columns_and_takes_no_markup_from_them():
    dataset = shipped_table("iris").dataset("petal_width", "petal_length", Experiment())
    layout = make_figures(View.of(Experiment(), dataset))["data"]["layout"]
    assert layout["xaxis"]["title"]["text"] == "petal_width"
    assert layout["yaxis"]["title"]["text"] == "petal_length"
    hostile = replace(dataset, x_name="<b>a</b> & b")
    layout = make_figures(View.of(Experiment(), hostile))["data"]["layout"]
    assert layout["xaxis"]["title"]["text"] == "&lt;b&gt;a&lt;/b&gt; &amp; b"
