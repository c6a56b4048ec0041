"""The start of a run, put somewhere by hand: what the finger shows, and the run that begins there."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hand import Finger, Mouse, experiment_of, released, takes_up, under
from playwright.sync_api import expect
from test_accessibility import findings

from core import Experiment, make_dataset, read_table, train
from core.data.tables import SHIPPED
from core.geometry.landscape import landscapes_of
from dashboard.shared.palette import LIGHT

EPOCHS = 40
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def landscape(**fields):
    experiment = Experiment(**{"epochs": EPOCHS} | fields)
    return landscapes_of(make_dataset(experiment), experiment.reduction)[0]


def coloured(stage, chart: str, pixel: tuple[float, float], colour: str) -> bool:
    """Whether something of this colour is painted over the chart within a few pixels of a place in the window."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return bool(
        stage.chart(chart)
        .locator("canvas")
        .evaluate(
            """(canvas, [x, y, wanted]) => {
                const {left, top} = canvas.getBoundingClientRect();
                const scale = canvas.width / canvas.clientWidth;
                // A copy, because what is read becomes slow to paint on.
                const copy = Object.assign(document.createElement("canvas"), {width: 7, height: 7});
                const context = copy.getContext("2d", {willReadFrequently: true});
                context.drawImage(canvas, 3 - (x - left) * scale, 3 - (y - top) * scale);
                const {data} = context.getImageData(0, 0, 7, 7);
                const pixels = Array.from({length: 49}, (_, i) => data.subarray(4 * i, 4 * i + 4));
                const near = (value, i) => Math.abs(value - wanted[i]) < 12;
                return pixels.some(pixel => pixel[3] > 200 && pixel.subarray(0, 3).every(near));
            }""",
            [*pixel, wanted],
        )
    )


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_numbers_line_and_dot_follow_the_finger(lab, reduction):
    rate = "" if reduction == "mean" else "&learning_rate=0.001&reduction=sum"
    stage = lab(f"epochs={EPOCHS}&hand=on{rate}", pace=0)
    mouse, data = Mouse(stage, "surface"), Mouse(stage, "data")
    for place in ((0.5, 3.0), (1.4, 0.6)):
        (mouse.press if place[0] == 0.5 else mouse.move)(place)
        b, w, loss = under(stage)
        assert (b, w) == pytest.approx(place, abs=0.02)  # about a pixel
        assert loss == pytest.approx(landscape(reduction=reduction).loss(b, w), rel=1e-12)
        readout = stage.chart("surface").locator(".readout")
        assert f"loss {loss:.4g}"[:8] in readout.inner_text()
        assert coloured(stage, "surface", mouse.pixel((b, w)), LIGHT["line"])
        assert coloured(stage, "data", data.pixel((0.25, b + 0.25 * w)), LIGHT["line"])
    first = stage.element.locator(".numbers tr", has_text=re.compile("^loss")).locator("td").first.inner_text()
    assert float(first) == pytest.approx(loss, rel=1e-4)
    said = stage.element.locator(".status").inner_text()
    assert said.startswith("By hand")
    assert "Epoch 0" in said
    mouse.let_go()
    takes_up(stage, "start_b", "start_w")


def test_let_go_the_run_starts_there_and_its_link_says_so(lab):
    stage = lab(f"epochs={EPOCHS}&hand=on", pace=0)
    mouse = Mouse(stage, "surface")
    mouse.press((0.6, 2.5))
    mouse.move((0.5, 2.8))
    b, w, _ = under(stage)
    mouse.let_go()
    experiment = takes_up(stage, "start_b", "start_w")
    assert (experiment.start_b, experiment.start_w) == (b, w)
    assert all(len(stage.query[name][0]) <= 6 for name in ("start_b", "start_w"))
    run = list(train(experiment))
    stage.wait_at(0, run[0])
    assert stage.values[:2] == (float(np.float32(b)), float(np.float32(w)))
    stage.wait_state("playing")
    stage.wait_at(EPOCHS, run[-1])
    stage.reload()
    stage.wait_at(EPOCHS, run[-1])
    assert experiment_of(stage) == experiment


