"""A lecturer asks, followers answer, and all see what came of it: on real pages, with the room between them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from typing import Any

import pytest
from lecturer import Lecturer
from playwright.sync_api import Locator, Page, expect
from serving import Line, Server
from stage import Stage
from stillness import bounds
from test_accessibility import findings

from core import Experiment, train
from core.course import BY_NAME, run_cell

PHONE = {"width": 390, "height": 844}

QUESTION = {"id": "q1", "text": "Will it diverge?", "kind": "choice", "choices": ["Yes", "No"]}
NUMBER = {"id": "q2", "text": "Where does b end?", "kind": "number", "unit": "metres"}

EVIL = "<img src=x onerror=window.evil=1>"


class Asker:
    """The page of a lecturer, with an open room."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.strip = page.get_by_role("region", name="Question to the room")
        page.get_by_role("button", name="Lecture", exact=True).click()
        door = page.get_by_role("dialog", name="Join the lecture")
        self.code = door.locator(".code").inner_text()
        door.get_by_role("button", name="Close").click()

    def open_panel(self) -> Locator:
        self.page.get_by_role("button", name="More of the lecture").click()
        self.page.get_by_role("button", name="Ask…").click()
        return self.page.get_by_role("dialog", name="Ask the room")

    def ask(self, text: str) -> None:
        self.open_panel().get_by_role("button", name=text, exact=True).click()

    def ask_own(self, text: str, kind: str = "Yes or no", **fields: str) -> None:
        panel = self.open_panel()
        panel.get_by_role("textbox", name="Question").fill(text)
        panel.get_by_role("combobox", name="Answer", exact=True).select_option(kind)
        for name, value in fields.items():
            panel.get_by_role("textbox", name=re.compile(name, re.IGNORECASE)).fill(value)
        panel.get_by_role("button", name="Ask", exact=True).click()

    def press(self, name: str) -> None:
        self.strip.get_by_role("button", name=name, exact=True).click()

    def says(self, words: str) -> None:
        expect(self.strip.get_by_role("status")).to_have_text(words)

    def counts(self) -> list[tuple[str, str]]:
        rows = self.strip.get_by_role("listitem").all()
        return [(row.locator(".choice").inner_text(), row.locator("b").inner_text()) for row in rows]


