"""The stage's conversation with Streamlit by itself: what it makes of answers, with a stage that only takes notes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

ROWS = 5


@pytest.fixture
def page(visitors) -> Page:
    """An almost empty page of the same origin, with a `source`, its `stage`, and what Streamlit was `told`."""
    page: Page = visitors.open_blank()
    page.evaluate(
        """async rows => {
            const { Streamlit } = await import("/app/static/stage/sources/streamlit.js");
            window.told = [];
            window.begin = () => {
                const calls = [];
                const stage = {
                    calls, line: "", sceneId: undefined, columns: {count: 0}, graph: {},
                    moments: {wanted: null}, player: {started: false, waiting: false},
                    get standing() { return {columns: stage.columns, run: stage.run, playhead: "there"}; },
                    setTheme() {},
                    setScene(id) { stage.sceneId = id; },
                    setLine(line) { stage.line = line; calls.push(line); },
                    begin(epochs, started, again) {
                        if (!again) stage.columns = {count: 0};
                        stage.player.started = started;
                        calls.push(again ? "again" : "begin");
                    },
                    resume({columns, playhead}) { stage.columns = columns; calls.push(`resume ${playhead}`); },
                    receive(rows, run) { stage.columns.count += rows?.b.length ?? 0; stage.run = run; },
                };
                window.source = new Streamlit();
                window.stage = stage;
                source.feed(stage);
            };
            const table = (start, stop) => ({
                schema: {fields: [{name: "b"}]}, getChild: () => ({toArray: () => new Float64Array(stop - start)}),
            });
            // The server's answer to one who has `start` rows of a run of which there are `count`.
            window.answer = ({start = 0, count = rows, ...others} = {}) => {
                const data = {
                    visit: "mine", play: 1, runId: "run-1", sceneId: "this", scene: "{}", started: true, view: "lab",
                    epochs: rows - 1, start, count, rows: start < count ? table(start, count) : null,
                    status: {stop: count === rows ? {reason: "finished", epoch: rows - 1} : null}, ...others,
                };
                source.hear({
                    data,
                    setStateValue: (name, value) => told.push([name, value]),
                    setTriggerValue: (name, value) => told.push([name, value]),
                });
                return {
                    calls: stage.calls.splice(0),
                    told: told.splice(0).filter(([name]) => name !== "have"),
                    count: stage.columns.count, stop: stage.run.stop?.reason ?? "", complete: source.complete,
                };
            };
            begin();
        }""",
        ROWS,
    )
    return page


def answers(page: Page, *given: dict[str, Any]) -> list[dict[str, Any]]:
    """What the stage is told, and what the server, after each of these answers."""
    return list(page.evaluate("given => given.map(answer)", list(given)))


THE_REST = {"start": ROWS, "scene": None}


def test_first_answer_begins_the_run(page):
    (first,) = answers(page, {})
    assert first == {"calls": ["begin"], "told": [], "count": ROWS, "stop": "finished", "complete": True}


def test_same_answer_again_changes_nothing(page):
    _, again = answers(page, {}, {})
    assert again["calls"] == []
    assert again["count"] == ROWS


def test_another_play_in_the_same_visit_is_what_the_visitor_asked_for(page):
    _, again = answers(page, {}, THE_REST | {"play": 2})
    assert again["calls"] == ["again"]
    assert again["count"] == ROWS


def test_another_scene_begins_whoever_answers(page):
    _, other, elsewhere = answers(page, {}, {"play": 2, "sceneId": "other"}, {"visit": "new", "sceneId": "third"})
    assert other["calls"] == ["begin"]
    assert elsewhere["calls"] == ["begin", "back"]
    assert elsewhere["told"] == []


@pytest.mark.parametrize("play", [1, 7])
def test_another_visit_with_the_same_scene_leaves_rows_and_playhead_as_they_are(page, play):
    _, lost = answers(page, {}, {"visit": "new", "play": play, "runId": "run-1"})
    assert lost["calls"] == ["recovered"]
    assert lost["told"] == []
    assert lost["count"] == ROWS


def test_what_has_ended_here_does_not_go_on_while_the_server_trains_it_again(page):
    early = {"visit": "new", "start": 2, "count": 2, "status": {"stop": None}}
    _, lost, later = answers(page, {}, early, THE_REST | {"visit": "new"})
    assert (lost["count"], lost["stop"], lost["complete"]) == (ROWS, "finished", False)
    assert (later["stop"], later["complete"]) == ("finished", True)


def test_rows_that_continue_ours_are_taken_from_the_new_run(page):
    _, behind, further = answers(
        page, {"count": 3}, {"visit": "new", "start": 1, "count": 1}, {"visit": "new", "start": 3}
    )
    assert (behind["count"], behind["stop"], behind["complete"]) == (3, "", False)
    assert (further["count"], further["stop"], further["complete"]) == (ROWS, "finished", True)


def test_server_is_told_that_the_run_had_been_stopped(page):
    stopped = {"count": 3, "status": {"stop": {"reason": "cancelled", "epoch": 2}}}
    _, lost = answers(page, stopped, {"visit": "new", "count": 1})
    assert lost["told"] == [["recover", {"started": True, "stopped": 2}]]
    assert (lost["count"], lost["stop"]) == (3, "cancelled")


@pytest.mark.parametrize("started", [True, False])
def test_server_is_told_whether_the_run_had_been_started_if_it_thinks_otherwise(page, started):
    preview = {"count": 1, "started": started}
    _, lost, known = answers(page, preview, {"visit": "new", "count": 1, "started": not started}, {"visit": "new"})
    assert lost["told"] == [["recover", {"started": started, "stopped": None}]]
    assert known["told"] == []


def test_next_stage_takes_over_from_the_last_even_in_another_visit(page):
    answers(page, {})
    for visit in ("mine", "new"):
        page.evaluate("source.end(); begin()")
        (taken,) = answers(page, THE_REST | {"visit": visit, "scene": "{}"})
        assert taken["calls"] == (["resume there"] if visit == "mine" else ["resume there", "recovered"])
        assert (taken["count"], taken["stop"]) == (ROWS, "finished")
    page.evaluate("source.end(); begin()")
    (other,) = answers(page, {"visit": "new", "sceneId": "other"})
    assert other["calls"] == ["begin"]


def test_play_asked_for_while_there_was_no_stage_is_played_by_the_next(page):
    answers(page, {})
    page.evaluate("source.end(); begin()")
    (asked,) = answers(page, {"play": 2})
    assert asked["calls"] == ["again"]
    assert asked["count"] == ROWS


# --- the line ---------------------------------------------------------------------------------------------


@pytest.fixture
def connected(page) -> Page:
    """The same page, with what Streamlit says there of its line: `connection(STATE)` changes it."""
    page.evaluate(
        """async () => {
            const app = document.createElement("div");
            app.dataset.testid = "stApp";
            document.body.append(app);
            window.connection = state => {
                app.setAttribute("data-test-connection-state", state);
                return new Promise(requestAnimationFrame);
            };
            await connection("CONNECTED");
            window.keys = [];
            addEventListener("keydown", event => keys.push(event.key));
            begin();
        }"""
    )
    return page


def asked(page: Page) -> list[str]:
    """What the server was told since this was last looked at, by name."""
    return list(page.evaluate("told.splice(0).map(([name]) => name)"))


def test_nothing_is_asked_while_the_line_is_cut_and_the_stage_is_told_of_the_cut(connected):
    answers(connected, {"count": 3})
    connected.evaluate("connection('PINGING_SERVER')")
    connected.evaluate("source.look()")
    connected.wait_for_function("stage.line === 'cut'")
    assert asked(connected) == []
    connected.evaluate("connection('CONNECTED')")
    assert connected.evaluate("stage.line") == "back"
    assert asked(connected) == ["have"]


@pytest.mark.parametrize("answered", [True, False])
def test_page_is_asked_for_where_a_server_that_is_back_answers_no_question(connected, answered):
    connected.clock.install()
    answers(connected, {})
    connected.evaluate("connection('CONNECTING')")
    connected.evaluate("connection('CONNECTED')")
    if answered:
        answers(connected, THE_REST)
    connected.clock.run_for(60_000)
    assert connected.evaluate("keys") == ([] if answered else ["r"])
    assert connected.evaluate("stage.line") == "", "so short a cut is not worth a word"
