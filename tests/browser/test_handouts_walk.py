"""A chapter on a follower's phone: read, predicted, and only then seen."""

from __future__ import annotations

import json
import re
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect
from stillness import measured
from test_accessibility import findings

from core.course import BY_NAME, run_cell
from dashboard.shared.palette import DARK, LIGHT
from dashboard.shared.static_address import static_files, versioned

PHONE = {"width": 390, "height": 844}
CELL = BY_NAME["data"].cells[0]


@pytest.fixture(scope="module")
def room(server) -> str:
    """The address of a room."""
    with urlopen(Request(f"{server}/room", b"", method="POST")) as opened:
        return f"{server}/room/{json.load(opened)['code']}"


@pytest.fixture
def read(visitors, server):
    """Shows a handout as a follower's page does, which has the palette's colours by their roles."""

    def show(room: str, place: str, palette=LIGHT) -> Page:
        page: Page = visitors.come()
        page.goto("/_stcore/health")
        page.set_viewport_size(PHONE)
        page.evaluate(
            """async ([at, address, place, palette]) => {
                document.documentElement.lang = "en";
                document.title = "Handout";
                for (const [role, colour] of Object.entries(palette)) {
                  document.documentElement.style.setProperty(`--lab-${role}`, colour);
                }
                document.body.style = "margin: 0; font-family: sans-serif; background: var(--lab-background)";
                document.body.innerHTML = '<article class="handout" role="main"></article>';
                const style = Object.assign(document.createElement("link"), {
                  rel: "stylesheet", href: `${at}/reading.css`,
                });
                await new Promise((done) => { style.onload = done; document.head.append(style); });
                const { fetchOutcomes } = await import(`${at}/outcomes.js`);
                const root = document.querySelector(".handout");
                fetchOutcomes(root, () => `${address}/${place}`);
                root.innerHTML = await (await fetch(`${address}/${place}`)).text();
            }""",
            [f"/{versioned(static_files())}room", room, place, dict(palette)],
        )
        return page

    return show


def opened(page: Page, cell: str = CELL.name):
    """The outcome of that cell, which its reader opens."""
    details = page.locator(f"details[data-outcome='{cell}']")
    details.locator("summary").click()
    return details


def test_outcome_comes_when_it_is_opened_and_only_once(room, read):
    page = read(room, "chapter/data")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator(".handout figure")).to_have_count(0)
    details = opened(page)
    outcome = run_cell(BY_NAME["data"], CELL)
    expect(details.locator(".answer")).to_have_text(outcome.answer)
    expect(details.locator(".printed")).to_have_text(outcome.printed)
    expect(details.locator("svg[role=img]")).to_be_visible()
    opened(page)
    opened(page)
    expect(details.locator(".answer")).to_be_visible()
    assert asked == [f"{room}/chapter/data/{CELL.name}"]


def test_server_that_does_not_answer_is_said_and_asked_again(room, read, visitors):
    page = read(room, "chapter/data")
    visitors.forgiven = re.compile("Failed to load resource")
    page.route("**/chapter/data/*", lambda route: route.abort())
    details = opened(page)
    expect(details).to_contain_text("The server does not answer. Close this and open it again.")
    page.unroute("**/chapter/data/*")
    opened(page)
    opened(page)
    expect(details.locator(".printed")).to_be_visible()
    expect(details).not_to_contain_text("does not answer")


@pytest.mark.parametrize("place", ["chapter/four-steps", "chapter/tensors", "mistake/broadcast"])
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_handout_fits_a_phone_and_axe_finds_nothing(room, read, place, palette):
    page = read(room, place, palette)
    for summary in page.locator("summary").all():
        summary.click()
    expect(page.locator(".handout").get_by_text("does not answer")).to_have_count(0)
    page.wait_for_function(
        "[...document.querySelectorAll('[data-outcome]')].every((one) => one.querySelector('div *'))"
    )
    assert measured(page.locator("html"), "page => page.scrollWidth") == PHONE["width"]
    assert findings(page, ".handout") == []
