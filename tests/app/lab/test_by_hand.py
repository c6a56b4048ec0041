"""What a hand wishes for on the stage, as the server takes it: starts and points, of which nonsense does nothing."""

from __future__ import annotations

import copy

import pytest
import streamlit as st
from visit import link, open_page, run, sentences, watched, widget

from core import Experiment, train
from dashboard.lab.comparing import Comparing, comparing
from dashboard.lab.fields import default_fields, renew
from dashboard.lab.wishes import fulfil
from dashboard.shared.reruns import asked_by_widget

MOVED = ((3, 0.5, 1.0), (100, 0.2, 2.0))


@pytest.fixture
def session(monkeypatch) -> dict:
    session = {"fields": default_fields(), "link_problems": []}
    monkeypatch.setattr(st, "session_state", session)
    renew(*session["fields"])
    asked_by_widget()
    yield session
    asked_by_widget()


def wish(number: int, **what: object) -> None:
    fulfil([{"number": number} | what])


def test_a_start_and_points_are_those_of_the_run_in_front_which_begins(session):
    wish(1, start=[0.5, -1])
    assert (session["fields"]["start_b"], session["fields"]["start_w"]) == (0.5, -1.0)
    assert session.pop("start")
    wish(2, points=[[3, 0.1, 0.2], [4, 1, 1]])
    wish(3, points=[[3, 0.5, 1]])
    assert session["fields"]["moved"] == ((3, 0.5, 1.0), (4, 1.0, 1.0))
    wish(4, drawn=True)
    assert session["fields"] == default_fields()


def test_reset_takes_a_variant_away_that_was_nothing_else_and_leaves_the_rest_of_another(session):
    comparing().changes = [{"start_b": 1.0}, {"start_b": 1.0, "learning_rate": 0.5}]
    comparing().front = 2
    wish(1, drawn=True)
    assert comparing() == Comparing([{"start_b": 1.0}, {"learning_rate": 0.5}], front=2)
    comparing().front = 1
    wish(2, drawn=True)
    assert comparing() == Comparing([{"learning_rate": 0.5}])


def test_a_variant_of_a_base_that_was_moved_is_reset_to_what_is_drawn(session):
    session["fields"]["moved"] = MOVED
    comparing().changes, comparing().front = [{"learning_rate": 0.5}], 1
    wish(1, drawn=True)
    assert comparing().changes == [{"learning_rate": 0.5, "moved": ()}]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"start": [1e300, 0]}, "start_b must be a number from -1e+12 to 1e+12"),
        ({"start": ["a", None]}, "start_b must be a number"),
        ({"points": [[150, 0.5, 0.5]]}, "moved names point 150, but there are 100"),
        ({"points": [[index, 0.5, 0.5] for index in range(101)]}, "at most 100"),
        ({"points": [[1, 1e10, 0]]}, "X of moved must be"),
        *(({"start": value}, "") for value in (None, [], [1], "12", {}, [1, 2, 3])),
        *(({"points": value}, "") for value in (None, 5, [1, 2], [[1, 2]], "abc", {})),
    ],
    ids=str,
)
def test_what_cannot_be_gets_a_sentence_and_costs_nothing(session, what, words):
    fields, runs = copy.deepcopy(session["fields"]), copy.deepcopy(comparing())
    wish(1, **what)
    assert (session["fields"], comparing()) == (fields, runs)
    assert "start" not in session
    assert words in " ".join(session["link_problems"])
    assert bool(session["link_problems"]) == bool(words)


@pytest.mark.parametrize("name", ["n", "seed"])
def test_a_variant_on_other_points_than_the_base_moves_none_of_them(name):
    page = open_page(moved="3:0.5:1", versus="learning_rate:0.5", front="1", epochs="20")
    widget(page.number_input, name).set_value(77)
    run(page)
    assert link(page)["versus"] == f"learning_rate:0.5,{name}:77,moved:"
    assert link(page)["moved"] == "3:0.5:1.0"
    assert said(page)


def test_other_data_and_columns_move_no_points_and_the_page_says_so():
    page = open_page(moved="3:0.5:1", epochs="20")
    widget(page.selectbox, "data").select("wine")
    run(page)
    assert "moved" not in link(page)
    assert said(page)
    page = open_page(data="wine", moved="3:500:12", epochs="20", standardize="x")
    assert watched(page).experiment.moved == ((3, 500.0, 12.0),)
    columns = widget(page.selectbox, "x")
    columns.select(next(one for one in columns.options if one not in (columns.value, "alcohol")))
    run(page)
    assert "moved" not in link(page)
    assert said(page)


def test_where_nothing_was_moved_nothing_is_said():
    page = open_page(epochs="20")
    widget(page.number_input, "seed").set_value(7)
    run(page)
    assert not said(page)


def said(page) -> bool:
    return any("no point of them is moved by hand" in one.value for one in page.markdown)


def test_fields_of_the_start_are_those_of_the_link_and_empty_where_it_is_drawn():
    page = open_page(start_b="2.5", epochs="20")
    assert widget(page.number_input, "start_b").value == 2.5
    assert widget(page.number_input, "start_w").value is None
    widget(page.number_input, "start_w").set_value(-1.0)
    run(page)
    record = next(train(Experiment(epochs=20, start_b=2.5, start_w=-1.0)))
    assert watched(page).run.has_records.wait(60)
    assert watched(page).history[0] == record
    next(button for button in page.button if button.label == "Reset start and points").click()
    run(page)
    assert watched(page).experiment == Experiment(epochs=20)
    assert not sentences(page)
