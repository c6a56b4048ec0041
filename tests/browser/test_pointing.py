"""The pointer of one stage on another: at the same place of the same panel, whatever the size of either."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from stage import Stage
from stillness import bounds, measured, wait_still

STAGE = """const {href} = document.querySelector("link[href$='/stage/stage.css']");
    const {stageOnPage} = await import(new URL("on_page.js", href));
    const stage = stageOnPage();"""

PANELS = {
    "data": "[data-chart=data] canvas",
    "surface": "[data-chart=surface] canvas",
    "loss": "[data-chart=loss] canvas",
    "parameters": "[data-chart=parameters] canvas",
    "numbers": ".numbers",
    "graph": ".graph svg [data-node=yhat]",
}


@pytest.fixture(scope="module")
def pair(visitors):
    """A lecturer, whose pointer is told, and a follower with a phone."""
    found = []
    for width, height, query in ((1280, 720, ""), (390, 844, "")):
        page = visitors.come(stay=True, viewport={"width": width, "height": height})
        stage = Stage(page)
        page.goto(f"/?epochs=60{query}")
        stage.wait_for("stage.dataset.trained === '60'")
        page.keyboard.press("End")
        found.append(stage)
    found[0].page.evaluate(
        f"""async () => {{
            {STAGE}
            window.told = [];
            stage.onPointer = pointer => window.told.push(pointer);
        }}"""
    )
    yield found
    visitors.leave(*(stage.page for stage in found))


def let_point(stage: Stage, on: bool) -> None:
    stage.page.evaluate(f"async on => {{ {STAGE} stage.pointing = on; window.told.length = 0; }}", on)


def told(stage: Stage):
    stage.frames(3)
    return stage.page.evaluate("window.told.at(-1)")


def show(stage: Stage, pointer) -> None:
    stage.page.evaluate(f"async pointer => {{ {STAGE} stage.showPointer(pointer); }}", pointer)


def point(stage: Stage, box: dict[str, float], x: float, y: float) -> None:
    stage.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


@pytest.mark.parametrize("panel", list(PANELS))
def test_a_pointer_is_seen_at_the_same_place_of_the_same_panel(pair, panel):
    lecturer, follower = pair
    place = (0.25, 0.7)
    let_point(lecturer, True)
    point(lecturer, bounds(lecturer.element.locator(PANELS[panel])), *place)
    pointer = told(lecturer)
    assert pointer["panel"] == panel
    assert 0 <= pointer["x"] <= 1
    assert 0 <= pointer["y"] <= 1
    if "canvas" in PANELS[panel]:
        assert (pointer["x"], pointer["y"]) == pytest.approx(place, abs=0.005)
    target = follower.element.locator(PANELS[panel])
    target.scroll_into_view_if_needed()
    area = bounds(target)
    x, y = place
    wanted = [area["x"] + x * area["width"], area["y"] + y * area["height"]]
    show(follower, pointer)
    # It is gone three seconds later: looked for and measured in one.
    follower.wait_for(
        """(({left, top, width, height}) => width > 0
            && Math.abs(left + width / 2 - given[0]) <= 4 && Math.abs(top + height / 2 - given[1]) <= 4)(
                stage.querySelector(".pointer").getBoundingClientRect())""",
        wanted,
    )


def test_beside_the_panels_and_unasked_nothing_is_told(pair):
    lecturer, _ = pair
    let_point(lecturer, True)
    area = bounds(lecturer.element.locator(PANELS["loss"]))
    point(lecturer, area, 0.5, 0.5)
    assert told(lecturer)["panel"] == "loss"
    point(lecturer, bounds(lecturer.element.locator(".bar")), 0.5, 0.5)
    assert told(lecturer) is None
    let_point(lecturer, False)
    point(lecturer, area, 0.4, 0.5)
    lecturer.frames(3)
    assert lecturer.page.evaluate("window.told") == []


def test_on_the_projector_it_is_told_without_being_asked_for(pair):
    lecturer, _ = pair
    let_point(lecturer, False)
    lecturer.page.keyboard.press("p")
    expect(lecturer.page.get_by_test_id("stSidebar")).to_be_hidden()
    point(lecturer, bounds(lecturer.element.locator(PANELS["surface"])), 0.3, 0.4)
    found = told(lecturer)
    assert (found["panel"], found["x"], found["y"]) == (
        "surface",
        pytest.approx(0.3, abs=0.005),
        pytest.approx(0.4, abs=0.005),
    )
    lecturer.page.keyboard.press("Escape")
    expect(lecturer.page.get_by_test_id("stSidebar")).to_be_visible()
    wait_still(lecturer.page)


def test_a_pointer_hides_when_it_rests_or_is_taken_away_and_what_makes_no_sense_is_not_shown(pair):
    _, follower = pair
    page = follower.page
    spot = follower.element.locator(".pointer")
    show(follower, {"panel": "data", "x": 0.5, "y": 0.5})
    expect(spot).to_be_visible()
    show(follower, None)
    expect(spot).to_be_hidden()
    for panel in ("player", "nothing", "__proto__", ""):
        show(follower, {"panel": panel, "x": 0.5, "y": 0.5})
        expect(spot).to_be_hidden()
    # Three seconds later it is gone by itself.
    page.clock.install()
    show(follower, {"panel": "data", "x": 0.2, "y": 0.5})
    expect(spot).to_be_visible()
    page.clock.run_for(3000)
    expect(spot).to_be_hidden()
    assert measured(spot, "one => getComputedStyle(one).pointerEvents") == "none"
