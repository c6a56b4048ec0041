"""Pictures to take along: charts and the whole stage, as files that other programs can read."""

from __future__ import annotations

import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from saving import SVG, png_of, save_picture, svg_of, words_of
from stillness import bounds, wait_still

from core import Experiment, train
from dashboard.shared.palette import DARK, LIGHT

EPOCHS = 60
RUN = list(train(Experiment(epochs=EPOCHS, learning_rate=0.3, n=20)))
PLACE = re.compile(r"[ML](-?[\d.]+) (-?[\d.]+)")
GROUND = {"Light": LIGHT["background"], "Dark": DARK["background"]}


@pytest.fixture(scope="module")
def pictured(visitors):
    """The run of these tests, paused by a clock that stands still."""
    stage = visitors.open(f"epochs={EPOCHS}&learning_rate=0.3&n=20", stay=True, pace=0)
    stage.wait_runs(1)
    yield stage
    visitors.leave(stage.page)


def painted(root, chart):
    """The group of what moves in a chart, where it stands, and how large it is."""
    (clip,) = (one for one in root.iter(f"{SVG}clipPath") if one.get("id") == f"area-of-{chart}")
    (group,) = (one for one in root.iter(f"{SVG}g") if one.get("clip-path") == f"url(#area-of-{chart})")
    left, top = map(float, re.findall(r"[\d.]+", group.get("transform")))
    rect = clip.find(f"{SVG}rect")
    return group, (left, top), (float(rect.get("width")), float(rect.get("height")))


def ends(group, colour):
    """The last places of the solid lines of a colour, in their order."""
    lines = [one for one in group.iter(f"{SVG}path") if one.get("stroke") == colour and one.get("fill") == "none"]
    lines = [one for one in lines if not one.get("stroke-dasharray")]
    return [tuple(map(float, PLACE.findall(one.get("d"))[-1])) for one in lines]


def pixel(size, ranges, place):
    (width, height), ((left, right), (bottom, top)), (x, y) = size, ranges, place
    return (x - left) / (right - left) * width, (top - y) / (top - bottom) * height


def hexadecimal(pixel):
    return "#" + "".join(f"{part:02x}" for part in pixel)


def channels(colour):
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


# --- a chart ----------------------------------------------------------------------------------------------


def test_path_ends_at_the_pixel_of_the_epochs_numbers(pictured):
    pictured.seek(17)
    root = svg_of(pictured, "surface")
    group, (left, top), size = painted(root, "surface")
    here, canvas = bounds(pictured.chart("surface")), bounds(pictured.chart("surface").locator("canvas"))
    assert size == (canvas["width"], canvas["height"])
    area = bounds(pictured.chart("surface").locator(".plot"))
    assert (left, top) == pytest.approx((canvas["x"] - area["x"], canvas["y"] - area["y"]), abs=0.02)
    assert float(root.get("width")) <= here["width"] + 16
    expected = pixel(size, pictured.ranges("surface"), (RUN[17].b, RUN[17].w))
    assert ends(group, LIGHT["line"])[-1] == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(("name", "column"), [("b", 1), ("w", 2)])
def test_curves_end_at_the_pixel_of_the_epochs_numbers(pictured, name, column):
    pictured.seek(23)
    group, _, size = painted(svg_of(pictured, "parameters"), "parameters")
    expected = pixel(size, pictured.ranges("parameters"), (23, RUN[23][column]))
    assert ends(group, LIGHT[name])[-1] == pytest.approx(expected, abs=0.02)


def test_file_says_what_is_shown_and_when(pictured):
    pictured.seek(37)
    assert save_picture(pictured, "surface", "SVG")[0] == "loss-surface-epoch-37.svg"
    assert save_picture(pictured, "loss", "PNG")[0] == "loss-epoch-37.png"
    assert save_picture(pictured, None, "SVG")[0] == "stage-epoch-37.svg"


