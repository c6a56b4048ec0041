"""Followers fetch from their room what the lecturer shows that is text."""

from __future__ import annotations

import pytest
from lecture_hall import Hall

from dashboard.room.handout.chapter import chapter_handout, outcome_handout
from dashboard.room.handout.mistake import mistake_handout


def test_chapter_outcome_and_mistake_are_those_of_the_page(hall):
    path, _ = hall.open()
    for address, text in (
        ("chapter/data", chapter_handout("data")),
        ("chapter/data/line", outcome_handout("data", "line")),
        ("mistake/update", mistake_handout("update")),
    ):
        answer = hall.ask("GET", f"{path}/{address}")
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert answer.body.decode() == text


@pytest.mark.parametrize(
    "address",
    ["chapter/nothing", "chapter/data/nothing", "mistake/nothing", "mistake/..%2f", "chapter/", "mistake/update/x"],
)
def test_what_there_is_not_is_refused_in_a_sentence(hall, address):
    path, _ = hall.open()
    answer = hall.ask("GET", f"{path}/{address}")
    assert (answer.status, answer.error) == (404, "There is nothing at this address.")


def test_room_that_there_is_not_hands_nothing_out(hall):
    answer = hall.ask("GET", "/room/K7QXM2/chapter/data")
    assert answer.status == 404
    assert answer.error.startswith("There is no such room")


def test_handouts_are_only_read(hall):
    path, _ = hall.open()
    assert hall.ask("POST", f"{path}/mistake/update", {}).status == 405


def test_handouts_pass_what_stands_before_the_rooms():
    hall = Hall("/lab", is_whole=True)
    try:
        path, _ = hall.open()
        assert hall.ask("GET", f"{path}/mistake/update").body.decode() == mistake_handout("update")
    finally:
        hall.close()
