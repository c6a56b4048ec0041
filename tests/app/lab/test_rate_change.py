"""A learning rate that is chosen in mid-run: what the fields, the link and the stage make of it."""

from __future__ import annotations

import pytest
import streamlit as st
from visit import link, open_page, run, sentences, widget

from core import Experiment
from dashboard.lab.comparing import compare, comparing, move, shown_fields
from dashboard.lab.fields import default_fields, key_of, renew
from dashboard.lab.rate_change import change_of_rate, earlier_course, forget_change, hold_from, note_change
from dashboard.lab.wishes import fulfil


@pytest.fixture
def fields(monkeypatch) -> dict:
    """The fields of a visitor's base."""
    session = {"fields": default_fields(), "link_problems": []}
    monkeypatch.setattr(st, "session_state", session)
    renew(*session["fields"])
    return session["fields"]


def choose(rate: float) -> None:
    """As the slider does it."""
    before = shown_fields() | {name: st.session_state["fields"][name] for name in ("learning_rate", "schedule")}
    move("learning_rate", rate)
    note_change(rate, before)


def rates(fields) -> tuple:
    return fields["learning_rate"], fields["schedule"]


def test_a_rate_holds_from_the_start_until_it_is_told_to_hold_from_later_on(fields):
    choose(0.5)
    assert rates(fields) == (0.5, ())
    assert hold_from(50)
    assert rates(fields) == (0.1, ((50, 0.5),))
    assert hold_from(0)
    assert rates(fields) == (0.5, ())


def test_changes_one_after_the_other_make_a_schedule_and_an_earlier_one_puts_away_what_came_later(fields):
    for rate, epoch in ((0.5, 50), (0.2, 120), (0.01, 300)):
        choose(rate)
        assert hold_from(epoch)
    assert rates(fields) == (0.1, ((50, 0.5), (120, 0.2), (300, 0.01)))
    choose(0.7)
    assert hold_from(100)
    assert rates(fields) == (0.1, ((50, 0.5), (100, 0.7)))


def test_the_controls_show_the_rate_that_holds_last_and_a_new_one_holds_from_the_start(fields):
    fields["schedule"] = ((50, 0.5),)
    assert shown_fields()["learning_rate"] == 0.5
    move("learning_rate", 0.3)
    assert rates(fields) == (0.3, ())


@pytest.mark.parametrize("epoch", [-1, 1000, 5000, 1.0, "50", None, True, [50]])
def test_what_is_no_epoch_of_the_run_changes_nothing(fields, epoch):
    choose(0.5)
    assert not hold_from(epoch)
    assert rates(fields) == (0.5, ())


def test_without_a_choice_there_is_nothing_to_hold(fields):
    assert not hold_from(50)
    choose(0.5)
    forget_change()
    assert not hold_from(50)
    assert change_of_rate() is None


def test_of_a_variant_it_is_the_variants_rate_and_what_is_the_bases_again_is_not_said(fields):
    compare([{"batch_size": 16}, {"epochs": 60}])
    comparing().front = 1
    choose(0.5)
    assert comparing().changes[0] == {"batch_size": 16, "learning_rate": 0.5}
    assert hold_from(50)
    assert comparing().changes == [{"batch_size": 16, "schedule": ((50, 0.5),)}, {"epochs": 60}]
    assert rates(fields) == (0.1, ())
    comparing().front = 2
    assert change_of_rate() is None
    assert not hold_from(7)


def test_after_keep_the_new_run_alone_changes_its_rate(fields):
    comparing().keep = True
    choose(0.5)
    assert hold_from(50)
    assert comparing().changes == [{"schedule": ((50, 0.5),)}]
    assert rates(fields) == (0.1, ())


def test_the_wish_is_told_to_the_stage_as_done(fields):
    choose(0.5)
    first = change_of_rate()
    key = key_of("learning_rate")
    fulfil([{"number": 1, "rate_from": 50}])
    assert (first.since, change_of_rate().since, change_of_rate().number) == (0, 50, first.number)
    assert key_of("learning_rate") != key


