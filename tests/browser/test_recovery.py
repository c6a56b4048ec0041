"""Long runs, impatient visitors and visitors who leave: nothing is lost, and the server lives on."""

from __future__ import annotations

from urllib.parse import urlencode

from visiting import UNREACHABLE

from core import Experiment, train

LONG = {"epochs": 98_000, "batch_size": 40, "learning_rate": 0.001, "method": "module", "optimizer": "adam"}
"""A run of nearly as many updates as one that is not announced may have."""


def long_run(seed: int) -> str:
    """A run of its own, which nobody has trained yet."""
    return urlencode(LONG | {"seed": seed})


def start_of(seed: int, epochs: int = 60) -> list:
    training = train(Experiment(**LONG, seed=seed))
    return [next(training) for _ in range(epochs)]


def test_long_run_answers_while_it_trains_and_stop_keeps_what_was_trained(lab):
    stage = lab(long_run(101))
    records = start_of(101)
    stage.wait_trained(60)
    stage.element.get_by_role("status").filter(has_text="left").wait_for()
    assert "of 98\u202f000 epochs" in stage.message
    stage.click("Pause")
    assert stage.state == "paused"
    stage.seek(37)
    assert stage.epoch == 37
    assert stage.values == (records[37].b, records[37].w, records[37].loss)
    assert "epochs/s" in stage.element.locator(".facts").inner_text()
    assert "ahead" in stage.element.locator(".facts").inner_text()
    trained = stage.trained
    stage.wait_trained(trained + 1)
    stage.click("Stop training")
    stage.button("Stop training").wait_for(state="hidden")
    kept = stage.trained
    assert trained < kept < LONG["epochs"]
    stage.page.keyboard.press("End")
    stage.wait_state("finished")
    assert (stage.epoch, stage.trained) == (kept, kept)
    assert stage.message == f"Stopped at epoch {kept}. What was trained is kept."
    assert stage.element.locator(".badge").inner_text() == "Stopped"
    stage.seek(37)
    assert stage.values == (records[37].b, records[37].w, records[37].loss)
    stage.frames(60)
    assert stage.trained == kept


def test_reload_in_the_middle_of_a_run_gives_the_run_back(lab):
    stage = lab(long_run(102))
    stage.wait_trained(200)
    trained = stage.trained
    stage.reload()
    stage.wait_trained(trained)
    stage.click("Pause")
    records = start_of(102)
    stage.seek(37)
    assert stage.values == (records[37].b, records[37].w, records[37].loss)
    stage.click("Stop training")
    stage.button("Stop training").wait_for(state="hidden")


def test_two_visitors_of_one_link_watch_one_run_and_stopping_is_for_oneself(lab):
    first, second = lab(long_run(103)), lab(long_run(103))
    first.wait_trained(100)
    second.wait_trained(100)
    first.click("Stop training")
    first.button("Stop training").wait_for(state="hidden")
    further = second.trained + 1
    second.wait_trained(further)
    assert second.state != "finished"
    second.click("Stop training")
    second.button("Stop training").wait_for(state="hidden")


def test_stopped_run_starts_anew_with_train(lab):
    stage = lab(long_run(104))
    stage.wait_trained(50)
    stage.click("Stop training")
    stage.button("Stop training").wait_for(state="hidden")
    kept = stage.trained
    stage.train()
    stage.button("Stop training").wait_for()
    stage.wait_trained(kept + 1)
    stage.click("Stop training")
    stage.button("Stop training").wait_for(state="hidden")


def test_leaving_in_the_middle_of_a_run_leaves_the_server_alive(lab, visitors, server_lives):
    stage = lab(long_run(105))
    stage.wait_trained(20)
    visitors.leave(stage.page)
    assert server_lives()
    other = lab("epochs=30&seed=105")
    other.rest()
    assert other.epoch == 30


def test_run_of_many_minutes_is_announced_and_starts_with_train(lab):
    stage = lab("n=1000000&epochs=100000&seed=106")
    assert stage.state == "idle"
    assert stage.message.startswith("This run would take about")
    assert stage.message.endswith("Press Train to start it all the same.")
    stage.train()
    stage.wait_trained(1)
    stage.element.get_by_role("status").filter(has_text="left").wait_for()
    stage.click("Stop training")
    stage.button("Stop training").wait_for(state="hidden")
    assert stage.trained < 100_000


def test_train_clicked_twenty_times_at_once_gives_one_whole_run(lab):
    stage = lab()
    stage.page.get_by_role("button", name="Train", exact=True).evaluate(
        "button => { for (let i = 0; i < 20; i += 1) button.click(); }"
    )
    stage.wait_for("stage.dataset.epoch > 0")
    # More than one of the clicks may be heard, and the run begin once more.
    stage.wait_at(1000, list(train(Experiment()))[-1])
    assert stage.trained == 1000


def test_control_changed_again_and_again_shows_the_last(lab):
    stage = lab("epochs=70")
    for rate in ("0.01", "0.02", "0.03", "0.04", "0.05"):
        stage.type_number("Learning rate, exactly", rate)
    stage.wait_run(list(train(Experiment(epochs=70, learning_rate=0.05))))
    stage.rest()
    assert stage.epoch == 70


def test_what_is_trained_plays_on_without_the_server(lab, visitors):
    visitors.forgiven = UNREACHABLE
    stage = lab("epochs=40&learning_rate=0.05&seed=107", offline=False)
    stage.rest()
    stage.page.context.set_offline(True)
    stage.seek(20)
    assert stage.epoch == 20
    stage.speed.select_option("16")
    stage.click("Replay")
    stage.wait_state("finished")
    assert stage.epoch == 40
