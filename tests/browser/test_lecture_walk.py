"""A lecture from its lecturer's side: the room opens, sees the lecturer's page whatever that is, and ends."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import Server
from stage import Stage
from stillness import bounds, wait_still
from visiting import UNREACHABLE

from core import Experiment, train


def lecture(page: Page) -> Locator:
    return page.get_by_role("region", name="Lecture")


def open_room(page: Page) -> str:
    """Opens a room, and returns its code."""
    lecture(page).get_by_role("button", name="Lecture", exact=True).click()
    door = page.get_by_role("dialog", name="Join the lecture")
    code = door.locator(".code")
    expect(code).to_have_text(re.compile(r"^[0-9A-Z]{6}$"))
    found = code.inner_text()
    door.get_by_role("button", name="Close").click()
    return found


def more(page: Page) -> Locator:
    """What stands behind the room's code, opened."""
    inside = page.get_by_role("dialog", name="Lecture", exact=True)
    if not inside.is_visible():
        lecture(page).get_by_role("button", name="More of the lecture").click()
    return inside


def end_room(page: Page) -> None:
    more(page).get_by_role("button", name="End lecture").click()
    # Where somebody is here, it is asked once more.
    if (sure := page.get_by_role("button", name="End it for")).is_visible():
        sure.click()
    expect(lecture(page).get_by_role("button", name="Lecture", exact=True)).to_be_visible()


@pytest.fixture
def follow(visitors):
    def follow(code: str, **options) -> Stage:
        stage = Stage(visitors.come(**options))
        stage.page.goto(f"/room/{code}")
        stage.wait_until_drawn()
        return stage

    return follow


@pytest.fixture
def lecturer(lab) -> Iterator[Stage]:
    stage = lab("epochs=60&learning_rate=0.05", pace=0)
    stage.wait_runs(1)
    yield stage
    if not stage.page.is_closed() and lecture(stage.page).locator(".room-code").is_visible():
        end_room(stage.page)


def record(epoch: int, **fields):
    found = list(train(Experiment(**{"epochs": 60, "learning_rate": 0.05} | fields)))[epoch]
    return found.b, found.w, found.loss


def test_room_sees_the_lecturers_playhead_and_every_run(lecturer, follow):
    code = open_room(lecturer.page)
    stage = follow(code.lower())
    expect(lecture(lecturer.page).get_by_role("status")).to_have_text("1 here")
    lecturer.click("Pause")
    lecturer.seek(17)
    stage.wait_for("stage.dataset.epoch === '17' && stage.dataset.state === 'paused'")
    assert stage.values == record(17)
    lecturer.click("Next beat")
    stage.wait_for("stage.dataset.beat === 'forward'")
    lecturer.speed.select_option("4")
    stage.wait_for("stage.querySelector('[aria-label=Speed]').value === '4'")
    rate = lecturer.page.get_by_label("Learning rate, exactly")
    rate.fill("0.4")
    rate.press("Enter")
    lecturer.page.wait_for_url(re.compile("learning_rate=0.4"))
    lecturer.click("Pause")  # which there is once the new run plays: the one before is paused
    lecturer.seek(9)
    stage.wait_for("Number(stage.dataset.b) === given", record(9, learning_rate=0.4)[0])
    assert stage.epoch == 9


def test_code_is_typed_in_on_the_page_that_asks_for_it(lecturer, visitors):
    code = open_room(lecturer.page)
    page = visitors.come()
    page.goto("/room")
    page.get_by_label("Code of the room").fill(code.lower())
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(re.compile(f"/room/{code}$"))
    expect(page.get_by_test_id("stage")).to_have_attribute("data-room", code)


def test_code_and_picture_are_shown_large_with_one_click(lecturer):
    code = open_room(lecturer.page)
    lecturer.page.get_by_role("button", name=code).click()
    door = lecturer.page.get_by_role("dialog", name="Join the lecture")
    expect(door.locator(".code")).to_have_text(code)
    expect(door.locator(".address")).to_contain_text("/room")
    # Nobody can join from a machine of their own what listens on this one alone, and the lecturer is told so.
    expect(door).to_contain_text("make lecture")
    assert bounds(door.get_by_role("img"))["width"] > 400
    lecturer.page.keyboard.press("Escape")
    expect(door).to_be_hidden()


def test_room_sees_chapters_and_mistakes(lecturer, follow):
    stage = follow(open_room(lecturer.page))
    lecturer.page.get_by_role("link", name="Course").click()
    lecturer.page.get_by_role("link", name=re.compile("Autograd")).first.click()
    reading = stage.page.get_by_role("article")
    expect(reading.get_by_role("heading", level=1)).to_contain_text("Autograd")
    expect(stage.element).to_be_hidden()
    outcome = reading.locator("details[data-outcome]").first
    outcome.locator("summary").click()
    expect(outcome.locator("pre, svg, img").first).to_be_visible()
    lecturer.page.get_by_role("link", name="Mistakes").click()
    expect(reading.get_by_role("heading", level=1)).not_to_contain_text("Autograd")
    lecturer.page.get_by_role("link", name="Lab", exact=True).click()
    expect(stage.element).to_be_visible()


