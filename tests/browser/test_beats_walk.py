"""What happens within an epoch, beat by beat: forward, loss, backward, update."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import numpy as np
import pytest
from stage import BEATS
from stillness import wait_still

from core import Experiment, make_dataset, train
from dashboard.stage.moments import AHEAD

LAST = 150
NUMBER = re.compile(r"\u2212?\d[\d.]*(?:e\u2212?\d+)?")


def numbers_in(text: str) -> list[float]:
    return [float(found.replace("\u2212", "-")) for found in NUMBER.findall(text)]


def close(expected):
    """Equal as far as the digits that are shown."""
    return pytest.approx(expected, rel=1e-3, abs=2e-6)


# --- the way through the beats ----------------------------------------------------------------------------


def test_beats_lead_from_epoch_to_epoch_and_back(resting):
    resting.seek(5)
    assert resting.place == (5, "")
    assert resting.chip("forward").is_hidden()
    way = [(5, beat) for beat in BEATS] + [(6, beat) for beat in BEATS] + [(7, "forward")]
    for place in way:
        resting.click("Next beat")
        assert resting.place == place
        assert resting.pressed == [f"{BEATS.index(place[1]) + 1} {place[1]}"]
        assert resting.state == "paused"
    for place in way[-2::-1]:
        resting.click("Previous beat")
        assert resting.place == place
    resting.page.keyboard.press(",")
    assert resting.place == (4, "update")
    resting.page.keyboard.press(".")
    assert resting.place == (5, "forward")


def test_chips_lead_to_their_beats(resting):
    resting.seek(9)
    resting.page.keyboard.press(".")
    for beat in ("update", "loss", "backward", "forward"):
        resting.chip(beat).click()
        assert resting.place == (9, beat)
        assert resting.pressed == [f"{BEATS.index(beat) + 1} {beat}"]


def test_no_beat_comes_before_epoch_0_and_no_update_after_the_last_epoch(resting):
    press = resting.page.keyboard.press
    press("Home")
    assert resting.button("Previous beat").is_disabled()
    press(",")
    assert resting.place == (0, "")
    press(".")
    press(",")
    assert resting.place == (0, "")
    press("End")
    for beat in BEATS[:3]:
        assert resting.button("Next beat").is_enabled()
        press(".")
        assert resting.place == (LAST, beat)
    assert resting.button("Next beat").is_disabled()
    press(".")
    assert resting.place == (LAST, "backward")
    resting.chip("loss").click()
    assert resting.chip("update").is_disabled()
    resting.chip("backward").click()
    assert resting.place == (LAST, "backward")
    press(",")
    assert resting.place == (LAST, "loss")


def test_beat_pauses_a_run_that_plays(resting):
    resting.hurry(0)
    resting.click("Replay")
    resting.wait_and_hold("stage.dataset.state === 'playing' && stage.dataset.epoch > 2", pace=4)
    resting.click("Next beat")
    resting.hurry(1)
    epoch, beat = resting.place
    assert (beat, resting.state) == ("forward", "paused")
    resting.frames()
    assert resting.place == (epoch, "forward")
    resting.page.keyboard.press("k")
    assert (resting.beat, resting.state) == ("", "playing")


@pytest.mark.parametrize(
    ("leave", "epoch"),
    [
        (lambda stage: stage.click("Next epoch"), 21),
        (lambda stage: stage.click("Previous epoch"), 19),
        (lambda stage: stage.page.keyboard.press("ArrowRight"), 21),
        (lambda stage: stage.seek(40), 40),
        (lambda stage: stage.page.keyboard.press("Home"), 0),
    ],
    ids=["next epoch", "previous epoch", "arrow", "scrubbing", "home"],
)
def test_way_to_another_epoch_leaves_the_beat(resting, leave, epoch):
    resting.seek(20)
    resting.click("Next beat")
    resting.click("Next beat")
    assert resting.place == (20, "loss")
    leave(resting)
    assert resting.place == (epoch, "")
    assert resting.lit == []
    assert resting.chip("loss").is_hidden()


def test_replay_leaves_the_beat(resting):
    resting.seek(20)
    resting.click("Next beat")
    resting.click("Replay")
    assert (resting.beat, resting.state) == ("", "playing")


def test_dot_and_comma_typed_into_a_field_or_on_a_list_move_nothing(resting):
    resting.seek(50)
    field = resting.page.get_by_role("spinbutton", name="Learning rate, exactly")
    field.click()
    for target in (field, resting.speed):
        target.focus()
        for key in (".", ","):
            target.press(key)
        resting.frames(3)
        assert (resting.place, resting.state) == ((50, ""), "paused")
    resting.page.keyboard.press("Escape")


# --- beats that play on their own -------------------------------------------------------------------------

WALK = """(stage, [button, until]) => new Promise(resolve => {
    // Pressed here: by the time that an answer is back, a hurried beat may have passed.
    stage.querySelector(`[aria-label="${button}"]`).click();
    const seen = [];
    const look = () => {
        const {epoch, beat, state} = stage.dataset;
        const place = `${epoch} ${beat}`;
        if (seen.at(-1) !== place) seen.push(place);
        if (Number(epoch) >= until || state !== "playing") resolve(seen);
        else requestAnimationFrame(look);
    };
    look();
})"""


@pytest.fixture
def hurried(resting):
    """The finished run with a clock that runs twenty times faster: a beat that is seen for seconds passes at once."""
    resting.hurry(20)
    yield resting
    resting.page.keyboard.press("End")
    resting.hurry(1)
    resting.frames(3)


@pytest.mark.parametrize("speed", ["0.0625", "0.125"])
def test_slow_speeds_play_beat_by_beat(hurried, speed):
    hurried.speed.select_option(speed)
    seen = hurried.element.evaluate(WALK, ["Replay", 2])
    assert seen[0] == "0 "
    assert seen[1:-1] == [f"{epoch} {beat}" for epoch in (0, 1) for beat in BEATS]
    assert seen[-1] == "2 forward"
    assert hurried.state == "playing"


def test_slow_play_finishes_at_the_last_epoch(hurried):
    hurried.speed.select_option("0.125")
    hurried.seek(LAST - 2)
    seen = hurried.element.evaluate(WALK, ["Play", LAST])
    assert seen[1:-1] == [f"{epoch} {beat}" for epoch in (LAST - 2, LAST - 1) for beat in BEATS]
    assert seen[-1] == f"{LAST} "
    assert hurried.state == "finished"


def test_going_faster_leaves_the_beats_and_plays_on(resting):
    press = resting.page.keyboard.press
    resting.hurry(0)  # a beat lasts but seconds
    resting.seek(30)
    resting.speed.select_option("0.0625")
    resting.page.evaluate("document.activeElement.blur()")
    press(".")
    press("Space")
    assert (resting.place, resting.state) == ((30, "forward"), "playing")
    press(">")
    assert (resting.beat, resting.speed.input_value()) == ("forward", "0.125")
    press(">")
    assert (resting.beat, resting.speed.input_value()) == ("", "0.25")
    assert resting.state == "playing"


# --- what a beat shows ------------------------------------------------------------------------------------


def test_each_beat_lights_its_own_lines_and_none_when_it_is_left(resting):
    resting.seek(11)
    assert resting.lit == []
    for beat in BEATS:
        resting.click("Next beat")
        assert resting.lit == [beat]
        assert resting.element.locator("[data-step].lit h3").inner_text().lower() == f"{BEATS.index(beat) + 1} {beat}"
        lines = resting.beat_lines()
        assert len(lines) == resting.element.locator(".lit .moment li").count() > 0
        assert resting.svg.get_attribute("data-beat") == beat
    resting.click("Next epoch")
    assert resting.lit == []
    assert resting.element.locator(".moment li").count() == 0
    assert resting.svg.get_attribute("data-beat") == ""


def test_backward_and_update_show_the_gradients_in_the_small_graph(resting, resting_run):
    record = resting_run[1][11]
    resting.seek(11)
    shown = {}
    for beat in ("", *BEATS):
        if beat:
            resting.click("Next beat")
        shown[beat] = {name: numbers_in(resting.boxes()[name]["detail"])[0] for name in ("b", "w")}
    for beat in ("", "forward", "loss"):
        assert list(shown[beat].values()) == close([record.b, record.w])
    for beat in ("backward", "update"):
        assert list(shown[beat].values()) == close([record.b_grad, record.w_grad])


def test_cross_sections_are_seen_in_beats_and_the_epochs_charts_otherwise(resting):
    resting.seek(11)
    assert resting.charts_shown == ["data", "surface", "loss", "parameters"]
    for _ in BEATS:
        resting.click("Next beat")
        assert resting.charts_shown == ["data", "surface", "loss-b", "loss-w"]
    resting.click("Previous epoch")
    assert resting.charts_shown == ["data", "surface", "loss", "parameters"]


def test_canvas_changes_from_beat_to_beat(resting):
    resting.seek(1)
    resting.click("Next beat")
    resting.wait_sections()
    resting.beat_lines()
    pictures = {}
    for beat in BEATS:
        resting.chip(beat).click()
        resting.frames(2)
        pictures[beat] = {name: resting.picture(name) for name in resting.charts_shown}
    assert pictures["forward"]["data"] != pictures["loss"]["data"] != pictures["backward"]["data"]
    assert pictures["loss"]["surface"] != pictures["backward"]["surface"] != pictures["update"]["surface"]
    for name in ("loss-b", "loss-w"):
        assert pictures["forward"][name] != pictures["loss"][name] != pictures["backward"][name], name
    resting.page.keyboard.press(".")
    assert resting.place == (2, "forward")
    resting.frames(2)
    for name in ("data", "surface"):
        assert resting.picture(name) != pictures["forward"][name], name


def test_no_chart_is_rebuilt_by_going_through_beats(resting):
    resting.seek(11)
    resting.click("Next beat")
    resting.wait_sections()
    resting.page.evaluate("document.querySelectorAll('.js-plotly-plot').forEach((plot, i) => { plot.mark = `${i}`; })")
    marks = "Array.from(document.querySelectorAll('.js-plotly-plot'), plot => plot.mark)"
    before = resting.page.evaluate(marks)
    assert len(before) == 6
    for key in (*"....,", "ArrowRight", ".", "Home", ".", "End"):
        resting.page.keyboard.press(key)
    resting.frames(3)
    assert resting.page.evaluate(marks) == before


def test_beats_of_epochs_that_are_here_ask_the_server_nothing(resting):
    resting.page.evaluate(
        """() => {
            const send = WebSocket.prototype.send;
            window.sent = 0;
            WebSocket.prototype.send = function (...given) { window.sent += 1; return send.apply(this, given); };
        }"""
    )
    resting.seek(101)
    resting.click("Next beat")
    resting.beat_lines()
    assert resting.page.evaluate("sent") >= 1
    wait_still(resting.page)
    resting.page.evaluate("sent = 0")
    for _ in range(AHEAD * len(BEATS) - 1):
        resting.page.keyboard.press(".")
        assert resting.element.locator(".lit .moment").inner_text() != "…"
    assert resting.place == (100 + AHEAD, "update")
    resting.page.keyboard.press(",")
    wait_still(resting.page)
    assert resting.page.evaluate("sent") == 0


# --- the numbers ------------------------------------------------------------------------------------------

RUNS = [
    {"method": "numpy"},
    {"method": "autograd", "reduction": "sum", "learning_rate": 0.002},
    {"method": "optimizer", "optimizer": "momentum", "learning_rate": 0.02},
    {"method": "loss_fn", "optimizer": "adam", "learning_rate": 0.05},
    {"method": "module", "batch_size": 24},
]


@pytest.mark.parametrize("fields", RUNS, ids=lambda fields: " ".join(map(str, fields.values())))
def test_numbers_beside_the_beats_are_what_numpy_finds(lab, fields):
    experiment = Experiment(**fields, epochs=30)
    records, dataset = list(train(experiment)), make_dataset(experiment)
    stage = lab(urlencode(fields | {"epochs": 30}))
    stage.rest()
    for epoch in (0, 12):
        now, after = records[epoch], records[epoch + 1]
        x, y = dataset.x_train, dataset.y_train
        if experiment.batch_size:
            first = np.random.default_rng([experiment.seed, epoch + 1]).permutation(len(x))[:24]
            x, y = x[first], y[first]
        reduce = {"mean": np.mean, "sum": np.sum}[experiment.reduction]
        yhat = now.b + now.w * x
        error = yhat - y
        gradients = [2 * reduce(error), 2 * reduce(x * error)]
        lines = {}
        stage.seek(epoch)
        for beat in BEATS:
            stage.click("Next beat")
            lines[beat] = stage.beat_lines()
        if experiment.batch_size:
            assert lines["forward"].pop(0) == "batch 1 of 4: 24 points"
            assert lines["update"][-1].startswith("3 more batches make b ")
            assert numbers_in(lines["update"].pop())[1:] == close([after.b, after.w])
        (line,) = lines["forward"]
        assert line.startswith(f"yhat ({len(x)}, 1)")
        assert numbers_in(line)[2:] == close(yhat[:3, 0])
        line, total = lines["loss"]
        assert line.startswith(f"error ({len(x)}, 1)")
        assert numbers_in(line)[2:] == close(error[:3, 0])
        assert numbers_in(total) == close([reduce(error**2)])
        assert [numbers_in(line)[-1] for line in lines["backward"]] == close(gradients)
        assert [line.split(" = ")[0] for line in lines["backward"]] == (
            ["b_grad", "w_grad"] if experiment.method == "numpy" else ["b.grad", "w.grad"]
        )
        steps = [next(line for line in lines["update"] if line.startswith(f"{name} = ")) for name in ("b", "w")]
        for step, old, new, gradient in zip(steps, now[1:3], after[1:3], gradients, strict=True):
            first, rate, *middle, last = numbers_in(step)
            assert (first, rate) == (close(old), experiment.learning_rate)
            if not experiment.batch_size:
                assert last == close(new)
            if experiment.optimizer == "sgd":
                assert middle == close([gradient])
                assert last == close(old - rate * gradient)
        if experiment.optimizer != "sgd":
            assert_state(experiment, lines["update"], steps, records, epoch)
        cleared = {"numpy": None, "autograd": "b.grad, w.grad → 0"}.get(experiment.method, "b.grad, w.grad → None")
        assert [line for line in lines["update"] if "→" in line] == ([cleared] if cleared else [])


def written(value: float, digits: int = 5) -> str:
    """A number from 0.0001 to 1000 as a reader expects it."""
    return f"{value:#.{digits}g}".replace("-", "\u2212")


@pytest.mark.parametrize("epoch", [0, 11, 140])
def test_lines_read_as_one_would_write_them(resting, resting_run, epoch):
    experiment, records = resting_run
    dataset, now, after = make_dataset(experiment), records[epoch], records[epoch + 1]
    yhat = now.b + now.w * dataset.x_train[:3, 0]
    lines = {}
    resting.seek(epoch)
    for beat in BEATS:
        resting.click("Next beat")
        lines[beat] = resting.beat_lines()
    assert lines["forward"] == [f"yhat (80, 1)  [{', '.join(written(value, 4) for value in yhat)}, …]"]
    assert lines["loss"][1] == f"loss {written(now.loss)}"
    assert lines["backward"] == [f"b.grad = {written(now.b_grad)}", f"w.grad = {written(now.w_grad)}"]
    for line, old, new, gradient in zip(lines["update"], now[1:3], after[1:3], now[5:7], strict=False):
        term = written(gradient) if gradient > 0 else f"({written(gradient)})"
        assert line.endswith(f" = {written(old)} − 0.05 × {term} = {written(new)}")


def test_what_is_copied_pastes_as_numbers(resting, resting_run):
    record = resting_run[1][11]
    resting.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    resting.seek(11)
    resting.click("Next beat")
    resting.click("Next beat")
    resting.click("Next beat")
    resting.beat_lines()
    gradients = [f"{value:#.5g}" for value in record[5:7]]
    assert any(gradient.startswith("-") for gradient in gradients)
    assert resting.copied(".lit .moment").split() == ["b.grad", "=", gradients[0], "w.grad", "=", gradients[1]]
    rows = [line.split("\t") for line in resting.copied(".numbers table").splitlines()]
    shown = {row[0]: [float(cell) for cell in row[1:]] for row in rows if len(row) == 3 and row[0]}
    assert shown["b"][0] == close(record.b)
    assert shown["∂loss/∂w"] == [close(record.w_grad), 0]


def assert_state(experiment, lines, steps, records, epoch) -> None:
    """What the optimizer remembers is what the gradients of all the records up to here make of it."""
    for name, step, column in zip(("b", "w"), steps, (5, 6), strict=True):
        gradients = [record[column] for record in records[: epoch + 1]]
        own = lines[: lines.index(step)] if name == "b" else lines[lines.index(steps[0]) + 1 : lines.index(step)]
        if experiment.optimizer == "momentum":
            before, after = (sum(0.9**k * g for k, g in enumerate(some[::-1])) for some in (gradients[:-1], gradients))
            (velocity,) = own
            assert velocity.startswith("v = ")
            assert numbers_in(velocity) == close([0.9, before, gradients[-1], after])
            assert numbers_in(step)[2] == close(after)
            continue
        m, v = 0.0, 0.0
        for gradient in gradients:
            (m0, v0), m, v = (m, v), 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        mean, square = own
        assert mean.startswith("m = ")
        assert numbers_in(mean) == close([0.9, m0, 0.1, gradients[-1], m])
        assert square.startswith("v = ")
        assert numbers_in(square) == close([0.999, v0, 0.001, gradients[-1], v])
        count = epoch + 1
        assert numbers_in(step)[2:4] == close([m / (1 - 0.9**count), v / (1 - 0.999**count)])
