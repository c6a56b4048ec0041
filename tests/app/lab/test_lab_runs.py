"""The page with several runs, or with a sweep: what the link says of them, the controls move, and is written back."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl

import nbformat
import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest
from visit import open_page, press_train, run, sentences, widget

from core import Experiment, Landscape, make_dataset, methods, optimizers, shipped_table, train
from core.training.sweep import Span
from dashboard.lab import sweeps
from dashboard.lab.comparing import Comparing
from dashboard.lab.points import line_points, table_points
from dashboard.lab.prepared import PREPARED
from dashboard.lab.take_away import offer
from dashboard.stage.panels import PANELS

BASE = Experiment(epochs=20)


def open_link(text: str) -> AppTest:
    """The page of a link, which is written as it stands in an address bar."""
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    return open_page(**query)


def shown(page: AppTest) -> list[Experiment]:
    """The runs on the stage."""
    return [watched.experiment for watched in page.session_state["watching"].runs]


def comparing(page: AppTest) -> Comparing:
    return page.session_state["comparing"]


def link(page: AppTest) -> dict[str, list[str]]:
    """All that the address bar says."""
    found = {}
    for name, values in page.query_params.items():
        found[name] = values if isinstance(values, list) else [values]
    return found


def button(page: AppTest, label: str):
    return next(one for one in page.button if one.label == label)


def press(page: AppTest, label: str) -> AppTest:
    button(page, label).click()
    return run(page)


def set_number(page: AppTest, name: str, value: float) -> AppTest:
    widget(page.number_input, name).set_value(value)
    return run(page)


# --- several runs in a link -------------------------------------------------------------------------------


def test_variants_of_a_link_train_beside_the_base():
    page = open_link("epochs=20&versus=learning_rate:0.5&versus=optimizer:adam,batch_size:16")
    assert shown(page) == [
        BASE,
        replace(BASE, learning_rate=0.5),
        replace(BASE, method="optimizer", optimizer="adam", batch_size=16),
    ]
    assert all(watched.run for watched in page.session_state["watching"].runs)
    assert not page.warning
    assert "Adam needs the method 'optimizer', which goes along." in page.session_state["watching"].message


@pytest.mark.parametrize(
    "text",
    [
        "epochs=20&versus=learning_rate:0.5&versus=optimizer:adam,batch_size:16",
        "versus=seed:1&versus=seed:2&versus=seed:3&versus=seed:4&versus=seed:5",
        "epochs=20&versus=seed:1&front=1&keep=1&align=update&epoch_axis=log",
        "epochs=20&versus=batch_size:16&align=time",
        "epochs=20&batch_size=16&versus=batch_size:",
        "epochs=20&tolerance=0.1&versus=tolerance:,learning_rate:0.3",
        "epochs=20&surface_view=3d&arrows=on&camera=-120,45",
        "epochs=20&show=data,surface,player",
        "epochs=20&projector=surface,code",
        "epochs=20&show=data,player&projector=graph",
        "epochs=20&sweep=learning_rate",
        "epochs=20&sweep=noise:0.0:1.0:11&epoch_axis=log&loss_axis=linear",
        "data=iris&x=petal_length&y=petal_width&learning_rate=0.01&versus=seed:7&sweep=seed:0:9:10",
    ],
)
def test_link_is_written_back_whole(text):
    page = open_link(text)
    assert not page.warning
    before = link(page)
    assert before == link(open_link(text))
    written = {name: list(values) for name, values in before.items()}
    asked: dict[str, list[str]] = {}
    for name, value in parse_qsl(text):
        asked.setdefault(name, []).append(value)
    assert written == asked
    # And so it is after a change and back.
    epochs = page.session_state["fields"]["epochs"]
    set_number(page, "epochs", 33)
    if comparing(page).front == 0 and not comparing(page).keep:
        set_number(page, "epochs", epochs)
        assert link(page) == asked


@pytest.mark.parametrize(
    ("text", "runs", "words"),
    [
        (
            "&".join(f"versus=seed:{seed}" for seed in range(6)),
            6,
            "There is room for 5 variants, but the link has 6: the first are shown.",
        ),
        (
            "versus=learning_rate:0.1",
            1,
            "The variant 'learning_rate:0.1' is equal to the base. Leaving this variant out.",
        ),
        ("versus=seed:7&versus=seed:7", 2, "The variant 'seed:7' is equal to another. Leaving this variant out."),
        ("versus=optimizer:adam&versus=method:optimizer,optimizer:adam", 2, "is equal to another."),
        ("versus=learning_rte:0.5", 1, "did you mean learning_rate? Leaving this variant out."),
        ("versus=colour:red", 1, "A variant must be written as FIELD:VALUE, but got 'colour:red'"),
        ("versus=data:iris", 1, "A variant must be written as FIELD:VALUE"),
        ("versus=", 1, "A variant must be written as FIELD:VALUE"),
        ("versus=seed:1,seed:2", 1, "seed must be changed once"),
        ("versus=learning_rate:5000", 1, "learning_rate must be"),
        ("versus=epochs:ten", 1, "epochs must be"),
        ("versus=" + "9" * 10_000, 1, "A variant must be written as FIELD:VALUE"),
        ("versus=<script>alert(1)</script>:1", 1, "A variant must be written as FIELD:VALUE"),
        ("versus=method:numpy,optimizer:adam", 1, "cannot use optimizer 'adam'"),
        ("versus=device:cuda", 1, "Leaving this variant out."),
        ("versus=learning_rate:nan&versus=learning_rate:0.5", 2, "learning_rate must be"),
        ("front=1", 1, "There is no front '1'; there are 0. Using 0 instead."),
        ("versus=seed:1&front=2", 2, "There is no front '2'; there are 0, 1. Using 0 instead."),
        ("versus=seed:1&front=-1", 2, "There is no front '-1'"),
        ("versus=seed:1&front=1&front=0", 2, "front must be given once, but was given 2 times."),
        ("keep=yes", 1, "There is no keep 'yes'; there are 0, 1. Using 0 instead."),
        ("align=updates", 1, "There is no align 'updates'; there are epoch, update, time. Using epoch instead."),
        ("loss_axis=up", 1, "There is no loss_axis 'up'; there are log, linear."),
        ("surface_view=2d", 1, "There is no surface_view '2d'; there are contours, 3d. Using contours instead."),
        ("arrows=yes", 1, "There is no arrows 'yes'; there are off, on. Using off instead."),
        ("camera=35", 1, "as in 35,30; got '35'. Looking as at first."),
        ("camera=35,30&camera=0,90", 1, "camera must be given once, but was given 2 times. Looking as at first."),
        ("show=data,chart", 1, "There is no panel 'chart'; there are data, surface, loss, parameters, numbers, code,"),
        ("show=data&show=loss", 1, "show must be given once, but was given 2 times. Showing all."),
        (
            "projector=data,chart",
            1,
            "There is no panel 'chart'; there are data, surface, loss, parameters, numbers, code,",
        ),
        ("projector=player", 1, "numbers, code, graph. Showing the page."),
        ("projector=data,surface,loss,code,graph", 1, "The projector has room for 4 panels, but the link names 5: the"),
        ("projector=data&projector=loss", 1, "projector must be given once, but was given 2 times. Showing the page."),
        ("epoch_axis=logarithmic", 1, "There is no epoch_axis 'logarithmic'; there are linear, log."),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_a_link_cannot_say_of_several_runs_is_one_sentence_and_the_rest_is_shown(text, runs, words):
    page = open_link(f"epochs=20&{text}")
    assert words in sentences(page)
    assert len(sentences(page).splitlines()) == 1
    assert len(sentences(page)) < 400
    assert len(shown(page)) == runs
    assert shown(page)[0] == BASE
    # It is said once: the link that is written, and any further change, know nothing of it.
    again = open_page(**link(page))
    assert not again.warning
    assert shown(again) == shown(page)
    set_number(page, "epochs", 30)
    assert not page.warning


def test_optimizer_that_the_method_of_the_variant_cannot_honour_leaves_the_others():
    page = open_link("epochs=20&method=module&optimizer=adam&versus=method:numpy&versus=optimizer:sgd")
    assert [one.optimizer for one in shown(page)] == ["adam", "sgd"]
    assert "cannot use optimizer 'adam'" in sentences(page)


@pytest.mark.parametrize("field", ["n:50", "noise:0.5", "true_b:0", "true_w:1"])
def test_what_describes_the_line_is_no_variant_on_a_table(field):
    page = open_link(f"data=iris&epochs=20&learning_rate=0.01&versus={field}&versus=seed:7")
    name = field.split(":")[0]
    assert sentences(page).startswith(f"{name} describes the noisy line, and means nothing for a table")
    assert [one.seed for one in shown(page)] == [42, 7]


def test_variants_on_a_table_train_on_it_each_as_its_seed_splits_it():
    page = open_link(
        "data=iris&x=petal_length&y=petal_width&epochs=20&learning_rate=0.01&versus=seed:7&versus=epochs:5"
    )
    points = [watched.dataset.digest for watched in page.session_state["watching"].runs]
    splits = [
        shipped_table("iris").dataset("petal_length", "petal_width", Experiment(seed=seed)).digest for seed in (42, 7)
    ]
    assert points == [splits[0], splits[1], splits[0]]


def test_variants_that_lose_their_meaning_come_back_with_it():
    page = open_link("epochs=20&versus=noise:0.5")
    widget(page.selectbox, "data").set_value("iris")
    run(page)
    assert len(shown(page)) == 1
    assert "noise describes the noisy line" in sentences(page)
    widget(page.selectbox, "data").set_value("line")
    run(page)
    assert not page.warning
    assert [one.noise for one in shown(page)] == [0.1, 0.5]


# --- several runs by hand ---------------------------------------------------------------------------------


def test_keep_and_a_move_make_a_variant_and_the_link_says_so():
    page = press(open_link("epochs=20"), "Keep")
    assert link(page) == {"epochs": ["20"], "keep": ["1"]}
    assert shown(page) == [BASE]
    base = page.session_state["watching"].runs[0].run
    set_number(page, "learning_rate", 0.5)
    assert link(page) == {"epochs": ["20"], "versus": ["learning_rate:0.5"], "front": ["1"]}
    assert shown(page) == [BASE, replace(BASE, learning_rate=0.5)]
    assert page.session_state["watching"].runs[0].run is base
    assert widget(page.number_input, "learning_rate").value == 0.5
    assert widget(page.select_slider, "learning_rate_slider").value == 0.5
    set_number(page, "epochs", 9)
    assert link(page)["versus"] == ["learning_rate:0.5,epochs:9"]
    assert shown(page) == [BASE, replace(BASE, learning_rate=0.5, epochs=9)]


def test_keep_is_taken_back_by_another_press():
    page = press(press(open_link("epochs=20"), "Keep"), "Keep")
    set_number(page, "learning_rate", 0.5)
    assert shown(page) == [replace(BASE, learning_rate=0.5)]
    assert link(page) == {"epochs": ["20"], "learning_rate": ["0.5"]}


def test_where_six_stand_there_is_nothing_to_keep():
    page = open_link("epochs=20&keep=1&" + "&".join(f"versus=seed:{seed}" for seed in range(5)))
    assert button(page, "Keep").disabled
    assert not comparing(page).keep
    set_number(page, "epochs", 30)
    assert {one.epochs for one in shown(page)} == {30}


def test_controls_show_the_run_in_front_and_move_it_alone():
    page = open_link("epochs=20&versus=learning_rate:0.5,optimizer:adam&front=1")
    assert widget(page.number_input, "learning_rate").value == 0.5
    assert widget(page.selectbox, "method").value == "optimizer"
    assert widget(page.selectbox, "optimizer").value == "adam"
    set_number(page, "learning_rate", 0.25)
    assert [one.learning_rate for one in shown(page)] == [0.1, 0.25]


def test_a_variant_that_becomes_equal_to_another_run_is_said_and_comes_back_with_the_next_move():
    page = open_link("epochs=20&versus=learning_rate:0.5&versus=learning_rate:0.3&front=1")
    for rate, words in ((0.1, "is equal to the base"), (0.3, "is there twice")):
        set_number(page, "learning_rate", rate)
        assert words in sentences(page)
        assert [one.learning_rate for one in shown(page)] == [0.1, 0.3]
    set_number(page, "learning_rate", 0.4)
    assert not page.warning
    assert [one.learning_rate for one in shown(page)] == [0.1, 0.4, 0.3]


def test_before_the_first_train_variants_only_show_where_they_would_start():
    page = press(open_page(), "Keep")
    set_number(page, "seed", 7)
    assert [one.seed for one in shown(page)] == [42, 7]
    assert not any(watched.run for watched in page.session_state["watching"].runs)
    press_train(page)
    assert all(watched.run for watched in page.session_state["watching"].runs)


def prepared(page: AppTest, name: str) -> AppTest:
    """The comparison is chosen from its menu."""
    page.session_state[f"compare-{page.session_state['compared']}"] = True
    run(page)
    return press(page, name)


def limit_of(experiment: Experiment) -> float:
    dataset = make_dataset(experiment)
    return Landscape.of(dataset.x_train, dataset.y_train, experiment.reduction).max_learning_rate


def test_prepared_learning_rates_lie_around_the_limit_of_the_data():
    page = prepared(open_link("epochs=20&noise=0.3"), "Learning rates around the limit")
    rates = [one.learning_rate for one in shown(page)][1:]
    limit = limit_of(Experiment(noise=0.3))
    assert len(rates) == 5
    assert rates == sorted(rates)
    assert rates[0] < 0.2 * limit
    assert sum(rate < limit for rate in rates) == 4
    assert limit < rates[-1] < 1.1 * limit
    assert link(page)["versus"] == [f"learning_rate:{rate}" for rate in rates]


def test_prepared_optimizers_are_all_four_with_the_method_that_goes_along():
    page = prepared(open_link("epochs=20"), "The four optimizers")
    assert [one.optimizer for one in shown(page)] == list(optimizers)
    assert [one.method for one in shown(page)] == ["autograd", *["optimizer"] * 3]
    again = prepared(open_link("epochs=20&method=module&optimizer=adam"), "The four optimizers")
    assert {one.optimizer for one in shown(again)} == set(optimizers)
    assert {one.method for one in shown(again)} == {"module"}


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("epochs=20", [None, 16, 1]),
        ("epochs=20&batch_size=80", [80, 16, 1]),
        ("epochs=20&batch_size=16", [16, None, 1]),
        ("epochs=20&batch_size=7", [7, None, 16, 1]),
        ("epochs=20&n=20", [None, 1]),
    ],
)
def test_prepared_batches_are_all_points_sixteen_and_one(text, sizes):
    page = prepared(open_link(text), "All points, 16, or one at a time")
    assert [one.batch_size for one in shown(page)] == sizes
    assert not page.warning


@pytest.mark.parametrize("text", ["epochs=20", "epochs=20&method=module&optimizer=adam", "epochs=20&method=numpy"])
def test_prepared_methods_are_all_five(text):
    page = prepared(open_link(text), "The five methods")
    assert {one.method for one in shown(page)} == set(methods)
    assert not page.warning


def test_prepared_seeds_are_five_and_wrap_around_at_the_last():
    page = prepared(open_link(f"epochs=20&seed={2**32 - 2}"), "Five seeds")
    assert [one.seed for one in shown(page)] == [2**32 - 2, 2**32 - 1, 0, 1, 2]


@pytest.mark.parametrize("name", PREPARED)
def test_every_prepared_comparison_starts_on_a_fresh_page_and_gives_way_to_the_next(name):
    page = prepared(open_page(), name)
    assert len(shown(page)) > 1
    assert all(watched.run for watched in page.session_state["watching"].runs)
    assert not page.warning
    prepared(page, "Five seeds")
    assert [one.seed for one in shown(page)] == [42, 43, 44, 45, 46]
    assert len(link(page)["versus"]) == 4


@pytest.mark.parametrize("name", PREPARED)
def test_every_prepared_comparison_can_be_made_on_a_table(name):
    page = prepared(open_link("data=iris&epochs=20&learning_rate=0.01"), name)
    assert len(shown(page)) > 1
    assert not page.warning


def test_start_over_sets_everything_back():
    page = open_link(
        "embed_options=dark_theme&epochs=20&noise=0.4&versus=learning_rate:0.5&front=1&keep=1&align=update"
        "&epoch_axis=log&sweep=seed"
    )
    press(page, "Start over")
    assert shown(page) == [Experiment()]
    assert page.session_state["watching"].runs[0].run is None
    assert comparing(page) == Comparing()
    assert link(page) == {"embed_options": ["dark_theme"]}
    assert widget(page.number_input, "noise").value == 0.1
    assert not page.warning
    # Nothing starts by itself, as on a page that was just opened.
    set_number(page, "learning_rate", 0.2)
    assert page.session_state["watching"].runs[0].run is None


# --- to take away -----------------------------------------------------------------------------------------


@pytest.fixture
def files(monkeypatch) -> Callable[..., dict[str, str]]:
    """What is offered to take away, by the button that gives it."""
    offered: dict[str, str] = {}

    def download_button(label, data, *_, **__):
        offered[label] = data()

    def files(*runs, drawn: bool) -> dict[str, str]:
        offer(*runs, drawn=drawn, page=bytes)
        return offered

    monkeypatch.setattr(st, "download_button", download_button)
    return files


@pytest.fixture
def threads():
    """A program that is run in this process leaves torch on one thread."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def printed(*cells: str) -> list[dict[str, float]]:
    """The numbers that the cells print, run by run."""
    names, out = {"__name__": "__main__"}, io.StringIO()
    with contextlib.redirect_stdout(out):
        for cell in cells:
            exec(compile(cell, "cell", "exec"), names)
    runs: list[dict[str, float]] = []
    for line in out.getvalue().splitlines():
        name, number = line.split(" = ")
        if name == "epoch":
            runs.append({})
        runs[-1][name] = float(number)
    return runs


