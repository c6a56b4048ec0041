"""What is seen where: everything at once on a projector, stacked on a phone, in light and in dark."""

from __future__ import annotations

import pytest
from stage import NAMES
from stillness import bounds, measured, wait_still

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
    return dict(zip(PANELS, measured(stage.element, BOXES, list(PANELS)), strict=True))


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
    wait_still(stage.page)
    widths = stage.element.locator(".code pre").evaluate_all("all => all.map(pre => pre.scrollWidth - pre.clientWidth)")
    assert len(widths) >= 4
    assert max(widths) <= 0


@pytest.fixture(scope="module")
def autograd_stage(visitors):
    # No other run has as many points, so this one is trained alone and the code's panel has nothing to add.
    stage = visitors.open("epochs=60&method=autograd&n=123", stay=True)
    stage.rest()
    yield stage
    visitors.leave(stage.page)


@pytest.fixture(params=[(1280, 720), (1920, 1080), (1600, 900)], ids="{0[0]}x{0[1]}".format)
def window(autograd_stage, request):
    """A page whose window has just been given another size, and that size."""
    width, height = request.param
    autograd_stage.page.set_viewport_size({"width": width, "height": height})
    return autograd_stage, width, height


def test_everything_is_seen_at_once_without_scrolling(window):
    stage, width, height = window
    assert measured(stage.page.get_by_test_id("stMain"), "main => main.scrollHeight - main.clientHeight") <= 0
    assert stage.page.evaluate("document.documentElement.scrollHeight") <= height
    places = boxes(stage)
    sidebar = bounds(stage.page.get_by_test_id("stSidebar"))
    for name, place in places.items():
        assert place["right"] - place["left"] > 100, name
        assert place["bottom"] - place["top"] > 20, name
        assert place["left"] >= sidebar["x"] + sidebar["width"] - 1, name
        assert place["top"] >= 0, name
        assert place["right"] <= width, name
        assert place["bottom"] <= height, name
    assert_apart(places)
    for label in ("Train", "More"):
        button = bounds(stage.page.get_by_role("button", name=label, exact=label == "Train"))
        assert button["y"] + button["height"] <= height
    # Even the last line of the code needs no scrolling, nor does the widest.
    code = stage.element.locator(".code")
    assert code.evaluate("code => code.scrollHeight - code.clientHeight") <= 1
    assert_lines_fit(stage)


def test_plots_fill_their_panels_and_the_canvas_lies_on_the_plotting_area(window):
    stage, *_ = window
    for name in NAMES:
        panel, canvas, area, drawn = (
            bounds(stage.chart(name)),
            bounds(stage.chart(name).locator("canvas")),
            bounds(stage.plot(name).locator(".nsewdrag")),
            bounds(stage.plot(name).locator(".main-svg").first),
        )
        for start, size in (("x", "width"), ("y", "height")):
            assert drawn[start] >= panel[start] - 1
            assert drawn[start] + drawn[size] <= panel[start] + panel[size] + 1
        assert area["width"] > 0.6 * panel["width"]
        assert area["height"] > 0.4 * panel["height"]
        for side in ("x", "y", "width", "height"):
            assert canvas[side] == pytest.approx(area[side], abs=1.5), name


def test_phone_stacks_everything_and_keeps_the_player_at_hand(lab):
    stage = lab("epochs=60", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    stage.wait_trained(60)
    stage.seek(60)
    stage.wait_state("finished")
    wait_still(stage.page)
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= 390
    main = stage.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
    player = bounds(stage.element.locator(".bar"))
    assert player["y"] >= 0
    assert player["y"] + player["height"] <= 844
    assert player["x"] >= 0
    assert player["x"] + player["width"] <= 390
    for label in ("Replay", "Previous epoch", "Play", "Next epoch"):
        button = bounds(stage.button(label))
        assert min(button["width"], button["height"]) >= 32
        assert button["x"] >= 0
        assert button["x"] + button["width"] <= 390
    places = boxes(stage)
    # The player floats over the rest, which stands one below the other.
    del places[".bar"]
    assert_apart(places)
    for place in places.values():
        assert place["left"] >= 0
        assert place["right"] <= 390
        assert place["right"] - place["left"] > 300
    stage.hurry(0)
    stage.click("Replay")
    stage.wait_and_hold("stage.dataset.state === 'playing' && stage.dataset.epoch > 0", pace=1)
    stage.click("Previous epoch")
    assert stage.state == "paused"


@pytest.mark.parametrize("schemes", ["light dark", "dark light"])
def test_colours_are_those_of_the_scheme_everywhere_and_change_with_it(lab, schemes):
    before, after = schemes.split()
    stage = lab("epochs=60", color_scheme=before)
    stage.rest()
    assert_coloured(stage, {"light": LIGHT, "dark": DARK}[before])
    stage.page.emulate_media(color_scheme=after)
    assert_coloured(stage, {"light": LIGHT, "dark": DARK}[after])
    assert stage.epoch == 60


def assert_coloured(stage, palette: dict[str, str]) -> None:
    stage.page.wait_for_function(
        "colour => document.querySelector('[data-chart=parameters] .js-plotly-plot').data"
        ".some(trace => trace.line?.color === colour)",
        arg=palette["b"],
    )
    wait_still(stage.page)
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
