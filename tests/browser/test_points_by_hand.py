"""The points of a run in a hand: what moves along, the run on the points as they lie then, and what cannot be moved."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hand import Finger, Mouse, experiment_of, points_of, released, takes_up, under
from playwright.sync_api import expect
from stillness import wait_still
from test_accessibility import findings

from core import Dataset, Experiment, make_dataset, read_table, train
from core.data.tables import SHIPPED
from core.experiment import PARAMETERS
from core.geometry.landscape import digits_below, landscapes_of

EPOCHS = 40
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OPEN = f"epochs={EPOCHS}&hand=on"


def dataset_of(experiment: Experiment, table: str) -> Dataset:
    return read_table(SHIPPED[table]).dataset(None, None, experiment) if table else make_dataset(experiment)


@pytest.mark.parametrize("trace", ["training", "validation"])
@pytest.mark.parametrize(
    ("query", "table"),
    [
        ("", ""),
        ("batch_size=16", ""),
        ("n=1000&standardize=x", ""),
        ("data=wine&standardize=xy", "wine"),
        ("data=fitness&standardize=x&reduction=sum&learning_rate=0.001", "fitness"),
    ],
    ids=str,
)
def test_what_follows_a_point_is_that_of_the_run_which_then_begins(lab, query, table, trace):
    stage = lab(f"{OPEN}&{query}", pace=0)
    stage.seek(3)
    before = stage.values
    old = dataset_of(experiment_of(stage), table)
    mouse = Mouse(stage, "data")
    # The one farthest to the right: no other is near it.
    x, y = max(points_of(stage.chart("data"), trace))
    (left, right), (bottom, top) = mouse.ranges
    mouse.press((x, y))
    mouse.move((x - (right - left) / 10, (bottom + y) / 2))
    there = (x - (right - left) / 5, bottom + (top - bottom) / 20)
    watch_charts(stage)
    mouse.move(there)
    _, _, loss = under(stage)
    told = stage.chart("data").locator(".readout").inner_text()
    plotted = painted(stage)
    mouse.let_go()
    experiment = takes_up(stage, "moved")
    ((index, moved_x, moved_y),) = experiment.moved
    dataset = dataset_of(experiment, table)
    landscape = landscapes_of(dataset, experiment.reduction)[0]
    # It is where the hand was, to about a pixel, in units of the data.
    expected = old.x_mean + old.x_std * there[0], old.y_mean + old.y_std * there[1]
    pixel = old.x_std * (right - left) / 200, old.y_std * (top - bottom) / 100
    assert abs(moved_x - expected[0]) < pixel[0]
    assert abs(moved_y - expected[1]) < pixel[1]
    own = np.concatenate([dataset.x_train, dataset.x_val])[list(dataset.order).index(index)]
    assert dataset.x_mean + dataset.x_std * own == pytest.approx(moved_x)
    # The line of the moment stayed where it was while the units may have changed under it.
    original_b, original_w = old.original(*before[:2])
    w = original_w * dataset.x_std / dataset.y_std
    b = (original_b + original_w * dataset.x_mean - dataset.y_mean) / dataset.y_std
    assert loss == pytest.approx(landscape.loss(b, w), rel=1e-6)
    assert digits_below(landscape.max_learning_rate) in told
    assert plotted["minimum"] == pytest.approx([landscape.b_min, landscape.w_min], abs=1e-9)
    assert plotted["bowl"] == pytest.approx([landscape.x_mean, landscape.x_variance, landscape.lowest_mean], abs=1e-9)
    b_min, w_min = dataset.original(landscape.b_min, landscape.w_min)
    ends = [b_min + w_min * (old.x_mean + old.x_std * end) for end in plotted["across"]]
    assert [old.y_mean + old.y_std * value for value in plotted["line"]] == pytest.approx(ends, rel=1e-6)
    run = list(train(experiment, dataset))
    stage.wait_at(EPOCHS, run[-1])
    stage.reload()
    stage.wait_at(0, run[0])
    assert points_of(stage.chart("data"), "moved") == [pytest.approx(place_in(dataset, index))]


def place_in(dataset: Dataset, index: int) -> tuple[float, float]:
    """Where the point with this number is, as the run sees it."""
    at = list(dataset.order).index(index)
    return (
        float(np.concatenate([dataset.x_train, dataset.x_val])[at, 0]),
        float(np.concatenate([dataset.y_train, dataset.y_val])[at, 0]),
    )


def watch_charts(stage) -> None:
    """From the next frame on `window.charts` has the charts by name."""
    stage.page.evaluate(
        """async () => {
            const loaded = performance.getEntriesByType("resource").map(({name}) => name);
            const [{Chart}, {Landscape}] = await Promise.all(["chart", "landscape"].map(
                name => import(loaded.find(one => one.endsWith(`/charts/${name}.js`)))));
            window.charts = {};
            for (const {prototype} of [Chart, Landscape]) {
                const {repaint} = prototype;
                prototype.repaint = function () {
                    window.charts[this.panel.dataset.chart] = this;
                    return repaint.call(this);
                };
            }
        }"""
    )


def painted(stage) -> dict[str, list[float]]:
    """What is painted in place of plotly's own traces: minimum and bowl of the surface, and the least-squares line."""
    return dict(
        stage.page.evaluate(
            """() => {
                const of = (chart, name) => window.charts[chart].inHand.find(trace => trace.name === name);
                const {x, y} = of("data", "least squares");
                const {x_mean, x_variance, lowest_mean} = of("surface", "loss").meta;
                const minimum = of("surface", "minimum");
                return {
                    minimum: [minimum.x[0], minimum.y[0]], bowl: [x_mean, x_variance, lowest_mean], across: x, line: y,
                };
            }"""
        )
    )


