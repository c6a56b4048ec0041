"""The same rooms on two servers, over a real Redis that can be lost: requests go straight to the routes of either."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from time import monotonic

import pytest

sys.path.append(str(Path(__file__).parents[1] / "app" / "room"))

from lecture_hall import STATE, Answer, Hall, Reader
from redis_server import Redis

from core import Experiment, train
from dashboard.room import key
from dashboard.room.replicated.rooms import ReplicatedRooms
from dashboard.room.replicated.store import Store

QUESTION = {"id": "q1", "text": "Will it diverge?", "kind": "choice", "choices": ["Yes", "No"]}

TURN = {"id": "t1", "field": "learning_rate", "low": 0.05, "high": 1.2}

LINK = "?epochs=40&learning_rate=0.05"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis = Redis(tmp_path_factory.mktemp("redis"))
    redis.start()
    yield redis
    redis.stop()


class Servers:
    """Two servers, each with its own memory."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._url = url
        self._halls: list[Hall] = []
        self.one, self.other = self.another(), self.another()

    def another(self) -> Hall:
        self._halls.append(Hall(rooms=ReplicatedRooms(Store(self._url)), runner=self._runner))
        return self._halls[-1]

    def wait(self, holds: Callable[[], object]) -> None:
        """Let everything go on until it holds."""
        end = monotonic() + 60
        while not holds():
            assert monotonic() < end, "This never came."
            self._runner.run(asyncio.sleep(0.1))

    def ask_at_once(self, hall: Hall, asked: Sequence[tuple[str, str, object]]) -> list[int]:
        """Send all of these, of method, path and body, in one moment; returns their statuses."""

        async def together() -> list[Answer]:
            bodies = [json.dumps(said).encode() for _, _, said in asked]
            return await asyncio.gather(
                *(
                    hall._ask(method, path, [body], {"content-length": str(len(body))})
                    for (method, path, _), body in zip(asked, bodies, strict=True)
                )
            )

        return [answer.status for answer in self._runner.run(together())]

    def follow(self, hall: Hall, room: str) -> Reader:
        """Somebody who sees what the room shows."""
        reader = hall.listen(room)
        self.wait(lambda: reader.of("state"))
        return reader

    def close(self) -> None:
        async def end() -> None:
            for hall in self._halls:
                hall.rooms.close()
            await asyncio.sleep(0.1)

        self._runner.run(end())
        self._runner.close()