class Card:
    """The question on a follower's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.get_by_role("region", name="Question", exact=True)

    def choose(self, choice: str) -> None:
        self.root.get_by_role("button", name=choice, exact=True).click()

    def type(self, text: str) -> None:
        field = self.root.get_by_role("spinbutton")
        field.fill("")
        field.press_sequentially(text)
        field.press("Enter")

    def says(self, words: str | re.Pattern[str]) -> None:
        expect(self.root.get_by_role("status")).to_have_text(words)


@pytest.fixture
def asker(lab) -> Callable[..., Asker]:
    """Opens the lab for a lecturer, whose run is over, and a room for it."""

    def asker(query: str = "epochs=60&learning_rate=0.3", **options: Any) -> Asker:
        stage: Stage = lab(query, **options)
        stage.page.keyboard.press("End")
        stage.wait_for("stage.dataset.state !== 'training'")
        stage.page.keyboard.press("End")
        stage.wait_state("finished", "diverged")
        return Asker(stage.page)

    return asker


@pytest.fixture
def join(visitors) -> Callable[..., Card]:
    """The card of a fresh follower of the room with this code."""

    def join(code: str, *, at: str = "", **options: Any) -> Card:
        page = visitors.come(**options)
        page.goto(f"{at}/room/{code}")
        return Card(page)

    return join


@pytest.fixture
def lecturer(server) -> Lecturer:
    return Lecturer(server)


def answered(lecturer: Lecturer, question: str) -> Any:
    return next(one["counts"] for one in lecturer.look()["answers"] if one["id"] == question)


# --- All of it ------------------------------------------------------------------------------------------


def test_room_predicts_and_all_see_what_came_of_it(asker, join):
    lecturer = asker("epochs=60&learning_rate=1.5")
    phone, laptop = join(lecturer.code, viewport=PHONE, has_touch=True), join(lecturer.code)
    lecturer.ask("Will it diverge at a learning rate of 1.5?")
    phone.choose("No")
    phone.says("Your answer: No. You can change it until the reveal.")
    laptop.choose("No")
    phone.choose("Yes")
    expect(lecturer.strip).to_contain_text("2 of 2 answered")
    expect(lecturer.strip.get_by_role("listitem").first).to_contain_text("1")
    assert lecturer.counts() == [("Yes", "1"), ("No", "1")]
    lecturer.press("Reveal")
    for told in (lecturer, phone, laptop):
        told.says("1 of 2 said yes; it diverges.")
    right = phone.root.get_by_role("listitem").filter(has_text="right")
    expect(right).to_have_text("Yes✓ rightyour answer1")
    expect(laptop.root.get_by_role("listitem").filter(has_text="your answer")).to_have_text("Noyour answer1")
    late = join(lecturer.code)
    late.says("1 of 2 said yes; it diverges.")
    lecturer.press("Close")
    expect(phone.root).to_be_hidden()
    expect(lecturer.strip).to_be_hidden()


def test_number_is_typed_with_a_comma_and_shown_among_the_others(asker, join):
    lecturer = asker()
    first, second = join(lecturer.code, viewport=PHONE), join(lecturer.code)
    lecturer.ask("Where does b end after 60 epochs?")
    first.type("1,5")
    first.says("Your answer: 1.5. You can change it until the reveal.")
    second.type("-0,25")
    second.says("Your answer: −0.25. You can change it until the reveal.")
    expect(lecturer.strip).to_contain_text("median 0.625")
    lecturer.press("Reveal")
    end = list(train(Experiment(epochs=60, learning_rate=0.3)))[-1].b
    words = f"2 have answered, with a median of 0.625; b ends at {end:#.6g}."
    for told in (lecturer, first, second):
        told.says(words)
    expect(first.root.get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("^Answers: 1 from .*; median 0.625$")
    )
    expect(second.root).to_contain_text("yours −0.25")


def test_which_is_first_is_asked_where_there_are_several_runs(asker, join):
    lecturer = asker("epochs=300&learning_rate=0.05&versus=learning_rate:0.4")
    follower = join(lecturer.code)
    lecturer.ask("Which of these arrives first?")
    follower.choose("learning rate 0.4")
    follower.says(re.compile("You can change it"))
    lecturer.press("Reveal")
    lecturer.says(re.compile(r"^1 of 1 said “learning rate 0\.4”; learning rate 0\.4 arrives first, at epoch \d+\.$"))


def test_truth_that_is_not_known_yet_can_be_asked_for_again(lab, join):
    stage = lab("epochs=100000&learning_rate=0.001&n=10000")
    stage.press("Train")
    stage.wait_trained(10)
    lecturer = Asker(stage.page)
    follower = join(lecturer.code)
    lecturer.ask("Will it diverge at a learning rate of 0.001?")
    lecturer.press("Reveal")
    lecturer.says("Not known yet: the run is not over. Press Reveal again once it is.")
    expect(follower.root.get_by_role("button", name="No")).to_be_visible()
    lecturer.press("Reveal answers only")
    follower.says("Nobody has answered.")


def test_question_of_the_course_has_the_answer_of_its_cell_as_it_is_shown(visitors, join):
    chapter = BY_NAME["loading"]
    cell = next(one for one in chapter.cells if one.question and isinstance(one.controls[0].default, str))
    control = cell.controls[0]
    answers = {option: run_cell(chapter, cell, {control.name: option}).answer for option in control.options}
    other = next(option for option in control.options if answers[option] != answers[control.default])
    page = visitors.come()
    page.goto("/course?chapter=loading")
    lecturer = Asker(page)
    follower = join(lecturer.code, viewport=PHONE)
    lecturer.ask(cell.question.text)
    expect(follower.root.get_by_role("button")).to_have_text(list(cell.question.options))
    idea = page.locator(f".st-key-idea-{cell.name}")
    idea.get_by_role("radiogroup").get_by_text(str(other), exact=True).click()
    expect(idea.locator(f".st-key-code-{cell.name}")).to_contain_text(f"= {other}")
    follower.choose(answers[other])
    expect(lecturer.strip).to_contain_text("1 of 1 answered")
    lecturer.press("Reveal")
    follower.says(re.compile("^1 of 1 said .*, which is right.$"))


def test_lecturer_says_what_is_right_of_a_question_of_their_own(asker, join):
    lecturer = asker()
    follower = join(lecturer.code)
    lecturer.ask_own("Which is larger?", "Choices of my own", choices="b\nw")
    follower.choose("w")
    follower.says("Your answer: w. You can change it until the reveal.")
    lecturer.strip.get_by_role("combobox").select_option("w")
    lecturer.press("Reveal")
    follower.says("1 of 1 said “w”, which is right.")
    lecturer.strip.get_by_role("combobox").select_option("not said")
    follower.says("1 of 1 said “w”.")


def test_questions_are_taken_along_with_their_counts(asker, join):
    lecturer = asker("epochs=60&learning_rate=1.5")
    follower = join(lecturer.code)
    lecturer.ask_own("=1+1 or 3, who knows?")
    follower.choose("Yes")
    expect(lecturer.strip).to_contain_text("1 of 1 answered")
    lecturer.press("Withdraw")
    lecturer.ask("Will it diverge at a learning rate of 1.5?")
    lecturer.press("Reveal")
    lecturer.says("Nobody has answered; it diverges.")
    panel = lecturer.open_panel()
    with lecturer.page.expect_download() as saving:
        panel.get_by_role("button", name="Questions as CSV").click()
    assert saving.value.suggested_filename == f"questions-{lecturer.code}.csv"
    with open(saving.value.path(), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["question"], row["choice"], row["count"], row["truth"]) for row in rows] == [
        ("'=1+1 or 3, who knows?", "Yes", "1", ""),
        ("'=1+1 or 3, who knows?", "No", "0", ""),
        ("Will it diverge at a learning rate of 1.5?", "Yes", "0", "Yes"),
        ("Will it diverge at a learning rate of 1.5?", "No", "0", "Yes"),
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["asked_at"]) for row in rows)


def test_question_goes_along_to_the_tab_that_the_room_sees(asker, lab, join):
    lecturer = asker("epochs=60&learning_rate=0.3")
    follower = join(lecturer.code)
    other = lab("epochs=60&learning_rate=0.7").page
    expect(other.get_by_role("button", name="More of the lecture")).to_be_visible()
    lecturer.ask("Will it diverge at a learning rate of 0.3?")
    follower.choose("No")
    expect(lecturer.strip).to_contain_text("1 of 1 answered")
    strip = other.get_by_role("region", name="Question to the room")
    expect(strip).to_be_hidden()
    own = follower.page.get_by_role("link", name="Open in a lab of my own", include_hidden=True)
    expect(own).to_have_attribute("href", re.compile("learning_rate=0.3"))
    other.get_by_role("button", name="More of the lecture").click()
    other.get_by_role("button", name="Show this tab").click()
    expect(strip).to_contain_text("1 of 1 answered")
    expect(own).to_have_attribute("href", re.compile("learning_rate=0.7"))
    expect(lecturer.strip).to_be_hidden()
    strip.get_by_role("button", name="Reveal", exact=True).click()
    expect(strip).to_contain_text("What was asked about is not on the stage now")


# --- What goes wrong ------------------------------------------------------------------------------------


def test_reload_of_either_page_loses_nothing(asker, join):
    lecturer = asker()
    follower = join(lecturer.code)
    lecturer.ask("Will it diverge at a learning rate of 0.3?")
    follower.choose("No")
    expect(lecturer.strip).to_contain_text("1 of 1 answered")
    follower.page.reload()
    follower.says("Your answer: No. You can change it until the reveal.")
    lecturer.page.reload()
    expect(lecturer.strip).to_contain_text("1 of 1 answered")
    Stage(lecturer.page).rest()  # before the run is over here, nobody knows what is true
    lecturer.press("Reveal")
    follower.says("1 of 1 said no; it does not diverge.")
    # The same follower as before, and nobody else.
    follower.page.reload()
    follower.says("1 of 1 said no; it does not diverge.")


def test_answer_that_a_cut_line_has_lost_is_sent_once_it_is_back(lecturer, join, visitors, lab_server: Server):
    visitors.forgiven = re.compile("Failed to load resource")
    line = Line(lab_server)
    try:
        lecturer.show(question=QUESTION)
        follower = join(lecturer.code, at=line.address)
        expect(follower.root).to_be_visible()
        line.cut()
        follower.choose("Yes")
        follower.says("Your answer: Yes. Not sent yet: the line is cut. It is sent once the line is back.")
        line.mend()
        follower.says("Your answer: Yes. You can change it until the reveal.")
        assert answered(lecturer, "q1") == {"choices": [["Yes", 1], ["No", 0]], "answered": 1}
    finally:
        follower.page.close()
        line.close()


def test_answer_is_given_again_to_a_room_that_has_forgotten_it(lecturer, join, visitors):
    visitors.forgiven = re.compile("Failed to load resource")
    lecturer.show(question=QUESTION)
    follower = join(lecturer.code)
    follower.choose("Yes")
    follower.says("Your answer: Yes. You can change it until the reveal.")
    code = lecturer.code
    # As a server that was started again: the room is as it was, but for all that was answered.
    follower.page.route("**/events", lambda route: route.abort())
    lecturer.show(question=None)
    lecturer.show(question={**QUESTION, "choices": ["Yes", "No", "Perhaps"]})
    lecturer.show(question=QUESTION)
    assert answered(lecturer, "q1")["answered"] == 0
    follower.page.unroute("**/events")
    follower.page.reload()
    follower.says("Your answer: Yes. You can change it until the reveal.")
    assert answered(lecturer, "q1")["answered"] == 1
    assert lecturer.code == code


def test_time_is_up_by_the_clock_of_the_server(lecturer, join, visitors):
    page = visitors.come()
    # A phone that is an hour slow.
    page.add_init_script("const now = Date.now; Date.now = () => now() - 3_600_000;")
    until = page.evaluate("Date.now()") - 1000
    lecturer.show(question={**QUESTION, "until": until})
    page.goto(f"/room/{lecturer.code}")
    follower = Card(page)
    follower.says("Time is up, but answers count until the reveal.")
    follower.choose("No")
    follower.says("Your answer: No. Time is up, but you can change it until the reveal.")


def test_countdown_runs_on_both_pages(asker, join):
    lecturer = asker()
    follower = join(lecturer.code)
    panel = lecturer.open_panel()
    panel.get_by_role("combobox", name="Time to answer").select_option("15 s")
    panel.get_by_role("button", name=re.compile("^Will it diverge")).click()
    for place in (lecturer.strip, follower.root):
        expect(place).to_contain_text(re.compile(r"\d s"))
    expect(lecturer.strip).to_contain_text("Time is up")
    follower.says("Time is up, but answers count until the reveal.")


@pytest.mark.parametrize("typed", ["", "many", "1-2"])
def test_what_is_no_number_is_said(lecturer, join, typed):
    lecturer.show(question=NUMBER)
    follower = join(lecturer.code)
    follower.type(typed)
    follower.says("Type a number, such as 0.5.")
    follower.type("3e-2")
    follower.says("Your answer: 0.03. You can change it until the reveal.")
    expect(follower.root).to_contain_text("metres")


def test_answer_that_the_room_refuses_is_said(lecturer, join, visitors):
    visitors.forgiven = re.compile("Failed to load resource")
    lecturer.show(question=NUMBER)
    follower = join(lecturer.code)
    follower.type("1e308")
    follower.says(re.compile("answer must be a number from"))


def test_follower_is_known_by_a_name_of_this_tab_alone(lecturer, join):
    lecturer.show(question=QUESTION)
    names = []
    for _ in range(2):
        follower = join(lecturer.code)
        with follower.page.expect_request("**/answers") as asking:
            follower.choose("Yes")
        names.append(asking.value.post_data_json["follower"])
        assert follower.page.evaluate("Object.keys(localStorage)") == []
        assert follower.page.evaluate("document.cookie") == ""
    assert names[0] != names[1]
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


def test_answers_count_without_a_storage_too(lecturer, visitors):
    lecturer.show(question=QUESTION)
    page = visitors.come()
    page.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
            Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });"""
    )
    page.goto(f"/room/{lecturer.code}")
    follower = Card(page)
    follower.choose("Yes")
    follower.says("Your answer: Yes. You can change it until the reveal.")
    assert answered(lecturer, "q1")["answered"] == 1