@pytest.mark.parametrize(
    ("query", "by"),
    [("", "keys"), ("", "mouse"), ("standardize=xy", "mouse"), ("versus=learning_rate:0.5", "mouse")],
    ids=str,
)
def test_the_landscape_follows_a_point_as_the_contours_do(lab, query, by):
    stage = lab(f"{OPEN}&surface_view=3d&arrows=on&{query}", pace=0)
    stage.seek(3)
    wait_still(stage.page)
    before = pictures(stage, "landscape")
    watch_charts(stage)
    mouse, keys = Mouse(stage, "data"), ("]", *4 * ("Shift+ArrowDown",))
    if by == "mouse":
        x, y = max(points_of(stage.chart("data"), "training"))
        mouse.press((x, y))
        mouse.move((x - 0.1, (y + mouse.ranges[1][0]) / 2))
    else:
        stage.element.get_by_role("application", name="Points of the data").focus()
        for key in keys:
            stage.page.keyboard.press(key)
    under(stage)
    still, moving = pictures(stage, "landscape")
    assert still != before[0]
    assert moving != before[1]
    shown = stage.page.evaluate(
        """() => {
            const {scene, seen} = window.charts.landscape;
            const {x_mean, x_variance, lowest_mean} = scene.landscape;
            const [star] = seen.marks;
            return {bowl: [x_mean, x_variance, lowest_mean], minimum: [star.x[0], star.y[0]]};
        }"""
    )
    stage.page.keyboard.press("Escape")
    released(stage)
    wait_still(stage.page)
    assert pictures(stage, "landscape") == before
    if by == "mouse":
        mouse.let_go()
        mouse.press((x, y))
        mouse.move((x - 0.1, (y + mouse.ranges[1][0]) / 2))
        mouse.let_go()
    else:
        for key in (*keys, "Enter"):
            stage.page.keyboard.press(key)
    experiment = takes_up(stage, "moved")
    landscape = landscapes_of(make_dataset(experiment), experiment.reduction)[0]
    assert shown["bowl"] == pytest.approx([landscape.x_mean, landscape.x_variance, landscape.lowest_mean], abs=1e-9)
    assert shown["minimum"] == pytest.approx([landscape.b_min, landscape.w_min], abs=1e-9)