@pytest.mark.parametrize("chart", ["data", "surface", "loss", "parameters"])
def test_chart_has_its_heading_its_legend_and_its_ticks(pictured, chart):
    pictured.seek(5)
    words = words_of(svg_of(pictured, chart))
    panel = pictured.chart(chart)
    assert words[0] == panel.locator("h2").inner_text()
    assert panel.locator(".legend li").all_inner_texts() == words[1 : 1 + panel.locator(".legend li").count()]
    ticks = pictured.plot(chart).locator(".xtick text, .ytick text").all_text_contents()
    assert len(ticks) > 6
    assert set(ticks) <= set(words)
    assert not {"Residuals", "3-D", "Sweep", "↕ log"} & set(words)


@pytest.mark.parametrize("ground", ["Light", "Dark"])
@pytest.mark.parametrize("chart", ["data", "surface"])
def test_png_is_twice_as_large_on_the_ground_that_is_chosen(pictured, chart, ground):
    pictured.seek(9)
    root = svg_of(pictured, chart, ground)
    image = png_of(pictured, chart, ground)
    assert image.size == (2 * int(root.get("width")), 2 * int(root.get("height")))
    last = (image.width - 1, image.height - 1)
    assert {hexadecimal(image.getpixel(corner)) for corner in [(0, 0), last]} == {GROUND[ground]}
    # The run's colour is there, in more than a few pixels, and the other ground is not.
    palette, other_palette = (DARK, LIGHT) if ground == "Dark" else (LIGHT, DARK)
    pixels = np.asarray(image).reshape(-1, 3)
    wanted, other = (channels(colour) for colour in (palette["line"], other_palette["background"]))
    assert (abs(pixels - wanted).max(axis=1) < 8).sum() > 200
    assert (abs(pixels - other).max(axis=1) == 0).sum() < 0.02 * len(pixels)


def test_picture_has_the_pages_own_ground_at_first(pictured, lab):
    assert svg_of(pictured, "loss").find(f"{SVG}rect").get("fill") == LIGHT["background"]
    dark = lab(f"epochs={EPOCHS}", color_scheme="dark", pace=0)
    assert svg_of(dark, "loss").find(f"{SVG}rect").get("fill") == DARK["background"]


def test_png_looks_like_the_screen(pictured):
    pictured.seek(12)
    image = png_of(pictured, "surface")
    canvas = bounds(pictured.chart("surface").locator("canvas"))
    clip = {key: canvas[key] + shift for key, shift in {"x": 1, "y": 1, "width": -2, "height": -2}.items()}
    screen = Image.open(BytesIO(pictured.page.screenshot(clip=clip))).convert("RGB")
    # The picture begins 8 pixels above and to the left of the panel's parts.
    header = bounds(pictured.chart("surface").locator("header"))
    x, y = canvas["x"] - header["x"] + 9, canvas["y"] - header["y"] + 9
    box = [2 * x, 2 * y, 2 * (x + clip["width"]), 2 * (y + clip["height"])]
    saved = image.crop(tuple(map(round, box))).resize(screen.size)
    assert np.abs(np.asarray(saved, float) - np.asarray(screen, float)).mean() < 6


def test_zoom_by_hand_is_in_the_picture(lab):
    stage = lab(f"epochs={EPOCHS}&learning_rate=0.3&n=20", pace=0)
    stage.wait_runs(1)
    area = bounds(stage.chart("loss").locator("canvas"))
    mouse = stage.page.mouse
    mouse.move(area["x"] + 40, area["y"] + 20)
    mouse.down()
    mouse.move(area["x"] + 140, area["y"] + 90, steps=4)
    before = stage.ranges("loss")
    mouse.up()
    stage.page.wait_for_function(
        "before => document.querySelector('[data-chart=loss] .js-plotly-plot').layout.xaxis.range[0] !== before",
        arg=before[0][0],
    )
    wait_still(stage.page)
    ticks = stage.plot("loss").locator(".xtick text").all_text_contents()
    assert set(ticks) <= set(words_of(svg_of(stage, "loss", "Dark")))
    [[low, high], _] = stage.ranges("loss")
    assert before[0][0] < low < 20 < high < before[0][1]
    stage.seek(20)
    group, _, size = painted(svg_of(stage, "loss"), "loss")
    expected = pixel(size, stage.ranges("loss"), (20, np.log10(RUN[20].loss)))
    assert ends(group, LIGHT["loss"])[-1] == pytest.approx(expected, abs=0.02)


