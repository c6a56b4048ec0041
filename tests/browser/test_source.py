"""The stage's conversation with Streamlit by itself: what it makes of answers, with a stage that only takes notes."""

from __future__ import annotations

import math
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
            const { Runs } = await import("/app/static/stage/runs.js");
            window.told = [];
            window.begin = () => {
                const calls = [];
                const stage = {
                    calls, line: "", runs: new Runs(), scenes: new Map(), graph: {}, arrangement: {front: 0},
                    moments: {wanted: null}, player: {started: false, waiting: false}, sweep: {pending: false},
                    setSweep() {}, agreement: {pending: false, wanted: null}, setOthers() {},
                    noteChange() {}, rate: {awaits: () => false, resume: () => 0},
                    get standing() { return {runs: stage.runs, playhead: "there"}; },
                    setTheme() {},
                    addScene(name, scene) { stage.scenes.set(name, scene); },
                    setRuns(told, arrangement) {
                        stage.runs.set(told);
                        stage.arrangement = arrangement;
                        calls.push(told.map(({scene}) => scene).join(" "));
                    },
                    setLine(line) { stage.line = line; calls.push(line); },
                    begin(started) {
                        for (const run of stage.runs.list) run.stop = null;
                        stage.player.started = started;
                        calls.push("begin");
                    },
                    resume({runs, playhead}) { stage.runs = runs; calls.push(`resume ${playhead}`); },
                    receive(rows, told) { stage.runs.receive(rows, told); },
                };
                window.source = new Streamlit();
                window.stage = stage;
                source.feed(stage);
            };
            const table = (start, stop) => ({
                schema: {fields: [{name: "b"}]}, getChild: () => ({toArray: () => new Float64Array(stop - start)}),
            });
            // The server's answer to one who has `start` rows of a run of which there are `count`.
            window.answer = ({
                start = 0, count = rows, names = ["this"], heard = 0, front = 0,
                stop = count === rows ? {reason: "finished", epoch: rows - 1} : null, ...others
            } = {}) => {
                const data = {
                    visit: "mine", play: 1, runsId: "runs-1", started: true, view: "lab", arrangement: {heard, front},
                    scenes: Object.fromEntries(names.map(name => [name, "{}"])),
                    runs: names.map(scene => ({
                        scene, epochs: rows - 1, epochLength: 1, place: "", start, sent: count - start, count,
                        status: {stop},
                    })),
                    rows: start < count ? table(start * names.length, count * names.length) : null, ...others,
                };
                source.hear({
                    data,
                    setStateValue: (name, value) => told.push([name, value]),
                    setTriggerValue: (name, value) => told.push([name, value]),
                });
                const [run] = stage.runs.list;
                return {
                    calls: stage.calls.splice(0),
                    told: told.splice(0).filter(([name]) => name !== "have"),
                    count: run.columns.count, stop: run.stop?.reason ?? "", complete: source.complete,
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


THE_REST = {"start": ROWS}


def test_first_answer_begins_the_run(page):
    (first,) = answers(page, {})
    assert first == {"calls": ["this", "begin"], "told": [], "count": ROWS, "stop": "finished", "complete": True}


def test_same_answer_again_changes_nothing(page):
    _, again = answers(page, {}, {})
    assert again["calls"] == ["this"]
    assert again["count"] == ROWS


def test_another_play_in_the_same_visit_is_what_the_visitor_asked_for(page):
    _, again = answers(page, {}, THE_REST | {"play": 2})
    assert again["calls"] == ["this", "begin"]
    assert again["count"] == ROWS


def test_another_scene_begins_whoever_answers(page):
    _, other, elsewhere = answers(page, {}, {"play": 2, "names": ["other"]}, {"visit": "new", "names": ["third"]})
    assert other["calls"] == ["other", "begin"]
    assert elsewhere["calls"] == ["third", "begin", "back"]
    assert elsewhere["told"] == []


@pytest.mark.parametrize("play", [1, 7])
def test_another_visit_with_the_same_scene_leaves_rows_and_playhead_as_they_are(page, play):
    _, lost = answers(page, {}, {"visit": "new", "play": play})
    assert lost["calls"] == ["this", "recovered"]
    assert lost["told"] == []
    assert lost["count"] == ROWS


def test_what_has_ended_here_does_not_go_on_while_the_server_trains_it_again(page):
    early = {"visit": "new", "start": 2, "count": 2, "stop": None}
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
    stopped = {"count": 3, "stop": {"reason": "cancelled", "epoch": 2}}
    _, lost = answers(page, stopped, {"visit": "new", "count": 1})
    assert lost["told"] == [["recover", {"started": True, "stopped": [2]}]]
    assert (lost["count"], lost["stop"]) == (3, "cancelled")


@pytest.mark.parametrize("started", [True, False])
def test_server_is_told_whether_the_run_had_been_started_if_it_thinks_otherwise(page, started):
    preview = {"count": 1, "started": started}
    _, lost, known = answers(page, preview, {"visit": "new", "count": 1, "started": not started}, {"visit": "new"})
    assert lost["told"] == [["recover", {"started": started, "stopped": [None]}]]
    assert known["told"] == []


def test_next_stage_takes_over_from_the_last_even_in_another_visit(page):
    answers(page, {})
    for visit in ("mine", "new"):
        page.evaluate("source.close(); begin()")
        (taken,) = answers(page, THE_REST | {"visit": visit})
        assert taken["calls"] == ["resume there", "this", *(["recovered"] if visit == "new" else [])]
        assert (taken["count"], taken["stop"]) == (ROWS, "finished")
    page.evaluate("source.close(); begin()")
    (other,) = answers(page, {"visit": "new", "names": ["other"]})
    assert other["calls"] == ["other", "begin"]


def test_play_asked_for_while_there_was_no_stage_is_played_by_the_next(page):
    answers(page, {})
    page.evaluate("source.close(); begin()")
    (asked,) = answers(page, {"play": 2})
    assert asked["calls"] == ["this", "begin"]
    assert asked["count"] == ROWS


# --- several runs -----------------------------------------------------------------------------------------


def test_run_that_joins_others_has_them_play_on_where_no_play_is_asked_for(page):
    _, joined, parted = answers(page, {}, {"names": ["this", "that"]}, THE_REST | {"names": ["that"]})
    assert joined["calls"] == ["this that"]
    assert parted["calls"] == ["that"]
    assert parted["count"] == ROWS, "its rows are here already"


def test_every_run_gets_its_own_part_of_the_one_table(page):
    page.evaluate(
        """() => {
            const values = Float64Array.from({length: 5}, (_, i) => i);
            const table = {schema: {fields: [{name: "b"}]}, getChild: () => ({toArray: () => values})};
            const run = (scene, sent) => ({
                scene, epochs: 4, epochLength: 1, place: "", start: 0, sent, count: sent, status: {stop: null},
            });
            answer({names: ["this", "that"], runs: [run("this", 2), run("that", 3)], rows: table});
        }"""
    )
    rows = page.evaluate("stage.runs.list.map(({columns}) => [0, 1, 2].map(k => columns.at('b', k)))")
    assert str(rows) == str([[0, 1, math.nan], [2, 3, 4]])


def test_wish_is_said_again_until_it_is_heard(page):
    answers(page, {})
    page.evaluate("told.splice(0), source.wish({front: 1}), source.wish({remove: 2})")
    _, second = (wishes for name, wishes in page.evaluate("told.splice(0)") if name == "wish")
    assert [{name: value for name, value in one.items() if name != "number"} for one in second] == [
        {"front": 1},
        {"remove": 2},
    ]
    answers(page, THE_REST | {"heard": second[0]["number"]})
    page.evaluate("source.wish({front: 0})")
    ((_, left),) = (one for one in page.evaluate("told.splice(0)") if one[0] == "wish")
    assert [one["number"] > second[0]["number"] for one in left] == [True, True]


def test_choice_of_the_visitor_is_not_undone_by_an_answer_that_is_older(page):
    answers(page, {"names": ["this", "that"]})
    page.evaluate("Object.assign(stage.arrangement, {front: 1}); source.wish({front: 1})")
    answers(page, THE_REST | {"names": ["this", "that"]})
    assert page.evaluate("stage.arrangement.front") == 1
    number = page.evaluate("source.wishes[0].number")
    answers(page, THE_REST | {"names": ["this", "that"], "heard": number, "front": 0})
    assert page.evaluate("stage.arrangement.front") == 0


def test_what_is_chosen_stays_chosen_while_an_older_answer_comes(page):
    camera = {"arrangement": {"heard": 0, "front": 0, "camera": None, "arrows": "on"}}
    answers(page, camera)
    page.evaluate("source.wish({camera: [35, 60], remove: 9})")
    answers(page, THE_REST | camera)
    assert page.evaluate("stage.arrangement") == camera["arrangement"] | {"camera": [35, 60]}
    heard = page.evaluate("source.wishes[0].number")
    answers(page, THE_REST | {"arrangement": camera["arrangement"] | {"heard": heard, "camera": [35, 61]}})
    assert page.evaluate("stage.arrangement.camera") == [35, 61]


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


def test_wish_of_while_the_line_is_cut_is_said_when_it_is_back(connected):
    answers(connected, {})
    connected.evaluate("connection('PINGING_SERVER')")
    connected.evaluate("source.wish({method: 'numpy'})")
    assert "wish" not in asked(connected)
    connected.evaluate("connection('CONNECTED')")
    assert "wish" in asked(connected)


def test_nothing_is_asked_while_the_line_is_cut_and_the_stage_is_told_of_the_cut(connected):
    answers(connected, {"count": 3})
    connected.evaluate("connection('PINGING_SERVER')")
    asked(connected)
    connected.evaluate("source.ask()")
    connected.wait_for_function("stage.line === 'cut'")
    assert asked(connected) == []
    connected.evaluate("connection('CONNECTED')")
    assert connected.evaluate("stage.line") == "back"
    assert asked(connected) == ["have"]


@pytest.mark.parametrize("answered", [True, False])
def test_page_is_asked_for_where_a_server_that_is_back_answers_no_question(connected, answered):
    connected.clock.install()
    answers(connected, {})
    connected.evaluate("connection('CONNECTING').then(() => connection('CONNECTED'))")
    if answered:
        answers(connected, THE_REST)
    connected.clock.run_for(60_000)
    assert connected.evaluate("keys") == ([] if answered else ["r"])
    assert connected.evaluate("stage.line") == "", "so short a cut is not worth a word"
