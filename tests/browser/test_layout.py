"""What is seen where: everything at once on a projector, stacked on a phone, in light and in dark."""

from __future__ import annotations

import pytest
from stage import NAMES

from dashboard.shared.palette import DARK, LIGHT

PANELS = (
    *(f"[data-chart={name}]" for name in NAMES),
    *(".numbers", ".code", ".graph", ".bar", ".status"),
)

BOXES = """(stage, panels) => panels.map(panel => {
    const {left, top, right, bottom} = stage.querySelector(panel).getBoundingClientRect();
    return {left, top, right, bottom};
})"""


def boxes(stage) -> dict[str, dict[str, float]]:
    return dict(zip(PANELS, stage.element.evaluate(BOXES, list(PANELS)), strict=True))


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return (
        min(one["right"], other["right"]) - max(one["left"], other["left"]) > 0.5
        and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 0.5
    )


def assert_apart(places: dict[str, dict[str, float]]) -> None:
    names = list(places)
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            assert not overlap(places[name], places[other]), f"{name} and {other} overlap"


def assert_lines_fit(stage) -> None:
    """No line of the code is cut off at the right."""
    widths = stage.element.locator(".code pre").evaluate_all("all => all.map(pre => pre.scrollWidth - pre.clientWidth)")
    assert len(widths) >= 4
    assert max(widths) <= 0


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_everything_is_seen_at_once_without_scrolling(lab, width, height):
    stage = lab("epochs=60&method=autograd", viewport={"width": width, "height": height})
    stage.rest()
    stage.frames(5)
    assert stage.page.get_by_test_id("stMain").evaluate("main => main.scrollHeight - main.clientHeight") <= 0
    assert stage.page.evaluate("document.documentElement.scrollHeight") <= height
    places = boxes(stage)
    sidebar = stage.page.get_by_test_id("stSidebar").bounding_box()
    for name, box in places.items():
        assert box["right"] - box["left"] > 100, name
        assert box["bottom"] - box["top"] > 20, name
        assert box["left"] >= sidebar["x"] + sidebar["width"] - 1, name
        assert box["top"] >= 0, name
        assert box["right"] <= width, name
        assert box["bottom"] <= height, name
    assert_apart(places)
    for label in ("Train", "More"):
        button = stage.page.get_by_role("button", name=label, exact=label == "Train").bounding_box()
        assert button["y"] + button["height"] <= height
    # Even the last line of the code needs no scrolling, nor does the widest.
    code = stage.element.locator(".code")
    assert code.evaluate("code => code.scrollHeight - code.clientHeight") <= 1
    assert_lines_fit(stage)


def test_plots_fill_their_panels_and_the_canvas_lies_on_the_plotting_area(lab):
    stage = lab("epochs=60&method=autograd&seed=301")
    stage.rest()
    for name in NAMES:
        panel, canvas, area = (
            stage.chart(name).bounding_box(),
            stage.chart(name).locator("canvas").bounding_box(),
            stage.plot(name).locator(".nsewdrag").bounding_box(),
        )
        assert area["width"] > 0.6 * panel["width"]
        assert area["height"] > 0.4 * panel["height"]
        for side in ("x", "y", "width", "height"):
            assert canvas[side] == pytest.approx(area[side], abs=1.5), name


def test_stage_follows_the_size_of_the_window(lab):
    stage = lab("epochs=60&seed=302")
    stage.rest()
    before = stage.plot("data").bounding_box()["width"]
    stage.page.set_viewport_size({"width": 1600, "height": 900})
    stage.page.wait_for_function(
        """before => {
            const panel = document.querySelector("[data-chart=data]").getBoundingClientRect();
            const plot = document.querySelector("[data-chart=data] .main-svg").getBoundingClientRect();
            return plot.width > before + 20 && plot.right <= panel.right + 1 && plot.bottom <= panel.bottom + 1;
        }""",
        arg=before,
    )
    for box in boxes(stage).values():
        assert box["right"] <= 1600
        assert box["bottom"] <= 900