def test_beats_have_their_arrow_and_its_name(pictured):
    pictured.seek(6)
    for _ in range(3):
        pictured.page.keyboard.press(".")
    pictured.wait_for("stage.dataset.beat === 'backward'")
    name, contents = save_picture(pictured, "surface", "SVG")
    pictured.seek(0)
    assert name == "loss-surface-epoch-6-backward.svg"
    assert "−gradient".encode() in contents


def test_five_runs_are_all_in_their_colours_and_by_name(lab):
    variants = ["learning_rate:0.5", "learning_rate:0.02", "optimizer:adam", "seed:5"]
    stage = lab("&".join([f"epochs={EPOCHS}", *(f"versus={one}" for one in variants)]), pace=0)
    stage.wait_runs(5)
    stage.seek(40)
    root = svg_of(stage, "parameters", "Dark")
    group, _, _ = painted(root, "parameters")
    strokes = {one.get("stroke") for one in group.iter(f"{SVG}path")}
    assert {DARK[f"run-{number}"] for number in range(5)} <= strokes
    labels = {one.text for one in group.iter(f"{SVG}text")}
    assert {"lr 0.5", "lr 0.02", "Adam", "seed 5"} <= labels
    name, contents = save_picture(stage, None, "SVG")
    assert name.startswith("stage-epoch-40-")
    assert b"NaN" not in contents


def test_diverged_run_has_the_outline_of_its_first_frame_and_only_numbers(lab):
    stage = lab("epochs=200&learning_rate=0.9&surface_view=3d", pace=0)
    stage.wait_for("stage.dataset.trained === '34'")
    stage.seek(34)
    stage.wait_state("diverged")
    for chart in ("data", "landscape", "loss", "parameters"):
        _, contents = save_picture(stage, chart, "SVG")
        assert not re.search(rb"NaN|Infinity|undefined", contents), chart
        assert LIGHT["muted"].encode() in contents
    assert words_of(svg_of(stage))[:2] == ["Diverged", "Epoch 34"]


def test_landscape_is_drawn_in_the_colours_of_its_ground(lab):
    stage = lab(f"epochs={EPOCHS}&surface_view=3d&camera=60:40", pace=0)
    stage.wait_runs(1)
    light, dark = (svg_of(stage, "landscape", ground) for ground in ("Light", "Dark"))
    faces = [[one.get("fill") for one in root.iter(f"{SVG}path")] for root in (light, dark)]
    assert len(faces[0]) == len(faces[1]) > 500

    def brightness(fills):
        colours = [one for one in fills if one != "none"]
        return np.mean([int(one[1:3], 16) + int(one[3:5], 16) + int(one[5:7], 16) for one in colours])

    assert brightness(faces[0]) > 1.5 * brightness(faces[1])
    assert words_of(light) == words_of(dark)
    assert {"b", "w", "loss"} <= set(words_of(light))


def test_hostile_names_stay_text(lab):
    stage = lab(f"epochs={EPOCHS}", pace=0)
    table = '"<b>dose</b> & ""more""",<script>y]]>\n' + "".join(f"{i / 10},{1 + i / 5}\n" for i in range(12))
    stage.upload(table.encode(), "odd.csv")
    stage.page.wait_for_url("**data=**")
    expect(stage.plot("data").locator(".xtitle")).to_have_text('<b>dose</b> & "more"')
    stage.page.keyboard.press("Escape")
    for root in (svg_of(stage, "data"), svg_of(stage)):
        assert {'<b>dose</b> & "more"', "<script>y]]>"} <= set(words_of(root))
        assert not list(root.iter(f"{SVG}script")) + list(root.iter("b"))


