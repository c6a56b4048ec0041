"""The player: it plays what was trained, and shows the engine's own numbers."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from sklearn.linear_model import LinearRegression

from core import Experiment, make_dataset, train


def test_fresh_page_is_ready_at_epoch_0_and_waits_for_train(lab):
    stage = lab()
    first = next(train(Experiment()))
    for key in ("Space", "ArrowRight", "End", "5"):
        stage.page.keyboard.press(key)
    stage.frames()
    standing = stage.standing()
    assert (standing["state"], standing["trained"], standing["epoch"]) == ("idle", "0", "0")
    assert stage.values == (first.b, first.w, first.loss)
    assert stage.message == "Press Train to start."
    for label in ("Play", "Previous epoch", "Next epoch", "Replay"):
        assert stage.button(label).is_disabled()
    assert stage.slider.is_disabled()
    assert stage.button("Stop training").is_hidden()
    assert "?" not in stage.page.url


def test_train_starts_a_run_that_plays_to_its_end(lab):
    stage = lab(pace=0)
    stage.train()
    stage.wait_state("playing")
    stage.hurry(1)
    stage.speed.select_option("16")
    stage.wait_state("finished")
    last = list(train(Experiment()))[-1]
    assert (stage.epoch, stage.trained) == (1000, 1000)
    assert stage.values == (last.b, last.w, last.loss)
    assert stage.message == "All 1000 epochs are trained."
    assert stage.button("Play").is_enabled()
    assert stage.button("Next epoch").is_disabled()
    assert stage.button("Stop training").is_hidden()


def test_link_starts_its_run_by_itself_and_plays_it_from_epoch_0(lab):
    stage = lab("epochs=200&learning_rate=0.06", pace=0)
    stage.wait_state("playing")
    assert stage.epoch == 0
    stage.hurry(1)
    stage.wait_for("stage.dataset.state === 'playing' && stage.dataset.epoch > 0")


def test_train_plays_a_run_that_is_trained_already_once_more(resting):
    resting.hurry(0)
    resting.train()
    resting.wait_state("playing")
    assert resting.epoch == 0
    assert resting.trained == 150


def test_playing_shows_every_early_epoch(resting):
    # Pressed here: by the time that an answer is back, the first epochs may have passed.
    shown = resting.element.evaluate(
        """stage => new Promise(resolve => {
            stage.querySelector("[aria-label=Replay]").click();
            const shown = [];
            const look = () => {
                const epoch = Number(stage.dataset.epoch);
                if (shown.at(-1) !== epoch) shown.push(epoch);
                if (epoch >= 5) resolve(shown);
                else requestAnimationFrame(look);
            };
            look();
        })"""
    )
    assert shown[:5] == [0, 1, 2, 3, 4]


def test_pause_stays_on_the_epoch_that_it_showed(resting, resting_run):
    _, records = resting_run
    # Pressed in a frame, while epochs rush by.
    shown = resting.element.evaluate(
        """stage => new Promise(resolve => {
            stage.querySelector("[aria-label=Replay]").click();
            const look = () => {
                const shown = {...stage.dataset};
                if (shown.epoch < 10) return requestAnimationFrame(look);
                stage.querySelector("[aria-label=Pause]").click();
                resolve(shown);
            };
            look();
        })"""
    )
    assert shown["state"] == "playing"
    resting.frames(40)
    now = resting.standing()
    assert now["state"] == "paused"
    assert [now[name] for name in ("epoch", "b", "w", "loss")] == [shown[name] for name in ("epoch", "b", "w", "loss")]
    record = records[resting.epoch]
    assert resting.values == (record.b, record.w, record.loss)
    resting.click("Play")
    resting.wait_for("Number(stage.dataset.epoch) > given", record.epoch)


def test_next_and_previous_go_one_epoch_and_pause_there(resting):
    resting.hurry(0)
    resting.click("Replay")
    resting.wait_and_hold("stage.dataset.state === 'playing' && stage.dataset.epoch > 2", pace=4)
    resting.click("Next epoch")
    resting.hurry(1)
    epoch = resting.epoch
    assert resting.state == "paused"
    resting.click("Next epoch")
    assert resting.epoch == epoch + 1
    resting.click("Previous epoch")
    resting.click("Previous epoch")
    assert resting.epoch == epoch - 1
    resting.frames()
    assert (resting.state, resting.epoch) == ("paused", epoch - 1)


def test_slider_goes_to_any_epoch(resting, resting_run):
    _, records = resting_run
    for epoch in (37, 0, 149, 1):
        resting.seek(epoch)
        assert (resting.epoch, resting.state) == (epoch, "paused")
        assert resting.values == (records[epoch].b, records[epoch].w, records[epoch].loss)
        assert resting.slider.get_attribute("aria-valuetext") == f"epoch {epoch} of 150"


def test_keys_of_a_video_player_move_the_playhead(resting):
    resting.hurry(0)  # from the middle on a run is over within a second
    press = resting.page.keyboard.press
    for key, epoch in (
        ("Home", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("Shift+ArrowRight", 11),
        ("l", 21),
        ("j", 11),
        ("PageUp", 26),
        ("PageDown", 11),
        ("5", 75),
        ("0", 0),
        ("9", 135),
        ("End", 150),
        ("ArrowRight", 150),
    ):
        press(key)
        assert resting.epoch == epoch, key
    press("5")
    press("Space")
    assert resting.state == "playing"
    press("k")
    assert resting.state == "paused"
    here = resting.epoch
    press("Control+ArrowRight")
    assert resting.epoch == here, "with Control the keys belong to the browser"


def test_keys_work_on_the_focused_slider_as_everywhere_else(resting):
    resting.seek(50)
    resting.slider.focus()
    resting.slider.press("ArrowRight")
    assert resting.epoch == 51
    resting.slider.press("ArrowLeft")
    assert resting.epoch == 50
    resting.slider.press("End")
    assert resting.epoch == 150


def test_keys_typed_into_a_field_do_not_move_the_playhead(resting):
    resting.seek(50)
    field = resting.page.get_by_role("spinbutton", name="Epochs, exactly")
    field.click()
    for key in ("Home", "ArrowRight", "End", "ArrowLeft"):
        field.press(key)
    resting.frames(5)
    assert (resting.state, resting.epoch) == ("paused", 50)


def test_replay_starts_from_epoch_0_wherever_the_playhead_was(resting):
    resting.hurry(0)
    for epoch in (150, 120):
        resting.seek(epoch)
        resting.click("Replay")
        assert (resting.epoch, resting.state) == (0, "playing")


def test_play_at_the_end_starts_over(resting):
    resting.hurry(0)
    resting.click("Play")
    assert resting.epoch == 0
    assert resting.state == "playing"


def test_speed_is_chosen_from_the_list_or_by_keys(resting):
    assert resting.speed.input_value() == "1"
    slower = [("<", speed) for speed in ("0.5", "0.25", "0.125", "0.0625", "0.0625")]
    for key, speed in (*slower, (">", "0.125")):
        resting.page.keyboard.press(key)
        assert resting.speed.input_value() == speed
    resting.speed.select_option("16")
    resting.click("Replay")
    resting.wait_state("finished")
    assert resting.epoch == 150


def test_numbers_and_code_show_the_values_of_the_playhead_beside_least_squares(resting, resting_run):
    experiment, records = resting_run
    now, after = records[37], records[38]
    resting.seek(37)
    rows = [row.split("\t") for row in resting.element.locator(".numbers tr").all_inner_texts()]
    shown = {name.strip(): texts for name, *texts in rows}
    assert shown[""] == ["epoch 37", "scikit-learn, 80 of 100 points"]
    x, y = make_dataset(experiment).x_train, make_dataset(experiment).y_train
    fit = LinearRegression().fit(x, y)
    for name, value, reference in (
        ("b", now.b, fit.intercept_[0]),
        ("w", now.w, fit.coef_[0, 0]),
        ("loss", now.loss, ((fit.predict(x) - y) ** 2).mean()),
        ("∂loss/∂b", now.b_grad, 0),
        ("∂loss/∂w", now.w_grad, 0),
    ):
        numbers = [float(text.replace("−", "-")) for text in shown[name]]
        assert numbers == pytest.approx([value, reference], rel=1e-5), name
    code = resting.element.locator(".code").inner_text()
    assert f"b → {after.b:.5g}" in code
    assert "loss.backward()" in code
    node = resting.element.locator('[data-node="loss"] .detail').text_content()
    assert float(node) == pytest.approx(now.loss, rel=1e-4)


@pytest.mark.parametrize(
    "fields",
    [
        {"method": "numpy", "seed": 7},
        {"method": "autograd", "learning_rate": 0.25},
        {"method": "module", "optimizer": "adam", "n": 60},
        {"method": "optimizer", "optimizer": "momentum", "batch_size": 16, "learning_rate": 0.02},
        {"method": "loss_fn", "reduction": "sum", "learning_rate": 0.004, "noise": 0.5, "true_b": -3.0, "true_w": 0.25},
    ],
    ids=lambda fields: " ".join(map(str, fields.values())),
)
def test_values_are_the_engines_to_the_last_digit(lab, fields):
    experiment = Experiment(**fields, epochs=120)
    records = list(train(experiment))
    stage = lab(urlencode(fields | {"epochs": 120}))
    stage.rest()
    for epoch in (0, 1, 37, 120):
        stage.seek(epoch)
        assert stage.epoch == epoch
        record = records[epoch]
        assert stage.values == (record.b, record.w, record.loss)


def test_run_that_converges_ends_early_and_says_so(lab):
    stage = lab("epochs=5000&tolerance=1e-3&learning_rate=0.3")
    training = train(Experiment(epochs=5000, tolerance=1e-3, learning_rate=0.3))
    last = list(training)[-1]
    stage.wait_trained(last.epoch)
    stage.page.keyboard.press("End")
    stage.wait_state("finished")
    assert stage.epoch == last.epoch < 5000
    assert stage.message == training.stop.message
