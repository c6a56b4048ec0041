"""The page of the course: every place opens by its link, shows what really ran, and takes predictions."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import Experiment, make_program, methods
from core.course import CHAPTERS, look_at, run_cell
from core.course import running as course_running
from core.course.way import find_way
from dashboard.course import cell as course_cell
from dashboard.course import progress as course_progress
from dashboard.course.charts import draw
from dashboard.course.memory_picture import draw_memory
from dashboard.course.overview import draw_rung
from dashboard.shared.palette import DARK, LIGHT
from dashboard.shared.typesetting import formula, sentence

APP = Path(__file__).parents[3] / "dashboard" / "app.py"
BY_NAME = {chapter.name: chapter for chapter in CHAPTERS}
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)


def open_course(**query: str | list[str]) -> AppTest:
    page = AppTest.from_file(APP, default_timeout=60)
    page.switch_page("course/course.py")
    for name, value in query.items():
        page.query_params[name] = value
    return run(page)


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(one.value for one in page.markdown)


def blocks(page: AppTest) -> list[str]:
    return [block.value for block in page.code]


def button(page: AppTest, key: str):
    return next(one for one in page.button if one.key == key)


def links(page: AppTest) -> dict[str, str]:
    """The query of each link by its label, without Markdown."""
    return {re.sub(r"[*]|:material.*", "", one.label).strip(): one.query_string for one in page.get("page_link")}


# --- the places -------------------------------------------------------------------------------------------


def test_course_begins_with_its_overview_and_lists_the_chapters():
    page = open_course()
    assert "nn.Module" in page.header[0].value
    found = links(page)
    for number, chapter in enumerate(CHAPTERS, 1):
        assert found[f"{number} · {chapter.title}"] == f"chapter={chapter.name}"


@each_chapter
def test_chapter_opens_by_its_link_with_its_cells(chapter):
    page = open_course(chapter=chapter.name)
    assert page.header[0].value == f"{CHAPTERS.index(chapter) + 1} · {chapter.title}"
    assert [one.value for one in page.subheader] == [cell.title for cell in chapter.cells]
    for cell in chapter.cells:
        assert cell.source() in blocks(page)
        assert not cell.question or cell.question.text in said(page)
    assert chapter.preparation in blocks(page)


@pytest.mark.parametrize("name", ["nonsense", "", "DATA", "<script>alert(1)</script>", "x" * 10_000, "[a](http://b)"])
def test_unknown_chapter_is_named_and_the_overview_is_shown(name):
    page = open_course(chapter=name)
    assert "nn.Module" in page.header[0].value
    (warning,) = page.warning
    text = warning.value.replace("\\", "")
    assert text.startswith(f"There is no chapter {name[:8]!r}"[:23])
    assert text.endswith(f"there are overview, {', '.join(BY_NAME)}. This is the overview.")
    assert len(text) < 250


def test_chapter_given_twice_is_refused():
    page = open_course(chapter=["data", "losses"])
    assert [one.value for one in page.warning] == [
        "chapter must be given once, but was given 2 times. This is the overview."
    ]


@each_chapter
def test_chapter_leads_to_the_lab_at_its_experiment_and_to_its_mistakes(chapter):
    page = open_course(chapter=chapter.name)
    found = {one.label: one.query_string for one in page.get("page_link")}
    if chapter.experiment:
        query = dict(pair.split("=") for pair in found["Open in the lab"].split("&"))
        assert query == {**chapter.experiment.to_query(), "chapter": chapter.name}
    else:
        assert "Open in the lab" not in found
    queries = [text for text in found.values() if text.startswith("mistake=")]
    assert queries[: len(chapter.mistakes)] == [f"mistake={name}&chapter={chapter.name}" for name in chapter.mistakes]


def test_links_lead_round_the_chapters_in_both_directions():
    places = [None, *(chapter.name for chapter in CHAPTERS)]
    titles = ["Overview", *(chapter.title for chapter in CHAPTERS)]
    for at, place in enumerate(places):
        page = open_course(**({"chapter": place} if place else {}))
        before, after = [one.label for one in page.get("page_link") if one.icon.startswith(":material/arrow")]
        assert before == titles[at - 1]
        assert after == titles[(at + 1) % len(titles)]


# --- predict, then look -----------------------------------------------------------------------------------


CHAPTER = BY_NAME["tensors"]
CELL = next(cell for cell in CHAPTER.cells if cell.question and cell.memory)
NAME = f"{CHAPTER.name}/{CELL.name}"


def test_outcome_is_hidden_until_something_is_predicted_and_then_stays():
    page = open_course(chapter=CHAPTER.name)
    outcome = run_cell(CHAPTER, CELL)
    printed = outcome.printed.rstrip("\n")
    assert printed not in blocks(page)
    wrong = next(option for option in CELL.question.options if option != outcome.answer)
    button(page, f"{NAME}#predict/{wrong}").click()
    run(page)
    assert printed in blocks(page)
    assert f"You said **{wrong}**, and it was **{outcome.answer}**." in said(page)
    assert f"{links_label(page, CHAPTER)}" == f"1/{len(CHAPTER.cells)}"
    assert printed in blocks(run(page))


def links_label(page: AppTest, chapter) -> str:
    """The progress mark of a chapter in the list."""
    label = next(one.label for one in page.get("page_link") if chapter.title in one.label)
    return label.replace("*", "").split(chapter.title)[1].strip()


def test_right_prediction_is_told_and_can_be_made_again():
    page = open_course(chapter=CHAPTER.name)
    truth = run_cell(CHAPTER, CELL).answer
    button(page, f"{NAME}#predict/{truth}").click()
    run(page)
    assert f"You said **{truth}**, and so it was." in said(page)
    button(page, f"{NAME}#again").click()
    run(page)
    assert "You said" not in said(page)
    assert links_label(page, CHAPTER) == ""
    button(page, f"{NAME}#look").click()
    run(page)
    assert f"**{truth}**." in said(page)
    assert "You said" not in said(page)


def test_chapter_that_was_looked_at_whole_gets_its_mark():
    page = open_course(chapter="data")
    chapter = BY_NAME["data"]
    for cell in chapter.cells:
        if cell.question:
            button(page, f"data/{cell.name}#look").click()
            run(page)
    assert links_label(page, chapter) == ":material/check:"


def test_control_reruns_the_cell_with_what_was_chosen():
    page = open_course(chapter=CHAPTER.name)
    button(page, f"{NAME}#look").click()
    run(page)
    control = CELL.controls[0]
    chosen = control.options[-1] if control.options[-1] != control.default else control.options[0]
    widgets = page.radio if isinstance(chosen, str) else page.select_slider
    next(one for one in widgets if one.key == f"{NAME}/{control.name}").set_value(chosen)
    run(page)
    outcome = run_cell(CHAPTER, CELL, {control.name: chosen})
    assert outcome.source in blocks(page)
    assert outcome.printed.rstrip("\n") in blocks(page)


@pytest.mark.parametrize(
    "given",
    [None, [], "x", 3, {"tensors/nonsense": ["a", "b"]}, {NAME: "x"}, {NAME: ["x", "y"]}, {NAME: [1, 2]}, {NAME: []}],
)
def test_nonsense_that_a_browser_claims_to_remember_is_not_believed(given, monkeypatch):
    kept: dict[str, course_progress.Look] = {}
    monkeypatch.setattr(course_progress, "looks", lambda: kept)
    course_progress._take_over(given)
    assert kept == {}


def test_what_a_browser_remembers_is_taken_over_but_nothing_newer_is_lost(monkeypatch):
    right = CELL.question.options[0]
    newer = course_progress.Look("", right)
    kept = {"tensors/view": newer} if NAME != "tensors/view" else {}
    monkeypatch.setattr(course_progress, "looks", lambda: kept)
    course_progress._take_over(json.loads(json.dumps({NAME: ["", right]})))
    assert kept[NAME] == course_progress.Look("", right)
    kept[NAME] = course_progress.Look(right, right)
    course_progress._take_over({NAME: ["", right]})
    assert kept[NAME] == course_progress.Look(right, right)


# --- the way ----------------------------------------------------------------------------------------------


def test_every_rung_of_the_way_shows_lines_of_the_script_and_nothing_is_missing():
    rungs = find_way()
    assert [rung.method for rung in rungs] == list(methods)
    former: list[str] = []
    for number, rung in enumerate(rungs, 1):
        program = make_program(Experiment(method=rung.method))
        picture = unescape(re.sub(r"<[^>]+>", "\n", draw_rung(rung, number)))
        assert rung.title in picture
        for change in rung.changes:
            assert all(line in picture for line in (*change.removed, *change.added))
        # What was there, less what went, with what came, is what is there: all in the script, the four steps in order.
        for change in rung.changes:
            for line in change.removed:
                former.remove(line)
            former += change.added
        there = [line.strip() for line in f"{program.start}\n{program.loop}".splitlines()]
        assert {line.strip() for line in former} <= {*there, ""}
        marks = [there.index(f"# {step}") for step in ("1 forward", "2 loss", "3 backward", "4 update")]
        assert set(there[marks[-1] + 1 :]) <= {line.strip() for line in former}, rung.method
        assert not any(re.search(r"reduce|experiment|->|Tensor|Column", line) for line in former)
        assert not any("self" in line for line in former) or rung.method == "module"


def test_every_rung_leads_to_the_lab_with_its_method():
    queries = [one.query_string for one in open_course().get("page_link") if one.label == "Open in the lab"]
    assert queries == [f"method={method}&chapter=overview" for method in methods]


# --- pictures, charts and formulas ------------------------------------------------------------------------


def test_picture_of_memory_has_every_name_with_its_indices_and_what_was_written():
    import torch

    matrix = torch.ones(2, 2)
    names = {"matrix": matrix, "turned": matrix.t(), "<other>": matrix.clone()}
    before = look_at(names, tuple(names))
    matrix[0, 1] = 7
    picture = draw_memory(look_at(names, tuple(names), before))
    assert "matrix and turned share this memory" in picture
    assert "&lt;other&gt; alone has this memory" in picture
    assert picture.count("<s>1</s> 7") == 1
    assert "strides (1, 2)" in picture
    assert picture.count("<table") == 2


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@each_chapter
def test_texts_and_charts_take_their_colours_from_the_palette(chapter, palette):
    for cell in chapter.cells:
        outcome = run_cell(chapter, cell)
        for text in (
            sentence(cell.text, palette),
            formula(cell.formula, palette),
            sentence(outcome.conclusion, palette),
        ):
            assert "«" not in text
            assert set(re.findall(r"(?:textcolor{|color: )(#\w+)", text)) <= set(palette.values())
        if outcome.plot:
            figure = draw(outcome.plot, palette)
            assert set(re.findall(r"#[0-9a-f]{6}", str(figure.to_dict()))) <= set(palette.values())
            assert figure.layout.title.text


# --- cells that compute in processes of their own ---------------------------------------------------------

PAIRS = BY_NAME["processes"]
PAIR = PAIRS.cells[0]
PAIR_NAME = f"processes/{PAIR.name}"


@pytest.fixture
def pairs(monkeypatch):
    """How often a pair was asked for; each answers at once, or fails as the list's next entry says."""
    asked, failing = [], []
    outcome = run_cell(PAIRS, PAIR)

    def run_pair(chapter, cell, chosen):
        if not cell.apart:
            return run_cell(chapter, cell, chosen)
        asked.append(cell.name)
        if failing:
            raise ChildProcessError(failing.pop())
        return outcome

    course_cell.outcome_of.clear()
    monkeypatch.setattr(course_running, "_kept", {})
    monkeypatch.setattr(course_cell, "run_cell", run_pair)
    yield asked, failing
    course_cell.outcome_of.clear()


def test_pair_runs_only_when_somebody_looks_and_the_prediction_is_judged_by_it(pairs):
    asked, _ = pairs
    page = open_course(chapter="processes")
    assert asked == []
    assert PAIR.source() in blocks(page)
    wrong = PAIR.question.options[0]
    button(page, f"{PAIR_NAME}#predict/{wrong}").click()
    run(page)
    assert set(asked) == {PAIR.name}
    assert f"You said **{wrong}**, and it was **3 and 30**." in said(page)


def test_pair_that_fails_is_a_sentence_and_can_be_run_again(pairs):
    _, failing = pairs
    failing.append("Process 1 ended before its work was done: it was stopped from outside. Run it again.")
    page = open_course(chapter="processes")
    button(page, f"{PAIR_NAME}#look").click()
    run(page)
    assert page.warning[0].value.replace("\\", "").startswith("Process 1 ended before its work was done")
    assert "0 | before" not in "".join(blocks(page))
    button(page, f"{PAIR_NAME}#retry").click()
    run(page)
    assert not page.warning
    assert "**3 and 30**." in said(page)
