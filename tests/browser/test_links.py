"""Every control is in the link, and the link gives the same run again."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from core import Experiment, Landscape, make_dataset, shipped_table, train


def query(stage) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(stage.page.url).query).items()}


def test_changed_control_starts_the_new_run_and_writes_the_link(lab):
    stage = lab("epochs=80")
    stage.wait_run(list(train(Experiment(epochs=80))))
    stage.type_number("Learning rate, exactly", "0.0321")
    changed = Experiment(epochs=80, learning_rate=0.0321)
    stage.wait_run(list(train(changed)))
    stage.page.wait_for_url("**learning_rate=0.0321**")
    assert query(stage) == changed.to_query()


def test_link_of_a_run_gives_the_same_run_to_somebody_else(lab):
    stage = lab("epochs=80&method=module&optimizer=adam")
    stage.type_number("Learning rate, exactly", "0.04321")
    records = list(train(Experiment(epochs=80, method="module", optimizer="adam", learning_rate=0.04321)))
    stage.wait_run(records)
    stage.page.wait_for_url("**learning_rate=0.04321**")
    other = lab(urlsplit(stage.page.url).query)
    other.rest()
    other.seek(37)
    assert other.values == (records[37].b, records[37].w, records[37].loss)


def test_back_gives_the_former_run_and_forward_the_later_one(lab):
    stage = lab("epochs=60&learning_rate=0.02")
    first, second = (list(train(Experiment(epochs=60, learning_rate=rate))) for rate in (0.02, 0.2))
    stage.wait_run(first)
    stage.type_number("Learning rate, exactly", "0.2")
    stage.page.wait_for_url("**learning_rate=0.2&**")
    stage.wait_run(second)
    stage.page.go_back()
    stage.wait_run(first)
    expect(stage.number_field("Learning rate, exactly")).to_have_value("0.02")
    stage.page.go_forward()
    stage.wait_run(second)


def test_before_train_a_change_only_shows_where_the_run_would_start(lab):
    stage = lab()
    first = next(train(Experiment()))
    assert stage.values[0] == first.b
    stage.more()
    stage.type_number("Seed", "9")
    other = next(train(Experiment(seed=9)))
    stage.wait_for("Number(stage.dataset.b) === given", other.b)
    stage.frames()
    assert stage.state == "idle"
    assert stage.message == "Press Train to start."
    stage.page.wait_for_url("**seed=9**")


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_limits_of_the_learning_rate_stand_under_it(lab, reduction):
    stage = lab(f"epochs=20&n=60&learning_rate=0.001&reduction={reduction}")
    dataset = make_dataset(Experiment(n=60))
    landscape = Landscape.of(dataset.x_train, dataset.y_train, reduction)
    caption = stage.page.get_by_test_id("stSidebar").get_by_test_id("stCaptionContainer").first
    expect(caption).to_have_text(f"Diverges at {landscape.limit_in_digits}")


def test_zones_lie_under_the_sliders_track_and_one_click_takes_the_advised_rate(lab):
    stage = lab("epochs=20&learning_rate=0.05")
    stage.rest()
    zone = """(track, part) => {
        const {clipPath, width, content, display} = getComputedStyle(track, part);
        return [clipPath, parseFloat(width) - track.getBoundingClientRect().width, content, display];
    }"""
    track = stage.page.locator('.st-key-row-learning_rate [data-testid="stSlider"] [role="group"] > div')
    # Rungs 0 and 50 are 0.0001 and 10; 0.8055, the limit, is between rungs 39 and 40, which are 0.8 and 1.
    limit = 100 * (39 + np.log(0.8055 / 0.8) / np.log(1 / 0.8)) / 50
    for part, share in (("::before", 100 - limit), ("::after", limit)):
        clip, wider, content, display = track.evaluate(zone, part)
        assert (wider, content, display) == (0, '""', "block")
        assert float(re.findall(r"([\d.]+)%", clip)[-1]) == pytest.approx(share, abs=0.1)
    stage.page.get_by_role("button", name="Use 0.4").click()
    stage.page.wait_for_url("**learning_rate=0.4&**")
    stage.wait_at(20, list(train(Experiment(epochs=20, learning_rate=0.4)))[-1])


def test_beyond_the_limit_the_run_diverges_and_says_what_the_data_would_have_borne(lab):
    dataset = make_dataset(Experiment())
    landscape = Landscape.of(dataset.x_train, dataset.y_train)
    training = train(Experiment(epochs=400, learning_rate=1.5))
    records = list(training)
    stage = lab("epochs=400&learning_rate=0.05")
    stage.type_number("Learning rate, exactly", "1.5")
    stage.wait_run(records)
    stage.page.keyboard.press("End")
    stage.wait_state("diverged")
    assert stage.epoch == records[-1].epoch == stage.trained
    assert stage.message == training.stop.message
    for words in (f"Diverged at epoch {records[-1].epoch}", landscape.limit_in_digits):
        assert words in stage.message
    stage.click("Previous epoch")
    assert (stage.state, stage.epoch) == ("paused", records[-2].epoch)
    assert stage.values == (records[-2].b, records[-2].w, records[-2].loss)


def test_just_below_the_limit_the_run_still_converges(lab):
    dataset = make_dataset(Experiment())
    limit = Landscape.of(dataset.x_train, dataset.y_train).max_learning_rate
    stage = lab(f"epochs=400&learning_rate={0.95 * limit}")
    stage.rest()
    assert stage.state == "finished"


def test_iris_table_is_trained_on_by_its_link(lab):
    stage = lab("data=iris&x=petal_length&y=petal_width&epochs=50&learning_rate=0.01")
    stage.rest()
    dataset = shipped_table("iris").dataset("petal_length", "petal_width", Experiment())
    record = list(train(Experiment(epochs=50, learning_rate=0.01), dataset))[37]
    stage.seek(37)
    assert stage.values == (record.b, record.w, record.loss)
    assert stage.plot("data").locator(".xtitle").text_content() == "petal_length"
