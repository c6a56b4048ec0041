"""What a room was asked: counted once for all who look, and bounded."""

from __future__ import annotations

import pytest

from dashboard.room import polls as polls_module
from dashboard.room.bounds import Full
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
        poll.take("follower", "192.0.2.1", number)
    for _ in range(3):
        assert [poll.told["counts"]["median"] for poll in polls] == [*range(20)]
    poll.take("another", "192.0.2.1", 21)
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


def test_answers_of_one_network_leave_place_for_those_of_others(monkeypatch):
    monkeypatch.setattr(polls_module, "FOLLOWERS", 5)
    monkeypatch.setattr(polls_module, "ADDRESS_FOLLOWERS", 3)
    (poll,) = Polls().show([asked(1)])
    for host in range(3):
        poll.take(f"invented {host}", f"2001:db8::{host}", 1)
    for address in ("2001:db8::9", "2001:db8:0:0:9::"):
        with pytest.raises(Full):
            poll.take("invented 4", address, 1)
    poll.take("invented 1", "2001:db8::9", 2)
    poll.take("honest 1", "192.0.2.1", 1)
    poll.take("honest 2", "2001:db8:0:1::", 1)
    with pytest.raises(Full):
        poll.take("honest 3", "192.0.2.3", 1)
    assert poll.counts["answered"] == 5


def test_of_what_was_asked_first_only_the_counts_are_kept_where_there_are_too_many_answers(monkeypatch):
    monkeypatch.setattr(polls_module, "ANSWERS", 10)
    polls = Polls()

    def answer(shown, number, followers) -> None:
        polls.show(shown)
        for follower in range(followers):
            polls.take(polls.open(f"question {number}"), f"follower {follower}", "192.0.2.1", follower)

    answer([asked(0)], 0, 4)
    answer([asked(0), asked(1)], 1, 4)
    answer([asked(0), asked(2)], 2, 4)
    assert [poll.kept for poll in polls] == [4, 0, 4]  # the oldest is still asked
    answer([asked(3)], 3, 5)
    assert [poll.kept for poll in polls] == [0, 0, 4, 5]
    assert [poll.counts["answered"] for poll in polls] == [4, 4, 4, 5]
    (revealed,) = polls.show([asked(1, revealed=True)])
    assert (revealed.counts["answered"], revealed.counts["median"]) == (4, 1.5)
    (anew,) = polls.show([asked(1)])
    assert anew.counts["answered"] == 0
