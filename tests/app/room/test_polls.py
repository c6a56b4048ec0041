"""What a room was asked: counted once for all who look, and bounded."""

from __future__ import annotations

import pytest

from dashboard.room import polls as polls_module
from dashboard.room.polls import Polls

QUESTION = {"id": "end", "text": "Where does b end?", "kind": "number"}


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    """The ids of what is counted, each time."""
    ids = []
    counts = polls_module.counts

    def noted(asked, answers):
        ids.append(asked["id"])
        return counts(asked, answers)

    monkeypatch.setattr(polls_module, "counts", noted)
    return ids


def asked(number: int, **others) -> dict:
    return {**QUESTION, "id": f"question {number}", **others}


def test_answers_are_counted_anew_only_where_another_has_come(counted):
    polls = Polls()
    for number in range(20):
        (poll,) = polls.show([asked(number)])
        poll.take("follower", number)
    for _ in range(3):
        assert [poll.told["counts"]["median"] for poll in polls] == [*range(20)]
    poll.take("another", 21)
    assert [poll.counts["answered"] for poll in polls] == [1] * 19 + [2]
    assert counted == [f"question {number}" for number in (*range(20), 19)]


def test_only_what_is_shown_and_not_revealed_is_open():
    polls = Polls()
    (first,) = polls.show([asked(1)])
    assert polls.open("question 1") is first
    (revealed, second) = polls.show([asked(1, revealed=True), asked(2)])
    assert (revealed, polls.open("question 1"), polls.open("question 2")) == (first, None, second)
    polls.show([])
    assert polls.open("question 2") is None


def test_what_is_shown_stays_however_much_is_asked_beside_it(monkeypatch):
    monkeypatch.setattr(polls_module, "QUESTIONS", 3)
    polls = Polls()
    for number in range(1, 9):
        polls.show([asked(0), asked(number)])
    assert [poll.asked["id"] for poll in polls] == ["question 0", "question 7", "question 8"]
    assert polls.open("question 0") is not None
