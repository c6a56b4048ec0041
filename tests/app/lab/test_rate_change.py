"""A learning rate that is chosen in mid-run: what the fields, the link and the stage make of it."""

from __future__ import annotations

import pytest
import streamlit as st
from visit import link, open_page, run, sentences, widget

from core import Experiment
from dashboard.lab.comparing import compare, comparing, move, remove, shown_fields
from dashboard.lab.fields import default_fields, key_of, renew
from dashboard.lab.rate_change import change_of_rate, earlier_course, hold_from, note_change
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


def hold(epoch: object, seen: int = 0) -> None:
    """As the stage wishes it, whose last change is that one."""
    hold_from([change_of_rate().number, epoch, seen])


def rates(fields) -> tuple:
    return fields["learning_rate"], fields["schedule"]


def test_a_rate_holds_from_the_start_until_it_is_told_to_hold_from_later_on(fields):
    choose(0.5)
    assert rates(fields) == (0.5, ())
    hold(50)
    assert rates(fields) == (0.1, ((50, 0.5),))
    hold(0)
    assert rates(fields) == (0.5, ())


def test_changes_one_after_the_other_make_a_schedule_and_an_earlier_one_puts_away_what_came_later(fields):
    seen = 0
    for rate, epoch in ((0.5, 50), (0.2, 120), (0.01, 300)):
        choose(rate)
        hold(epoch, seen)
        seen = change_of_rate().number
    assert rates(fields) == (0.1, ((50, 0.5), (120, 0.2), (300, 0.01)))
    choose(0.7)
    hold(100, seen)
    assert rates(fields) == (0.1, ((50, 0.5), (100, 0.7)))


def test_the_controls_show_the_rate_that_holds_last_and_a_new_one_holds_from_the_start(fields):
    fields["schedule"] = ((50, 0.5),)
    assert shown_fields()["learning_rate"] == 0.5
    move("learning_rate", 0.3)
    assert rates(fields) == (0.3, ())


@pytest.mark.parametrize("epoch", [-1, 1000, 5000, 1.0, "50", None, True, [50]])
def test_what_is_no_epoch_of_the_run_changes_nothing(fields, epoch):
    choose(0.5)
    hold(epoch)
    assert rates(fields) == (0.5, ())


@pytest.mark.parametrize("wish", [None, 50, [], [1, 50], [1, 50, 0, 0], [True, 50, 0], {"epoch": 50}, "50"])
def test_a_wish_that_makes_no_sense_changes_nothing(fields, wish):
    choose(0.5)
    hold_from(wish)
    hold_from([0, 50, 0])
    assert rates(fields) == (0.5, ())


def test_without_a_choice_there_is_nothing_to_hold(fields):
    hold_from([1, 50, 0])
    assert rates(fields) == (0.1, ())


@pytest.mark.parametrize(("name", "value"), [("noise", 0.3), ("start_b", 2.0), ("method", "module"), ("data", "iris")])
def test_after_anything_else_was_chosen_there_is_nothing_to_hold_any_longer(fields, name, value):
    choose(0.5)
    number = change_of_rate().number
    move(name, value)
    assert change_of_rate() is None
    hold_from([number, 50, 0])
    assert rates(fields) == (0.5, ())


def test_a_choice_is_not_taken_for_that_of_another_run_in_its_place(fields):
    compare([{"noise": 0.2}, {"noise": 0.5}])
    comparing().front = 1
    choose(0.5)
    number = change_of_rate().number
    remove(1)
    comparing().front = 1
    hold_from([number, 50, 0])
    assert comparing().changes == [{"noise": 0.5}]


def test_of_choices_that_follow_one_another_before_any_is_seen_the_last_holds_and_the_first_says_what_was(fields):
    for rate in (0.11, 0.125, 0.14, 0.16):
        choose(rate)
    hold(50)
    assert rates(fields) == (0.1, ((50, 0.16),))


def test_a_wish_for_an_earlier_choice_comes_too_late(fields):
    choose(0.2)
    earlier = change_of_rate().number
    choose(0.3)
    hold_from([earlier, 50, 0])
    assert rates(fields) == (0.3, ())


def test_a_choice_that_was_seen_is_what_the_next_one_changes(fields):
    choose(0.2)
    choice = change_of_rate().number
    choose(0.3)
    hold(50, seen=choice)
    assert rates(fields) == (0.2, ((50, 0.3),))


def test_a_schedule_that_is_full_gets_a_sentence_and_nothing_is_lost(fields):
    fields["schedule"] = tuple((epoch, 0.2) for epoch in range(1, 101))
    choose(0.5)
    fulfil([{"number": 1, "rate_from": [change_of_rate().number, 500, 0]}])
    (sentence,) = st.session_state["link_problems"]
    assert "(EPOCH:RATE, at most 100)" in sentence
    assert rates(fields) == (0.5, ())


def test_of_a_variant_it_is_the_variants_rate_and_what_is_the_bases_again_is_not_said(fields):
    compare([{"batch_size": 16}, {"epochs": 60}])
    comparing().front = 1
    choose(0.5)
    assert comparing().changes[0] == {"batch_size": 16, "learning_rate": 0.5}
    hold(50)
    assert comparing().changes == [{"batch_size": 16, "schedule": ((50, 0.5),)}, {"epochs": 60}]
    assert rates(fields) == (0.1, ())
    comparing().front = 2
    assert change_of_rate() is None


def test_after_keep_the_new_run_alone_changes_its_rate(fields):
    comparing().keep = True
    choose(0.5)
    hold(50)
    assert comparing().changes == [{"schedule": ((50, 0.5),)}]
    assert rates(fields) == (0.1, ())


def test_the_wish_is_told_to_the_stage_as_done(fields):
    choose(0.5)
    first = change_of_rate()
    key = key_of("learning_rate")
    fulfil([{"number": 1, "rate_from": [first.number, 50, 0]}])
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
    assert sentences(page) == "schedule must list every epoch after the one before, but got '50:0.5,20:0.1'."
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
        (
            {"schedule": "50:0.5,20:0.1"},
            "schedule must list every epoch after the one before, but got '50:0.5,20:0.1'. Using none",
        ),
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


def test_slider_and_schedule_show_one_another():
    page = open_page(epochs="300")
    widget(page.text_input, "schedule").set_value("50:0.5")
    run(page)
    assert widget(page.number_input, "learning_rate").value == 0.5
    widget(page.number_input, "learning_rate").set_value(0.3)
    run(page)
    assert widget(page.text_input, "schedule").value == ""
    assert link(page) == {"epochs": "300", "learning_rate": "0.3"}


@pytest.mark.parametrize(
    "query",
    [
        {"epochs": "200", "schedule": "5:5", "versus": "learning_rate:0.2", "align": "time"},
        {"epochs": "200", "schedule": "50:0.5", "versus": "epochs:30,schedule:", "sweep": "epochs:20:200:4"},
        {"epochs": "60", "moved": "100:1:2", "sweep": "n:50:120:3"},
        {"epochs": "60", "schedule": "20:0.5", "sweep": "start_b"},
    ],
)
def test_schedules_and_moved_points_go_with_alignments_and_sweeps(query):
    page = open_page(**query)
    assert sentences(page) == ""


def test_points_that_were_moved_in_a_table_are_none_of_the_line():
    page = open_page(data="nosuch", moved="3:5:400", epochs="60", versus="moved:4:5:400")
    assert [watched.experiment for watched in page.session_state["watching"].runs] == [Experiment(epochs=60)]