# --- the stage --------------------------------------------------------------------------------------------


def test_stage_is_saved_with_all_that_is_said_and_nothing_that_is_pressed(pictured):
    pictured.seek(21)
    root = svg_of(pictured)
    words = words_of(root)
    cells = pictured.element.locator(".numbers :is(th, td)").all_inner_texts()
    assert {cell for cell in cells if cell} <= set(words)
    for line in ("1 Forward", "2 Loss", "3 Backward", "4 Update", "Epoch 21", "Data", "Loss surface", "Parameters"):
        assert line in words
    # Each word of it stands in its place, whatever is between.
    assert "yhat=b+w*x" in "".join(words).replace(" ", "")
    assert set(pictured.svg.locator("text").all_text_contents()) <= set(words)
    for pressed in ("Residuals", "3-D", "Sweep", "Speed", "By hand", "Optimizer", "Rows", "Agreement", "1×", "⤢"):
        assert pressed not in words


def test_stage_is_plain_svg_that_any_program_reads(pictured):
    _, contents = save_picture(pictured, None, "SVG", "Dark")
    text = contents.decode()
    assert not re.search(r"foreignObject|var\(|context-stroke|<style|class=\"node", text)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", text.replace("&quot;", ""))) <= set(ids)


def test_words_of_the_stage_have_the_colours_of_the_ground(pictured):
    roots = [svg_of(pictured, None, ground) for ground in ("Light", "Dark")]
    colours = [[text.get("fill") for text in root.iter(f"{SVG}text") if text.get("fill")] for root in roots]
    roles = {light: DARK[role] for role, light in LIGHT.items()}
    assert len(colours[0]) > 60
    assert [roles[colour] for colour in colours[0]] == colours[1]


def test_lines_of_the_stage_stand_where_they_stand_on_the_page(pictured):
    pictured.seek(30)
    root = svg_of(pictured)
    status = bounds(pictured.element.locator(".status"))
    row = bounds(pictured.element.locator(".numbers th[scope=row]").nth(2))
    places = [(float(one.get("x")), float(one.get("y"))) for one in root.iter(f"{SVG}text") if one.text == "loss"]
    left, top = row["x"] - status["x"] + 8, row["y"] - status["y"] + 8
    assert [y for x, y in places if abs(x - left) < 1 and top < y < top + row["height"]]


def test_rows_are_cut_where_their_panel_ends(lab):
    stage = lab(f"epochs={EPOCHS}&panel=rows", pace=0)
    stage.wait_runs(1)
    stage.seek(4)
    expect(stage.element.locator(".rows tfoot .square")).not_to_be_empty()
    root = svg_of(stage)
    scroller, foot = bounds(stage.element.locator(".scroller")), bounds(stage.element.locator(".rows tfoot tr"))
    clips = [one.find(f"{SVG}rect") for one in root.iter(f"{SVG}clipPath") if one.get("id", "").startswith("clip-")]
    heights = [float(one.get("height")) for one in clips]
    assert any(height < scroller["height"] - foot["height"] + 1 for height in heights)


# --- by key -----------------------------------------------------------------------------------------------


def test_key_asks_about_the_chart_that_is_looked_at_and_else_about_the_stage(pictured):
    page = pictured.page
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Tools")).to_be_visible()
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Tools")).to_be_visible()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    pictured.chart("loss").locator("h2").hover()
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Save as picture")).to_be_visible()
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    assert re.fullmatch(r"loss-epoch-\d+\.svg", coming.value.suggested_filename)
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    pictured.chart("parameters").get_by_role("button", name="Save as picture").focus()
    page.keyboard.press("s")
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    assert coming.value.suggested_filename.startswith("parameters-")