def test_on_a_page_that_nobody_has_touched_it_begins_the_first_run(lab):
    stage = lab("", pace=0)
    stage.chart("surface").get_by_role("button", name="By hand").click()
    stage.wait_query(hand=["on"])
    assert stage.state == "idle"
    mouse = Mouse(stage, "surface")
    mouse.press((0.5, 3.0))
    mouse.let_go()
    takes_up(stage, "start_b", "start_w")
    stage.wait_state("playing")


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam"])
def test_the_next_step_is_that_of_the_engine(lab, optimizer):
    stage = lab(f"epochs={EPOCHS}&hand=on&method=optimizer&optimizer={optimizer}", pace=0)
    mouse = Mouse(stage, "surface")
    mouse.press((0.5, 3.0))
    b, w, _ = under(stage)
    start = Experiment(epochs=EPOCHS, method="optimizer", optimizer=optimizer, start_b=b, start_w=w)
    step = list(train(start))[1]
    told = stage.element.locator("[data-step=update] .value").all_inner_texts()
    assert [float(text.split()[-1].replace("−", "-")) for text in told] == pytest.approx([step.b, step.w], rel=1e-4)
    mouse.let_go()
    takes_up(stage, "start_b")


def test_escape_leaves_the_run_as_it_was(lab):
    stage = lab(f"epochs={EPOCHS}&hand=on", pace=0)
    stage.seek(7)
    before, query = stage.values, stage.query
    mouse = Mouse(stage, "surface")
    mouse.press((0.5, 3.0))
    under(stage)
    stage.page.keyboard.press("Escape")
    released(stage)
    mouse.move((0.7, 2.0))
    mouse.let_go()
    stage.frames()
    assert (stage.values, stage.epoch, stage.query) == (before, 7, query)


def test_a_finger_draws_and_does_not_scroll(lab):
    stage = lab(f"epochs={EPOCHS}&hand=on", pace=0, **PHONE)
    finger = Finger(stage, "surface")
    top = stage.chart("surface").bounding_box()
    finger.press((0.6, 3.5))
    for w in (3.0, 2.0, 1.0):
        finger.move((0.6, w))
    b, w, loss = under(stage)
    assert (b, w) == pytest.approx((0.6, 1.0), abs=0.02)
    assert loss == pytest.approx(landscape().loss(b, w), rel=1e-12)
    assert stage.chart("surface").bounding_box() == top
    finger.let_go()
    experiment = takes_up(stage, "start_b", "start_w")
    stage.wait_at(EPOCHS, list(train(experiment))[-1])


def test_keys_move_the_start_by_a_fiftieth_and_a_tenth_of_the_picture(lab):
    stage = lab(f"epochs={EPOCHS}&hand=on", pace=0)
    stage.seek(0)
    b, w, _ = stage.values
    wide, high = (end - begin for begin, end in stage.ranges("surface"))
    grip = stage.element.get_by_role("application", name="Start on the loss surface")
    grip.focus()
    assert "Enter" in grip.get_attribute("aria-description")
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowUp"):
        stage.page.keyboard.press(key)
    found = under(stage)
    assert found[:2] == pytest.approx((b + wide / 50, w + high * (1 / 50 + 1 / 10)), abs=high / 900)
    assert stage.epoch == 0  # the player has not taken them
    expect(stage.chart("surface").locator(".spoken")).to_contain_text(re.compile("b .+ w .+ loss"))
    stage.page.keyboard.press("Escape")
    released(stage)
    stage.page.keyboard.press("ArrowLeft")
    b, w, _ = under(stage)
    stage.page.keyboard.press("Enter")
    experiment = takes_up(stage, "start_b", "start_w")
    assert (experiment.start_b, experiment.start_w) == (b, w)
    stage.wait_at(EPOCHS, list(train(experiment))[-1])


def test_fields_under_more_say_where_it_starts_and_one_click_resets_it(lab):
    stage = lab(f"epochs={EPOCHS}", pace=0)
    stage.more()
    for label, value in (("Start at b", "2.5"), ("Start at w", "-1")):
        field = stage.page.get_by_role("spinbutton", name=label, exact=True)
        field.fill(value)
        field.press("Enter")
    experiment = takes_up(stage, "start_b", "start_w")
    assert (experiment.start_b, experiment.start_w) == (2.5, -1.0)
    run = list(train(experiment))
    stage.wait_at(0, run[0])
    stage.page.keyboard.press("Escape")
    stage.chart("surface").get_by_role("button", name="Reset").click()
    stage.wait_query(epochs=[str(EPOCHS)])
    stage.wait_at(0, next(train(Experiment(epochs=EPOCHS))))
    expect(stage.chart("surface").get_by_role("button", name="Reset")).to_be_hidden()


