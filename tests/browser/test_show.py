"""Panels of one's choice: they fill the window, whatever its size, and what is not shown costs nothing."""

from __future__ import annotations

from itertools import combinations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from stage import NAMES, Stage
from stillness import measured, wait_still

PANELS = {
    **{name: f"[data-chart={name}]" for name in NAMES},
    "numbers": ".numbers",
    "code": ".code",
    "graph": ".graph",
    "player": ".position",
    "status": ".status",
}
"""By name in a link, where it is on the stage."""

SEEN = """(stage, panels) => Object.entries(panels).filter(([, place]) => {
    const {width, height} = stage.querySelector(place).getBoundingClientRect();
    return width * height > 0;
}).map(([name]) => name)"""

BOXES = """stage => {
    const places = ["[data-chart]:not([hidden])", ".side", ".graph", ".bar", ".status"];
    return places.flatMap(place => [...stage.querySelectorAll(place)]).map(one => {
        const {left, top, right, bottom} = one.getBoundingClientRect();
        return {left, top, right, bottom};
    }).filter(({left, right}) => right > left);
}"""

CUT = """stage => [...stage.querySelectorAll("h2, .badge, .epoch, .position, .numbers td, .method button")]
    .filter(one => one.offsetWidth && one.scrollWidth > one.clientWidth + 1)
    .map(one => `${one.className} ${one.textContent}`)"""


@pytest.fixture
def show(visitors):
    """Opens a link that shows some panels, with the run drawn in them."""

    def opened(query: str, *, embedded: bool = True, **options) -> Stage:
        page = visitors.come(**options)
        stage = Stage(page)
        page.goto(f"/?epochs=60&{query}{'&embed=true' if embedded else ''}")
        stage.wait_for("stage.dataset.trained === '60'")
        if not embedded:  # where a stage has keys before it was pressed
            stage.page.keyboard.press("End")
            stage.wait_state("finished")
        return stage

    return opened


def seen(stage) -> list[str]:
    return list(measured(stage.element, SEEN, PANELS))


SIZES = [(1280, 720), (1920, 1080), (640, 360), (390, 844)]

CHOICES = [
    *("data", "surface", "loss,parameters", "data,surface", "data,loss,parameters", "data,surface,loss,parameters"),
    *("data,surface,player,status", "loss,numbers,player", "numbers,code", "graph"),
]


@pytest.fixture(scope="module")
def shown(visitors):
    """A stage that shows some panels, for tests that choose others on it."""
    page = visitors.come(stay=True)
    stage = Stage(page)
    page.goto("/?epochs=60&show=data&embed=true")
    stage.wait_for("stage.dataset.trained === '60'")
    yield stage
    visitors.leave(page)


def choose(stage, names: list[str]) -> None:
    """In the menu, whatever is chosen there now."""
    stage.page.get_by_role("button", name="Tools", exact=True).click()
    boxes = stage.element.locator(".panels input")
    labels = ["Data", "Loss surface", "Loss", "Parameters", "Numbers", "Code", "Graph", "Runs", "Player", "Status"]
    keys = ["data", "surface", "loss", "parameters", "numbers", "code", "graph", "runs", "player", "status"]
    assert boxes.count() == len(keys)
    for wanted in (True, False):
        for key, label in zip(keys, labels, strict=True):
            box = stage.page.get_by_role("checkbox", name=label, exact=True)
            if (key in names) == wanted and box.is_checked() != wanted:
                box.set_checked(wanted)
    stage.page.keyboard.press("Escape")


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_what_is_chosen_fills_the_window_and_nothing_is_cut_off(shown, size):
    width, height = size
    shown.page.set_viewport_size({"width": width, "height": height})
    main = shown.page.get_by_test_id("stMain")
    for names in CHOICES:
        choose(shown, names.split(","))
        shown.page.mouse.move(0, 0)
        assert seen(shown) == [name for name in PANELS if name in names.split(",")], names
        assert measured(main, "main => main.scrollHeight - main.clientHeight") <= 0, names
        assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0, names
        boxes = shown.element.evaluate(BOXES)
        area = sum((box["right"] - box["left"]) * (box["bottom"] - box["top"]) for box in boxes)
        stage = shown.element.bounding_box()
        # Only the gaps and the line of Streamlit's button are left.
        assert area > 0.85 * stage["width"] * stage["height"], names
        assert stage["y"] + stage["height"] <= height
        assert stage["height"] > height - 85
        for one, other in combinations(boxes, 2):
            across = min(one["right"], other["right"]) - max(one["left"], other["left"])
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            # Alone the button of the menu stands in a corner.
            assert across <= 0.5 or down <= 0.5 or across * down < 1000, names
        assert shown.element.evaluate(CUT) == [], names


def test_link_and_menu_say_the_same_and_the_last_panel_stays(show):
    stage = show("show= surface,player , data", embedded=False)
    assert seen(stage) == ["data", "surface", "player"]
    choose(stage, ["data"])
    stage.wait_query(epochs=["60"], show=["data"])
    assert seen(stage) == ["data"]
    stage.page.get_by_role("button", name="Tools", exact=True).click()
    only = stage.page.get_by_role("checkbox", name="Data", exact=True)
    assert only.is_checked()
    assert only.is_disabled()
    stage.page.get_by_role("button", name="All", exact=True).click()
    stage.wait_query(epochs=["60"])
    assert seen(stage) == list(PANELS)


