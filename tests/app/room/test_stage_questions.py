"""What followers' stages ask: answered once for all who ask the same, and within bounds for all others."""

from __future__ import annotations

import asyncio
from threading import Event

import pytest
from lecture_hall import STATE

from dashboard.room import following, routes
from dashboard.room.following import Busy, Following

BEGUN = {"link": "?", "playing": True, "epoch": 0}


class Held:
    """Takes the place of what is shown, and answers nothing before it may."""

    def __init__(self, worker, viewer) -> None:
        self.may_answer = Event()
        self.asked: list[dict] = []

    def answer(self, link, begun, have, swept) -> bytes:
        self.asked.append(have)
        assert self.may_answer.wait(60)
        return str(have).encode()

    def moment(self, *asked) -> bytes:
        assert self.may_answer.wait(60)
        return b"moment"


@pytest.fixture(autouse=True)
def held(monkeypatch) -> None:
    monkeypatch.setattr(following, "Showing", Held)


def test_what_is_pending_of_a_room_is_bounded_and_nobody_else_waits_for_it(monkeypatch):
    monkeypatch.setattr(following, "MOST_PENDING", 6)

    async def ask() -> None:
        room, other = Following("K7QXM2"), Following("234678")
        asked = [asyncio.create_task(room.runs(BEGUN, {"have": {"scene": number % 5}})) for number in range(20)]
        asked.append(asyncio.create_task(room.moment({"epoch": "1"})))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await room.runs(BEGUN, {"have": {"scene": 5}})
        with pytest.raises(Busy):
            await room.moment({"epoch": "2"})
        # Neither another room nor whatever else the server does waits for it.
        other._showing.may_answer.set()
        assert await other.runs(BEGUN, {}) == b"{}"
        assert await asyncio.to_thread(lambda: "done") == "done"
        assert len(room._showing.asked) <= 1
        room._showing.may_answer.set()
        *answers, moment = await asyncio.gather(*asked)
        assert answers == [str({"scene": number % 5}).encode() for number in range(20)]
        assert len(room._showing.asked) == 5
        assert moment == b"moment"
        assert await room.runs(BEGUN, {"have": {"scene": 5}}) == b"{'scene': 5}"

    asyncio.run(ask())


def test_no_long_names_are_looked_for_within_an_epoch():
    async def ask() -> None:
        room = Following("K7QXM2")
        room._showing.may_answer.set()
        assert await room.moment({"epoch": "1", "root": "x" * 64}) == b"moment"
        assert await room.moment({"epoch": "1", "root": "x" * 65}) is None

    asyncio.run(ask())


def test_page_that_asks_while_too_much_is_asked_is_told_to_ask_again(hall, monkeypatch):
    monkeypatch.setattr(following, "MOST_PENDING", 0)
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", STATE, x_presenter=secret)
    for answer in (hall.ask("POST", f"{room}/runs", {}), hall.ask("GET", f"{room}/moment?epoch=1")):
        assert (answer.status, answer.error) == (429, routes.MANY_QUESTIONS)


def test_questions_from_one_address_are_bounded_above_what_a_hall_asks(hall):
    room, _ = hall.open()
    statuses = [hall.ask("GET", f"{room}/moment").status for _ in range(4000)]
    assert statuses == [204] * 3000 + [429] * 1000
    assert hall.ask("POST", f"{room}/runs", {}).error == routes.MANY_QUESTIONS
    hall.address = "192.0.2.2"
    assert hall.ask("GET", f"{room}/moment").status == 204