FRONT = Experiment(epochs=30, method="module", optimizer="adam", batch_size=16)


@pytest.mark.parametrize("front", [False, True], ids=["alone", "with another in front"])
@pytest.mark.parametrize("table", [False, True], ids=["line", "table"])
def test_script_and_notebook_give_the_digits_of_the_base_and_of_the_run_in_front(files, threads, front, table):
    experiments = [replace(one, learning_rate=0.01) for one in (BASE, FRONT)[: 2 if front else 1]]
    points = [table_points("iris", None, None, one) if table else line_points(one) for one in experiments]
    offered = files(*zip(experiments, points, strict=True), drawn=not table)
    notebook = nbformat.reads(offered["Notebook"], as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    last = [list(train(one, some.load()))[-1] for one, some in zip(experiments, points, strict=True)]
    for runs in (printed(offered["Script"]), printed(*cells)):
        found = [(one["epoch"], one["b"], one["w"], one["loss"]) for one in runs]
        assert found == [record[:4] for record in last]


# --- sweeps -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("sweep=learning_rate", Span("learning_rate")),
        ("sweep=seed:0:9:10", Span("seed", 0, 9, 10)),
        ("sweep=batch-size", Span("batch_size")),
        ("sweep=true_w:-1:1:5", Span("true_w", -1, 1, 5)),
    ],
)
def test_sweep_of_a_link_is_the_one_that_is_asked_for(text, span):
    page = open_link(f"epochs=20&{text}")
    assert comparing(page).sweep == span
    assert not page.warning
    assert shown(page) == [BASE]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sweep=learning_rate:0.001:1:10000", "takes from 2 to 1000 values, but got '10000'. Showing no sweep."),
        ("sweep=learning_rate:0.001:1:1", "takes from 2 to 1000 values, but got '1'. Showing no sweep."),
        ("sweep=n:10:1000:51", "A sweep over n takes from 2 to 50 values"),
        ("sweep=batch_size:1:80:51", "A sweep over batch_size takes from 2 to 50 values"),
        ("sweep=colour", "'colour' is no field of an experiment"),
        ("sweep=", "'' is no field of an experiment"),
        ("sweep=method", "'method' has no numbers"),
        ("sweep=learning_rate:0.1", "must be written as FIELD or FIELD:FROM:TO:COUNT"),
        ("sweep=learning_rate:a:b:c", "learning_rate must be"),
        ("sweep=learning_rate:0.1:5000:10", "learning_rate must be"),
        ("sweep=" + "9" * 10_000, "is no field of an experiment"),
        ("sweep=seed&sweep=noise", "sweep must be given once, but was given 2 times. Showing no sweep."),
    ],
    ids=lambda value: value[:40],
)
def test_a_sweep_that_a_link_cannot_say_is_one_sentence_and_the_run_is_trained(text, words):
    page = open_link(f"epochs=20&{text}")
    assert words in sentences(page)
    assert len(sentences(page).splitlines()) == 1
    assert len(sentences(page)) < 400
    assert comparing(page).sweep is None
    assert shown(page) == [BASE]
    assert link(page) == {"epochs": ["20"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epochs=20&sweep=learning_rate:1:0.1:10", "must go from a smaller to a larger learning_rate"),
        ("data=iris&epochs=20&sweep=noise", "noise describes the noisy line, and means nothing for a table."),
        ("data=iris&epochs=20&sweep=n", "n describes the noisy line"),
        ("epochs=100000&batch_size=1&n=1000&sweep=seed", "This sweep would take about"),
        ("epochs=100000&n=100000&sweep=learning_rate", "hours here: choose fewer epochs or points"),
    ],
)
def test_a_sweep_that_cannot_be_trained_is_said_while_it_is_so_and_kept_in_the_link(text, words, monkeypatch):
    monkeypatch.setattr(sweeps.Sweeper, "watch", lambda *_: pytest.fail("trained"))
    page = open_link(text)
    assert words in sentences(page)
    assert len(sentences(page).splitlines()) == 1
    asked = dict(parse_qsl(text))["sweep"]
    assert link(page)["sweep"] == [asked.replace(":1:", ":1.0:")]
    assert len(shown(page)) == 1


