"""Several runs on one stage: under one playhead, by name and colour, chosen, moved and let go by hand or by link."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect
from stillness import bounds, measured, wait_still

from core import Experiment, Record, make_dataset, train
from dashboard.lab.points import line_points
from dashboard.lab.prepared import PREPARED, rebased
from dashboard.shared.palette import LIGHT

EPOCHS = 40


def records(**fields) -> list[Record]:
    return list(train(Experiment(**{"epochs": EPOCHS} | fields)))


BASE = records()


def row(run: list[Record], epoch: int) -> Record:
    """Where a run stands then: at its end where it has ended before."""
    return run[min(epoch, len(run) - 1)]


@pytest.fixture(scope="module")
def compared(visitors):
    """A base of 40 epochs, a faster run, one of batches and another optimizer, and one of 25 epochs."""
    variants = ["learning_rate:0.5", "optimizer:adam,batch_size:16", "epochs:25"]
    stage = visitors.open("&".join([f"epochs={EPOCHS}", *(f"versus={one}" for one in variants)]), stay=True, pace=0)
    stage.wait_runs(4)
    yield stage
    visitors.leave(stage.page)


COMPARED = [
    BASE,
    records(learning_rate=0.5),
    records(method="optimizer", optimizer="adam", batch_size=16),
    records(epochs=25),
]


# --- a link -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("epoch", [0, 7, 25, 30, EPOCHS])
def test_runs_of_a_link_stand_at_one_epoch_each_with_the_engines_numbers(compared, epoch):
    compared.seek(epoch)
    compared.wait_epoch(epoch)
    for number, run in enumerate(COMPARED):
        at = row(run, epoch)
        assert compared.values_of(number) == (at.b, at.w, at.loss), number
    standing = compared.standing()
    assert (standing["runs"], standing["trained"], standing["front"]) == ("4", str(EPOCHS), "0")
    assert "b-4" not in standing


def test_runs_are_named_by_what_differs_each_in_its_colour(compared):
    compared.seek(EPOCHS)
    assert compared.run_names == [
        "SGD, learning rate 0.1, epochs 40, full batch",
        "learning rate 0.5",
        "Adam, batch size 16",
        "epochs 25",
    ]
    heads = compared.element.locator(".numbers tr").first.locator("th")
    assert heads.count() == len(COMPARED) + 1
    colours = heads.evaluate_all("all => all.map(head => getComputedStyle(head).color)")[: len(COMPARED)]
    assert len(set(colours)) == len(COMPARED)
    assert colours == [css(LIGHT[f"run-{slot}"]) for slot in range(len(COMPARED))]


def css(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def test_table_has_a_column_for_each_run_with_its_digits(compared):
    compared.seek(30)
    compared.wait_epoch(30)
    rows = compared.element.locator(".numbers tr").evaluate_all(
        "rows => rows.map(row => Array.from(row.cells, cell => cell.textContent))"
    )
    found = {cells[0]: cells[1:-1] for cells in rows[1:]}
    for name in ("b", "w", "loss"):
        for text, run in zip(found[name], COMPARED, strict=True):
            value = float(text.replace("−", "-").replace("\u202f", ""))
            assert value == pytest.approx(getattr(row(run, 30), name), rel=1e-2)


def test_every_chart_has_the_lines_of_all_runs(compared):
    found = {
        name: compared.plot(name).evaluate("plot => plot.data.filter(trace => trace.run > 0).map(trace => trace.run)")
        for name in ("data", "surface", "loss", "parameters")
    }
    for name, runs in found.items():
        assert set(runs) == {1, 2, 3}, name


def test_link_of_unequal_runs_starts_playing_and_holds_nobody_up(lab):
    stage = lab("epochs=30&versus=learning_rate:1.5&versus=epochs:60")
    runs = [records(epochs=30), records(epochs=30, learning_rate=1.5), records(epochs=60)]
    stage.wait_runs(3)
    stage.page.keyboard.press("End")
    stage.wait_values(*(run[-1] for run in runs))
    stage.wait_state("finished")
    assert (stage.epoch, stage.trained) == (60, 60)


# --- by hand ----------------------------------------------------------------------------------------------


def test_keep_and_a_move_put_a_run_beside_and_its_chip_brings_back_removes_and_rebases(lab):
    stage = lab(f"epochs={EPOCHS}", pace=0)
    stage.wait_runs(1)
    stage.seek(EPOCHS)
    rate = stage.number_field("Learning rate, exactly")
    fast = records(learning_rate=0.5)

    stage.press("Keep")
    stage.runs.get_by_text("Kept. Move a control").wait_for()
    stage.wait_query(epochs=["40"], keep=["1"])
    stage.type_number("Learning rate, exactly", "0.5")
    stage.wait_runs(2, front=1)
    assert stage.run_names == ["learning rate 0.1", "learning rate 0.5"]
    stage.wait_query(epochs=["40"], versus=["learning_rate:0.5"], front=["1"])
    expect(rate).to_have_value("0.5")
    stage.seek(EPOCHS)
    stage.wait_values(BASE[-1], fast[-1])

    # To the front: the controls follow, the playhead stays.
    stage.run_button("Bring learning rate 0.1 to the front").click()
    stage.wait_for("stage.dataset.front === '0'")
    expect(rate).to_have_value("0.1")
    stage.wait_query(epochs=["40"], versus=["learning_rate:0.5"])
    assert stage.epoch == EPOCHS
    stage.run_button("Bring learning rate 0.5 to the front").click()
    expect(rate).to_have_value("0.5")

    # The base: no run changes, no play begins.
    stage.run_button("Make learning rate 0.5 the base").click()
    stage.wait_values(fast[-1], BASE[-1])
    stage.wait_query(epochs=["40"], learning_rate=["0.5"], versus=["learning_rate:0.1"])
    assert stage.run_names == ["learning rate 0.5", "learning rate 0.1"]
    assert stage.epoch == EPOCHS

    # Removed: the other stays as it is.
    stage.run_button("Remove learning rate 0.1").click()
    stage.wait_values(fast[-1])
    stage.wait_query(epochs=["40"], learning_rate=["0.5"])
    assert stage.epoch == EPOCHS
    assert not stage.runs.is_visible()
    assert "b-1" not in stage.standing()


def test_a_move_of_the_run_in_front_changes_that_run_alone(lab):
    stage = lab(f"epochs={EPOCHS}&versus=learning_rate:0.5&front=1", pace=0)
    stage.wait_runs(2, front=1)
    stage.type_number("Learning rate, exactly", "0.3")
    stage.wait_query(epochs=["40"], versus=["learning_rate:0.3"], front=["1"])
    stage.wait_at(EPOCHS, BASE[-1], records(learning_rate=0.3)[-1])
    stage.wait_runs(2, front=1)
    stage.seek(0)
    stage.wait_values(BASE[0], records(learning_rate=0.3)[0])
    assert stage.run_names == ["learning rate 0.1", "learning rate 0.3"]


def test_code_graph_and_beats_are_those_of_the_run_in_front(lab):
    stage = lab("epochs=20&versus=method:numpy", pace=0)
    stage.wait_runs(2)
    code = stage.element.locator(".code")
    expect(code).to_contain_text("no_grad")
    stage.run_button("Bring method by hand to the front").click()
    expect(code).to_contain_text("b_grad")
    expect(code).not_to_contain_text("no_grad")
    expect(stage.element.locator(".graph")).to_contain_text("no autograd graph")
    stage.page.evaluate("document.activeElement.blur()")
    stage.page.keyboard.press(".")
    stage.chip("backward").click()
    for name, method in (("b_grad", "numpy"), ("b.grad", "autograd")):
        gradient = next(train(Experiment(method=method))).b_grad
        stage.wait_for("stage.querySelector('.lit .moment')?.textContent.startsWith(given)", f"{name} = ")
        text = stage.beat_lines()[0].removeprefix(f"{name} = ").replace("−", "-")
        assert float(text) == pytest.approx(gradient, rel=1e-4)
        stage.run_button("Bring method autograd to the front").click()
    expect(code).to_contain_text("no_grad")
    assert stage.place == (0, "backward")


def test_chips_are_reached_and_used_from_the_keyboard_alone(lab):
    stage = lab(f"epochs={EPOCHS}&versus=learning_rate:0.5&versus=learning_rate:0.7", pace=0)
    stage.wait_runs(3)
    stage.seek(EPOCHS)

    def focused() -> str:
        return str(stage.page.evaluate("document.activeElement.getAttribute('aria-label')"))

    stage.run_button("Bring learning rate 0.1 to the front").focus()
    for label in ("Bring learning rate 0.5 to the front", "Remove learning rate 0.5"):
        stage.page.keyboard.press("Tab")
        assert focused() == label
    stage.page.keyboard.press("Shift+Tab")
    stage.page.keyboard.press("Enter")
    stage.wait_for("stage.dataset.front === '1'")
    expect(stage.number_field("Learning rate, exactly")).to_have_value("0.5")
    # The chips are made anew, and the focus stays.
    assert focused() == "Bring learning rate 0.5 to the front"
    stage.page.keyboard.press("Tab")
    assert focused() == "Make learning rate 0.5 the base"
    stage.page.keyboard.press("Tab")
    assert focused() == "Remove learning rate 0.5"
    stage.page.keyboard.press("Space")
    stage.wait_runs(2)
    assert stage.run_names == ["learning rate 0.1", "learning rate 0.7"]
    # Space on a button is not the player's.
    assert (stage.epoch, stage.state) == (EPOCHS, "finished")


def test_runs_and_a_sweep_are_there_again_after_a_look_at_the_graph(lab):
    stage = lab(f"epochs={EPOCHS}&versus=learning_rate:0.5&front=1&sweep=seed:1:4:4", pace=0)
    stage.wait_runs(2, front=1)
    stage.wait_sweep()
    stage.seek(17)
    fast = records(learning_rate=0.5)
    stage.wait_values(BASE[17], fast[17])
    stage.way("Graph").click()
    stage.wait_graph()
    stage.wait_values(BASE[17], fast[17])
    stage.way("Lab").click()
    stage.wait_until_drawn()
    stage.wait_sweep()
    stage.wait_values(BASE[17], fast[17])
    assert (stage.epoch, stage.standing()["front"]) == (17, "1")
    assert stage.run_names == ["learning rate 0.1", "learning rate 0.5"]


# --- prepared ---------------------------------------------------------------------------------------------


def expected(name: str) -> list[Experiment]:
    """The runs of a prepared comparison, as the engine makes them."""
    base = Experiment(epochs=EPOCHS)
    points = line_points(base)
    base = rebased(name, base, points)
    changes = PREPARED[name](base, points)
    made = []
    for change in changes:
        along = {"method": "optimizer"} if change.get("optimizer", "sgd") != "sgd" else {}
        made.append(replace(base, **along | change))
    return [base, *made]


def test_prepared_comparisons_are_one_click_each_with_the_engines_numbers(lab):
    stage = lab(f"epochs={EPOCHS}", pace=0)
    stage.wait_runs(1)
    for name in PREPARED:
        stage.press("Compare")
        stage.press(name)
        runs = [list(train(one)) for one in expected(name)]
        stage.wait_at(EPOCHS, *(row(run, EPOCHS) for run in runs))
        stage.wait_runs(len(runs))
        stage.seek(0)
        stage.wait_values(*(run[0] for run in runs))
        assert len(stage.run_names) == len(set(stage.run_names)) == len(runs)
        assert len(stage.query["versus"]) == len(runs) - 1
        # The menu is closed, so that the stage is seen.
        expect(stage.page.get_by_role("button", name="Five seeds", exact=True)).to_have_count(0)


# --- by epoch, by update, by time -------------------------------------------------------------------------


def test_runs_are_compared_by_epoch_by_update_and_by_time(lab):
    stage = lab(f"epochs={EPOCHS}&versus=batch_size:16", pace=0)
    batches = records(batch_size=16)
    updates = -(-len(make_dataset(Experiment()).x_train) // 16)
    stage.wait_runs(2)
    stage.seek(23)
    stage.wait_values(BASE[23], batches[23])
    align = stage.element.get_by_role("combobox", name="Compare the runs")
    align.select_option("by update")
    stage.wait_query(epochs=["40"], versus=["batch_size:16"], align=["update"])
    # The base stays where it was, and the other has had as many updates.
    stage.wait_values(BASE[23], batches[23 // updates])
    for place in (0, 1, 5, 14, EPOCHS):
        stage.seek(place)
        stage.wait_values(BASE[place], batches[place // updates])
    assert stage.slider.get_attribute("max") == str(EPOCHS)
    expect(stage.plot("loss").locator(".xtitle")).to_have_text("update")

    align.select_option("by time")
    stage.wait_for("new URLSearchParams(location.search).get('align') === 'time'")
    stage.wait_for("stage.querySelector('.bar .position').textContent.endsWith('ms')")
    stage.page.evaluate("document.activeElement.blur()")
    stage.page.keyboard.press("End")
    ends = [stage.values_of(number) for number in (0, 1)]
    assert any(end == (run[-1].b, run[-1].w, run[-1].loss) for end, run in zip(ends, (BASE, batches), strict=True))
    expect(stage.plot("loss").locator(".xtitle")).to_have_text("milliseconds of training")

    align.select_option("by epoch")
    stage.wait_query(epochs=["40"], versus=["batch_size:16"])
    stage.page.evaluate("document.activeElement.blur()")
    stage.page.keyboard.press("End")
    stage.wait_values(BASE[-1], batches[-1])


# --- what diverges, and what is wrong ---------------------------------------------------------------------


def test_a_variant_that_diverges_says_so_and_the_others_play_on(lab):
    lost = train(Experiment(epochs=400, learning_rate=1.5))
    run = list(lost)
    stage = lab("epochs=400&versus=learning_rate:1.5&front=1", pace=0)
    stage.wait_runs(2, front=1)
    stage.seek(run[-1].epoch)
    stage.wait_values(records(epochs=400)[run[-1].epoch], run[-1])
    expect(stage.runs).to_contain_text(f"diverged at {run[-1].epoch}")
    assert stage.state == "playing"
    stage.page.keyboard.press("End")
    stage.wait_state("finished")
    stage.wait_values(records(epochs=400)[-1], run[-1])
    assert lost.stop.message[1:] in stage.message
    assert stage.message.startswith("Learning rate 1.5: ")
    stage.seek(3)
    expect(stage.runs).not_to_contain_text("diverged")


@pytest.mark.parametrize(
    ("bad", "runs"),
    [
        (["versus=learning_rate:0.1", "versus=colour:red", "front=9", "sweep=learning_rate:0.1:1:10000"], 1),
        (["versus=seed:1", "versus=seed:1", "align=speed", "epoch_axis=up"], 2),
        ([*(f"versus=seed:{seed}" for seed in range(6)), "sweep=noise:0:1:1"], 6),
    ],
    ids=["nothing left", "twice", "six"],
)
def test_bad_links_get_a_sentence_for_each_mistake_and_all_else_is_shown(lab, bad, runs):
    stage = lab("&".join([f"epochs={EPOCHS}", *bad]), pace=0)
    stage.wait_runs(runs)
    alert = stage.page.get_by_test_id("stAlert").get_by_test_id("stMarkdownContainer")
    expect(alert).not_to_be_empty()
    said = alert.inner_text().splitlines()
    mistakes = {1: 4, 2: 3, 6: 2}[runs]
    assert len(said) == mistakes, said
    stage.seek(EPOCHS)
    expected_runs = [BASE, *(records(seed=seed) for seed in ([1] if runs == 2 else range(runs - 1)))]
    stage.wait_values(*(run[-1] for run in expected_runs))
    assert stage.page.get_by_test_id("stException").count() == 0


def test_start_over_sets_everything_back(lab):
    stage = lab(f"epochs={EPOCHS}&versus=learning_rate:0.5&front=1&align=update&epoch_axis=log", pace=0)
    stage.wait_runs(2, front=1)
    stage.press("Start over")
    stage.wait_state("idle")
    first = next(train(Experiment()))
    stage.wait_values(first)
    stage.wait_query()
    expect(stage.number_field("Epochs, exactly")).to_have_value("1000")
    assert not stage.runs.is_visible()
    assert stage.message == "Press Train to start."


# --- the loss curve as a way to an epoch ------------------------------------------------------------------


def test_a_click_on_the_loss_curve_goes_to_that_epoch_and_pauses_on_either_scale(lab):
    stage = lab(f"epochs={EPOCHS}&versus=learning_rate:0.5", pace=0)
    stage.wait_runs(2)
    stage.wait_state("playing")
    stage.click_chart("loss", 30)
    stage.wait_epoch(30)
    assert stage.state == "paused"
    stage.chart("loss").get_by_role("button", name="Horizontal axis: change to logarithmic").click()
    stage.wait_query(epochs=["40"], versus=["learning_rate:0.5"], epoch_axis=["log"])
    stage.click_chart("loss", 4, "log")
    stage.wait_epoch(4)
    stage.chart("loss").get_by_role("button", name="Vertical axis: change to linear").click()
    stage.wait_query(epochs=["40"], versus=["learning_rate:0.5"], epoch_axis=["log"], loss_axis=["linear"])
    stage.reload()
    stage.wait_runs(2)
    assert stage.ranges("loss")[0][1] < 2
    stage.chart("loss").get_by_role("button", name="Horizontal axis: change to linear").click()
    stage.wait_query(epochs=["40"], versus=["learning_rate:0.5"], loss_axis=["linear"])
    stage.chart("loss").get_by_role("button", name="Vertical axis: change to logarithmic").click()
    stage.wait_query(epochs=["40"], versus=["learning_rate:0.5"])


# --- room -------------------------------------------------------------------------------------------------

FIVE = "epochs=40&versus=learning_rate:0.5&versus=batch_size:16&versus=seed:7&versus=optimizer:adam"


def test_five_runs_are_seen_at_once_without_scrolling(lab):
    stage = lab(FIVE, pace=0)
    stage.wait_runs(5)
    stage.seek(EPOCHS)
    main = stage.page.get_by_test_id("stMain")
    assert measured(main, "main => main.scrollHeight - main.clientHeight") <= 0
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
    assert stage.page.evaluate("document.documentElement.scrollHeight") <= 720
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= 1280
    for name in (".chips", ".numbers", ".code", ".bar", "[data-chart=loss]"):
        place = bounds(stage.element.locator(name))
        assert place["y"] + place["height"] <= 720, name
        assert place["x"] + place["width"] <= 1280, name
    numbers = stage.element.locator(".numbers")
    assert numbers.evaluate("panel => panel.scrollWidth - panel.clientWidth") <= 0


@pytest.mark.parametrize("sweep", ["", "&sweep=learning_rate:0.01:1:5"], ids=["five runs", "with a sweep"])
def test_on_a_phone_nothing_is_wider_than_the_screen(lab, sweep):
    stage = lab(FIVE + sweep, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, pace=0)
    stage.wait_runs(5)
    stage.seek(EPOCHS)
    if sweep:
        stage.wait_for("stage.querySelector('[data-chart=sweep].ready')")
    wait_still(stage.page)
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= 390
    main = stage.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
    for name in (".chips", ".numbers", ".code", "[data-chart=loss]"):
        place = bounds(stage.element.locator(name))
        assert place["x"] >= 0, name
        assert place["x"] + place["width"] <= 390, name


def test_chips_still_fit_when_one_of_them_says_how_its_run_has_ended(lab):
    variants = ("learning_rate:0.5", "optimizer:adam", "batch_size:16", "learning_rate:0.81")
    stage = lab("epochs=700" + "".join(f"&versus={variant}" for variant in variants), pace=0)
    stage.wait_runs(5)
    full = stage.run_names
    stage.seek(700)
    stage.wait_for("stage.querySelector('.chips').textContent.includes('diverged at')")
    assert stage.run_names != full, "they are shorter now"
    assert stage.runs.evaluate(
        "chips => chips.querySelector('ul').scrollWidth <= chips.querySelector('ul').clientWidth"
    )
    stage.seek(0)
    stage.wait_for("!stage.querySelector('.chips').textContent.includes('diverged at')")
    assert stage.run_names == full