def pictures(stage, chart: str) -> list[str]:
    """What the canvases of a chart show."""
    canvases = stage.chart(chart).locator("canvas")
    return list(canvases.evaluate_all("all => all.map(canvas => canvas.toDataURL())"))


@pytest.mark.parametrize("add", ["mouse", "finger"])
def test_a_double_press_on_empty_space_adds_a_point(lab, add):
    stage = lab(OPEN, pace=0, **(PHONE if add == "finger" else {}))
    hand = (Finger if add == "finger" else Mouse)(stage, "data")
    hand.double((0.2, 2.8))
    experiment = takes_up(stage, "moved")
    ((index, x, y),) = experiment.moved
    assert index == 100
    assert (x, y) == pytest.approx((0.2, 2.8), abs=0.03)
    run = list(train(experiment))
    stage.wait_at(EPOCHS, run[-1])
    assert stage.element.get_by_text("80 of 101 points").count() == 1
    hand = (Finger if add == "finger" else Mouse)(stage, "data")
    hand.double((0.6, 0.5))
    stage.page.wait_for_function("new URLSearchParams(location.search).get('moved').includes(',')")
    assert [index for index, _, _ in experiment_of(stage).moved] == [100, 101]


def test_a_finger_moves_a_point(lab):
    stage = lab(OPEN, pace=0, **PHONE)
    finger = Finger(stage, "data")
    x, y = max(points_of(stage.chart("data"), "training"))
    finger.press((x, y))
    for step in (0.3, 0.8, 1.4):
        finger.move((x, y - step))
    under(stage)
    finger.let_go()
    experiment = takes_up(stage, "moved")
    assert experiment.moved[0][1:] == pytest.approx((x, y - 1.4), abs=0.03)
    stage.wait_at(EPOCHS, list(train(experiment))[-1])


def test_a_press_alone_moves_nothing_and_escape_puts_it_back(lab):
    stage = lab(OPEN, pace=0)
    stage.seek(5)
    query, values = stage.query, stage.values
    mouse = Mouse(stage, "data")
    x, y = max(points_of(stage.chart("data"), "training"))
    mouse.press((x, y))
    mouse.let_go()
    mouse.press((x, y))
    mouse.move((x, y - 1))
    under(stage)
    stage.page.keyboard.press("Escape")
    released(stage)
    mouse.let_go()
    stage.frames()
    assert (stage.query, stage.values, stage.epoch) == (query, values, 5)


def test_a_point_that_is_dragged_out_of_the_picture_stays_at_its_edge(lab):
    stage = lab(OPEN, pace=0)
    mouse = Mouse(stage, "data")
    (_, right), (bottom, _) = mouse.ranges
    mouse.press(max(points_of(stage.chart("data"), "training")))
    stage.page.mouse.move(1279, 719)
    under(stage)
    assert stage.ranges("data") == mouse.ranges
    mouse.let_go()
    experiment = takes_up(stage, "moved")
    assert experiment.moved[0][1:] == pytest.approx((right, bottom), abs=0.001)
    (_, wider), (lower, _) = stage.ranges("data")
    assert wider > right
    assert lower < bottom


