"""No serious finding of axe, and the page works without a mouse."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from stillness import wait_still

from core.mistakes.backward_twice import BACKWARD_TWICE
from core.mistakes.forgotten_zero import FORGOTTEN_ZERO

GRAVE = ("serious", "critical")


def findings(page, context=None) -> list[str]:
    """The serious and critical violations, one line for each element, once the page stands still."""
    wait_still(page)
    violations = Axe().run(page, context).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:160]}"
        for violation in violations
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(lab, scheme):
    stage = lab("epochs=60&n=abc", color_scheme=scheme)
    stage.rest()
    stage.seek(30)
    assert stage.state == "paused"
    assert findings(stage.page) == []
    stage.more()
    assert findings(stage.page) == []


def test_axe_finds_nothing_serious_where_a_run_has_diverged(lab):
    stage = lab("epochs=400&learning_rate=1.5&method=numpy")
    stage.page.keyboard.press("End")
    stage.wait_for("stage.dataset.state !== 'training'")
    stage.page.keyboard.press("End")
    stage.wait_state("diverged")
    assert findings(stage.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_with_five_runs_nor_with_a_sweep(lab, scheme):
    five = "&".join(f"versus={one}" for one in ("learning_rate:1.5", "batch_size:16", "seed:7", "optimizer:adam"))
    stage = lab(f"epochs=40&{five}&front=1&keep=1", color_scheme=scheme, pace=0)
    stage.wait_runs(5, front=1)
    stage.seek(40)
    assert findings(stage.page) == []
    stage.press("Compare")
    stage.page.get_by_role("button", name="Five seeds", exact=True).wait_for()
    assert findings(stage.page) == []
    stage.page.keyboard.press("Escape")
    stage.open_sweep()
    stage.page.mouse.move(0, 0)
    assert findings(stage.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_a_beat_on_the_graphs_page_and_in_the_mistakes(lab, scheme):
    stage = lab("epochs=60", color_scheme=scheme)
    stage.rest()
    stage.seek(20)
    for beat in ("loss", "update"):
        stage.click("Next beat")
        stage.chip(beat).click()
        stage.beat_lines()
        assert findings(stage.page) == [], beat
    stage.way("Graph").click()
    stage.wait_graph()
    assert findings(stage.page) == []
    stage.look("Require gradients", "none")
    assert findings(stage.page) == []
    stage.way("Mistakes").click()
    for mistake in (BACKWARD_TWICE, FORGOTTEN_ZERO):
        stage.page.get_by_test_id("stSidebar").get_by_text(mistake.title, exact=True).click()
        stage.page.get_by_role("heading", name=mistake.title, exact=True, level=2).wait_for()
        stage.page.locator(".token.keyword").first.wait_for()
        assert findings(stage.page) == [], mistake.name


def test_player_is_reached_and_used_by_the_tab_key_alone(lab):
    stage = lab("epochs=60")
    stage.rest()
    stage.button("Replay").focus()
    names = []
    for _ in range(7):
        names.append(stage.page.evaluate("document.activeElement.getAttribute('aria-label')"))
        stage.page.keyboard.press("Tab")
    # The next epoch's button is disabled at the last.
    assert names == ["Replay", "Previous epoch", "Play", "Previous beat", "Next beat", "Epoch", "Speed"]
    stage.button("Previous epoch").focus()
    stage.page.keyboard.press("Space")
    assert stage.epoch == 59
    stage.page.keyboard.press("Enter")
    assert stage.epoch == 58


def test_what_happens_is_announced_and_progress_is_not(lab):
    stage = lab("epochs=60", pace=0)
    status = stage.element.get_by_role("status")
    stage.wait_state("playing")
    assert status.get_attribute("aria-live") == "off"
    stage.rest()
    assert status.get_attribute("aria-live") == "polite"
    assert stage.message.startswith("All 60 epochs are trained. ")
    for name in ("Data", "Loss surface", "Loss", "Parameters"):
        assert stage.element.get_by_role("figure", name=name, exact=True).count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_what_asks_how_to_take_something_along(lab, scheme):
    stage = lab("epochs=60", color_scheme=scheme, pace=0)
    stage.wait_runs(1)
    stage.chart("loss").get_by_role("button", name="Save as picture").click()
    assert findings(stage.page) == []
    stage.page.keyboard.press("Escape")
    stage.button("Tools").click()
    assert findings(stage.page) == []
    stage.page.get_by_role("button", name="Film…").click()
    assert findings(stage.page) == []