def test_a_sweep_that_would_take_too_long_is_trained_once_it_would_not():
    page = open_link("epochs=100000&n=10000&sweep=seed")
    assert "This sweep would take about" in sentences(page)
    set_number(page, "epochs", 20)
    assert not page.warning


def test_a_sweep_is_taken_to_last_as_long_as_its_updates_and_the_points_in_them():
    def seconds(field: str, values: tuple[float, ...], **fields) -> float:
        experiment = Experiment(**fields)
        return sweeps.estimate(experiment, line_points(experiment), field, values)

    rates = tuple(0.001 * number for number in range(1, 101))
    one = seconds("learning_rate", rates)
    assert seconds("learning_rate", rates, epochs=2000) == pytest.approx(2 * one)
    assert seconds("epochs", (1, 1000)) == pytest.approx(seconds("seed", (1, 2)))
    # Runs that share their steps cost less than each for itself, and no more of them.
    assert one < 100 * seconds("learning_rate", rates[:1])
    assert seconds("learning_rate", rates, batch_size=1) > 80 * one / 100
    # What cannot share a step is added up.
    assert seconds("n", (100, 200)) == pytest.approx(seconds("n", (100,)) + seconds("n", (200,)))
    sizes = [seconds("batch_size", (size,)) for size in (1, 16)]
    assert seconds("batch_size", (1, 16)) == pytest.approx(sum(sizes))
    assert sizes[0] == pytest.approx(seconds("seed", (1,), batch_size=1))


