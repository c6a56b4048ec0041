"""One lesson from its beginning to its end: a lecturer and three followers, one of them with a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from stage import Stage

from core import Experiment, train

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def records(rate: float) -> list:
    return list(train(Experiment(epochs=60, learning_rate=rate)))


def room_tool(page: Page, name: str) -> None:
    """Opens one of the things that can be done with a hall."""
    page.get_by_role("region", name="Lecture").get_by_role("button", name="More of the lecture").click()
    page.get_by_role("button", name=name, exact=True).click()


def follower_footer(stage: Stage, name: str) -> None:
    stage.page.locator("footer").get_by_role("button", name=name, exact=True).click()


def test_a_lesson_with_three_followers(lab, visitors):
    lecturer: Stage = lab("epochs=60&learning_rate=0.9", pace=0)
    lecturer.click("Pause")
    page = lecturer.page

    # The room opens, and three join: by its code, and two by its address.
    page.get_by_role("button", name="Lecture", exact=True).click()
    door = page.get_by_role("dialog", name="Join the lecture")
    expect(door.locator(".code")).to_have_text(re.compile("^[0-9A-Z]{6}$"))
    code = door.locator(".code").inner_text()
    door.get_by_role("button", name="Close").click()
    followers = [Stage(visitors.come(**options)) for options in (PHONE, {}, {"color_scheme": "dark"})]
    phone, laptop, dark = followers
    phone.page.goto("/room")
    phone.page.get_by_label("Code of the room").fill(code.lower())
    phone.page.get_by_role("button", name="Join").click()
    for one in (laptop, dark):
        one.page.goto(f"/room/{code}")
    for one in followers:
        one.wait_until_drawn()
    expect(page.get_by_role("region", name="Lecture").get_by_role("status")).to_have_text("3 here")

    # They follow; one looks around, and comes back.
    lecturer.seek(2)
    for one in followers:
        one.wait_for("stage.dataset.epoch === '2' && Number(stage.dataset.b) === given", records(0.9)[2].b)
    follower_footer(laptop, "Look around")
    laptop.seek(9)
    lecturer.seek(3)
    for one in (phone, dark):
        one.wait_epoch(3)
    assert laptop.epoch == 9
    follower_footer(laptop, "Back to the lecture")
    laptop.wait_epoch(3)

    # They are asked, and all see what came of it.
    room_tool(page, "Ask…")
    page.get_by_role("button", name="Will it diverge at a learning rate of 0.9?", exact=True).click()
    for one, answer in zip(followers, ("Yes", "No", "Yes"), strict=True):
        card = one.page.get_by_role("region", name="Question", exact=True)
        card.get_by_role("button", name=answer, exact=True).click()
    strip = page.get_by_role("region", name="Question to the room")
    expect(strip).to_contain_text("3 of 3 answered")
    strip.get_by_role("button", name="Reveal", exact=True).click()
    for one in followers:
        expect(one.page.get_by_role("region", name="Question", exact=True)).to_contain_text(
            "2 of 3 said yes; it diverges."
        )
    strip.get_by_role("button", name="Close", exact=True).click()

    # Each tries a learning rate, and the hall becomes the sweep.
    room_tool(page, "Your turn…")
    page.get_by_role("form", name="Learning rate").get_by_role("button", name="Open").click()
    for one, rate in zip(followers, ("0.05", "0.4", "0.9"), strict=True):
        card = one.page.get_by_role("region", name="Your turn")
        card.get_by_role("spinbutton").fill(rate)
        card.get_by_role("button", name="Train my run").click()
    foot = page.get_by_role("region", name="Your turn")
    expect(foot).to_contain_text("3 of 3 answered")
    expect(foot.get_by_role("status")).to_have_text(re.compile(r"^best: 0\.4, loss .* · 1 diverged$"))
    foot.get_by_role("button", name="End turn", exact=True).click()
    expect(phone.page.get_by_role("region", name="Your turn")).to_contain_text("best: 0.4")
    foot.get_by_role("button", name="Close", exact=True).click()

    # A scene of the ready list, played with a presenter's key, is theirs too.
    lecturer.button("Tools").click()
    page.get_by_role("button", name="Scenes…", exact=True).click()
    scenes = page.get_by_role("dialog", name="Scenes", exact=True)
    scenes.get_by_role("button", name="The lesson", exact=True).click()
    scenes.locator(".title").first.click()
    lecturer.wait_for("stage.classList.contains('projector') && stage.dataset.epoch === '0'")
    page.keyboard.press("PageDown")
    lecturer.wait_epoch(1000)
    noisy = list(train(Experiment(noise=0.5, method="numpy")))[1000]
    for one in followers:
        one.wait_for("stage.dataset.epoch === '1000' && Number(stage.dataset.b) === given", noisy.b)

    # The end is the end for all.
    page.get_by_role("region", name="Lecture").get_by_role("button", name="More of the lecture").click()
    page.get_by_role("button", name="End lecture").click()
    page.get_by_role("button", name="End it for all 3 who are here").click()
    for one in followers:
        expect(one.page.locator("footer")).to_contain_text("The lecture is over.")