def test_keys_choose_the_nearest_point_move_it_and_add_one(lab):
    stage = lab(OPEN, pace=0)
    stage.seek(0)
    grip = stage.element.get_by_role("application", name="Points of the data")
    grip.focus()
    assert "Enter applies" in grip.get_attribute("aria-description")
    chart = stage.chart("data")
    (left, right), (bottom, top) = stage.ranges("data")
    area = Mouse(stage, "data").area
    stage.page.keyboard.press("]")
    dataset = make_dataset(Experiment())
    x, y = (
        np.concatenate([one, other]).ravel()
        for one, other in ((dataset.x_train, dataset.x_val), (dataset.y_train, dataset.y_val))
    )
    away = np.hypot(
        (x - (left + right) / 2) / (right - left) * area["width"],
        (y - (bottom + top) / 2) / (top - bottom) * area["height"],
    )
    nearest, second = np.argsort(away)[:2]
    expect(chart.locator(".readout")).to_contain_text(f"Point {dataset.order[nearest]}:")
    stage.page.keyboard.press("n")
    expect(chart.locator(".spoken")).to_contain_text(f"Point {dataset.order[second]}:")
    stage.page.keyboard.press("[")
    expect(chart.locator(".spoken")).to_contain_text(f"Point {dataset.order[nearest]}:")
    stage.page.keyboard.press("ArrowRight")
    stage.page.keyboard.press("Shift+ArrowDown")
    under(stage)
    assert stage.epoch == 0
    expect(chart.locator(".spoken")).to_contain_text(re.compile("x .+ y .+ loss .+ diverges at"))
    stage.page.keyboard.press("Enter")
    experiment = takes_up(stage, "moved")
    ((index, moved_x, moved_y),) = experiment.moved
    assert index == dataset.order[nearest]
    assert moved_x == pytest.approx(x[nearest] + (right - left) / 50, abs=0.002)
    assert moved_y == pytest.approx(y[nearest] - (top - bottom) / 10, abs=0.002)
    stage.wait_at(EPOCHS, list(train(experiment))[-1])
    stage.page.keyboard.press("ArrowLeft")
    stage.page.keyboard.press("+")
    stage.page.wait_for_function("new URLSearchParams(location.search).get('moved').includes(',100:')")


@pytest.mark.parametrize("name", ["Points of the data", "Start on the loss surface"])
def test_keys_of_the_browser_are_left_to_it(lab, name):
    stage = lab(OPEN, pace=0)
    stage.seek(5)
    stage.element.get_by_role("application", name=name).focus()
    # Once it is known who wanted them, nothing shall come of them here.
    stage.page.evaluate(
        """window.addEventListener("keydown", event => {
            (window.taken ??= []).push(event.defaultPrevented);
            event.preventDefault();
        })"""
    )
    keys = ["Control+p", "Control+n", "Control+ArrowRight", "Alt+ArrowLeft", "Alt+ArrowUp", "Meta+ArrowLeft"]
    for key in keys:
        stage.page.keyboard.press(key)
    stage.frames(3)
    # With each of the modifiers, which are keys themselves.
    assert stage.page.evaluate("window.taken") == [False] * (2 * len(keys))
    assert (stage.standing()["hand"], stage.epoch) == ("", 5)
    stage.page.keyboard.press("ArrowLeft")
    assert stage.page.evaluate("window.taken.at(-1)")


def test_what_is_in_hand_is_given_up_where_the_mode_is_turned_off(lab):
    stage = lab(OPEN, pace=0)
    stage.seek(5)
    values = stage.values
    stage.element.get_by_role("application", name="Points of the data").focus()
    for key in ("]", "ArrowDown"):
        stage.page.keyboard.press(key)
    under(stage)
    stage.chart("data").get_by_role("button", name="By hand").click()
    stage.wait_query(epochs=[str(EPOCHS)])
    released(stage)
    assert stage.values == values
    assert stage.element.get_by_role("application").count() == 0


def test_after_keep_a_moved_point_makes_a_new_run_beside_the_other(lab):
    stage = lab(f"{OPEN}&keep=1", pace=0)
    mouse = Mouse(stage, "data")
    x, y = max(points_of(stage.chart("data"), "training"))
    mouse.press((x, y))
    mouse.move((x, y - 1.5))
    under(stage)
    mouse.let_go()
    stage.wait_runs(2, front=1)
    released(stage)
    (text,) = stage.query["versus"]
    variant = Experiment(epochs=EPOCHS, moved=PARAMETERS["moved"].read("moved", text.removeprefix("moved:")))
    stage.wait_at(EPOCHS, *(list(train(one))[-1] for one in (Experiment(epochs=EPOCHS), variant)))
    assert stage.run_names[1] == "1 point moved"


