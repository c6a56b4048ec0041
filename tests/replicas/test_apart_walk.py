"""What lecturer and followers read while the servers do not reach one another."""

from __future__ import annotations

import re
from functools import partial

from cluster import is_found, wait_until
from playwright.sync_api import expect
from stage import Stage

APART = re.compile("^The servers do not reach one another: ")


def test_both_pages_say_so_and_go_on_as_before_afterwards(cluster, visitors):
    lecturer = visitors.open("epochs=60&learning_rate=0.05", pace=0)
    lecturer.page.get_by_role("button", name="Lecture", exact=True).click()
    shown = lecturer.page.locator(".room-code")
    expect(shown).to_have_text(re.compile("^[0-9A-Z]{6}$"))
    code = shown.inner_text()
    lecturer.page.keyboard.press("Escape")
    for replica in cluster.replicas.values():  # one that was started just now is busy with itself for some seconds
        wait_until(partial(is_found, replica.address, code))
    follower = Stage(visitors.come())
    follower.page.goto(f"/room/{code}")
    words = follower.page.locator("footer").get_by_role("status")
    expect(words).to_have_text("Following the lecture")
    problem = lecturer.page.get_by_role("region", name="Lecture").locator("> .problem")
    cluster.redis.stop()
    expect(words).to_have_text(APART)
    expect(problem).to_have_text(APART)
    cluster.redis.start()
    expect(words).to_have_text("Following the lecture")
    expect(problem).to_be_hidden()
    lecturer.click("Pause")
    lecturer.seek(21)
    follower.wait_epoch(21)