def test_letting_go_while_a_run_trains_begins_another(lab):
    stage = lab("epochs=100000&n=1000&hand=on", pace=0)  # no run that is announced only, however busy the machine
    stage.wait_trained(5)
    mouse = Mouse(stage, "surface")
    mouse.press((0.5, 3.0))
    b, w, _ = under(stage)
    mouse.let_go()
    experiment = takes_up(stage, "start_b", "start_w")
    assert experiment == Experiment(epochs=100_000, n=1000, start_b=b, start_w=w)
    stage.wait_trained(5)
    stage.click("Stop training")
    stage.seek(0)
    stage.wait_values(next(train(experiment)))


@pytest.mark.parametrize("value", ["1e300", "-1e13", "abc"])
def test_a_field_refuses_a_start_that_cannot_be(lab, value):
    stage = lab(f"epochs={EPOCHS}", pace=0)
    stage.more()
    field = stage.page.get_by_role("spinbutton", name="Start at b", exact=True)
    field.press_sequentially(value)
    field.press("Enter")
    stage.frames()
    stage.wait_at(EPOCHS, list(train(Experiment(epochs=EPOCHS)))[-1])
    assert stage.query == {"epochs": [str(EPOCHS)]}


def test_while_the_mode_is_on_a_drag_zooms_nothing(lab):
    stage = lab(f"epochs={EPOCHS}", pace=0)
    before = stage.ranges("surface")
    button = stage.chart("data").get_by_role("button", name="By hand")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(stage.chart("surface").get_by_role("button", name="By hand")).to_have_attribute("aria-pressed", "true")
    mouse = Mouse(stage, "data")
    mouse.press((0.4, 0.5))
    mouse.move((0.7, 0.9))
    mouse.let_go()
    stage.frames()
    assert stage.ranges("data") == mouse.ranges
    assert stage.ranges("surface") == before


def test_the_picture_stands_still_while_starts_are_tried_and_holds_one_that_is_far_away(lab):
    stage = lab(f"epochs={EPOCHS}&hand=on", pace=0)
    before = stage.ranges("surface")
    mouse = Mouse(stage, "surface")
    mouse.press((0.9, 2.2))
    mouse.let_go()
    takes_up(stage, "start_b")
    stage.seek(0)
    stage.frames()
    assert stage.ranges("surface") == before
    stage.open(f"epochs={EPOCHS}&start_b=5000&start_w=-3000")
    (left, right), (bottom, top) = stage.ranges("surface")
    assert left < 5000 < right
    assert bottom < -3000 < top


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("start_b=1e300", "start_b must be a number from -1e+12 to 1e+12"),
        ("start_w=x", "start_w must be a number"),
        ("hand=maybe", "There is no hand 'maybe'; there are off, on."),
    ],
    ids=str,
)
def test_a_link_with_a_start_that_cannot_be_says_so_and_opens_all_the_same(lab, query, words):
    stage = lab(f"epochs={EPOCHS}&{query}", pace=0)
    expect(stage.page.get_by_role("alert")).to_contain_text(words)
    stage.wait_for("Number(stage.dataset.loss) > 0")