def test_of_a_million_points_none_is_moved_but_the_start_is(lab):
    stage = lab("n=1000000&epochs=2&hand=on", pace=0)
    mouse = Mouse(stage, "data")
    sentence = "Of up to 1 000 points each can be moved by hand, and these are 1 000 000: move the start."
    mouse.press(points_of(stage.chart("data"), "training")[0])
    expect(stage.chart("data").locator(".readout")).to_have_text(sentence)
    mouse.let_go()
    assert "moved" not in stage.query
    surface = Mouse(stage, "surface")
    surface.press((0.6, 2.5))
    under(stage)
    surface.let_go()
    assert takes_up(stage, "start_b").n == 1_000_000


def test_a_hundred_and_first_point_stays_and_nothing_is_lost(lab):
    moved = ",".join(f"{index}:{index / 100}:{1 + index / 50}" for index in range(100))
    stage = lab(f"{OPEN}&n=200&moved={moved}", pace=0)
    experiment = experiment_of(stage)
    dataset = make_dataset(experiment)
    mouse = Mouse(stage, "data")
    free = next(point for point in points_of(stage.chart("data"), "training") if place_of(dataset, point) >= 100)
    mouse.press(free)
    sentence = "100 points are moved by hand, and more cannot be: move one of those, or reset them."
    expect(stage.chart("data").locator(".readout")).to_have_text(sentence)
    mouse.let_go()
    assert experiment_of(stage) == experiment
    stage.wait_at(EPOCHS, list(train(experiment))[-1])
    stage.chart("data").get_by_role("button", name="Reset").click()
    stage.wait_query(epochs=[str(EPOCHS)], n=["200"], hand=["on"])


def place_of(dataset: Dataset, point: tuple[float, float]) -> int:
    """The number of a training point, in the data before the shuffle."""
    return int(dataset.order[list(zip(dataset.x_train.ravel(), dataset.y_train.ravel(), strict=True)).index(point)])


def test_moved_points_that_are_not_there_are_named_and_the_run_is_shown_without(lab):
    stage = lab(f"epochs={EPOCHS}&moved=200:0.5:1", pace=0)
    expect(stage.page.get_by_role("alert")).to_contain_text("moved names point 200, but there are 100")
    stage.wait_at(EPOCHS, list(train(Experiment(epochs=EPOCHS)))[-1])


@pytest.mark.parametrize(("label", "value"), [("Seed", "7"), ("N, exactly", "50")])
def test_other_points_are_not_moved_and_the_page_says_so(lab, label, value):
    stage = lab(
        f"epochs={EPOCHS}&moved=3:0.5:1&versus=moved:4:0.5:1,learning_rate:0.5&versus=learning_rate:0.2", pace=0
    )
    stage.wait_runs(3)
    if label == "Seed":
        stage.more()
    field = stage.page.get_by_role("spinbutton", name=label, exact=True)
    field.fill(value)
    field.press("Enter")
    name = "seed" if label == "Seed" else "n"
    stage.wait_query(epochs=[str(EPOCHS)], versus=["learning_rate:0.5", "learning_rate:0.2"], **{name: [value]})
    expect(stage.page.get_by_text("no point of them is moved by hand")).to_be_visible()
    base = replace(Experiment(epochs=EPOCHS), **{name: int(value)})
    stage.wait_at(EPOCHS, *(list(train(replace(base, learning_rate=rate)))[-1] for rate in (0.1, 0.5, 0.2)))


def test_axe_finds_nothing_serious_while_a_point_is_held(lab):
    stage = lab(f"{OPEN}&moved=3:0.5:1", pace=0)
    mouse = Mouse(stage, "data")
    x, y = max(points_of(stage.chart("data"), "training"))
    mouse.press((x, y))
    mouse.move((x, y - 1))
    under(stage)
    assert findings(stage.page) == []
    mouse.let_go()