def test_choice_survives_a_reload_and_the_way_to_the_graph_and_back(show):
    stage = show("show=loss,status", embedded=False)
    stage.way("Graph").click()
    stage.wait_for("stage.classList.contains('graph-large')")
    assert {"graph", "player", "status"} <= set(seen(stage))
    stage.way("Lab").click()
    stage.wait_for("!stage.classList.contains('graph-large') && stage.querySelector('[data-chart=loss] .main-svg')")
    assert seen(stage) == ["loss", "status"]
    stage.page.reload()
    stage.wait_for("stage.querySelector('[data-chart=loss] .main-svg') && stage.dataset.trained === '60'")
    assert seen(stage) == ["loss", "status"]
    stage.press("Start over")
    stage.wait_query()
    stage.wait_state("idle")
    assert seen(stage) == list(PANELS)


def test_what_takes_the_place_of_a_chart_goes_by_its_name(show):
    stage = show("show=surface,loss,player&sweep=learning_rate", embedded=False)
    stage.wait_for("stage.querySelector('[data-chart=sweep].ready .main-svg')")
    charts = "[...stage.querySelectorAll('[data-chart]:not([hidden])')].map(one => one.dataset.chart).join()"
    stage.wait_for(f"{charts} === 'loss,sweep' || {charts} === 'sweep,loss'")
    stage.click("Previous beat")
    stage.wait_for(f"{charts} === 'surface,loss-b'")
    stage.click("Next epoch")
    stage.sweep.get_by_role("button", name="Surface", exact=True).click()
    stage.chart("surface").get_by_role("button", name="3-D", exact=True).click()
    stage.wait_for(f"{charts}.split(',').toSorted().join() === 'landscape,loss'")
    choose(stage, ["loss"])
    stage.wait_for(f"{charts} === 'loss'")


def test_hidden_panels_cost_nothing_while_a_run_plays(show):
    stage = show("show=data,player", embedded=False)
    assert stage.page.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot .main-svg')].every(svg => svg.closest('[data-chart=data]'))"
    )
    # Whatever is written or painted elsewhere than in what is shown.
    stage.page.evaluate(
        """() => {
            const stage = document.querySelector("[data-testid=stage]");
            window.touched = [];
            new MutationObserver(changes => {
                for (const {target} of changes) {
                    const part = target.nodeType === 1 ? target : target.parentElement;
                    const place = part?.closest("[data-chart], .numbers, .side, .graph, .chips, .status, .bar");
                    if (place && !place.matches("[data-chart=data], .bar")) touched.push(place.className);
                }
            }).observe(stage, {subtree: true, childList: true, characterData: true, attributes: true});
            for (const name of ["stroke", "fill", "clearRect"]) {
                const real = CanvasRenderingContext2D.prototype[name];
                CanvasRenderingContext2D.prototype[name] = function (...given) {
                    const chart = this.canvas.closest("[data-chart]")?.dataset.chart;
                    if (chart !== "data") touched.push(chart);
                    return real.apply(this, given);
                };
            }
        }"""
    )
    stage.click("Replay")
    stage.wait_for("stage.dataset.epoch > 30")
    stage.page.keyboard.press("End")
    stage.frames(20)
    assert stage.page.evaluate("window.touched") == []


def test_a_panel_that_comes_back_shows_where_the_playhead_is(show):
    stage = show("show=data,player", embedded=False)
    stage.seek(40)
    choose(stage, ["data", "numbers", "code", "graph", "surface", "status", "player"])
    stage.wait_for("stage.querySelector('[data-chart=surface] .main-svg')")
    numbers = stage.element.locator(".numbers tr").nth(1).inner_text()
    assert f"{stage.values[0]:.6g}" in numbers.replace("\u2212", "-")
    assert stage.element.locator(".epoch").inner_text() == "Epoch 40"
    assert stage.element.locator(".code .value").first.inner_text() != ""


def test_unknown_panels_are_one_sentence(show):
    stage = show("show=data,charts", embedded=False)
    warning = stage.page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("There is no panel 'charts'; there are data, surface, loss, parameters")
    assert seen(stage) == ["data"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("panels", ["data,surface", "numbers,code,graph,player", "status,loss,runs,numbers"])
def test_axe_finds_nothing_serious_in_a_part_of_the_stage(show, panels, scheme):
    stage = show(f"show={panels}&versus=learning_rate:0.5", color_scheme=scheme)
    stage.page.get_by_role("button", name="Tools", exact=True).click()
    wait_still(stage.page)
    found = Axe().run(stage.page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize(
    ("count", "area", "columns", "first"),
    [
        (1, (1200, 300), 1, ""),
        (2, (1200, 600), 2, ""),
        (2, (360, 700), 1, ""),
        (3, (1200, 650), 2, "tall"),
        (3, (1800, 320), 3, ""),
        (3, (360, 740), 1, ""),
        (4, (1200, 650), 2, ""),
        (4, (360, 740), 1, ""),
        (4, (2000, 300), 4, ""),
    ],
)
def test_charts_share_an_area_so_that_each_has_a_good_shape(blank_page, count, area, columns, first):
    found = blank_page.evaluate(
        """async given => (await import("/app/static/stage/panels/room.js")).shareOut(...given)""", [count, *area]
    )
    assert found == {"columns": columns, "first": first}