def test_the_earlier_course_is_the_run_without_its_last_change():
    points = object()
    experiment = Experiment(schedule=[(50, 0.5), (200, 0.1)])
    assert earlier_course((experiment, points)) == (Experiment(schedule=[(50, 0.5)]), points)
    assert earlier_course((Experiment(), points)) is None


def test_a_link_with_a_schedule_has_its_ghost_beside_it():
    page = open_page(epochs="30", schedule="10:0.5")
    watching = page.session_state["watching"]
    assert [watched.experiment for watched in watching.runs] == [
        Experiment(epochs=30, schedule=[(10, 0.5)]),
        Experiment(epochs=30),
    ]
    assert watching.ghost
    assert len(watching.shown) == 1


def test_a_ghost_that_is_a_run_of_its_own_already_is_not_there_twice():
    page = open_page(epochs="30", versus="schedule:10:0.5", front="1")
    watching = page.session_state["watching"]
    assert (len(watching.runs), watching.ghost) == (2, False)


def test_a_schedule_can_be_typed_and_what_makes_no_sense_stays_for_mending():
    page = open_page(epochs="300")
    field = widget(page.text_input, "schedule")
    field.set_value("50:0.5,200:0.1")
    run(page)
    assert link(page) == {"epochs": "300", "schedule": "50:0.5,200:0.1"}
    before = page.session_state["watching"]
    widget(page.text_input, "schedule").set_value("50:0.5,20:0.1")
    run(page)
    assert sentences(page) == "schedule must rise from piece to piece, but got '50:0.5,20:0.1'."
    assert widget(page.text_input, "schedule").value == "50:0.5,20:0.1"
    assert page.session_state["watching"] is before
    widget(page.text_input, "schedule").set_value("")
    run(page)
    assert sentences(page) == ""
    assert link(page) == {"epochs": "300"}


def test_fewer_epochs_than_the_schedule_has_get_a_sentence_and_the_run_stays():
    page = open_page(epochs="300", schedule="200:0.5")
    before = page.session_state["watching"]
    widget(page.number_input, "epochs").set_value(100)
    run(page)
    assert "Schedule changes the learning rate at epoch 200, but the last update comes before epoch 100" in sentences(
        page
    )
    assert page.session_state["watching"] is before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"schedule": "50:0.5,20:0.1"}, "schedule must rise from piece to piece, but got '50:0.5,20:0.1'. Using none"),
        ({"schedule": "5000:0.5"}, "at epoch 5000, but the last update comes before epoch 1000: raise the epochs"),
        (
            {"start_b": "1e300"},
            "start_b must be a number from -1e+12 to 1e+12, or 'drawn', but got '1e300'. Using drawn",
        ),
        ({"moved": "500:1:1"}, "Moved names point 500, but there are 100, counted from 0: name one of them"),
        ({"moved": "1:inf:1"}, "X of moved must be a number from -1e+09 to 1e+09, but got 'inf'. Using none instead."),
        ({"data": "iris", "moved": "500:1:1"}, "names point 500, but there are 150, counted from 0"),
        ({"data": "iris", "moved": "500:1:1", "start_w": "2"}, "names point 500, but there are 150, counted from 0"),
        ({"moved": "3:1e9:1", "standardize": "x", "start_w": "1e12"}, ""),
        (
            {"moved": "3:1e9:1", "start_w": "1e12", "validation": "0"},
            "is no number of float32: start nearer to b",
        ),
    ],
)
def test_a_link_whose_schedule_start_or_points_make_no_sense_opens_something_and_says_so(given, words):
    page = open_page(epochs="1000", **given)
    if words:
        assert words.lower() in sentences(page).lower()
    assert page.session_state["watching"].runs[0].experiment.epochs == 1000