def test_a_sweep_is_left_with_its_end(monkeypatch):
    left = []
    monkeypatch.setattr(sweeps.Sweeper, "leave", lambda _, viewer: left.append(viewer))
    page = open_link("epochs=20&sweep=seed")
    assert left == []
    press(page, "Start over")
    assert left == [page.session_state["viewer"]]
    set_number(page, "learning_rate", 0.2)
    assert len(left) == 1


@pytest.mark.parametrize("text", ["show=", "show=player,status,runs,graph,code,numbers,parameters,loss,surface,data"])
def test_a_link_that_shows_all_panels_says_nothing_of_them(text):
    page = open_link(f"epochs=20&{text}")
    assert not page.warning
    assert page.session_state["comparing"].show == PANELS
    assert "show" not in link(page)


def test_a_link_that_the_stage_asks_for_is_followed_once_as_if_it_had_been_opened():
    page = open_link("epochs=20&learning_rate=0.5")
    page.session_state["asked_link"] = {"epochs": ["30"], "versus": ["seed:7"], "show": ["data,chart"]}
    run(page)
    assert shown(page) == [Experiment(epochs=30), Experiment(epochs=30, seed=7)]
    assert page.session_state["watching"].started
    assert link(page) == {"epochs": ["30"], "versus": ["seed:7"], "show": ["data"]}
    assert sentences(page).startswith("There is no panel 'chart'")
    set_number(page, "epochs", 40)
    assert [experiment.epochs for experiment in shown(page)] == [40, 40]
    assert link(page) == {"epochs": ["40"], "versus": ["seed:7"], "show": ["data"]}


def test_start_over_shows_all_panels_again():
    page = open_link("epochs=20&show=surface, data")
    assert page.session_state["comparing"].show == ("data", "surface")
    assert link(page)["show"] == ["data,surface"]
    press(page, "Start over")
    assert page.session_state["comparing"].show == PANELS
    assert link(page) == {}