def test_phone_stacks_everything_and_keeps_the_player_at_hand(lab):
    stage = lab("epochs=60", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    stage.wait_trained(60)
    stage.seek(60)
    stage.wait_state("finished")
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= 390
    main = stage.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
    player = stage.element.locator(".bar").bounding_box()
    assert player["y"] >= 0
    assert player["y"] + player["height"] <= 844
    assert player["x"] >= 0
    assert player["x"] + player["width"] <= 390
    for label in ("Replay", "Previous epoch", "Play", "Next epoch"):
        button = stage.button(label).bounding_box()
        assert min(button["width"], button["height"]) >= 32
        assert button["x"] >= 0
        assert button["x"] + button["width"] <= 390
    places = boxes(stage)
    # The player floats over the rest, which stands one below the other.
    del places[".bar"]
    assert_apart(places)
    for box in places.values():
        assert box["left"] >= 0
        assert box["right"] <= 390
        assert box["right"] - box["left"] > 300
    stage.click("Replay")
    stage.wait_state("playing", "finished")
    stage.click("Previous epoch")
    assert stage.state == "paused"


@pytest.mark.parametrize(("scheme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_colours_are_those_of_the_scheme_everywhere(lab, scheme, palette):
    stage = lab("epochs=60", color_scheme=scheme)
    stage.rest()
    variables = stage.page.evaluate(
        """roles => {
            const style = getComputedStyle(document.documentElement);
            return roles.map(role => style.getPropertyValue(`--lab-${role}`).trim());
        }""",
        list(palette),
    )
    assert dict(zip(palette, variables, strict=True)) == palette
    background = stage.page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")
    assert background == css(palette["background"])
    traces = stage.plot("parameters").evaluate(
        "plot => Object.fromEntries(plot.data.filter(t => t.line).map(t => [t.name, t.line.color]))"
    )
    assert traces["b"] == palette["b"]
    assert traces["w"] == palette["w"]
    drawn = stage.plot("data").evaluate("plot => getComputedStyle(plot.querySelector('.xtick text')).fill")
    assert drawn == css(palette["muted"])
    label = stage.element.locator(".numbers th[scope=row]").first.evaluate("th => getComputedStyle(th).color")
    assert label == css(palette["b"])
    node = stage.element.locator('[data-node="w"] rect').evaluate("rect => getComputedStyle(rect).stroke")
    assert node == css(palette["w"])


def test_scheme_may_change_while_the_page_is_open(lab):
    stage = lab("epochs=60")
    stage.rest()
    stage.page.emulate_media(color_scheme="dark")
    stage.page.wait_for_function(
        "colour => document.querySelector('[data-chart=parameters] .js-plotly-plot').data"
        ".some(trace => trace.line?.color === colour)",
        arg=DARK["b"],
    )
    assert stage.epoch == 60


def css(colour: str) -> str:
    """A colour as browsers write it."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def test_who_wants_less_motion_gets_a_run_that_waits_for_play(lab):
    stage = lab("epochs=60", reduced_motion="reduce")
    stage.wait_trained(60)
    stage.frames(40)
    assert (stage.state, stage.epoch) == ("paused", 0)
    stage.click("Next epoch")
    assert stage.epoch == 1
    stage.click("Play")
    stage.wait_for("stage.dataset.epoch > 1")


def test_method_without_a_graph_says_why(lab):
    stage = lab("epochs=60&method=numpy")
    assert stage.element.locator(".graph svg").count() == 0
    words = stage.element.locator(".graph").inner_text()
    assert "no autograd graph" in words
    assert "by hand" in words
    assert_lines_fit(stage)


def test_graph_names_its_tensors_and_operations(lab):
    stage = lab("epochs=60&method=module")
    graph = stage.element.locator(".graph svg")
    for name in ("b", "w", "x", "y", "yhat", "loss"):
        assert graph.locator(f'[data-node="{name}"]').count() == 1
    assert graph.get_attribute("aria-label").startswith("Autograd graph of loss")
    assert "MseLossBackward0" in graph.text_content()
    assert_lines_fit(stage)
