"""Answers: which a question takes, and how they are counted."""

from __future__ import annotations

from statistics import median

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.room.answers import counts, read_answer

CHOICE = {"id": "q", "text": "Which?", "kind": "choice", "choices": ["b", "w", "neither"]}
NUMBER = {"id": "q", "text": "How many?", "kind": "number"}
RATE = {"id": "t", "field": "learning_rate", "low": 0, "high": 2}
START = {"id": "t", "field": "start", "low": -1, "high": 1, "low_w": 2, "high_w": 5}


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        (CHOICE, ["b", "neither"]),
        (NUMBER, [0, -1.5, 1e300]),
        (RATE, [0, 0.1, 2]),
        (START, [[-1, 2], [0.5, 5.0]]),
    ],
)
def test_what_was_asked_for_is_an_answer(asked, answers):
    assert [read_answer(asked, answer) for answer in answers] == answers


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        (CHOICE, ["B", "", None, 0, ["b"], {"b": 1}, True]),
        (NUMBER, ["3", None, True, [3], {}, 10**400, -(10**301)]),
        (RATE, [-0.1, 2.1, "1", [1, 2], True]),
        (START, [[0, 1], [2, 3], [0], [0, 3, 3], 0, "0,3", [True, 3], [[0], 3], {"b": 0, "w": 3}]),
    ],
)
def test_anything_else_is_none(asked, answers):
    for answer in answers:
        with pytest.raises(ValueError, match="answer"):
            read_answer(asked, answer)


def test_choices_are_counted_in_their_order():
    assert counts(CHOICE, ["w", "b", "w"]) == {"choices": [["b", 1], ["w", 2], ["neither", 0]], "answered": 3}


def test_numbers_are_counted_between_round_ones():
    told = counts(NUMBER, [0.1, 0.3, 0.32, 0.9])
    assert told == {
        "bins": [
            [0.1, 0.2, 1],
            [0.2, 0.3, 0],
            [0.3, 0.4, 2],
            [0.4, 0.5, 0],
            [0.5, 0.6, 0],
            [0.6, 0.7, 0],
            [0.7, 0.8, 0],
            [0.8, 0.9, 0],
            [0.9, 1.0, 1],
        ],
        "below": 0,
        "above": 0,
        "answered": 4,
        "median": 0.31,
    }


def test_where_nobody_has_answered_there_is_nothing_to_see():
    assert counts(NUMBER, []) == {"bins": [], "below": 0, "above": 0, "answered": 0, "median": None}
    assert counts(RATE, []) == {"answered": 0}


def test_where_all_answer_the_same_there_is_one_bin():
    told = counts(NUMBER, [0.1] * 30)
    assert [answers for _, _, answers in told["bins"]] == [30]


def test_one_who_answers_nonsense_does_not_push_all_others_into_one_bin():
    told = counts(NUMBER, [*range(100), 1e300, -1e300])
    assert (told["below"], told["above"], told["answered"]) == (1, 1, 102)
    assert len(told["bins"]) > 5
    assert sum(answers for _, _, answers in told["bins"]) == 100


def test_settings_are_counted_alone():
    assert counts(START, [[0, 2], [1, 5]]) == {"answered": 2}


numbers = st.one_of(st.floats(-1e300, 1e300), st.integers(-1000, 1000), st.sampled_from([0.1, 0.3, 5e-324, -0.0]))


@settings(deadline=None, derandomize=True)
@given(st.lists(numbers, min_size=1, max_size=60))
@example([5e-324])
@example([1.0, 1.0000000000000002])
@example([1e300, -1e300])
@example([0.1] * 4 + [0.30000000000000004])
def test_every_number_is_counted_once_where_it_belongs(answers):
    told = counts(NUMBER, answers)
    bins = told["bins"]
    assert 1 <= len(bins) <= 12
    assert all(low < high for low, high, _ in bins)
    assert [high for _, high, _ in bins[:-1]] == [low for low, _, _ in bins[1:]]
    for low, high, counted in bins:
        assert counted == sum(low <= answer < high for answer in answers)
    assert told["below"] + told["above"] + sum(counted for _, _, counted in bins) == told["answered"] == len(answers)
    assert told["median"] == median(answers)
