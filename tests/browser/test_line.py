"""A cut line, a server that was started again, a tab that slept: the run goes on where it was, and the page says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hand import Mouse, takes_up, under
from playwright.sync_api import expect
from serving import Line, Server
from stage import Stage
from stillness import bounds
from visiting import UNREACHABLE

from core import Experiment, Record, read_table, train
from dashboard.shared.static_address import static_files, versioned

CUT = "The line to the server is cut. What is here stays."
BACK = "The line to the server is back."
RECOVERED = "The line to the server is back, and the run is where it was."

LONG = {"n": 1000, "batch_size": 10, "epochs": 2400, "learning_rate": 0.001}
"""A run of many seconds and few rows, so that the engine can repeat its beginning."""

Reach = Callable[..., Stage]


def long_run(seed: int) -> str:
    return urlencode(LONG | {"seed": seed})


def stop(stage: Stage) -> None:
    """Spare the server the rest of a long run."""
    button = stage.button("Stop training")
    button.evaluate_all("all => all.forEach(button => button.click())")  # none where it is over by now
    button.wait_for(state="hidden")


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may be restarted, and that forgets a session as soon as its line is cut, not after two minutes."""
    server = Server(tmp_path_factory.mktemp("forgetful") / "log.txt", "--server.disconnectedSessionTTL", "0")
    server.start()
    yield server
    server.close()


@pytest.fixture
def line(forgetful: Server) -> Iterator[Line]:
    """The line to it."""
    line = Line(forgetful)
    yield line
    line.close()


@pytest.fixture
def short_line(lab_server: Server) -> Iterator[Line]:
    """The line to the server that all tests share, which remembers for two minutes who was cut off."""
    line = Line(lab_server)
    yield line
    line.close()


@pytest.fixture
def reach(visitors) -> Reach:
    """Opens the lab over a line, and notes whether the playhead ever goes back by itself."""
    visitors.forgiven = UNREACHABLE

    def reach(line: Line, query: str = "", **options: Any) -> Stage:
        stage: Stage = visitors.open(query, at=line.address, **options)
        stage.page.evaluate(
            """() => {
                const stage = document.querySelector("[data-testid=stage]");
                window.went = [];
                // What goes by itself may be gone before anybody asks for it on a busy machine.
                window.said = new Set();
                // The stage may be put on the page anew, and its status with it.
                const hear = () => window.said.add(document.querySelector(".message[role=status]")?.textContent);
                const all = {subtree: true, childList: true, characterData: true};
                new MutationObserver(hear).observe(document.body, all);
                window.watchPlayhead = () => {
                    let {epoch, trained} = stage.dataset;
                    const look = () => {
                        if (Number(stage.dataset.epoch) < epoch) window.went.push(`back from ${epoch}`);
                        if (Number(stage.dataset.trained) < trained) window.went.push(`untrained from ${trained}`);
                        if (document.querySelector("[role=dialog]:not([popover])")) window.went.push("behind a dialog");
                        ({epoch, trained} = stage.dataset);
                        requestAnimationFrame(look);
                    };
                    look();
                };
            }"""
        )
        return stage

    return reach


def watch(stage: Stage) -> None:
    stage.page.evaluate("watchPlayhead()")


def went(stage: Stage) -> list[str]:
    """What happened to the playhead since `watch` that should not have."""
    return list(stage.page.evaluate("went"))


def says(stage: Stage, sentence: str | re.Pattern[str]) -> None:
    expect(stage.element.get_by_role("status")).to_have_text(sentence)


def has_said(stage: Stage, sentence: str) -> None:
    """Wait until it has said so since this was asked last, though it may say something else by now."""
    stage.wait_for("said.delete(given)", sentence)


