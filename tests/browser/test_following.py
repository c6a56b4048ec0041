"""Followers of a room: their stages show what the lecturer says, whenever they come and whatever the line does."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lecturer import Lecturer
from playwright.sync_api import Page, expect
from serving import Line, Server
from stage import Stage
from stillness import bounds, measured

from core import Experiment, train

Follow = Callable[..., Stage]


@pytest.fixture
def lecturer(server) -> Lecturer:
    return Lecturer(server)


@pytest.fixture
def follow(visitors, lecturer) -> Follow:
    """Opens the page of the lecturer's room for a fresh visitor, who is there once their stage has a record."""

    def follow(*, at: str = "", **options) -> Stage:
        stage = Stage(visitors.come(**options))
        stage.page.goto(f"{at}{lecturer.page}")
        stage.wait_until_drawn()
        return stage

    return follow


def records_of(**fields) -> list:
    return list(train(Experiment(**fields)))


def values(record) -> tuple[float, float, float]:
    return record.b, record.w, record.loss


def shows(stage: Stage, record) -> None:
    """Wait until the stage shows this record."""
    epoch_and_b = [record.epoch, record.b]
    stage.wait_for("Number(stage.dataset.epoch) === given[0] && Number(stage.dataset.b) === given[1]", epoch_and_b)


def foot(stage: Stage, name: str):
    return stage.page.locator("footer").get_by_role("button", name=name, exact=True)


def test_follower_sees_the_lecturers_run_at_the_lecturers_epoch_and_beat(lecturer, follow):
    lecturer.show(link="?learning_rate=0.05&epochs=40", epoch=12)
    stage = follow()
    records = records_of(learning_rate=0.05, epochs=40)
    stage.wait_epoch(12)
    assert stage.values == values(records[12])
    standing = stage.standing()
    assert (standing["room"], standing["follows"]) == (lecturer.code, "true")
    lecturer.show(epoch=30, beat="backward")
    stage.wait_for("stage.dataset.epoch === '30' && stage.dataset.beat === 'backward'")
    lecturer.show(epoch=31, beat="")
    stage.wait_for("stage.dataset.epoch === '31' && stage.dataset.beat === ''")
    assert (stage.state, stage.values) == ("paused", values(records[31]))


def test_follower_sees_all_runs_of_a_comparison_and_the_one_in_front(lecturer, follow):
    lecturer.show(link="?epochs=30&versus=learning_rate:0.4&versus=optimizer:adam&front=2", epoch=8)
    stage = follow()
    stage.wait_epoch(8)
    base, fast = records_of(epochs=30)[8], records_of(epochs=30, learning_rate=0.4)[8]
    standing = stage.standing()
    assert (standing["runs"], standing["front"]) == ("3", "2")
    assert stage.values == values(base)
    assert (float(standing["b-1"]), float(standing["loss-1"])) == (fast.b, fast.loss)


def test_while_it_plays_it_plays_by_itself(lecturer, follow):
    lecturer.show(link="?learning_rate=0.03&epochs=5000", epoch=3, playing=True)
    stage = follow()
    # It may wait for rows meanwhile.
    stage.wait_for("Number(stage.dataset.epoch) >= 20 && stage.dataset.state === 'playing'")
    lecturer.show(epoch=4, playing=False)
    stage.wait_for("stage.dataset.state === 'paused' && stage.dataset.epoch === '4'")


def test_a_run_at_its_end_is_not_played_again(lecturer, follow):
    lecturer.show(link="?epochs=12", epoch=12)
    stage = follow()
    stage.wait_state("finished")
    # The lecturer's last word may still say that it plays.
    lecturer.show(epoch=12, playing=True)
    lecturer.show(epoch=12, playing=False, speed=2)
    stage.wait_for("stage.querySelector('[aria-label=Speed]').value === '2'")
    assert (stage.state, stage.epoch) == ("finished", 12)