@pytest.fixture
def servers(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    monkeypatch.setenv("GDL_ROOM_KEY", "of a test")
    key._key.cache_clear()
    if not redis.is_running:
        redis.start()
    servers = Servers(redis.url)
    yield servers
    servers.close()
    key._key.cache_clear()


def say(hall: Hall, room: str, secret: str, **changes: object) -> None:
    answer = hall.ask("POST", f"{room}/state", {**STATE, **changes}, x_presenter=secret)
    assert answer.status == 204, answer.error


def look(hall: Hall, room: str, secret: str) -> dict:
    return hall.ask("GET", f"{room}/lecture", x_presenter=secret).said


def answer(hall: Hall, room: str, follower: str, answered: object, question: str = "q1") -> int:
    said = {"follower": f"follower-{follower}", "question": question, "answer": answered}
    return hall.ask("POST", f"{room}/answers", said).status


def epochs(reader: Reader) -> list[int]:
    return [state["epoch"] for state in reader.of("state")]


def apart(reader: Reader) -> list[bool]:
    return [told["apart"] for told in reader.of("apart")]


def test_what_is_said_on_one_server_is_seen_on_the_other_in_its_order(servers):
    room, secret = servers.one.open()
    follower = servers.follow(servers.other, room)
    for epoch in (3, 4, 5):
        say(servers.one, room, secret, epoch=epoch)
    servers.wait(lambda: epochs(follower)[-1] == 5)
    versions = [state["version"] for state in follower.of("state")]
    assert versions == sorted({*versions})
    # The lecturer may come by the other server next.
    say(servers.other, room, secret, epoch=9)
    here = servers.follow(servers.one, room)
    servers.wait(lambda: epochs(here)[-1:] == [9] and epochs(follower)[-1:] == [9])
    assert here.of("state")[-1] == follower.of("state")[-1]


def test_a_room_is_that_of_its_secret_on_every_server(servers):
    room, secret = servers.one.open()
    other, _ = servers.other.open()
    code = room.removeprefix("/room/")
    assert servers.other.ask("POST", f"{room}/state", STATE, x_presenter=f"{secret}x").status == 403
    assert servers.other.ask("POST", f"{other}/state", STATE, x_presenter=secret).status == 403
    told = servers.other.ask("POST", "/room", {"code": code, "secret": secret})
    assert (told.status, told.said["code"], told.said["secret"]) == (201, code, secret)
    assert servers.other.ask("POST", "/room", {"code": code, "secret": "1.x.y"}).status == 403


def test_a_room_that_ends_ends_on_every_server_and_stays_over(servers):
    room, secret = servers.one.open()
    follower = servers.follow(servers.other, room)
    assert servers.one.ask("DELETE", room, x_presenter=secret).status == 204
    servers.wait(lambda: follower.is_closed)
    assert follower.of("end") == [{}]
    for hall in (servers.one, servers.other, servers.another()):
        assert hall.ask("HEAD", f"{room}/events").status == 404


def test_all_who_listen_are_counted_once(servers):
    room, secret = servers.one.open()
    readers = [servers.follow(hall, room) for hall in (servers.one, servers.one, servers.other)]
    servers.wait(lambda: look(servers.one, room, secret)["here"] == 3)
    servers.wait(lambda: look(servers.other, room, secret)["here"] == 3)
    readers[-1].left.set()
    servers.wait(lambda: look(servers.one, room, secret)["here"] == 2)


def test_answers_are_counted_wherever_they_come_and_the_last_one_of_each_counts(servers):
    room, secret = servers.one.open()
    say(servers.one, room, secret, question=QUESTION)
    assert answer(servers.other, room, "a", "Yes") == 204
    assert answer(servers.one, room, "b", "Yes") == 204
    assert answer(servers.other, room, "c", "No") == 204
    assert answer(servers.one, room, "a", "No") == 204  # thought better of it, by another server
    for hall in (servers.one, servers.other, servers.another()):
        told = look(hall, room, secret)
        assert told["question"]["counts"] == {"choices": [["Yes", 1], ["No", 2]], "answered": 3}
        assert told["together"] is True
    # What is revealed by a server has the answers of all.
    follower = servers.follow(servers.one, room)
    say(servers.other, room, secret, question={**QUESTION, "revealed": True, "truth": "No"})
    servers.wait(lambda: follower.of("state")[-1]["question"].get("counts"))
    assert follower.of("state")[-1]["question"]["counts"]["choices"] == [["Yes", 1], ["No", 2]]
    assert answer(servers.one, room, "d", "No") == 409
    assert answer(servers.other, room, "d", "No") == 409


def test_a_question_that_is_asked_otherwise_is_asked_anew_everywhere(servers):
    room, secret = servers.one.open()
    say(servers.one, room, secret, question=QUESTION)
    assert answer(servers.other, room, "a", "Yes") == 204
    say(servers.one, room, secret, question={**QUESTION, "choices": ["Yes", "No", "Perhaps"]})
    servers.wait(lambda: answer(servers.other, room, "b", "Perhaps") == 204)
    for hall in (servers.one, servers.other):
        counts = look(hall, room, secret)["question"]["counts"]
        assert counts == {"choices": [["Yes", 0], ["No", 0], ["Perhaps", 1]], "answered": 1}


def test_turn_is_trained_on_every_server_from_the_answers_of_all(servers):
    room, secret = servers.one.open()
    say(servers.one, room, secret, link=LINK, epoch=0, playing=False, turn=TURN)
    assert answer(servers.other, room, "a", 0.6, "t1") == 204
    assert answer(servers.one, room, "b", 0.2, "t1") == 204
    losses = {rate: [*train(Experiment(epochs=40, learning_rate=rate))][-1].loss for rate in (0.6, 0.2, 0.4)}

    def found(hall: Hall, follower: str) -> dict:
        return hall.ask("GET", f"{room}/turn/follower-{follower}").said

    def is_found(hall: Hall, follower: str) -> bool:
        return found(hall, follower).get("of") == 2

    # Each is told its own by either server, with its place among all.
    for follower, rate in (("a", 0.6), ("b", 0.2)):
        for hall in (servers.one, servers.other):
            servers.wait(partial(is_found, hall, follower))
            told = found(hall, follower)
            assert (told["value"], told["loss"]) == ([rate], losses[rate])
            assert told["rank"] == 1 + sum(loss < losses[rate] for loss in (losses[0.6], losses[0.2]))
    # Another try, by the other server.
    assert answer(servers.one, room, "a", 0.4, "t1") == 204
    servers.wait(lambda: found(servers.other, "a").get("loss") == losses[0.4])
    # The lecturer goes on elsewhere, whose run is another by now: the turn stays that of its beginning.
    say(servers.other, room, secret, link="?epochs=70&learning_rate=0.01", epoch=0, turn={**TURN, "shown": True})
    late = servers.another()
    servers.wait(lambda: len(late.ask("GET", f"{room}/turn").said["points"]) == 2)
    points = {value: loss for value, loss, *_ in late.ask("GET", f"{room}/turn").said["points"]}
    assert points == {0.4: losses[0.4], 0.2: losses[0.2]}


def test_without_redis_each_server_goes_on_and_all_is_the_same_again_afterwards(servers, redis):
    room, secret = servers.one.open()
    say(servers.one, room, secret, epoch=1, question=QUESTION)
    here, there = servers.follow(servers.one, room), servers.follow(servers.other, room)
    assert answer(servers.other, room, "before", "Yes") == 204
    redis.stop()
    say(servers.one, room, secret, epoch=2, question=QUESTION)
    servers.wait(lambda: epochs(here)[-1] == 2)
    servers.wait(lambda: apart(here) == [True] and apart(there) == [True])
    assert look(servers.one, room, secret)["together"] is False
    assert epochs(there)[-1] == 1
    assert answer(servers.other, room, "meanwhile", "Yes") == 204
    assert answer(servers.one, room, "here", "No") == 204
    # What nobody here knows cannot be found out now, which is another thing than that it is not there.
    late = servers.another()
    for method, path in (("HEAD", f"{room}/events"), ("GET", room), ("POST", f"{room}/answers")):
        assert late.ask(method, path, None if method != "POST" else {}).status == 502
    new, _ = servers.one.open()
    redis.start()  # and has forgotten everything
    servers.wait(lambda: apart(here) == [True, False] and apart(there) == [True, False])
    servers.wait(lambda: epochs(there)[-1] == 2)
    for hall in (servers.one, servers.other, late):
        told = look(hall, room, secret)
        assert (told["question"]["counts"]["choices"], told["together"]) == ([["Yes", 2], ["No", 1]], True)
    # One room after the other is handed in.
    servers.wait(lambda: servers.other.ask("HEAD", f"{new}/events").status == 200)
    assert epochs(servers.follow(servers.other, new)) == [0]
    say(servers.other, room, secret, epoch=7)
    servers.wait(lambda: epochs(here)[-1] == 7)


def test_what_was_said_last_holds_where_the_lecturer_changed_servers_meanwhile(servers, redis):
    room, secret = servers.one.open()
    here, there = servers.follow(servers.one, room), servers.follow(servers.other, room)
    redis.stop()
    for epoch in range(20, 26):
        say(servers.one, room, secret, epoch=epoch)
    say(servers.other, room, secret, epoch=50)
    redis.start()
    servers.wait(lambda: epochs(here)[-1] == epochs(there)[-1] == 50)


def test_a_room_that_was_ended_while_redis_was_away_is_over_for_all(servers, redis):
    room, secret = servers.one.open()
    follower = servers.follow(servers.other, room)
    redis.stop()
    assert servers.one.ask("DELETE", room, x_presenter=secret).status == 204
    redis.start()
    servers.wait(lambda: follower.is_closed)
    assert follower.of("end") == [{}]


def test_a_hall_that_answers_in_one_moment_loses_no_answer_and_no_line(servers):
    room, secret = servers.one.open()
    say(servers.one, room, secret, question=QUESTION)
    said = [{"follower": f"follower-{i}", "question": "q1", "answer": "Yes"} for i in range(300)]
    assert servers.ask_at_once(servers.other, [("POST", f"{room}/answers", one) for one in said]) == [204] * 300
    assert (
        servers.ask_at_once(servers.other, [("HEAD", f"/room/AAAA{i:02}/events", None) for i in range(90)])
        == [404] * 90
    )
    told = look(servers.one, room, secret)
    assert (told["question"]["counts"]["answered"], told["together"]) == (300, True)


def test_lines_that_redis_cut_when_it_ended_are_no_reason_to_be_apart_once_it_is_back(servers, redis):
    room, secret = servers.one.open()
    say(servers.one, room, secret, question=QUESTION)
    said = [{"follower": f"follower-{i}", "question": "q1", "answer": "Yes"} for i in range(30)]
    assert servers.ask_at_once(servers.one, [("POST", f"{room}/answers", one) for one in said]) == [204] * 30
    here = servers.follow(servers.one, room)
    redis.stop()
    servers.wait(lambda: apart(here) == [True])
    redis.start()
    servers.wait(lambda: apart(here) == [True, False])
    new = [servers.one.open()[0] for _ in range(5)]
    assert servers.ask_at_once(servers.one, [("POST", f"{room}/answers", one) for one in said]) == [204] * 30
    assert [servers.other.ask("HEAD", f"{one}/events").status for one in new] == [200] * 5
    assert apart(here) == [True, False]


def test_a_redis_that_takes_nothing_is_one_that_is_away(servers, redis):
    room, secret = servers.one.open()
    here = servers.follow(servers.one, room)
    redis.refuse(True)
    say(servers.one, room, secret, epoch=8)
    servers.wait(lambda: apart(here) == [True])
    redis.refuse(False)
    servers.wait(lambda: apart(here) == [True, False])
    servers.wait(lambda: epochs(servers.follow(servers.other, room)) == [8])


def test_a_room_that_was_brought_back_while_redis_was_away_takes_over_what_was_said(servers, redis):
    room, secret = servers.one.open()
    say(servers.one, room, secret, epoch=8, question=QUESTION)
    assert answer(servers.one, room, "a", "Yes") == 204
    redis.pause(True)
    servers.wait(lambda: servers.other.ask("HEAD", f"{room}/events").status == 502)
    assert servers.other.ask("POST", "/room", {"code": room.removeprefix("/room/"), "secret": secret}).status == 201
    redis.pause(False)
    servers.wait(lambda: look(servers.other, room, secret)["together"])
    assert epochs(servers.follow(servers.other, room)) == [8]
    for hall in (servers.other, servers.another()):
        assert look(hall, room, secret)["question"]["counts"]["choices"] == [["Yes", 1], ["No", 0]]


def test_a_lecturer_who_changes_servers_in_a_turn_is_told_all_ways_anew(servers):
    room, secret = servers.one.open()
    say(servers.one, room, secret, link=LINK, epoch=0, playing=False, turn=TURN)
    for follower, rate in (("a", 0.6), ("b", 0.2)):
        assert answer(servers.one, room, follower, rate, "t1") == 204

    def told(hall: Hall, known: dict | None = None) -> dict:
        asked = f"?of={known['token']}&turn={known['changes']}" if known else ""
        return hall.ask("GET", f"{room}/lecture{asked}", x_presenter=secret).said["turn"]

    servers.wait(lambda: len(told(servers.one)["paths"]) == 2)
    known = told(servers.one)
    assert "paths" not in told(servers.one, known)
    servers.wait(lambda: len(told(servers.other, known)["paths"]) == 2)
    assert told(servers.other, known)["since"] == 0


def test_what_stands_in_redis_leaves_by_itself(servers, redis):
    room, secret = servers.one.open()
    say(servers.one, room, secret, question=QUESTION)
    answer(servers.one, room, "a", "Yes")
    ended, its_secret = servers.one.open()
    servers.one.ask("DELETE", ended, x_presenter=its_secret)
    lives = redis.lives()
    assert any(":answers:" in name for name in lives)
    assert any(name.endswith(f"{ended.removeprefix('/room/')}:over") for name in lives)
    assert all(0 < seconds <= 3 * 60 * 60 for seconds in lives.values()), lives