# --- How it looks ---------------------------------------------------------------------------------------


def test_no_text_of_anybody_becomes_html(asker, join):
    lecturer = asker()
    follower = join(lecturer.code)
    lecturer.ask_own(EVIL, "Choices of my own", choices=f"{EVIL}\n<b>bold</b>")
    follower.choose(EVIL)
    follower.says(f"Your answer: {EVIL}. You can change it until the reveal.")
    lecturer.press("Reveal")
    lecturer.says(f"1 of 1 said “{EVIL}”.")
    for page in (lecturer.page, follower.page):
        assert page.evaluate("window.evil") is None
        assert page.locator(".asking img, .asking li b b").count() == 0


LONG = {
    "id": "long",
    "text": "An unbreakable" + "word" * 30 + " and then many short ones " * 6,
    "kind": "choice",
    "choices": [f"{'a longer choice ' * 4}{number}" for number in range(8)],
}


@pytest.mark.parametrize("viewport", [PHONE, {"width": 360, "height": 600}, {"width": 1280, "height": 720}])
@pytest.mark.parametrize("question", [QUESTION, NUMBER, LONG], ids=lambda one: one["id"])
def test_card_keeps_to_the_window_and_leaves_the_foot_free(lecturer, join, viewport, question):
    lecturer.show(question=question)
    follower = join(lecturer.code, viewport=viewport)
    box, foot = bounds(follower.root), bounds(follower.page.locator("footer"))
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= viewport["width"]
    assert box["y"] + box["height"] <= foot["y"] + 1
    assert follower.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_card_leaves_the_player_of_a_phone_free_that_looks_around(lecturer, join):
    lecturer.show(question=QUESTION)
    follower = join(lecturer.code, viewport=PHONE)
    follower.page.get_by_role("button", name="Look around").click()
    card, player = bounds(follower.root), bounds(follower.page.get_by_role("group", name="Player"))
    assert player["y"] + player["height"] <= card["y"]