def test_another_link_never_shows_its_epoch_with_the_rows_of_the_run_before(lecturer, follow):
    before, after = records_of(learning_rate=0.1, epochs=60), records_of(learning_rate=0.7, epochs=60)
    # Both are trained by then: of one that is not yet, the playhead shows how far it is.
    lecturer.show(link="?learning_rate=0.7&epochs=60", epoch=60)
    stage = follow()
    shows(stage, after[60])
    lecturer.show(link="?learning_rate=0.1&epochs=60", epoch=60)
    shows(stage, before[60])
    lecturer.show(epoch=10)
    shows(stage, before[10])
    stage.page.evaluate("""() => {
        const stage = document.querySelector("[data-testid=stage]");
        window.seen = [];
        new MutationObserver(() => seen.push([stage.dataset.epoch, stage.dataset.b].join()))
            .observe(stage, {attributes: true, attributeFilter: ["data-epoch", "data-b"]});
    }""")
    for epoch in (25, 11, 40):
        lecturer.show(link="?learning_rate=0.7&epochs=60", epoch=epoch)
        shows(stage, after[epoch])
        lecturer.show(link="?learning_rate=0.1&epochs=60", epoch=epoch + 5)
        shows(stage, before[epoch + 5])
    seen = {(int(epoch), float(b)) for epoch, b in (one.split(",") for one in stage.page.evaluate("seen"))}
    run_before = {(record.epoch, record.b) for record in before}
    run_after = {(record.epoch, record.b) for record in after}
    assert seen <= run_before | run_after
    assert {epoch for epoch, b in seen & run_after - run_before} == {25, 11, 40}
    assert {epoch for epoch, b in seen & run_before - run_after} <= {10, 30, 16, 45}


def test_who_looks_around_has_a_playhead_of_their_own_and_comes_back_with_one_click(lecturer, follow):
    lecturer.show(link="?learning_rate=0.05&epochs=50", epoch=12)
    stage, other = follow(), follow(viewport={"width": 390, "height": 844}, has_touch=True)
    stage.wait_epoch(12)
    expect(stage.element.get_by_role("group", name="Player")).to_be_hidden()
    foot(stage, "Look around").click()
    assert stage.standing()["follows"] == "false"
    stage.seek(40)
    lecturer.show(epoch=20)
    other.wait_epoch(20)
    assert (stage.epoch, stage.values) == (40, values(records_of(learning_rate=0.05, epochs=50)[40]))
    foot(stage, "Back to the lecture").click()
    stage.wait_for("stage.dataset.epoch === '20' && stage.dataset.follows === 'true'")
    assert other.standing()["follows"] == "true"


def test_whoever_takes_the_playhead_with_a_key_looks_around(lecturer, follow):
    lecturer.show(link="?learning_rate=0.05&epochs=50", epoch=12)
    stage = follow()
    stage.wait_epoch(12)
    stage.wait_trained(50)
    stage.page.keyboard.press("ArrowRight")
    stage.wait_for("stage.dataset.epoch === '13' && stage.dataset.follows === 'false'")
    expect(stage.page.locator("footer").get_by_role("status")).to_have_text("Looking around")


def test_who_comes_late_or_reloads_is_there_at_once(lecturer, follow):
    lecturer.show(link="?epochs=20", epoch=3)
    lecturer.show(link="?learning_rate=0.3&epochs=50", epoch=33)
    stage = follow()
    stage.wait_epoch(33)
    stage.page.reload()
    stage.wait_epoch(33)
    assert stage.values == values(records_of(learning_rate=0.3, epochs=50)[33])


def test_panels_of_the_lecturer_are_those_of_the_followers(lecturer, follow):
    lecturer.show(link="?epochs=20", epoch=5, panels=["loss", "status"])
    stage = follow()
    stage.wait_epoch(5)
    expect(stage.chart("loss")).to_be_visible()
    expect(stage.chart("surface")).to_be_hidden()
    lecturer.show(panels=None)
    expect(stage.chart("surface")).to_be_visible()


def test_graph_has_the_stage_for_itself_where_the_lecturer_shows_it(lecturer, follow):
    lecturer.show(link="?epochs=20", epoch=5)
    stage = follow()
    lecturer.show(page="graph")
    expect(stage.chart("loss")).to_be_hidden()
    expect(stage.element.get_by_role("group", name="Autograd graph", exact=True)).to_be_visible()
    lecturer.show(page="")
    expect(stage.chart("loss")).to_be_visible()


