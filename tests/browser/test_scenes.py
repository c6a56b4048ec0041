"""Prepared scenes: recorded, ordered, kept, taken along, and played with the keys of a presenter."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Error, expect
from stage import Stage
from stillness import wait_still
from test_accessibility import findings

FORMAT = {"format": "gradient-descent-lab-scenes", "version": 1}


def opened(stage: Stage):
    """The list of scenes, in the menu."""
    panel = stage.page.get_by_role("dialog", name="Scenes", exact=True)
    if not panel.is_visible():
        stage.button("Tools").click()
        stage.page.get_by_role("button", name="Scenes…", exact=True).click()
        panel.get_by_role("button", name="Record", exact=True).wait_for()
    return panel


def closed(stage: Stage) -> None:
    stage.page.keyboard.press("Escape")
    stage.page.keyboard.press("Escape")
    expect(stage.page.locator(":popover-open")).to_have_count(0)


def titles(stage: Stage) -> list[str]:
    """Without the numbers before them."""
    return [text.split("  ", 1)[1] for text in opened(stage).locator(".title").all_text_contents()]


def record(stage: Stage, epoch: int, title: str) -> None:
    stage.seek(epoch)
    panel = opened(stage)
    panel.get_by_role("button", name="Record", exact=True).click()
    field = panel.get_by_role("textbox", name="Title")
    field.fill(title)
    field.press("Enter")
    closed(stage)


def choose_file(stage: Stage, name: str, contents: bytes) -> None:
    opened(stage).locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": contents}
    )


def message(stage: Stage):
    return opened(stage).locator(".message")


def scene(title: str, link: str, epoch: int = 0, **more) -> dict:
    return {"title": title, "link": link, "page": "lab", "epoch": epoch, "beat": "", "speed": 1} | more


def file_of(*scenes: dict) -> bytes:
    return json.dumps(FORMAT | {"scenes": list(scenes)}).encode()


def test_what_is_on_the_stage_is_recorded_ordered_edited_taken_out_and_kept(lab):
    stage = lab("epochs=60", pace=0)
    for epoch, title in [(0, "start"), (12, "<b>on its way</b>"), (60, "end")]:
        record(stage, epoch, title)
    assert titles(stage) == ["start", "<b>on its way</b>", "end"]
    panel = opened(stage)
    assert panel.locator("ol b").count() == 0  # a title is text, whatever it is
    # What was recorded last is open to be edited.
    panel.get_by_role("button", name="Move scene 3 up", exact=True).click()
    assert titles(stage) == ["start", "end", "<b>on its way</b>"]
    # The keys go on where they were.
    expect(panel.get_by_role("button", name="Move scene 2 up", exact=True)).to_be_focused()
    stage.page.keyboard.press("Enter")
    assert titles(stage) == ["end", "start", "<b>on its way</b>"]
    panel.locator("li").nth(2).drag_to(panel.locator("li").nth(1))
    assert titles(stage) == ["end", "<b>on its way</b>", "start"]
    notes = panel.get_by_role("textbox", name="Notes")
    notes.fill("All there is to learn.")
    notes.press("Enter")
    question = panel.get_by_role("textbox", name="Question")
    question.fill("Is it the least-squares line?")
    question.press("Enter")
    panel.get_by_role("button", name="Edit scene 2", exact=True).click()
    panel.get_by_role("button", name="Delete", exact=True).click()
    assert titles(stage) == ["end", "start"]
    panel.get_by_role("button", name="Undo", exact=True).click()
    assert titles(stage) == ["end", "<b>on its way</b>", "start"]
    closed(stage)
    stage.reload()
    assert titles(stage) == ["end", "<b>on its way</b>", "start"]
    opened(stage).locator(".title").first.click()
    expect(opened(stage).locator(".current .notes")).to_have_text("All there is to learn.")
    expect(opened(stage).locator(".current .question")).to_have_text("Is it the least-squares line?")


def test_the_keys_of_a_presenter_lead_through_all_pages_without_loading_one_anew(lab):
    stage = lab("epochs=60", pace=0)
    page = stage.page
    page.evaluate("() => { window.loaded = 1; }")
    scenes = [
        scene("two runs", "?epochs=80&versus=learning_rate:0.5&projector=surface,loss", 12),
        scene("beat", "?epochs=80&method=numpy&projector=code", 3, beat="backward", speed=0.25),
        scene("course", "?chapter=autograd", page="course"),
        scene("another chapter", "?chapter=losses", page="course"),
        scene("mistake", "?mistake=zero-grad", page="mistakes"),
        scene("graph", "?epochs=70", 4, page="graph"),
        scene("back", "?epochs=90&learning_rate=0.3", 90),
    ]
    choose_file(stage, "scenes.json", file_of(*scenes))
    opened(stage).locator(".title").first.click()
    closed(stage)

    def stands(epoch: int, epochs: str, state: str = "paused", beat: str = "", runs: str = "1") -> None:
        given = {"epoch": str(epoch), "state": state, "beat": beat, "runs": runs}
        stage.wait_for(
            "Object.entries(given[0]).every(([name, value]) => stage.dataset[name] === value)"
            " && stage.querySelector('.bar input').max === given[1]",
            [given, epochs],
        )

    def seen(heading: str) -> None:
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=2, name=heading)).to_be_visible()

    def in_the_lab() -> None:
        stands(12, "80", runs="2")
        expect(page.get_by_test_id("stSidebar")).to_be_hidden()
        stage.wait_query(epochs=["80"], versus=["learning_rate:0.5"], projector=["surface,loss"])

    in_the_lab()
    page.keyboard.press("PageDown")
    stands(3, "80", beat="backward")
    assert stage.element.locator("select[aria-label=Speed]").input_value() == "0.25"
    expect(stage.element.locator(".code")).to_be_visible()
    page.keyboard.press("PageDown")
    seen("Autograd")
    expect(page.get_by_role("group", name="Scenes", exact=True)).to_contain_text("3 / 7")
    page.keyboard.press("PageDown")
    seen("Losses")
    page.get_by_role("button", name="Next scene", exact=True).click()
    seen("Forgetting zero_()")
    page.keyboard.press("PageDown")
    stands(4, "70")
    expect(stage.element.locator(".graph .tools")).to_be_visible()
    page.keyboard.press("PageDown")
    stands(90, "90", state="finished")
    page.keyboard.press("PageDown")  # there is no further one
    for _ in range(6):
        page.keyboard.press("PageUp")
    in_the_lab()
    assert page.evaluate("window.loaded") == 1


def test_without_an_open_list_the_keys_are_the_players_and_in_a_field_its_own(lab):
    stage = lab("epochs=60", pace=0)
    choose_file(
        stage,
        "scenes.json",
        file_of(scene("one", "?epochs=60", 10), scene("two", "?epochs=60", 20, question="Will it arrive?")),
    )
    opened(stage).locator(".title").first.click()
    stage.wait_for("stage.dataset.epoch === '10'")
    panel = opened(stage)
    panel.get_by_role("button", name="Edit scene 2", exact=True).click()
    panel.get_by_role("textbox", name="Notes").press("PageDown")
    wait_still(stage.page)
    assert stage.epoch == 10
    closed(stage)
    stage.page.keyboard.press("PageDown")
    stage.wait_for("stage.dataset.epoch === '20'")
    expect(stage.element.locator(".projector-question")).to_have_text("Will it arrive?")
    stage.page.get_by_role("button", name="Close the list of scenes", exact=True).click()
    expect(stage.element.locator(".projector-question")).to_have_text("")
    stage.page.keyboard.press("PageUp")
    stage.wait_for("stage.dataset.epoch === '26'")


def test_played_without_filling_the_window_scenes_leave_the_controls_where_they_are(lab):
    stage = lab("epochs=60", pace=0)
    choose_file(stage, "scenes.json", file_of(scene("one", "?epochs=50&projector=loss", 10)))
    opened(stage).get_by_role("checkbox", name="fill the window").uncheck()
    opened(stage).locator(".title").first.click()
    stage.wait_for("stage.dataset.epoch === '10' && stage.querySelector('.bar input').max === '50'")
    expect(stage.page.get_by_test_id("stSidebar")).to_be_visible()
    stage.wait_query(epochs=["50"])


def test_a_list_is_taken_along_as_a_file_and_read_by_another(lab):
    stage = lab("epochs=60&projector=loss,code&versus=learning_rate:0.5", pace=0)
    stage.wait_runs(2)
    record(stage, 7, "seven")
    with stage.page.expect_download() as coming:
        opened(stage).get_by_role("button", name="Save file", exact=True).click()
    contents = coming.value.path().read_bytes()
    assert json.loads(contents) == FORMAT | {
        "scenes": [
            scene("seven", "?epochs=60&projector=loss,code&versus=learning_rate:0.5", 7)
            | {"notes": "", "question": None}
        ]
    }
    other = lab("epochs=30", pace=0)
    other.page.evaluate("localStorage.clear()")
    other.reload()
    assert titles(other) == []
    choose_file(other, coming.value.suggested_filename, contents)
    assert titles(other) == ["seven"]
    opened(other).locator(".title").first.click()
    other.wait_for("stage.dataset.epoch === '7' && stage.dataset.runs === '2'")


def test_the_ready_lesson_is_one_press_away_and_the_former_list_one_back(lab):
    stage = lab("epochs=60", pace=0)
    record(stage, 7, "mine")
    opened(stage).get_by_role("button", name="The lesson", exact=True).click()
    expect(message(stage)).to_contain_text("30 scenes")
    assert len(titles(stage)) == 30
    message(stage).get_by_role("button", name="Undo", exact=True).click()
    assert titles(stage) == ["mine"]


GOOD = scene("a", "?epochs=20")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This file is no list of scenes: it cannot be read as JSON."),
        ("x,y\n1,2\n", "This file is no list of scenes: it cannot be read as JSON."),
        ("[]", "This file is JSON, but no list of scenes."),
        ("null", "This file is JSON, but no list of scenes."),
        ('{"format": "other", "scenes": []}', "This file is JSON, but no list of scenes."),
        (json.dumps(FORMAT | {"version": 2, "scenes": [GOOD]}), "saved by another version of the lab"),
        (json.dumps(FORMAT | {"scenes": []}), "This list has no scenes"),
        (json.dumps(FORMAT | {"scenes": [GOOD] * 201}), "This list has 201 scenes, and there is room for 200"),
        *(
            (json.dumps(FORMAT | {"scenes": [GOOD, wrong]}), f"Scene 2 of this file cannot be read: its {words}")
            for wrong, words in [
                (GOOD | {"title": ""}, "title must be"),
                (GOOD | {"title": "x" * 81}, "title must be a text of at most 80 letters."),
                (GOOD | {"title": 5}, "title must be"),
                (GOOD | {"link": "javascript:alert(1)"}, "link must be"),
                (GOOD | {"link": "https://example.org/?epochs=20"}, "link must be"),
                (GOOD | {"link": "?" + "x" * 8000}, "link must be"),
                (GOOD | {"page": "admin"}, "page must be one of lab, graph, course, mistakes."),
                (GOOD | {"epoch": -1}, "epoch must be a whole number"),
                (GOOD | {"epoch": 1.5}, "epoch must be a whole number"),
                (GOOD | {"epoch": True}, "epoch must be a whole number"),
                (GOOD | {"beat": "toString"}, "beat must be one of forward, loss, backward, update, or empty."),
                (GOOD | {"speed": 0}, "speed must be"),
                (GOOD | {"notes": "x" * 501}, "notes must be"),
                (GOOD | {"question": "x" * 301}, "question must be"),
                (GOOD | {"question": {"text": "?", "kind": "choice", "choices": ["a"]}}, "question must have 2 to 8"),
                (GOOD | {"question": {"text": "?", "kind": "choice", "choices": ["a", "a"]}}, "question must have"),
            ]
        ),
    ],
    ids=lambda value: value[:50],
)
def test_a_wrong_file_is_one_sentence(blank_page, text, sentence):
    with pytest.raises(Error) as refused:
        blank_page.evaluate(
            """async text => (await import("/app/static/room/scenes/file.js")).read(text)""",
            text,
        )
    said = refused.value.message.splitlines()[0]
    assert sentence in said
    assert len(said) < 250


def test_of_a_file_nothing_is_taken_but_what_a_scene_has(blank_page):
    strange = GOOD | {"__proto__": {"admin": 1}, "html": "<script>", "question": "Why?"}
    (found,) = blank_page.evaluate(
        """async text => (await import("/app/static/room/scenes/file.js")).read(text)""",
        json.dumps(FORMAT | {"scenes": [strange]}),
    )
    asked = {"text": "Why?", "kind": "choice", "choices": ["Yes", "No"]}
    assert found == GOOD | {"notes": "", "question": asked}


def test_a_file_that_is_too_large_or_wrong_leaves_the_list_as_it_is(lab):
    stage = lab("epochs=60", pace=0)
    record(stage, 7, "mine")
    choose_file(stage, "large.json", b" " * (600 * 1024))
    expect(message(stage)).to_have_text(
        "This file is larger than 512 KB: it is no list of scenes. Choose one that the lab has saved."
    )
    choose_file(stage, "table.csv", b"x,y\n1,2\n")
    expect(message(stage)).to_contain_text("it cannot be read as JSON")
    assert titles(stage) == ["mine"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_list(lab, scheme):
    stage = lab("epochs=60", pace=0, color_scheme=scheme)
    record(stage, 7, "mine")
    opened(stage).locator(".title").first.click()
    opened(stage).get_by_role("button", name="Edit scene 1", exact=True).click()
    assert findings(stage.page) == []