@pytest.mark.parametrize("kind", ["choice", "number"])
def test_strip_covers_neither_the_player_nor_a_chart(asker, join, kind):
    lecturer = asker("epochs=60&learning_rate=0.3&versus=learning_rate:0.5")
    follower = join(lecturer.code)
    if kind == "choice":
        lecturer.ask("Which of these arrives first?")
        follower.choose("learning rate 0.5")
    else:
        lecturer.ask("Learning rate 0.3: where does b end after 60 epochs?")
        follower.type("1,5")
    lecturer.press("Reveal")
    follower.says(re.compile("answered|said"))
    top, player = bounds(lecturer.strip), bounds(lecturer.page.get_by_role("group", name="Player"))
    assert player["y"] + player["height"] <= top["y"]
    assert top["y"] + top["height"] <= 720
    sizes = lecturer.strip.evaluate("""strip => [...strip.querySelectorAll("*")]
        .filter((one) => one.checkVisibility() && one.innerText && !one.children.length)
        .map((one) => parseFloat(getComputedStyle(one).fontSize))""")
    assert min(sizes) >= 18 * 0.85  # the marks beside the answers


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_where_something_is_asked(asker, join, scheme):
    lecturer = asker(color_scheme=scheme)
    follower = join(lecturer.code, viewport=PHONE, color_scheme=scheme)
    lecturer.open_panel()
    assert findings(lecturer.page) == []
    lecturer.page.get_by_role("button", name=re.compile("^Where does b end")).click()
    follower.type("2")
    expect(lecturer.strip).to_contain_text("1 of 1 answered")
    assert findings(lecturer.page) == []
    assert findings(follower.page) == []
    lecturer.press("Reveal")
    follower.says(re.compile("b ends at"))
    assert findings(lecturer.page) == []
    assert findings(follower.page) == []


def test_keyboard_asks_answers_and_reveals(asker, join):
    lecturer = asker()
    follower = join(lecturer.code)
    lecturer.page.get_by_role("button", name="More of the lecture").press("Enter")
    lecturer.page.get_by_role("button", name="Ask…").press("Enter")
    lecturer.page.get_by_role("button", name=re.compile("^Will it diverge")).press("Enter")
    follower.root.get_by_role("button", name="No").press("Space")
    follower.says("Your answer: No. You can change it until the reveal.")
    lecturer.strip.get_by_role("button", name="Reveal", exact=True).press("Enter")
    follower.says("1 of 1 said no; it does not diverge.")
    lecturer.page.bring_to_front()
    # What was pressed is gone: the focus is on what has taken its place.
    expect(lecturer.strip.get_by_role("button", name="Close")).to_be_focused()
    lecturer.page.keyboard.press("Enter")
    expect(lecturer.page.get_by_role("button", name="More of the lecture")).to_be_focused()