def test_room_sees_where_the_lecturer_points(lecturer, follow):
    stage = follow(open_room(lecturer.page))
    spot = stage.element.locator(".pointer")
    lecturer.page.mouse.move(500, 180)
    lecturer.page.mouse.move(520, 190)
    expect(spot).to_be_hidden()
    more(lecturer.page).get_by_role("button", name="Point", exact=True).click()
    lecturer.page.keyboard.press("Escape")
    place = bounds(lecturer.chart("surface"))
    wait_still(stage.page)
    lecturer.page.mouse.move(place["x"] + 120, place["y"] + 120)
    lecturer.page.mouse.move(place["x"] + 130, place["y"] + 130)
    # It is gone three seconds later: looked for and measured in one.
    stage.wait_for(
        """(([found, chart]) => found?.width && chart.left < found.left && found.left < chart.right
            && chart.top < found.top && found.top < chart.bottom)(
                [".pointer", "[data-chart=surface]"].map(one => stage.querySelector(one)?.getBoundingClientRect()))"""
    )


def test_reload_goes_on_with_the_room(lecturer, follow):
    code = open_room(lecturer.page)
    stage = follow(code)
    lecturer.reload()
    expect(lecture(lecturer.page).locator(".room-code")).to_have_text(code)
    lecturer.click("Pause")
    lecturer.seek(23)
    stage.wait_epoch(23)


def test_reload_stands_at_the_epoch_at_which_it_was(lecturer, follow):
    stage = follow(open_room(lecturer.page))
    lecturer.click("Pause")
    lecturer.seek(17)
    stage.wait_for("stage.dataset.epoch === '17' && stage.dataset.state === 'paused'")
    stage.page.evaluate("""() => {
        const stage = document.querySelector("[data-testid=stage]");
        window.seen = new Set();
        new MutationObserver(() => seen.add(stage.dataset.epoch)).observe(stage, {attributeFilter: ["data-epoch"]});
    }""")
    lecturer.reload()
    lecturer.wait_epoch(17)
    lecturer.seek(18)
    stage.wait_epoch(18)
    assert set(stage.page.evaluate("[...seen]")) <= {"17", "18"}
    assert lecturer.state == "paused"


def test_code_and_all_that_can_be_done_are_at_hand_on_the_projector(lecturer):
    code = open_room(lecturer.page)
    lecturer.page.keyboard.press("p")
    line = lecturer.element.get_by_role("button", name=code)
    expect(line).to_be_visible()
    more(lecturer.page)
    expect(lecturer.page.get_by_role("button", name="Ask…")).to_be_visible()
    lecturer.page.keyboard.press("Escape")
    lecturer.page.keyboard.press("Escape")
    expect(lecturer.page.get_by_test_id("stSidebar").get_by_role("button", name=code)).to_be_visible()


def test_second_tab_waits_until_it_is_taken(lecturer, follow):
    code = open_room(lecturer.page)
    stage = follow(code)
    lecturer.click("Pause")
    lecturer.seek(11)
    stage.wait_epoch(11)
    # A tab of the same browser, which knows of the lecture.
    other = Stage(lecturer.page.context.new_page())
    other.page.set_viewport_size({"width": 1280, "height": 720})
    other.open("epochs=60&learning_rate=0.3", pace=0)
    expect(lecture(other.page).get_by_role("alert")).to_contain_text("another tab")
    assert stage.epoch == 11
    more(other.page).get_by_role("button", name="Show this tab").click()
    other.click("Pause")
    other.seek(30)
    stage.wait_for("Number(stage.dataset.b) === given", record(30, learning_rate=0.3)[0])
    expect(lecture(lecturer.page).get_by_role("alert")).to_contain_text("another tab")
    other.page.close()
    lecturer.page.bring_to_front()
    stage.wait_for("Number(stage.dataset.b) === given", record(11)[0])


def test_room_ends_for_all_tabs_and_followers(lecturer, follow):
    stage = follow(open_room(lecturer.page))
    end_room(lecturer.page)
    expect(stage.page.locator("footer")).to_contain_text("The lecture is over.")
    lecturer.reload()
    expect(lecture(lecturer.page).get_by_role("button", name="Lecture", exact=True)).to_be_visible()


def test_server_that_is_started_again_believes_the_lecturer(visitors, tmp_path):
    # A machine of its own, which keeps its key.
    server = Server(tmp_path / "log.txt", env={**os.environ, "XDG_STATE_HOME": str(tmp_path)})
    server.start()
    # And while it does not know of the room again.
    visitors.forgiven = re.compile(f"{UNREACHABLE.pattern}|Failed to load resource")
    try:
        lecturer = visitors.open("epochs=60&learning_rate=0.05", at=server.address, pace=0)
        lecturer.click("Pause")
        lecturer.seek(7)
        code = open_room(lecturer.page)
        stage = Stage(visitors.come())
        stage.page.goto(f"{server.address}/room/{code}")
        stage.wait_epoch(7)
        server.stop()
        for one in (stage, lecturer):
            one.wait_for("stage.dataset.line === 'cut'")
        server.start()
        for one in (stage, lecturer):
            one.wait_for("stage.dataset.line !== 'cut'")
        lecturer.seek(21)
        stage.wait_for("Number(stage.dataset.b) === given", record(21)[0])
        expect(lecture(lecturer.page).locator(".room-code")).to_have_text(code)
        expect(lecture(lecturer.page).locator("> .problem")).to_be_empty()
        visitors.leave(stage.page, lecturer.page)
    finally:
        server.close()
