"""The page of the devices: one visitor measures, all see how far it is and what came of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from stillness import measured, wait_still
from test_accessibility import findings

MEASURING_MS = 180_000
"""How long a measurement may take on a machine that does other things as well."""


def heading(page):
    return page.get_by_role("heading", name="Where the time goes", exact=True)


@pytest.fixture(scope="module")
def measured_page(visitors):
    """Who measured, and what a second visitor saw of it meanwhile."""
    page, other = visitors.come(stay=True), visitors.come(stay=True)
    page.goto("/devices")
    heading(page).wait_for()
    expect(page.locator(".shares")).to_have_count(0)
    page.get_by_role("button", name="Measure", exact=True).click()
    page.get_by_role("progressbar").wait_for()
    other.goto("/devices?points=10")
    heading(other).wait_for()
    expect(other.get_by_role("progressbar").or_(other.get_by_role("button", name="Measure again"))).to_be_visible()
    for one in (page, other):
        one.get_by_role("button", name="Measure again").wait_for(timeout=MEASURING_MS)
        expect(one.get_by_role("progressbar")).to_have_count(0)
        one.locator(".shares").wait_for()
    visitors.leave(other)
    yield page
    visitors.leave(page)


def test_outcome_is_one_chart_with_its_parts_and_who_overtakes_whom(measured_page):
    page = measured_page
    wait_still(page)
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    for name in ("NumPy", "PyTorch on one core", "PyTorch in float64"):
        expect(page.locator(".js-plotly-plot .legendtext", has_text=name)).to_have_count(1)
    expect(page.locator(".shares caption")).to_have_text("An epoch with 100 points")
    expect(page.get_by_text("Why a GPU loses with 100 points.")).to_be_visible()
    assert measured(page.get_by_test_id("stMain"), "main => main.scrollWidth - main.clientWidth") <= 0
    # What it is about stands on one screen.
    assert page.get_by_text("Why a GPU loses").bounding_box()["y"] < 720


def test_number_of_points_moves_by_key_and_is_in_the_link(measured_page):
    page = measured_page
    page.get_by_role("slider", name="Points").press("ArrowRight")
    expect(page.locator(".shares caption")).to_have_text("An epoch with 300 points")
    page.wait_for_url("**/devices?points=300")
    page.get_by_role("slider", name="Points").press("ArrowLeft")
    expect(page.locator(".shares caption")).to_have_text("An epoch with 100 points")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_page_of_the_devices(measured_page, visitors, scheme):
    page = visitors.come(color_scheme=scheme)
    page.goto("/devices")
    page.locator(".shares").wait_for()
    page.get_by_text("How it is measured").click()
    assert findings(page) == []


def test_whoever_comes_later_finds_the_outcome_also_on_a_phone(measured_page, visitors):
    page = visitors.come(viewport={"width": 390, "height": 844})
    page.goto("/devices?points=1000000")
    expect(page.locator(".shares caption")).to_have_text("An epoch with 1 million points")
    assert measured(page.get_by_test_id("stMain"), "main => main.scrollWidth - main.clientWidth") <= 0


def test_way_to_the_devices_and_back_keeps_the_run_and_the_number_of_points(lab, measured_page):
    stage = lab("epochs=60&learning_rate=0.07")
    stage.rest()
    values = stage.values
    stage.way("Devices").click()
    heading(stage.page).wait_for()
    stage.way("Lab").click()
    stage.wait_until_drawn()
    stage.rest()
    assert stage.values == values
