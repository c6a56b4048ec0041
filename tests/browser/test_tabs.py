"""The tabs beside the charts: code, rows and agreement, by mouse, by keys, by finger and by link."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from stillness import bounds, measured, wait_still
from test_accessibility import findings

TABS = {"code": "Code", "rows": "Rows", "agreement": "Agreement"}


def tab(stage, name: str):
    return stage.element.get_by_role("tab", name=TABS[name], exact=True)


def wait_panel(stage, name: str) -> None:
    """Wait until one panel is seen, and its tab is the one that is selected."""
    stage.wait_for(
        """(panels => panels.length === 1 && panels[0].id === `panel-${given}`)
            ([...stage.querySelectorAll("[role=tabpanel]")].filter(panel => panel.checkVisibility()))
            && stage.querySelector("[role=tab][aria-selected=true]").id === `tab-${given}`""",
        name,
    )


def test_a_click_shows_the_panel_and_the_link_says_so(lab):
    stage = lab("epochs=20")
    stage.rest()
    wait_panel(stage, "code")
    for name in ("rows", "agreement"):
        tab(stage, name).click()
        wait_panel(stage, name)
        stage.wait_query(epochs=["20"], panel=[name])
        again = lab(stage.page.url.split("?")[1])
        wait_panel(again, name)
    tab(stage, "code").click()
    wait_panel(stage, "code")
    stage.wait_query(epochs=["20"])
    assert stage.epoch == 20


def test_a_panel_that_is_none_is_said_and_the_code_is_shown(lab):
    stage = lab("epochs=20&panel=graph")
    stage.page.get_by_text("There is no panel 'graph'").wait_for()
    wait_panel(stage, "code")


def test_arrows_lead_along_the_tabs_and_the_tab_key_into_the_panel(lab):
    stage = lab("epochs=20")
    stage.rest()
    tab(stage, "code").focus()
    for key, name in (
        ("ArrowRight", "rows"),
        ("ArrowRight", "agreement"),
        ("ArrowRight", "code"),
        ("ArrowLeft", "agreement"),
    ):
        stage.page.keyboard.press(key)
        wait_panel(stage, name)
        expect(tab(stage, name)).to_be_focused()
    stage.page.keyboard.press("Tab")
    assert stage.page.evaluate("document.activeElement.closest('[role=tabpanel]').id") == "panel-agreement"
    stage.page.keyboard.press("Shift+Tab")
    expect(tab(stage, "agreement")).to_be_focused()
    assert stage.epoch == 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("panel", ["rows", "agreement"])
def test_axe_finds_nothing_serious(lab, panel, scheme):
    stage = lab(f"epochs=60&panel={panel}", color_scheme=scheme)
    stage.rest()
    stage.seek(30)
    if panel == "rows":
        stage.element.locator(".rows tbody tr:not(.spacer)").nth(3).hover()
        stage.wait_for("stage.querySelector('.update li')?.textContent.startsWith('b ←')")
    else:
        stage.wait_for("stage.querySelectorAll('.methods tbody').length === 2")
    assert findings(stage.page) == []


@pytest.mark.parametrize("panel", ["rows", "agreement"])
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (390, 844)])
def test_nothing_scrolls_sideways_and_type_grows_with_the_panel(lab, panel, width, height):
    stage = lab(f"epochs=60&panel={panel}&learning_rate=0.05", viewport={"width": width, "height": height})
    stage.rest()
    if panel == "agreement":
        stage.wait_for("stage.querySelectorAll('.methods tbody').length === 2")
    wait_still(stage.page)
    shown = stage.element.locator(f"#panel-{panel}")
    assert shown.evaluate("panel => panel.scrollWidth - panel.clientWidth") <= 0
    # Of digits that have no room there is an ellipsis, and all of them at a touch.
    cells = shown.locator("td:not(.digits)")
    assert max(cells.evaluate_all("all => all.map(cell => cell.scrollWidth - cell.clientWidth)")) <= 1
    size = measured(shown.locator("table").first, "table => parseFloat(getComputedStyle(table).fontSize)")
    assert size >= (11 if width < 1920 else 14)


def test_on_a_phone_the_tabs_are_for_a_finger(lab):
    stage = lab("epochs=20", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    stage.wait_trained(20)
    for name in TABS:
        assert bounds(tab(stage, name))["height"] >= 44
    tab(stage, "rows").tap()
    wait_panel(stage, "rows")
