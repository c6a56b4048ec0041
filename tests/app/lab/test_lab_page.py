"""The page's script: it runs whatever link is opened, and its controls, its link and its run agree."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from visit import APP, link, open_page, press_train, run, sentences, watched, widget

from core import Experiment, Landscape, make_dataset, methods, optimizers, read_table
from core.experiment import PARAMETERS
from dashboard.lab.data import _use_data
from dashboard.lab.fields import default_fields
from dashboard.lab.uploads import shared_uploads
from dashboard.server.door import Door
from dashboard.shared.reruns import asked_by_widget


def test_visit_that_may_not_come_in_is_told_so_in_words_and_costs_no_more(monkeypatch):
    monkeypatch.setattr("dashboard.page.shared_door", Door(at_once=0, per_second=0))
    page = AppTest.from_file(APP, default_timeout=60)
    run(page)
    assert "wait a few seconds" in sentences(page)
    assert not page.button


# --- opening ----------------------------------------------------------------------------------------------


def test_fresh_page_shows_the_default_experiment_and_no_run():
    page = open_page()
    assert watched(page).experiment == Experiment()
    assert watched(page).run is None
    assert not page.warning
    assert link(page) == {}


def test_train_starts_the_run_and_writes_the_link():
    page = press_train(open_page())
    assert watched(page).run is not None
    assert link(page) == Experiment().to_query()


def test_link_holds_only_what_differs_from_the_defaults():
    page = open_page(**{name: parameter.write(getattr(Experiment(), name)) for name, parameter in PARAMETERS.items()})
    widget(page.number_input, "learning_rate").set_value(0.2)
    run(page)
    assert link(page) == {"learning_rate": "0.2"}
    widget(page.number_input, "learning_rate").set_value(0.1)
    run(page)
    assert link(page) == {"learning_rate": "0.1"}


def test_what_is_closed_is_not_built():
    page = AppTest.from_file(APP, default_timeout=60)
    run(page)
    assert [select.label for select in page.selectbox] == ["Device"]
    page.session_state["more"] = True
    run(page)
    assert {"Method", "Optimizer", "Data"} <= {select.label for select in page.selectbox}


def test_link_starts_its_run():
    page = open_page(n="200", learning_rate="0.5", method="optimizer", optimizer="momentum", epochs="30")
    expected = Experiment(n=200, learning_rate=0.5, method="optimizer", optimizer="momentum", epochs=30)
    assert watched(page).experiment == expected
    assert watched(page).run is not None
    assert link(page) == expected.to_query()


def test_parameters_that_are_not_ours_are_left_alone():
    page = open_page(embed_options="dark_theme", epochs="30")
    assert link(page)["embed_options"] == "dark_theme"
    assert watched(page).experiment == Experiment(epochs=30)
    bare = open_page(utm_source="mail")
    assert watched(bare).run is None


@pytest.mark.parametrize("optimizer", optimizers)
@pytest.mark.parametrize("method", methods)
def test_every_method_with_every_optimizer_runs_or_says_why_not(method, optimizer):
    page = open_page(method=method, optimizer=optimizer, epochs="5", n="20")
    allowed = method not in ("numpy", "autograd") or optimizer == "sgd"
    assert watched(page).experiment == Experiment(
        method=method, optimizer=optimizer if allowed else "sgd", epochs=5, n=20
    )
    assert watched(page).run is not None
    if allowed:
        assert not page.warning
    else:
        assert f"cannot use optimizer '{optimizer}'" in sentences(page)


BAD = {
    "n": ["abc", "1e99", "-1", "", "0", "9" * 10_000, "12.5", "٣", "1_000", "nan"],
    "noise": ["nan", "-0.1", "11", "", "inf"],
    "learning_rate": ["nan", "inf", "-1", "0", "", "1e-16", "0,1", "x" * 10_000],
    "epochs": ["0", "100001", "1e6", "ten"],
    "seed": ["-1", "4294967296", "<script>alert(1)</script>"],
    "true_b": ["1e99", "--"],
    "true_w": ["101", "∞"],
    "method": ["foo", "NUMPY ", "", "<b>numpy</b>"],
    "optimizer": ["lion", ""],
    "reduction": ["median"],
    "loss": ["mae"],
    "batch_size": ["0", "-3", "half"],
    "device": ["toaster", "cuda:999", ""],
    "tolerance": ["-1", "tiny"],
}


@pytest.mark.parametrize(
    ("name", "text"),
    [(name, text) for name, texts in BAD.items() for text in texts],
    ids=lambda text: text[:20] or "empty",
)
def test_bad_value_in_a_link_is_named_and_its_default_used(name, text):
    page = open_page(**{name: text, "epochs" if name != "epochs" else "n": "20"})
    assert sentences(page).startswith(f"{name} must be ")
    assert len(sentences(page)) < 300
    kept = Experiment(**{"epochs" if name != "epochs" else "n": 20})
    assert watched(page).experiment == kept
    assert watched(page).run is not None


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps", "xpu"])
def test_device_that_is_not_there_is_explained_and_cpu_used(device):
    page = open_page(device=device, epochs="20")
    assert device.split(":")[0] in sentences(page)
    assert "Using cpu instead." in sentences(page)
    assert watched(page).experiment == Experiment(epochs=20)


def test_value_given_twice_is_refused():
    page = open_page(n=["20", "30"], epochs="20")
    assert sentences(page) == "n must be given once, but was given 2 times. Using 100 instead."
    assert watched(page).experiment == Experiment(epochs=20)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"data": "unknown"}, "The data 'unknown' is not on this server"),
        ({"data": "../../etc/passwd"}, "is not on this server"),
        ({"data": "x" * 10_000}, "is not on this server"),
        ({"data": "<script>alert(1)</script>"}, "is not on this server"),
        ({"data": ["iris", "iris"]}, "data must be given once"),
        ({"data": "iris", "x": ["a", "b"]}, "x must be given once"),
        ({"data": "iris", "x": "colour"}, "no column 'colour'"),
        ({"data": "iris", "x": "species"}, "is not a number"),
        ({"x": "petal_length"}, "x and y name columns of a table: give the table as data."),
        ({"reading": "decimal:comma"}, "reading says how a table is read: give the table as data."),
        ({"data": "iris", "reading": "encoding:cp1252"}, "leave encoding out of the link"),
    ],
    ids=str,
)
def test_bad_data_in_a_link_is_explained_and_the_line_used(query, words):
    page = open_page(**query, epochs="20")
    assert words in sentences(page)
    assert "Using a line instead." in sentences(page)
    assert watched(page).experiment == Experiment(epochs=20)
    assert watched(page).dataset.digest == make_dataset(Experiment(epochs=20)).digest


def test_everything_wrong_at_once_is_all_named():
    page = open_page(**{name: texts[0] for name, texts in BAD.items()})
    for name in BAD:
        assert f"{name} must be " in sentences(page)
    assert watched(page).experiment == Experiment()


# --- controls ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("n", 250),
        ("noise", 0.35),
        ("learning_rate", 0.1234),
        ("epochs", 77),
        ("true_b", -3.5),
        ("true_w", 12.25),
        ("seed", 2**32 - 1),
        ("batch_size", 16),
        ("tolerance", 1e-4),
    ],
)
def test_number_field_sets_its_field_the_run_and_the_link(key, value):
    page = open_page(epochs="20")
    widget(page.number_input, key).set_value(value)
    run(page)
    assert getattr(watched(page).experiment, key) == value
    assert PARAMETERS[key].read(key, link(page)[key]) == value
    assert watched(page).run is not None


def test_every_field_of_a_link_is_shown_by_its_control():
    fields = {
        "n": 333,
        "noise": 0.123,
        "true_b": -7.0,
        "true_w": 0.5,
        "seed": 5,
        "method": "module",
        "optimizer": "adam",
        "reduction": "sum",
        "learning_rate": 0.00371,
        "epochs": 17,
        "batch_size": 33,
        "tolerance": 0.25,
    }
    page = open_page(**{name: str(value) for name, value in fields.items()})
    for name, value in fields.items():
        kind = page.selectbox if isinstance(value, str) else page.number_input
        assert widget(kind, name).value == value, name
    for name in ("n", "noise", "learning_rate", "epochs"):
        assert widget(page.select_slider, f"{name}_slider").value == fields[name]


def test_slider_sets_the_field_beside_it_and_the_other_way_round():
    page = open_page(epochs="20")
    widget(page.select_slider, "learning_rate_slider").set_value(0.32)
    run(page)
    assert widget(page.number_input, "learning_rate").value == 0.32
    assert watched(page).experiment.learning_rate == 0.32
    widget(page.number_input, "learning_rate").set_value(0.0571)
    run(page)
    assert widget(page.select_slider, "learning_rate_slider").value == 0.0571


def test_link_that_lags_behind_a_change_takes_nothing_back():
    page = open_page(learning_rate="0.2", epochs="30")
    old = link(page)
    widget(page.number_input, "learning_rate").set_value(0.3)
    run(page)
    for name, value in old.items():
        page.query_params[name] = value
    widget(page.number_input, "n").set_value(50)
    run(page)
    assert watched(page).experiment == Experiment(learning_rate=0.3, epochs=30, n=50)
    assert (link(page)["learning_rate"], link(page)["n"]) == ("0.3", "50")
    for name, value in old.items():
        page.query_params[name] = value
    run(press_train(page))
    assert watched(page).experiment.learning_rate == 0.3


def test_widget_whose_field_was_set_elsewhere_is_a_new_one():
    page = open_page(learning_rate="0.2", epochs="30")
    slider, number = (widget(kind, name).key for kind, name in rate_widgets(page))
    widget(page.number_input, "learning_rate").set_value(0.3)
    run(page)
    assert widget(page.number_input, "learning_rate").key == number
    assert widget(page.select_slider, "learning_rate_slider").key != slider
    assert [widget(kind, name).value for kind, name in rate_widgets(page)] == [0.3, 0.3]


def rate_widgets(page: AppTest):
    return (page.select_slider, "learning_rate_slider"), (page.number_input, "learning_rate")


def test_change_before_train_starts_nothing_but_is_in_the_link():
    page = open_page()
    widget(page.number_input, "n").set_value(30)
    run(page)
    assert watched(page).run is None
    assert watched(page).experiment == Experiment(n=30)
    assert link(page) == Experiment(n=30).to_query()
    press_train(page)
    assert watched(page).run is not None


def test_refused_combination_keeps_the_run_and_the_link_until_it_is_mended():
    page = open_page(epochs="20")
    before, former = watched(page), link(page)
    widget(page.selectbox, "optimizer").set_value("adam")
    run(page)
    assert "cannot use optimizer 'adam'" in sentences(page)
    assert watched(page) is before
    assert link(page) == former
    widget(page.selectbox, "method").set_value("loss_fn")
    run(page)
    assert not page.warning
    assert watched(page).experiment == Experiment(epochs=20, method="loss_fn", optimizer="adam")


def test_what_was_wrong_with_the_link_is_forgotten_with_the_next_change():
    page = open_page(n="abc", epochs="20")
    assert page.warning
    widget(page.number_input, "learning_rate").set_value(0.2)
    run(page)
    assert not page.warning


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_limits_of_the_learning_rate_are_those_of_the_hessian(reduction):
    page = open_page(reduction=reduction, n="50", epochs="20", learning_rate="0.001")
    dataset = make_dataset(Experiment(n=50))
    landscape = Landscape.of(dataset.x_train, dataset.y_train, reduction)
    caption = page.sidebar.caption[0].value
    assert caption.endswith(f"Diverges at **{landscape.limit_in_digits}**")


def test_limits_say_that_they_are_for_plain_descent_where_the_run_is_another():
    page = open_page(method="module", optimizer="adam", epochs="20")
    assert "Plain: diverges at **0.8055**" in page.sidebar.caption[0].value


def test_shipped_table_is_chosen_under_more_and_hides_what_it_replaces():
    page = open_page(epochs="20")
    widget(page.selectbox, "data").set_value("iris")
    run(page)
    dataset = watched(page).dataset
    assert (dataset.x_name, dataset.y_name) == ("petal_width", "petal_length")
    assert link(page)["data"] == "iris"
    assert "noise" not in link(page)
    for name in ("n", "noise", "true_b", "true_w"):
        assert widget(page.number_input, name).disabled
    widget(page.selectbox, "x").set_value("sepal_length")
    run(page)
    assert watched(page).dataset.x_name == "sepal_length"
    widget(page.selectbox, "data").set_value("line")
    run(page)
    assert watched(page).experiment == Experiment(epochs=20)
    assert "data" not in link(page)


# --- uploads ----------------------------------------------------------------------------------------------

CSV = b"time,speed,colour\n" + b"\n".join(b"%d,%d,red" % (i, 3 * i + i % 2) for i in range(12))


def upload(page: AppTest, contents: bytes, name: str = "own.csv") -> AppTest:
    page.file_uploader("upload").set_value((name, contents, "text/csv"))
    return run(page)


def test_own_csv_is_trained_on_with_its_columns_in_their_order():
    page = upload(open_page(epochs="20", learning_rate="0.001"), CSV)
    dataset = watched(page).dataset
    assert (dataset.x_name, dataset.y_name) == ("time", "speed")
    assert dataset.digest == read_table(CSV, "own.csv").dataset("time", "speed", Experiment()).digest
    assert list(link(page)) == ["data", "x", "y", "reading", "learning_rate", "epochs"]
    assert link(page)["reading"] == read_table(CSV, "own.csv").reading
    again = open_page(**link(page))
    assert watched(again).dataset.digest == dataset.digest


@pytest.mark.parametrize("reading", [None, "decimal:point", "header:yes , skip:0"])
def test_link_to_own_csv_says_in_one_way_how_it_is_read(reading):
    ours = link(upload(open_page(epochs="20", learning_rate="0.001"), CSV))
    given = {name: text for name, text in ours.items() if name != "reading"} | ({"reading": reading} if reading else {})
    page = open_page(**given)
    widget(page.number_input, "epochs").set_value(30)
    run(page)
    again = read_table(CSV, "own.csv", reading or "").reading
    assert link(page) == ours | {"epochs": "30", "reading": again}


def test_own_csv_chosen_from_a_menu_that_lagged_behind_keeps_its_reading(monkeypatch):
    digest = shared_uploads().add(CSV, "own.csv", "ann")
    session = {"fields": default_fields()}
    monkeypatch.setattr(st, "session_state", session)
    _use_data(digest)
    assert session["fields"]["reading"] == read_table(CSV, "own.csv").reading
    _use_data("iris")
    assert session["fields"]["reading"] is None
    asked_by_widget()


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (b"", "is empty"),
        (bytes(range(256)), "not a text file"),
        (b"<html><body>no</body></html>", "is a web page"),
        (b"a\n1\n2\n", "one column"),
        (b"a,b\n1,2\n", "too few rows"),
        (b"a,b\n" + b"1,2\n" * 9, "is the same in every row"),
        (b"a,b\n1,2\n2,\n3,4\n4,5\n5,\n", "too few rows"),
        (b"a,b\nx,y\n" * 9, "two columns of numbers"),
        (b"<b>a</b>,<script>x</script>\n1,2\n2,3\n3,4\n3,3\n4,x\n", "two columns of numbers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unusable_file_gets_one_sentence_and_the_run_stays(contents, words):
    page = open_page(epochs="20")
    before = watched(page)
    upload(page, contents)
    assert words in sentences(page)
    assert len(sentences(page).splitlines()) == 1
    assert watched(page) is before


def test_file_that_has_left_the_server_is_asked_for_again():
    page = upload(open_page(epochs="20", learning_rate="0.001"), CSV.replace(b"time", b"hour"))
    before = watched(page)
    shared_uploads.clear()  # as another server, or this one when it was started again
    widget(page.number_input, "epochs").set_value(30)
    run(page)
    assert "choose it again under More" in sentences(page)
    assert watched(page) is before
    widget(page.selectbox, "data").set_value("line")
    run(page)
    assert watched(page).experiment == Experiment(epochs=30, learning_rate=0.001)
    assert "data" not in link(page)