def test_who_looks_around_stays_at_the_run_while_the_lecturer_reads(lecturer, follow):
    lecturer.show(link="?epochs=20", epoch=5)
    stage = follow()
    foot(stage, "Look around").click()
    lecturer.show(page="course", chapter="autograd")
    stage.page.wait_for_function("document.querySelector('footer a').href.includes('/course?chapter=autograd')")
    expect(stage.element).to_be_visible()
    foot(stage, "Back to the lecture").click()
    expect(stage.page.get_by_role("article")).to_be_visible()
    expect(stage.element).to_be_hidden()


def test_epoch_under_the_glass_is_told_to_followers(lecturer, follow):
    lecturer.show(link="?learning_rate=0.05&epochs=40", epoch=7, beat="backward")
    stage = follow()
    record = records_of(learning_rate=0.05, epochs=40)[7]
    wanted = f"{record.b_grad:.3g}".removeprefix("-")
    expect(stage.element.get_by_role("tabpanel")).to_contain_text(wanted)


def test_own_lab_opens_at_the_lecturers_run(lecturer, follow):
    lecturer.show(link="?learning_rate=0.05&epochs=40", epoch=7)
    stage = follow()
    stage.wait_epoch(7)
    with stage.page.context.expect_page() as opening:
        stage.page.get_by_role("link", name="Open in a lab of my own").click()
    own = Stage(opening.value)
    own.wait_until_drawn()
    assert own.query == {"learning_rate": ["0.05"], "epochs": ["40"]}
    own.page.close()


def test_a_link_that_makes_no_sense_to_this_server_is_said_and_harms_nothing(lecturer, follow):
    lecturer.show(link="?epochs=20", epoch=5)
    stage = follow()
    stage.wait_epoch(5)
    lecturer.show(link="?epochs=20&data=gone", epoch=6)
    expect(stage.page.get_by_role("alert")).to_contain_text("is not on this server")
    lecturer.show(link="?epochs=30", epoch=7)
    stage.wait_epoch(7)
    expect(stage.page.get_by_role("alert")).to_be_empty()


def test_end_is_said_and_leaves_the_run_to_whoever_wants_to_look(lecturer, follow):
    lecturer.show(link="?epochs=20", epoch=5)
    stage = follow()
    stage.wait_epoch(5)
    lecturer.end()
    expect(stage.page.locator("footer")).to_contain_text("The lecture is over.")
    stage.seek(9)
    assert stage.epoch == 9
    expect(foot(stage, "Back to the lecture")).to_be_hidden()


def test_cut_line_is_said_and_found_again_at_the_lecturers_epoch(lecturer, follow, visitors, lab_server: Server):
    visitors.forgiven = re.compile("Failed to load resource")
    line = Line(lab_server)
    try:
        lecturer.show(link="?epochs=50", epoch=5)
        stage = follow(at=line.address)
        stage.wait_epoch(5)
        line.cut()
        stage.wait_for("stage.dataset.line === 'cut'")
        lecturer.show(link="?epochs=50&learning_rate=0.2", epoch=25)
        line.mend()
        stage.wait_for("stage.dataset.line !== 'cut' && stage.dataset.epoch === '25'")
        assert stage.values == values(records_of(learning_rate=0.2, epochs=50)[25])
    finally:
        stage.page.close()
        line.close()


def test_no_text_of_the_lecturer_becomes_html(lecturer, follow):
    evil = "<img src=x onerror=window.evil=1>"
    lecturer.show(link=f"?epochs=20&data={evil.replace(' ', '%20')}", epoch=2)
    stage: Stage = follow()
    expect(stage.page.get_by_role("alert")).to_contain_text("is not on this server")
    assert stage.page.evaluate("window.evil") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_of_a_phone_is_as_wide_as_the_phone(lecturer, follow, scheme):
    lecturer.show(link="?epochs=20&versus=learning_rate:0.4", epoch=2)
    stage = follow(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    stage.wait_epoch(2)
    page: Page = stage.page
    assert measured(page.locator("html"), "page => page.scrollWidth") == 390
    foot(stage, "Look around").click()
    # What is at the foot covers neither the other.
    bar, words = bounds(stage.element.get_by_role("group", name="Player")), bounds(page.locator("footer"))
    assert bar["y"] + bar["height"] <= words["y"]