def wait_answered(stage: Stage) -> None:
    """Wait until the controls can be used again, and the page has been told all that the server has to say."""
    expect(stage.page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    stage.page.wait_for_selector("[data-test-connection-state=CONNECTED][data-test-script-state=notRunning]")


def standing(stage: Stage) -> dict[str, str]:
    """Where the playhead stands, and how fast it is."""
    names = ("state", "epoch", "beat", "b", "w", "loss")
    now = stage.standing()
    return {name: now[name] for name in names} | {"speed": stage.speed.input_value()}


def test_while_the_line_is_cut_the_playhead_goes_on_and_afterwards_the_run(reach, short_line):
    stage = reach(short_line, long_run(201), pace=0)
    stage.wait_trained(40)
    stage.hurry(0.5)
    watch(stage)
    short_line.cut()
    says(stage, CUT)
    assert stage.element.get_by_role("status").get_attribute("aria-live") == "polite"
    assert not stage.element.locator(".facts").is_visible()
    epoch, trained = stage.epoch, stage.trained
    stage.wait_for("Number(stage.dataset.epoch) > given", epoch)
    short_line.mend()
    has_said(stage, BACK)
    assert stage.element.locator(".facts").is_visible()
    stage.wait_trained(min(trained + 1, 2400))
    stage.click("Pause")
    says(stage, re.compile(r"^Trained .* left\.$"))
    assert went(stage) == []
    stop(stage)


@pytest.fixture(scope="module")
def lost_run() -> Callable[[int], Record]:
    """What the engine says of an epoch of the run that is lost and comes back; it is trained only as far as needed."""
    training = train(Experiment(**LONG, seed=202))
    records = [next(training)]

    def record(epoch: int) -> Record:
        records.extend(next(training) for _ in range(len(records), epoch + 1))
        return records[epoch]

    return record


@pytest.mark.parametrize("how", ["playing", "paused", "in a beat"])
def test_session_that_was_lost_in_mid_run_comes_back_as_it_was(reach, line, lost_run, how):
    stage = reach(line, long_run(202), pace=0)
    stage.wait_trained(40)
    stage.speed.select_option("0.5")
    if how == "playing":
        stage.hurry(0.2)
    else:
        stage.seek(37)
        stage.click("Pause")
    if how == "in a beat":
        stage.click("Next beat")
        stage.click("Next beat")
        assert len(stage.beat_lines()) > 0
    before = standing(stage)
    watch(stage)
    line.cut()
    says(stage, CUT)
    trained = stage.trained
    line.mend()
    has_said(stage, RECOVERED)
    after = standing(stage)
    if how == "playing":
        assert after["state"] == "playing"
        assert after["speed"] == "0.5"
        stage.hurry(1)
        stage.wait_for("Number(stage.dataset.epoch) > given", after["epoch"])
        stage.hurry(0)
    else:
        assert after == before
    stage.wait_trained(min(trained + 1, 2400))
    assert went(stage) == []
    stop(stage)
    record = lost_run(min(trained + 1, 2400))
    stage.seek(record.epoch)
    assert stage.values == (record.b, record.w, record.loss)


def test_server_started_again_finds_everyone_where_they_were(reach, forgetful, line):
    queries = ("", "epochs=60&seed=203", long_run(204), "")
    fresh, finished, stopped, changed = (reach(line, query, pace=0) for query in queries)
    finished.rest()
    finished.seek(12)
    stopped.wait_trained(100)
    stopped.click("Pause")
    stopped.click("Stop training")
    stopped.button("Stop training").wait_for(state="hidden")
    kept = stopped.trained
    stopped.seek(30)
    changed.type_number("Learning rate, exactly", "0.05")
    changed.page.wait_for_url("**/?*learning_rate=0.05*")
    everyone = {fresh: "idle", finished: "paused", stopped: "paused", changed: "idle"}
    before = {stage: standing(stage) for stage in everyone}
    for stage in everyone:
        wait_answered(stage)
        watch(stage)
    forgetful.stop()
    for stage in everyone:
        says(stage, CUT)
    forgetful.start()
    for stage, state in everyone.items():
        has_said(stage, RECOVERED)
        wait_answered(stage)
        assert standing(stage) == before[stage] | {"state": state}
        assert went(stage) == []
    for stage in (fresh, changed):
        stage.page.mouse.click(*middle(stage))
        says(stage, "Press Train to start.")
    assert "?" not in fresh.page.url
    stopped.page.keyboard.press("End")
    says(stopped, f"Stopped at epoch {kept}. What was trained is kept.")
    assert (stopped.epoch, stopped.trained) == (kept, kept)
    finished.page.keyboard.press("End")
    says(finished, "All 60 epochs are trained.")
    # Epochs are looked into as before, as soon as the server has trained them again.
    for stage in (finished, stopped):
        stage.seek(8)
        stage.click("Next beat")
        assert len(stage.beat_lines()) > 0
    # And what the visitor asks for from now on is new.
    finished.train()
    finished.wait_state("playing")
    assert finished.epoch < 60
    changed.train()
    changed.hurry(1)
    changed.wait_run(list(train(Experiment(learning_rate=0.05))))


def middle(stage: Stage) -> tuple[float, float]:
    place = bounds(stage.element.locator(".facts"))
    return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2


def test_loss_is_found_out_although_streamlit_asks_for_nothing_and_good_news_goes_by_itself(reach, line):
    stage = reach(line, "epochs=50&seed=205", pace=0)
    stage.rest()
    # The last that Streamlit ran is then the page, and not a question of the stage: after a cut it asks for nothing.
    stage.train()
    stage.wait_state("playing")
    stage.rest()
    wait_answered(stage)
    line.cut()
    says(stage, CUT)
    line.mend()
    has_said(stage, RECOVERED)
    stage.hurry(20)
    says(stage, re.compile(r"^All 50 epochs are trained\. "))


def test_announced_run_that_was_started_goes_on_after_a_loss(reach, line):
    stage = reach(line, "n=1000000&epochs=100000&seed=206")
    stage.train()
    stage.wait_trained(1)
    stage.click("Pause")
    trained = stage.trained
    watch(stage)
    line.cut()
    says(stage, CUT)
    line.mend()
    has_said(stage, RECOVERED)
    stage.wait_trained(min(trained + 1, 2400))
    assert went(stage) == []
    stop(stage)


def test_table_that_is_gone_with_its_server_is_asked_for_again(reach, forgetful, line):
    stage = reach(line, "epochs=40&learning_rate=0.001")
    stage.more()
    contents = b"time,speed\n" + b"\n".join(b"%d,%d" % (i, 3 * i + i % 2) for i in range(12))
    stage.page.locator("input[type=file]").set_input_files(
        {"name": "own.csv", "mimeType": "text/csv", "buffer": contents}
    )
    experiment = Experiment(epochs=40, learning_rate=0.001)
    stage.wait_run(list(train(experiment, read_table(contents, "own.csv").dataset("time", "speed", Experiment()))))
    stage.rest()
    wait_answered(stage)
    forgetful.stop()
    says(stage, CUT)
    forgetful.start()
    has_said(stage, BACK)
    gone = stage.page.get_by_test_id("stAlert")
    expect(gone).to_contain_text("is not on this server: choose its CSV file again under More.")
    stage.wait_run(list(train(experiment)))


def test_page_is_loaded_anew_where_the_server_was_upgraded_under_it(lab):
    stage = lab("epochs=30&seed=207")
    stage.rest()
    stage.element.evaluate(
        """async (stage, address) => {
            stage.dataset.version = "old";
            const upgraded = await import(address);
            // Afterwards: the page that leaves would take this very answer with it.
            setTimeout(() => upgraded.default({parentElement: stage.parentElement}));
        }""",
        f"/{versioned(static_files())}stage/index.js?upgraded",
    )
    stage.wait_for("!stage.dataset.version")
    stage.wait_until_drawn()
    stage.rest()
    assert stage.epoch == 30


def test_tab_that_slept_goes_on_at_the_epoch_where_it_fell_asleep(resting):
    resting.click("Replay")
    resting.wait_for("stage.dataset.epoch > 0")
    resting.hurry(0.25)
    before, after = resting.element.evaluate(
        """stage => new Promise(resolve => {
            const draw = window.requestAnimationFrame;
            window.requestAnimationFrame = wake => {
                window.requestAnimationFrame = draw;
                const before = stage.dataset.epoch;
                return draw(now => {
                    wake(now + 3_600_000);
                    resolve([before, stage.dataset.epoch]);
                });
            };
        })"""
    )
    assert int(before) <= int(after) <= int(before) + 1
    resting.hurry(1)
    resting.wait_for("Number(stage.dataset.epoch) > given", int(after))


def test_what_a_hand_lets_go_while_the_line_is_cut_begins_once_it_is_back(reach, short_line):
    stage = reach(short_line, "epochs=40&hand=on", pace=0)
    stage.wait_trained(40)
    short_line.cut()
    says(stage, re.compile("."))
    stage.wait_for("stage.dataset.line === 'cut'")
    mouse = Mouse(stage, "surface")
    mouse.press((0.5, 3.0))
    b, w, _ = under(stage)
    mouse.let_go()
    readout = stage.chart("surface").locator(".readout")
    expect(readout).to_have_text("The line to the server is cut: the run starts from here once it is back.")
    assert under(stage)[:2] == (b, w)
    short_line.mend()
    experiment = takes_up(stage, "start_b", "start_w")
    assert (experiment.start_b, experiment.start_w) == (b, w)
    stage.wait_at(40, list(train(experiment))[-1])
