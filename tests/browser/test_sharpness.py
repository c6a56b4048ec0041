"""Canvases have the pixels of the screen, whichever it is by now; numbers paste as numbers from wherever they stand."""

from __future__ import annotations

import re

import pytest
from stillness import wait_still

RUN = "epochs=60&learning_rate=0.05"

CANVASES = """stage => Object.fromEntries([...stage.querySelectorAll("[data-chart]:not([hidden])")].flatMap(panel =>
    [...panel.querySelectorAll(".plot canvas")].map((canvas, i) => {
        const {width, height} = canvas.getBoundingClientRect();
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
        copy.drawImage(canvas, 0, 0);
        const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
        let painted = 0;
        let last = [0, 0];
        for (let at = 3; at < data.length; at += 4) {
            if (!data[at]) continue;
            painted += 1;
            const pixel = (at - 3) / 4;
            last = [Math.max(last[0], pixel % canvas.width), Math.max(last[1], Math.floor(pixel / canvas.width))];
        }
        return [`${panel.dataset.chart} ${i}`, {
            css: [width, height], pixels: [canvas.width, canvas.height], painted: painted / data.length * 4,
            reach: [last[0] / canvas.width, last[1] / canvas.height],
        }];
    })))"""
"""Of every canvas its size on the page and in pixels, which share of it is painted, and how far that reaches."""


def canvases(stage) -> dict[str, dict]:
    wait_still(stage.page)
    return dict(stage.element.evaluate(CANVASES))


def move_to_screen(stage, ratio: float) -> None:
    """The window is on a screen with so many pixels for one of the page, and as large as before."""
    devices = stage.page.context.new_cdp_session(stage.page)
    screen = {"width": 1280, "height": 720, "deviceScaleFactor": ratio, "mobile": False}
    devices.send("Emulation.setDeviceMetricsOverride", screen)
    # Where only the ratio is emulated Chromium does not look at its media queries, as it does on a screen.
    for media in ("print", ""):
        devices.send("Emulation.setEmulatedMedia", {"media": media})


def assert_fits(stage, ratio: float) -> None:
    stage.wait_for(
        """[...stage.querySelectorAll("[data-chart]:not([hidden]) .plot canvas")].every(canvas =>
            canvas.width === Math.round(parseFloat(canvas.style.width) * given))""",
        ratio,
    )
    for name, canvas in canvases(stage).items():
        for css, pixels in zip(canvas["css"], canvas["pixels"], strict=True):
            assert pixels == pytest.approx(css * ratio, abs=1), name


@pytest.mark.parametrize("view", ["contours", "3d"])
def test_every_canvas_is_sharp_on_another_screen(lab, view):
    stage = lab(f"{RUN}&surface_view={view}")
    stage.rest()
    stage.seek(30)
    before = canvases(stage)
    assert_fits(stage, 1)
    # To a finer screen, a finer one still (of which a query for the first knows nothing), and back.
    for ratio in (2, 3, 1.25, 1):
        move_to_screen(stage, ratio)
        assert_fits(stage, ratio)
        after = canvases(stage)
        assert set(after) == set(before)
        for name, canvas in after.items():
            assert canvas["painted"] == pytest.approx(before[name]["painted"], rel=0.25, abs=0.004), (name, ratio)
            assert canvas["reach"] == pytest.approx(before[name]["reach"], abs=0.02), (name, ratio)


def test_chart_that_was_hidden_meanwhile_is_sharp_too(lab):
    stage = lab(RUN)
    stage.rest()
    stage.chart("surface").get_by_role("button", name="3-D", exact=True).click()
    move_to_screen(stage, 2)
    assert_fits(stage, 2)
    stage.chart("landscape").get_by_role("button", name="Contours", exact=True).click()
    stage.chart("surface").wait_for()
    assert_fits(stage, 2)


COPY = """part => {
    getSelection().selectAllChildren(part);
    const event = new ClipboardEvent("copy", {clipboardData: new DataTransfer(), bubbles: true, cancelable: true});
    part.dispatchEvent(event);
    const shown = String(getSelection());
    getSelection().removeAllRanges();
    return [shown, event.clipboardData.getData("text/plain") || shown];
}"""

BETWEEN = re.compile(r"[\s(){}\[\],;:=~≈×·/→←]+")
NAMES = re.compile(r"[A-Za-z]+Backward0|(?:torch\.)?float\d\d|3-D|.*\d\.$")
"""What has digits and is no number: the names of functions and types, and numbers before a full stop."""


def unreadable(text: str) -> list[str]:
    """The pieces of a text that have digits and that Python's `float` does not take."""
    bad = []
    for piece in BETWEEN.split(text):
        try:
            float(piece)
        except ValueError:
            if re.search(r"\d", piece) and not NAMES.search(piece):
                bad.append(piece)
    return bad


@pytest.mark.parametrize(
    "query",
    [
        "epochs=400&learning_rate=1.5&panel=rows",
        "epochs=400&learning_rate=1.5&panel=agreement&versus=learning_rate:0.5&sweep=learning_rate",
        "data=wine&x=proline&y=alcohol&validation=0&epochs=100&learning_rate=0.000001",
    ],
    ids=["rows of a run that diverges", "agreement, chips and a sweep", "a table with large x"],
)
def test_numbers_paste_as_numbers_from_wherever_they_stand(lab, query):
    stage = lab(query)
    stage.page.keyboard.press("End")
    if "sweep" in query:
        stage.wait_for("/(loss|diverged at) /.test(stage.querySelector('.picked .words')?.textContent)")
    stage.wait_for("!['training', 'playing'].includes(stage.dataset.state)")
    wait_still(stage.page)
    for part in (stage.element, stage.page.get_by_test_id("stSidebar")):
        shown, copied = part.evaluate(COPY)
        assert re.search(r"\d", copied)
        assert unreadable(copied) == []
        assert len(copied.split()) == len(re.sub("[\u202f\u2009]", "", shown).split())
    stage.click("Previous beat")
    stage.click("Previous beat")
    stage.beat_lines()
    assert unreadable(stage.element.evaluate(COPY)[1]) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\u22120.5", "-0.5"),
        ("1\u202f234\u202f567.25", "1234567.25"),
        ("12\u00a0500 points", "12500 points"),
        ("10⁴", "1e4"),
        ("10⁻¹²", "1e-12"),
        ("3.5 × 10⁻³ and 2·10¹⁰", "3.5e-3 and 2e10"),
        ("(\u22120.10)² and 0.10²", "(-0.10)² and 0.10²"),
        ("\u2212inf", "-inf"),
    ],
)
def test_text_is_copied_with_its_numbers_as_programs_read_them(blank_page, text, plain):
    script = """async text => (await import("/app/static/stage/shared/format.js")).plain(text)"""
    assert blank_page.evaluate(script, text) == plain
