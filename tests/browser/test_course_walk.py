"""The course in a real browser: every cell's control is moved, predictions are kept, and keys turn the pages."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from stillness import measured, wait_still
from test_accessibility import findings

from core import Experiment, train
from core.course import CHAPTERS, Cell, Chapter, run_cell

each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
FIRST, SECOND, LAST = CHAPTERS[0], CHAPTERS[1], CHAPTERS[-1]


def query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def quiet(page: Page) -> None:
    """Wait until the course's own script listens to keys, and the server has nothing more to say."""
    page.wait_for_function("sessionStorage.getItem('gradient-descent-lab/course')")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def wait_kept(page: Page, chapter: Chapter, cell: Cell, is_kept: bool = True) -> None:
    """Wait until the browser keeps what was predicted of the cell, or no longer."""
    page.wait_for_function(
        """([name, isKept]) =>
            (name in JSON.parse(sessionStorage.getItem("gradient-descent-lab/course") ?? "{}")) === isKept""",
        arg=[f"{chapter.name}/{cell.name}", is_kept],
    )


def heading(page: Page) -> Locator:
    return page.locator(".st-key-course").get_by_role("heading", level=2)


def wait_chapter(page: Page, chapter: Chapter) -> None:
    expect(heading(page)).to_have_text(f"{CHAPTERS.index(chapter) + 1} · {chapter.title}")
    expect(page.locator("[class*=st-key-idea-]")).to_have_count(len(chapter.cells))
    quiet(page)


def wait_overview(page: Page) -> None:
    expect(page.locator("[class*=st-key-rung-]")).to_have_count(5)
    quiet(page)


def open_chapter(page: Page, chapter: Chapter) -> None:
    page.goto(f"/course?chapter={chapter.name}")
    wait_chapter(page, chapter)


def idea(page: Page, cell: Cell) -> Locator:
    return page.locator(f".st-key-idea-{cell.name}")


def look(page: Page, cell: Cell) -> None:
    if cell.question:
        idea(page, cell).get_by_role("button", name="Just look").click()
        expect(idea(page, cell).get_by_role("button", name="Predict again")).to_be_visible()


def squeezed(text: str) -> str:
    """The text without what a line break may have become."""
    return "".join(text.split())


def wait_shown(page: Page, cell: Cell, *texts: str) -> None:
    """Wait until the cell shows all of these."""
    page.wait_for_function(
        """([cell, texts]) => {
            const shown = document.querySelector(`.st-key-idea-${cell}`).textContent.replace(/\\s/g, "");
            return texts.every(text => shown.includes(text));
        }""",
        arg=[cell.name, [squeezed(text) for text in texts if text]],
    )


def change(page: Page, cell: Cell) -> dict[str, object]:
    """Move the cell's first control by one place, as a visitor does; returns what is chosen now."""
    control = cell.controls[0]
    at = control.options.index(control.default)
    to = at + 1 if at + 1 < len(control.options) else at - 1
    if isinstance(control.default, str):
        idea(page, cell).get_by_role("radiogroup").first.locator("label").nth(to).click()
    else:
        slider = idea(page, cell).get_by_role("slider").first
        slider.focus()
        slider.press("ArrowRight" if to > at else "ArrowLeft")
        # It says its value once more when it is left, which had better not be together with what is clicked next.
        slider.blur()
    return {control.name: control.options[to]}


@pytest.fixture(scope="module")
def walker(visitors):
    """One visitor who walks through all chapters."""
    page = visitors.come(stay=True, reduced_motion="reduce")
    yield page
    visitors.leave(page)


