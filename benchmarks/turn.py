"""*Your turn* in a full hall: three hundred train a learning rate of their own at the same moment, 1000 epochs each.

A lecturer opens a room in their page, and in it a turn over learning rates. The hall is plain HTTP clients in a process
of its own, all of which send a rate that nobody else has over lines that are open already. The time counts from just
before the first is sent until the lecturer's page has drawn the last of them: the server has trained them by then, and
the page has asked for it, which it does once a second. Every answer must have been taken. The first hall of a server
waits for what is loaded for it; the time is the longest of the halls after that one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page

from benchmarks.browser import chromium, new_page
from benchmarks.followers import Followers
from benchmarks.server import LAB, Server, serve
from benchmarks.table import Row, say

__all__ = ["turn"]

HALL = 300
EPOCHS = 1000
GIVE_UP_MS = 60_000


def turn(*, quick: bool) -> list[Row]:
    with serve(LAB) as server, chromium() as browser, new_page(browser) as page:
        code = open_room(page, server)
        at = urlsplit(server.address)
        with Followers(at.hostname or "", at.port or 80, code) as crowd:
            halls = [one_turn(page, crowd) for _ in range(2 if quick else 5)]
    say("  " + ", ".join(f"{seconds:.2f}" for seconds, _ in halls) + " s")
    longest = max(seconds for seconds, _ in halls[1:])
    refused = sum(HALL - statuses.get("204", 0) for _, statuses in halls)
    return [
        Row(
            f"{HALL} train a learning rate of their own at the same moment, {EPOCHS} epochs each",
            "",
            "all on the lecturer's stage within 3 s",
            f"{longest:.2f} s, the first of all {halls[0][0]:.2f} s; {refused} refused",
            longest <= 3 and not refused,
        )
    ]


def open_room(page: Page, server: Server) -> str:
    """The lecturer's page, with a room. Gives its code."""
    page.goto(f"{server.address}?epochs={EPOCHS}")
    page.locator("[data-testid=stage][data-state=finished]").wait_for(timeout=GIVE_UP_MS)
    page.get_by_role("region", name="Lecture").get_by_role("button", name="Lecture", exact=True).click()
    door = page.get_by_role("dialog", name="Join the lecture")
    page.wait_for_function("document.querySelector('.lecture-door .code')?.textContent.length === 6")
    code = door.locator(".code").inner_text()
    door.get_by_role("button", name="Close").click()
    return code


def one_turn(page: Page, crowd: Followers) -> tuple[float, dict[str, int]]:
    """Seconds until all are drawn, and how the answers were taken."""
    page.get_by_role("button", name="More of the lecture").click()
    page.get_by_role("button", name="Your turn…").click()
    form = page.get_by_role("form", name="Learning rate")
    page.locator(".turn-panel .main:enabled").first.wait_for()
    form.get_by_role("button", name="Open").click()
    page.locator(".lab-stage .chart.covered").wait_for(timeout=GIVE_UP_MS)
    kept = page.evaluate("JSON.parse(localStorage.getItem('lecture-turn')).turn")
    rates = np.geomspace(kept["low"], kept["high"], HALL).clip(kept["low"], kept["high"]).tolist()
    with ThreadPoolExecutor(1) as beside:
        answering = beside.submit(crowd.answer_with, kept["id"], rates)
        page.locator(f".strip[data-ended='{HALL}']").wait_for(timeout=GIVE_UP_MS)
        page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        seconds, told = monotonic(), answering.result()
    page.get_by_role("button", name="End turn").click()
    page.get_by_role("region", name="Your turn").get_by_role("button", name="Close").click()
    return seconds - told["began"], told["statuses"]
