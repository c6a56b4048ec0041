"""A learning rate that changes in mid-run: asked for once, from here on or from the start, and its ghost."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from stillness import bounds, wait_still

from core import Experiment, train

EPOCHS = 300
TOUCH = {"has_touch": True, "is_mobile": True}


def records(**fields):
    return list(train(Experiment(**{"epochs": EPOCHS} | fields)))


def paused_at(stage, epoch: int) -> None:
    stage.rest()
    stage.seek(epoch)
    stage.wait_state("paused")


def asked(stage):
    return stage.element.get_by_role("group", name="From where the learning rate")


def changed_at_50(lab):
    """The stage of a run whose rate is 0.5 from epoch 50 on."""
    stage = lab(f"epochs={EPOCHS}", pace=0)
    paused_at(stage, 50)
    stage.type_number("Learning rate, exactly", "0.5")
    asked(stage).get_by_role("button", name="epoch 50 on").click()
    stage.wait_epoch(50)
    stage.wait_query(epochs=[str(EPOCHS)], schedule=["50:0.5"])
    return stage


def test_a_rate_chosen_while_a_run_is_paused_can_hold_from_there_on(lab):
    stage = lab(f"epochs={EPOCHS}", pace=0)
    paused_at(stage, 50)
    stage.type_number("Learning rate, exactly", "0.5")
    stage.wait_query(epochs=[str(EPOCHS)], learning_rate=["0.5"])
    expect(asked(stage).get_by_role("button", name="the start")).to_have_attribute("aria-pressed", "true")
    asked(stage).get_by_role("button", name="epoch 50 on").click()
    stage.wait_query(epochs=[str(EPOCHS)], schedule=["50:0.5"])
    expected = records(schedule=[(50, 0.5)])
    stage.wait_epoch(50)
    stage.wait_trained(EPOCHS)
    assert stage.values == (expected[50].b, expected[50].w, expected[50].loss)
    assert stage.standing()["runs"] == "1"
    stage.rest()
    assert stage.values == (expected[-1].b, expected[-1].w, expected[-1].loss)
    # And back.
    asked(stage).get_by_role("button", name="the start").click()
    stage.wait_query(epochs=[str(EPOCHS)], learning_rate=["0.5"])
    stage.wait_epoch(0)
    stage.wait_trained(EPOCHS)
    stage.rest()
    assert stage.values[0] == records(learning_rate=0.5)[-1].b


def test_what_was_answered_once_holds_for_the_next_change_without_the_run_being_played_anew(lab):
    stage = lab(f"epochs={EPOCHS}", pace=0)
    paused_at(stage, 50)
    stage.type_number("Learning rate, exactly", "0.5")
    asked(stage).get_by_role("button", name="epoch 50 on").click()
    stage.wait_query(epochs=[str(EPOCHS)], schedule=["50:0.5"])
    stage.wait_epoch(50)  # the run before has as many epochs, and is at its start
    stage.wait_trained(EPOCHS)
    paused_at(stage, 120)
    stage.type_number("Learning rate, exactly", "0.02")
    stage.wait_query(epochs=[str(EPOCHS)], schedule=["50:0.5,120:0.02"])
    expect(asked(stage).get_by_role("button", name="epoch 120 on")).to_have_attribute("aria-pressed", "true")
    stage.wait_state("playing")  # the run before was paused
    stage.wait_trained(EPOCHS)
    assert stage.epoch == 120
    stage.rest()
    last = records(schedule=[(50, 0.5), (120, 0.02)])[-1]
    assert stage.values == (last.b, last.w, last.loss)


def test_a_run_that_is_at_its_end_is_not_asked_about(lab):
    stage = lab(f"epochs={EPOCHS}", pace=0)
    stage.rest()
    stage.type_number("Learning rate, exactly", "0.5")
    stage.wait_query(epochs=[str(EPOCHS)], learning_rate=["0.5"])
    stage.wait_epoch(0)
    stage.wait_trained(EPOCHS)
    expect(asked(stage)).to_be_hidden()


def test_the_earlier_course_stays_as_a_ghost(lab):
    stage = lab(f"epochs={EPOCHS}&schedule=50:0.5", pace=0)
    stage.rest()
    expected = records()
    wait_still(stage.page)
    stage.wait_rest("loss", "without the change", (EPOCHS, expected[-1].loss))
    ghost = stage.trace("surface", "without the change")
    assert (ghost["x"][-1], ghost["y"][-1]) == pytest.approx((expected[-1].b, expected[-1].w))
    assert "without the change" in stage.chart("loss").locator(".legend").inner_text()
    assert stage.standing()["runs"] == "1"
    assert "b-1" not in stage.standing()


def test_the_link_of_a_changed_run_is_the_same_run_elsewhere(lab):
    stage = lab(f"epochs={EPOCHS}&learning_rate=0.05&optimizer=adam&method=module&schedule=50:0.5,90:0.01", pace=0)
    stage.rest()
    last = records(learning_rate=0.05, optimizer="adam", method="module", schedule=[(50, 0.5), (90, 0.01)])[-1]
    assert stage.values == (last.b, last.w, last.loss)
    assert "if epoch in schedule:" in stage.element.locator(".code").inner_text()


def test_with_several_runs_the_change_is_that_of_the_run_in_front(lab):
    stage = lab(f"epochs={EPOCHS}&versus=learning_rate:0.02&front=1", pace=0)
    stage.wait_runs(2, front=1)
    paused_at(stage, 50)
    stage.type_number("Learning rate, exactly", "0.5")
    asked(stage).get_by_role("button", name="epoch 50 on").click()
    stage.wait_query(epochs=[str(EPOCHS)], front=["1"], versus=["learning_rate:0.02,schedule:50:0.5"])
    stage.wait_epoch(50)
    stage.wait_runs(2, front=1)
    stage.rest()
    changed = records(learning_rate=0.02, schedule=[(50, 0.5)])
    assert stage.values_of(0)[0] == records()[-1].b
    assert stage.values_of(1)[0] == changed[-1].b


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_the_question_is_reached_by_keyboard_and_finger_lies_within_the_page_and_axe_finds_nothing(visitors, size):
    width, height = size
    stage = visitors.open(
        f"epochs={EPOCHS}", pace=0, viewport={"width": width, "height": height}, **(TOUCH if width < 500 else {})
    )
    paused_at(stage, 50)
    stage.page.keyboard.press("Escape")
    if width < 500:
        stage.page.get_by_test_id("stExpandSidebarButton").click()
    stage.type_number("Learning rate, exactly", "0.5")
    if width < 500:
        stage.page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
    here = asked(stage).get_by_role("button", name="epoch 50 on")
    expect(here).to_be_visible()
    wait_still(stage.page)
    box = bounds(asked(stage))
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    if width < 500:
        here.tap()
    else:
        here.focus()
        stage.page.keyboard.press("Enter")
    stage.wait_query(epochs=[str(EPOCHS)], schedule=["50:0.5"])
    stage.wait_epoch(50)  # the run before has as many epochs, and is at its start
    stage.wait_trained(EPOCHS)
    stage.rest()
    wait_still(stage.page)
    found = Axe().run(stage.page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_what_is_changed_after_a_change_in_mid_run_is_played_from_its_start(lab):
    stage = changed_at_50(lab)
    stage.type_number("Noise, exactly", "0.3")
    stage.wait_query(epochs=[str(EPOCHS)], schedule=["50:0.5"], noise=["0.3"])
    stage.wait_epoch(0)
    stage.wait_trained(EPOCHS)
    last = records(schedule=[(50, 0.5)], noise=0.3)[-1]
    stage.seek(EPOCHS)
    stage.wait_epoch(EPOCHS)
    assert stage.values == (last.b, last.w, last.loss)
    expect(asked(stage)).to_be_hidden()


def test_steps_of_the_slider_one_after_the_other_change_the_course_that_was_paused(lab):
    stage = changed_at_50(lab)
    paused_at(stage, 120)
    slider = stage.page.get_by_role("slider", name="Learning rate")
    slider.focus()
    for _ in range(3):
        stage.page.keyboard.press("ArrowRight")
    expected = records(schedule=[(50, 0.5), (120, 1.0)])
    stage.wait_query(epochs=[str(EPOCHS)], schedule=["50:0.5,120:1.0"])
    stage.wait_run(expected)
    stage.wait_epoch(120)


def test_the_ghost_is_that_of_the_run_in_front_whichever_was_there_meanwhile(lab):
    stage = lab(f"epochs={EPOCHS}&versus=noise:0.3&schedule=50:0.5", pace=0)
    stage.wait_runs(2)
    legend = stage.chart("loss").locator(".legend")
    expect(legend).to_contain_text("without the change")
    stage.run_button("Bring noise 0.3 to the front").click()
    stage.run_button("Bring noise 0.1 to the front").click()
    stage.wait_runs(2)
    expect(legend).to_contain_text("without the change")
    expected = records()
    stage.rest()
    stage.wait_rest("loss", "without the change", (EPOCHS, expected[-1].loss))
