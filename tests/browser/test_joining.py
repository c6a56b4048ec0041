"""The page that asks a phone for the code of a room."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}

NOT_FOUND = re.compile("status of 404")
"""What the console says of a page that there is not, though it has something to say."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_code_is_asked_for_until_it_is_that_of_a_room(visitors, scheme):
    page = visitors.come(viewport=PHONE, color_scheme=scheme)
    visitors.forgiven = NOT_FOUND
    page.goto("/room")
    field = page.get_by_label("Code of the room")
    expect(field).to_be_focused()
    page.keyboard.type("k7q xm2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(re.compile("There is no room K7QXM2"))
    expect(field).to_have_value("k7q xm2")
    expect(field).to_have_accessible_description(re.compile("There is no room K7QXM2"))
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate("document.documentElement.scrollHeight") == PHONE["height"]

    code = page.request.post("/room").json()["code"]
    field.fill(f" {code.lower()} ")
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(f"**/room/{code}")
