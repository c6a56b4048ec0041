"""The projector: a few panels fill the window, and the back row reads every letter of them."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from playwright.sync_api import expect
from saving import svg_of
from stage import Stage
from stillness import measured, wait_still
from test_accessibility import findings

FIVE = "&".join(f"versus={one}" for one in ("learning_rate:0.5", "learning_rate:0.9", "optimizer:adam", "seed:7"))

SETS = [
    "surface",
    "code",
    "numbers",
    "graph",
    "surface,code",
    "loss,graph",
    "data,surface,loss",
    "data,surface,loss,parameters",
    "data,loss,numbers,code",
    "surface,numbers,code,graph",
]

WRITING = """() => {
    // What is painted is no text of the page: it is noted as it is written, with its height in px of the page.
    window.painted = [];
    const {prototype} = CanvasRenderingContext2D;
    const write = prototype.fillText;
    prototype.fillText = function (text, ...place) {
        if (this.canvas.isConnected) {
            const size = parseFloat(/([\\d.]+)px/.exec(this.font)[1]) * this.getTransform().a / devicePixelRatio;
            window.painted.push([text, size]);
        }
        return write.call(this, text, ...place);
    };
}"""

LETTERS = """stage => {
    const texts = [...window.painted];
    const walker = document.createTreeWalker(stage, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        const shown = parent.checkVisibility({opacityProperty: true, visibilityProperty: true});
        if (!walker.currentNode.data.trim() || !shown || parent.closest("select, [popover], dialog")) continue;
        const drawn = parent.closest("svg");
        const {a, b} = drawn ? parent.getScreenCTM() : {a: 1, b: 0};
        const scale = Math.hypot(a, b);
        texts.push([walker.currentNode.data.trim(), parseFloat(getComputedStyle(parent).fontSize) * scale]);
    }
    return texts;
}"""
"""All that is written on the stage, each with the height of its letters in px."""


@pytest.fixture
def project(visitors):
    """Opens a link whose panels fill the window, with the run at its end."""

    def opened(query: str, width: int = 1280, height: int = 720, **options) -> Stage:
        page = visitors.come(viewport={"width": width, "height": height}, **options)
        page.add_init_script(f"({WRITING})()")
        stage = Stage(page)
        page.goto(f"/?epochs=60&{query}")
        stage.wait_for("stage.dataset.trained === '60'")
        page.keyboard.press("End")
        stage.wait_state("finished")
        return stage

    return opened


def letters(stage: Stage) -> list[tuple[str, float]]:
    """After the playhead has moved, so that everything is painted anew."""
    wait_still(stage.page)
    stage.page.evaluate("() => { window.painted = []; }")
    stage.page.keyboard.press("ArrowLeft")
    stage.frames()
    return [(text, size) for text, size in measured(stage.element, LETTERS)]


def boxes(stage: Stage) -> list[dict[str, float]]:
    return measured(
        stage.element,
        """stage => [...stage.querySelectorAll(".panel, .status, .bar")].map(one => {
            const {left, top, right, bottom} = one.getBoundingClientRect();
            return {left, top, right, bottom};
        }).filter(({left, right}) => right > left)""",
    )


@pytest.mark.parametrize("size", [(1280, 720, 18), (1920, 1080, 27), (1024, 768, 18)], ids="{0[0]}x{0[1]}".format)
def test_no_letter_is_too_small_for_the_back_row_and_all_grow_with_the_window(project, size):
    width, height, least = size
    stage = project(f"projector=surface&{FIVE}", width, height)
    stage.wait_runs(5)
    for panels in SETS:
        stage.page.goto(f"/?epochs=60&projector={panels}&{FIVE}")
        stage.wait_for("stage.dataset.trained === '60' && stage.dataset.runs === '5'")
        stage.page.keyboard.press("End")
        for beats in (False, True):
            if beats:
                stage.page.keyboard.press(".")
                stage.page.keyboard.press(".")
                stage.page.keyboard.press(".")
            found = letters(stage)
            assert len(found) > 10
            # Letters of charts are whole pixels high.
            assert [one for one in found if one[1] < least - 0.5] == [], panels


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (1024, 768)], ids="{0[0]}x{0[1]}".format)
def test_panels_fill_the_window_beside_one_another_and_nothing_scrolls(project, size):
    width, height = size
    stage = project("projector=surface", width, height)
    for panels in SETS:
        stage.page.goto(f"/?epochs=60&projector={panels}")
        stage.wait_for("stage.dataset.trained === '60'")
        found = boxes(stage)
        assert len(found) == len(panels.split(",")) + 2, panels
        for one, other in combinations(found, 2):
            across = min(one["right"], other["right"]) - max(one["left"], other["left"])
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            assert across <= 0.5 or down <= 0.5, panels
        assert all(
            one["left"] >= 0 and one["top"] >= 0 and one["right"] <= width and one["bottom"] <= height for one in found
        )
        area = sum((one["right"] - one["left"]) * (one["bottom"] - one["top"]) for one in found)
        assert area > 0.9 * width * height, panels
        main = stage.page.get_by_test_id("stMain")
        assert main.evaluate("one => [one.scrollHeight - one.clientHeight, one.scrollWidth - one.clientWidth]") == [
            0,
            0,
        ]


def test_a_key_fills_the_window_and_escape_gives_the_page_back_as_it_was(lab):
    stage = lab("epochs=60", pace=0)
    sidebar = stage.page.get_by_test_id("stSidebar")
    expect(sidebar).to_be_visible()
    before = boxes(stage)
    stage.page.keyboard.press("p")
    expect(sidebar).to_be_hidden()
    stage.wait_query(epochs=["60"], projector=["data,surface,loss,code"])
    stage.page.keyboard.press("Escape")
    expect(sidebar).to_be_visible()
    stage.wait_query(epochs=["60"])
    assert boxes(stage) == before


def test_the_menu_leads_there_and_a_button_back(lab):
    stage = lab("epochs=60", pace=0)
    stage.page.get_by_role("button", name="Tools", exact=True).click()
    stage.page.get_by_role("button", name="Projector: fill the window with some panels").click()
    expect(stage.page.get_by_test_id("stSidebar")).to_be_hidden()
    stage.page.get_by_role("button", name="Leave the projector", exact=True).click()
    expect(stage.page.get_by_test_id("stSidebar")).to_be_visible()


def test_panels_are_chosen_one_two_or_four_at_a_press_and_kept_by_link_and_reload(project):
    stage = project("projector=loss")
    opener = stage.page.get_by_role("button", name="Panels of the projector", exact=True)
    for press, panels in [
        ("2 panels", "data,loss"),
        ("4 panels", "data,surface,loss,parameters"),
        ("One panel", "data"),
    ]:
        opener.click()
        stage.page.get_by_role("button", name=press, exact=True).click()
        stage.wait_query(epochs=["60"], projector=[panels])
        stage.page.keyboard.press("Escape")
    opener.click()
    box = stage.page.get_by_role("dialog", name="Panels of the projector").get_by_role("checkbox")
    expect(box.nth(0)).to_be_disabled()  # something there has to be
    stage.page.get_by_role("checkbox", name="Code", exact=True).last.check()
    stage.wait_query(epochs=["60"], projector=["data,code"])
    stage.page.keyboard.press("Escape")
    expect(stage.element.locator(".code")).to_be_visible()
    stage.page.reload()
    stage.wait_for("stage.dataset.trained === '60'")
    expect(stage.element.locator(".code")).to_be_visible()
    expect(stage.chart("loss")).to_be_hidden()
    # Left and come back to, they are the same.
    stage.page.keyboard.press("p")
    stage.wait_query(epochs=["60"])
    stage.page.keyboard.press("p")
    stage.wait_query(epochs=["60"], projector=["data,code"])


def test_the_whole_screen_is_filled_on_request_and_given_back(project):
    stage = project("projector=loss")
    stage.page.get_by_role("button", name="Full screen", exact=True).click()
    stage.page.wait_for_function("document.fullscreenElement !== null")
    stage.page.get_by_role("button", name="Leave the projector", exact=True).click()
    stage.page.wait_for_function("document.fullscreenElement === null")
    expect(stage.page.get_by_test_id("stSidebar")).to_be_visible()


def test_no_number_is_cut_however_many_runs_there_are(project):
    stage = project(f"projector=surface,loss,numbers,graph&{FIVE}")
    stage.wait_runs(5)
    cells = stage.element.locator(".numbers").locator("th, td")
    assert cells.count() == 7 * 7
    wait_still(stage.page)
    assert cells.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length") == 0


def test_epoch_and_question_stand_above_the_panels_in_large_letters(project):
    stage = project("projector=loss")
    long = "Which of these two learning rates is nearer to the minimum after twenty epochs, and why?"
    for question in ("Will it diverge?", long, "<b>Will</b> it?"):
        say(stage, question=question)
        expect(stage.element.locator(".projector-question")).to_have_text(question)
        assert measured(stage.element.locator(".epoch"), "one => parseFloat(getComputedStyle(one).fontSize)") > 30
        words = stage.element.locator(".projector-question, .epoch")
        inside = "all => all.every(one => one.scrollWidth <= one.clientWidth + 1 || !one.clientWidth)"
        assert words.evaluate_all(inside)
        lines = measured(stage.element.locator(".status"), "one => one.scrollWidth - one.clientWidth")
        assert lines <= 0
    stage.page.keyboard.press("Escape")
    expect(stage.element.locator(".projector-question")).to_be_hidden()
    say(stage, question="")


def say(stage: Stage, **words: str) -> None:
    stage.page.evaluate(
        """async words => {
            const {href} = document.querySelector("link[href$='/stage/stage.css']");
            const {stageOnPage} = await import(new URL("on_page.js", href));
            stageOnPage().projector.say(words);
        }""",
        words,
    )


def test_a_picture_taken_from_it_is_as_large_as_what_is_seen(project):
    stage = project(f"projector=loss&{FIVE}")
    stage.wait_runs(5)
    seen = dict(reversed(letters(stage)))  # of a name that is painted as well, as it is painted
    picture = svg_of(stage)
    parents = {child: parent for parent in picture.iter() for child in parent}

    def height(text) -> float:
        size = float(re.search(r"[\d.]+", text.get("font-size") or text.get("style").partition("font-size:")[2])[0])
        one = text
        while (one := parents.get(one)) is not None:
            scaled = re.match(r"scale\(([\d.]+)\)", one.get("transform", ""))
            size *= float(scaled[1]) if scaled else 1
        return size

    written = {"".join(one.itertext()): one for one in picture.iter() if one.tag.endswith("}text")}
    for name in ("lr 0.5", "Adam"):
        assert height(written[name]) == pytest.approx(seen[name], abs=0.1)
        assert height(written[name]) >= 18
    assert height(written["epoch"]) >= 18
    width = max(float(one.get("stroke-width", 1)) for one in picture.iter() if one.tag.endswith("}path"))
    assert width >= 3


def test_the_lit_step_of_long_code_is_in_view(project):
    stage = project("projector=data,surface,loss,code&method=module&optimizer=adam")
    panel = stage.element.locator(".code")
    for beat in range(4):
        stage.page.keyboard.press("Home") if not beat else None
        stage.page.keyboard.press(".")
        inside = """panel => {
            const [lit, box] = [panel.querySelector(".lit"), panel].map(one => one.getBoundingClientRect());
            return lit.top >= box.top - 1 && lit.top < box.bottom - 40;
        }"""
        assert measured(panel, inside), beat


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_projector(project, scheme):
    stage = project(f"projector=surface,code&{FIVE}", color_scheme=scheme)
    stage.wait_runs(5)
    stage.page.get_by_role("button", name="Panels of the projector", exact=True).click()
    assert findings(stage.page) == []