@each_chapter
def test_every_control_of_the_chapter_changes_the_output_and_all_of_it_can_be_read(walker, chapter):
    page = walker
    open_chapter(page, chapter)
    for cell in chapter.cells:
        look(page, cell)
        before = run_cell(chapter, cell)
        wait_shown(page, cell, before.source, before.printed, ": ".join(before.error or ()))
        chosen = change(page, cell)
        after = run_cell(chapter, cell, chosen)
        wait_shown(page, cell, after.source, after.printed, ": ".join(after.error or ()))
        seen = [(one.printed, one.error, one.conclusion, one.plot) for one in (before, after)]
        assert seen[0] != seen[1], cell.name
        if after.memory:
            tables = idea(page, cell).locator(".memory table")
            expect(tables).to_have_count(len(after.memory.storages))
        if after.plot:
            expect(idea(page, cell).locator(".js-plotly-plot .main-svg").first).to_be_visible()
    quiet(page)
    assert page.get_by_test_id("stException").count() == 0
    page.locator("[class*=st-key-idea-] .token").first.wait_for()
    assert findings(page) == []
    for width, height in ((1920, 1080), (390, 844), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        wide = "main => main.scrollWidth - main.clientWidth"
        assert measured(page.get_by_test_id("stMain"), wide) <= 0, width


def test_axe_finds_nothing_serious_in_the_overview_and_in_the_dark(visitors):
    page = visitors.come(color_scheme="dark")
    page.goto("/course")
    wait_overview(page)
    assert findings(page) == []
    # A picture of memory and an error; a warning; formulas, a chart and code that scrolls.
    for name, cells in {
        "tensors": ("refusal",),
        "autograd": ("leaves",),
        "four-steps": ("gradients", "descent"),
    }.items():
        chapter = next(one for one in CHAPTERS if one.name == name)
        open_chapter(page, chapter)
        for cell in chapter.cells:
            if cell.name in cells:
                look(page, cell)
        quiet(page)
        page.locator("[class*=st-key-idea-] .token").first.wait_for()
        assert findings(page) == [], name


def test_prediction_is_remembered_for_as_long_as_the_tab_is_open(visitors):
    chapter = next(one for one in CHAPTERS if one.name == "tensors")
    cell = next(cell for cell in chapter.cells if cell.question)
    truth = run_cell(chapter, cell).answer
    wrong = next(option for option in cell.question.options if option != truth)
    page = visitors.come()
    open_chapter(page, chapter)
    idea(page, cell).get_by_role("button", name=wrong, exact=True).click()
    wait_shown(page, cell, f"You said {wrong}, and it was {truth}.")
    wait_kept(page, chapter, cell)
    page.reload()
    wait_chapter(page, chapter)
    wait_shown(page, cell, f"You said {wrong}, and it was {truth}.")
    expect(page.locator(".st-key-chapters")).to_contain_text(f"1/{len(chapter.cells)}")
    # Another tab is another visitor.
    other = visitors.come()
    open_chapter(other, chapter)
    expect(idea(other, cell).get_by_role("button", name="Just look")).to_be_visible()
    idea(page, cell).get_by_role("button", name="Predict again").click()
    expect(idea(page, cell).get_by_role("button", name="Just look")).to_be_visible()
    wait_kept(page, chapter, cell, is_kept=False)
    page.reload()
    wait_chapter(page, chapter)
    expect(idea(page, cell).get_by_role("button", name="Just look")).to_be_visible()


def test_keys_turn_the_pages_and_the_browser_finds_back(visitors):
    page = visitors.come(reduced_motion="reduce")
    page.goto("/course")
    wait_overview(page)
    page.keyboard.press("ArrowRight")
    wait_chapter(page, FIRST)
    assert query(page) == {"chapter": FIRST.name}
    wait_still(page)
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    top = "() => document.querySelector('[data-testid=stMain]').scrollTop"
    assert page.evaluate(top) > 200
    page.keyboard.press("ArrowRight")
    wait_chapter(page, SECOND)
    page.wait_for_function(f"({top})() === 0")
    page.keyboard.press("ArrowLeft")
    wait_chapter(page, FIRST)
    page.go_back()
    wait_chapter(page, SECOND)
    assert query(page) == {"chapter": SECOND.name}
    page.go_back()
    wait_chapter(page, FIRST)
    page.keyboard.press("ArrowLeft")
    wait_overview(page)
    assert query(page) == {}
    page.keyboard.press("ArrowLeft")
    wait_chapter(page, LAST)


def test_each_page_key_brings_the_next_idea_to_the_top(visitors):
    page = visitors.come(reduced_motion="reduce")
    open_chapter(page, SECOND)
    wait_still(page)
    offsets = """() => Array.from(document.querySelectorAll("[class*=st-key-idea-]"),
        idea => Math.round(idea.getBoundingClientRect().top - parseFloat(getComputedStyle(idea).scrollMarginTop)
            - document.querySelector("[data-testid=stMain]").getBoundingClientRect().top))"""
    for at in range(len(SECOND.cells)):
        page.keyboard.press("PageDown")
        assert abs(page.evaluate(offsets)[at]) <= 9
    page.keyboard.press("PageUp")
    assert abs(page.evaluate(offsets)[-2]) <= 9


def test_arrow_keys_belong_to_the_slider_that_has_the_focus(visitors):
    page = visitors.come()
    cell = next(cell for cell in FIRST.cells if not isinstance(cell.controls[0].default, str))
    open_chapter(page, FIRST)
    chosen = change(page, cell)
    wait_shown(page, cell, run_cell(FIRST, cell, chosen).source)
    wait_chapter(page, FIRST)


def test_chapter_opens_its_experiment_in_the_lab_and_the_way_back_leads_to_it(lab):
    chapter = next(one for one in CHAPTERS if one.name == "optimizers")
    stage = lab()
    page = stage.page
    open_chapter(page, chapter)
    page.get_by_role("link", name="Open in the lab").click()
    stage.wait_until_drawn()
    stage.rest()
    given = query(page)
    assert given.pop("chapter") == chapter.name
    assert Experiment.from_query(given) == (chapter.experiment, [])
    *_, last = train(chapter.experiment)
    assert stage.values == (last.b, last.w, last.loss)
    page.reload()
    stage.wait_until_drawn()
    # What the stage does to the header of its page must not stay when it has gone.
    header = "() => getComputedStyle(document.querySelector('[data-testid=stHeader]')).pointerEvents"
    assert page.evaluate(header) == "none"
    stage.way("Course").click()
    wait_chapter(page, chapter)
    page.wait_for_function(f"({header})() !== 'none'")


def test_notebook_of_the_chapter_holds_what_was_chosen(visitors):
    page = visitors.come()
    open_chapter(page, FIRST)
    cell = FIRST.cells[0]
    look(page, cell)
    chosen = change(page, cell)
    wait_shown(page, cell, run_cell(FIRST, cell, chosen).source)
    quiet(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Notebook").click()
    assert waiting.value.suggested_filename == f"{FIRST.name}.ipynb"
    cells = json.loads(waiting.value.path().read_text())["cells"]
    assert cell.source(chosen) in ["".join(one["source"]) for one in cells]


def test_program_that_the_lab_gives_away_ends_at_the_numbers_on_the_screen(lab, tmp_path):
    stage = lab("epochs=60&method=module&optimizer=adam&batch_size=16&seed=7")
    stage.rest()
    texts = {}
    for kind, ending in (("Script", "py"), ("Notebook", "ipynb")):
        with stage.page.expect_download() as waiting:
            stage.page.get_by_role("button", name=kind, exact=True).click()
        assert waiting.value.suggested_filename == f"gradient-descent-module.{ending}"
        texts[kind] = waiting.value.path().read_text()
    path = tmp_path / "script.py"
    path.write_text(texts["Script"])
    printed = subprocess.run(
        [sys.executable, "-I", str(path)], check=True, capture_output=True, text=True, cwd=tmp_path
    ).stdout
    found = dict(line.split(" = ") for line in printed.splitlines())
    assert tuple(float(found[one]) for one in ("b", "w", "loss")) == stage.values
    cells = ["".join(cell["source"]) for cell in json.loads(texts["Notebook"])["cells"] if cell["cell_type"] == "code"]
    assert len(cells) == 6
    *program, as_stage = cells
    assert all(cell in texts["Script"] for cell in program)
    assert "show(" in as_stage