def test_the_run_in_front_is_moved_and_after_keep_a_new_one_beside_it(lab):
    stage = lab(f"epochs={EPOCHS}&versus=learning_rate:0.5&front=1&hand=on", pace=0)
    stage.wait_runs(2, front=1)
    mouse = Mouse(stage, "surface")
    mouse.press((0.5, 3.0))
    b, w, _ = under(stage)
    mouse.let_go()
    changed = [f"learning_rate:0.5,start_b:{b},start_w:{w}"]
    stage.wait_query(epochs=[str(EPOCHS)], versus=changed, front=["1"], hand=["on"])
    released(stage)
    variant = Experiment(epochs=EPOCHS, learning_rate=0.5, start_b=b, start_w=w)
    stage.wait_at(EPOCHS, list(train(Experiment(epochs=EPOCHS)))[-1], list(train(variant))[-1])
    stage.press("Keep")
    stage.runs.get_by_text("Kept").wait_for()
    mouse.press((1.2, 1.0))
    other_b, other_w, _ = under(stage)
    mouse.let_go()
    stage.wait_runs(3, front=2)
    released(stage)
    assert stage.query["versus"] == [*changed, f"learning_rate:0.5,start_b:{other_b},start_w:{other_w}"]
    stage.chart("surface").get_by_role("button", name="Reset").click()
    stage.wait_for("stage.dataset.runs === '3' && !location.search.includes(given)", str(other_b))
    stage.wait_at(
        EPOCHS,
        *(
            list(train(one))[-1]
            for one in (Experiment(epochs=EPOCHS), variant, Experiment(epochs=EPOCHS, learning_rate=0.5))
        ),
    )


def test_on_a_standardised_table_the_start_is_in_the_runs_units(lab):
    stage = lab(f"epochs={EPOCHS}&data=wine&standardize=xy&hand=on", pace=0)
    mouse = Mouse(stage, "surface")
    (left, right), (bottom, top) = mouse.ranges
    mouse.press(((3 * left + right) / 4, (bottom + 3 * top) / 4))
    b, w, loss = under(stage)
    table = read_table(SHIPPED["wine"])
    dataset = table.dataset(None, None, Experiment(standardize="xy"))
    assert loss == pytest.approx(landscapes_of(dataset)[0].loss(b, w), rel=1e-9)
    mouse.let_go()
    experiment = takes_up(stage, "start_b", "start_w")
    stage.wait_at(EPOCHS, list(train(experiment, dataset))[-1])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_mode(lab, scheme):
    stage = lab(f"epochs={EPOCHS}&hand=on&start_b=2", color_scheme=scheme, pace=0)
    mouse = Mouse(stage, "surface")
    mouse.press((0.5, 3.0))
    under(stage)
    assert findings(stage.page) == []
    mouse.let_go()


def hold_by_key(stage):
    grip = stage.element.get_by_role("application", name="Start on the loss surface")
    grip.focus()
    stage.page.keyboard.press("ArrowLeft")
    under(stage)
    return grip


def test_while_a_start_is_held_everything_stands_at_epoch_0_and_the_player_keeps_still(lab):
    stage = lab(f"epochs={EPOCHS}&hand=on", pace=0)
    stage.rest()
    hold_by_key(stage)
    for key in ("End", "5", "l"):
        stage.page.keyboard.press(key)
    stage.frames(3)
    assert stage.slider.input_value() == "0"
    assert "Epoch 0" in stage.element.locator(".status").inner_text()
    assert stage.element.locator(".numbers th", has_text="epoch").first.inner_text() == "epoch 0"
    stage.page.keyboard.press("Escape")
    stage.wait_epoch(EPOCHS)
    released(stage)


def test_a_start_that_keys_hold_is_given_up_by_who_goes_elsewhere(lab):
    stage = lab(f"epochs={EPOCHS}&hand=on", pace=0)
    stage.rest()
    hold_by_key(stage)
    stage.page.keyboard.press("Tab")
    released(stage)
    stage.wait_epoch(EPOCHS)
    expect(stage.chart("surface").locator(".readout")).to_be_hidden()


def test_what_is_held_is_given_up_for_what_is_taken_hold_of_next(lab):
    stage = lab(f"epochs={EPOCHS}&hand=on", pace=0)
    stage.rest()
    hold_by_key(stage)
    points = stage.element.get_by_role("application", name="Points of the data")
    points.focus()
    for key in ("]", "ArrowUp", "Enter"):
        stage.page.keyboard.press(key)
    takes_up(stage, "moved")
    stage.type_number("Epochs, exactly", str(EPOCHS + 1))
    stage.wait_trained(EPOCHS + 1)
    assert stage.query["epochs"] == [str(EPOCHS + 1)]
    expect(stage.chart("surface").locator(".readout")).to_be_hidden()
