"""The addresses of the lecture room: who may say what there, and what is said to those who may not."""

from __future__ import annotations

import re
from time import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lecture_hall import HOST, STATE, Hall

from dashboard.room import routes
from dashboard.room.address import Address
from dashboard.room.bounds import ALIVE_SECONDS
from dashboard.room.key import room_key
from dashboard.room.tokens import new_token

QUESTION = {"id": "end", "text": "Where does b end?", "kind": "number"}
FOLLOWER = "follower-1"


def answer_of(number: object, question: object = "end", follower: object = FOLLOWER) -> dict:
    return {"follower": follower, "question": question, "answer": number}


def test_room_is_opened_with_a_code_a_secret_an_address_and_its_picture(hall, monkeypatch):
    monkeypatch.setattr(routes, "room_address", lambda request, code: Address(f"http://lab/room/{code}", True))
    answer = hall.ask("POST", "/room", {})
    told = answer.said
    assert answer.status == 201
    assert re.fullmatch("[2-9A-Z]{6}", told["code"])
    assert (told["address"], told["reachable"]) == (f"http://lab/room/{told['code']}", True)
    assert "<svg" in told["qr"]
    assert answer.headers["cache-control"] == "no-store"
    assert hall.ask("POST", "/room").said["code"] != told["code"]


@pytest.mark.parametrize("said", [[], 0, "", False, [1], {"code": "K7QXM2"}, {"code": 1, "secret": 2}, {"name": "x"}])
def test_opening_takes_nothing_else(hall, said):
    assert hall.ask("POST", "/room", said).status == 422


def test_what_the_lecturer_says_reaches_followers_with_a_version_that_grows(hall):
    room, secret = hall.open()
    reader = hall.listen(room)
    for epoch in (4, 5):
        assert hall.ask("POST", f"{room}/state", {**STATE, "epoch": epoch}, x_presenter=secret).status == 204
    hall.settle()
    first, *states = reader.of("state")
    assert first == {
        "version": first["version"],
        "link": "?",
        "page": "lab",
        "epoch": 0,
        "beat": "",
        "playing": False,
        "speed": 1,
    }
    assert states == [{"version": first["version"] + number, **STATE, "epoch": 3 + number} for number in (1, 2)]


def test_code_is_read_in_small_letters_everywhere(hall):
    room, secret = hall.open()
    assert hall.ask("POST", f"{room.lower()}/state", STATE, x_presenter=secret).status == 204


def test_nobody_speaks_for_the_lecturer(hall):
    room, secret = hall.open()
    _, other = hall.open()
    for wrong in ("", "x", other, secret[:-1], secret + "x", "é", new_token(room_key(), room[-6:], time())):
        for method, path in (("POST", f"{room}/state"), ("GET", f"{room}/lecture"), ("DELETE", room)):
            answer = hall.ask(method, path, STATE if method == "POST" else None, x_presenter=wrong)
            assert answer.status == 403
            assert answer.error.endswith("open a new room.")
    assert hall.ask("POST", f"{room}/state", STATE).status == 403
    assert len(hall.listen(room).events) == 1


def test_where_there_is_no_room_there_is_nobody_to_speak_with(hall):
    _, secret = hall.open()
    for path in ("/room/222222", "/room/K7QXM", "/room/%00"):
        assert hall.ask("POST", f"{path}/state", STATE, x_presenter=secret).status == 404
        assert hall.ask("POST", f"{path}/answers", answer_of(1)).status == 404
        assert hall.ask("GET", f"{path}/events").status == 404
        assert hall.ask("GET", f"{path}/lecture", x_presenter=secret).status == 404
        assert hall.ask("DELETE", path, x_presenter=secret).status == 404


def test_ended_room_is_gone_for_everybody(hall):
    room, secret = hall.open()
    reader = hall.listen(room)
    assert hall.ask("DELETE", room, x_presenter=secret).status == 204
    hall.settle()
    assert reader.events[-1] == ("end", {})
    assert reader.is_closed
    assert hall.ask("POST", f"{room}/state", STATE, x_presenter=secret).status == 404
    assert hall.ask("GET", f"{room}/events").status == 404
    assert hall.ask("GET", room).status == 404


@pytest.mark.parametrize("length", [16_385, 20_000_000])
def test_more_than_the_bound_is_refused_though_nothing_said_how_much_would_come(hall, length):
    room, secret = hall.open()
    read = 0

    def parts():
        nonlocal read
        while read < length:
            read += 1000
            yield b" " * 1000

    assert hall.pour(f"{room}/state", parts(), x_presenter=secret).status == 413
    assert read == 17_000


def test_more_than_the_bound_is_refused_before_it_is_read(hall):
    room, secret = hall.open()

    def parts():
        raise AssertionError("It was read.")
        yield

    for length in ("16385", "9" * 20, "-1", "many"):
        answer = hall.pour(f"{room}/state", parts(), content_length=length, x_presenter=secret)
        assert answer.status == 413
    assert hall.pour(f"{room}/answers", parts(), content_length="4097").status == 413
    assert hall.pour("/room", parts(), content_length="1025").status == 413


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", "{}".encode("utf-16"), b"[" * 16_000, b'{"epoch": NaN}', b"1e999", b'"\\ud800"', b"1" * 9000],
)
def test_what_is_no_json_is_refused(hall, body):
    room, secret = hall.open()
    answer = hall.ask("POST", f"{room}/state", body=body, x_presenter=secret)
    assert (answer.status, answer.error) == (422, "Send JSON in UTF-8, with finite numbers.")


def test_refused_state_leaves_the_last_one_standing(hall):
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", STATE, x_presenter=secret)
    answer = hall.ask("POST", f"{room}/state", {**STATE, "epoch": -1}, x_presenter=secret)
    assert (answer.status, answer.error) == (
        422,
        "state.epoch must be a whole number from 0 to 9007199254740991, but is -1.",
    )
    assert hall.listen(room).of("state")[-1]["epoch"] == STATE["epoch"]


def test_more_than_twenty_states_at_once_are_too_fast_for_their_room_alone(hall):
    room, secret = hall.open()
    statuses = [hall.ask("POST", f"{room}/state", STATE, x_presenter=secret).status for _ in range(60)]
    assert statuses == [204] * 20 + [429] * 40
    hall.seconds += 1
    assert hall.ask("POST", f"{room}/state", STATE, x_presenter=secret).status == 204
    other, others = hall.open()
    assert hall.ask("POST", f"{other}/state", STATE, x_presenter=others).status == 204


def test_answers_are_counted_for_the_lecturer_and_shown_to_all_with_the_reveal(hall):
    room, secret = hall.open()
    reader = hall.listen(room)
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
    for number in range(30):
        assert hall.ask("POST", f"{room}/answers", answer_of(number, follower=f"follower-{number}")).status == 204
    told = hall.ask("GET", f"{room}/lecture", x_presenter=secret).said
    assert told["here"] == 1
    assert told["question"]["counts"]["answered"] == 30
    assert told["question"]["counts"]["median"] == 14.5
    assert told["answers"] == [told["question"]]
    hall.settle()
    assert reader.of("state")[-1]["question"] == QUESTION

    revealed = {**QUESTION, "revealed": True, "truth": 3.5}
    hall.ask("POST", f"{room}/state", {**STATE, "question": revealed}, x_presenter=secret)
    hall.settle()
    assert reader.of("state")[-1]["question"] == {**revealed, "counts": told["question"]["counts"]}


def test_last_answer_counts_until_the_reveal(hall):
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
    for number in (1, 2):
        assert hall.ask("POST", f"{room}/answers", answer_of(number)).status == 204
    hall.ask("POST", f"{room}/state", {**STATE, "question": {**QUESTION, "revealed": True}}, x_presenter=secret)
    late = hall.ask("POST", f"{room}/answers", answer_of(3))
    assert (late.status, late.error) == (409, routes.CLOSED)
    counts = hall.ask("GET", f"{room}/lecture", x_presenter=secret).said["question"]["counts"]
    assert (counts["answered"], counts["median"]) == (1, 2)


def test_answers_stay_when_the_question_is_put_away_and_asked_again(hall):
    room, secret = hall.open()
    for question in (QUESTION, None, QUESTION):
        hall.ask("POST", f"{room}/state", {**STATE, "question": question}, x_presenter=secret)
        hall.ask("POST", f"{room}/answers", answer_of(1, follower=f"follower-{question is None}"))
    told = hall.ask("GET", f"{room}/lecture", x_presenter=secret).said
    assert told["question"]["counts"]["answered"] == 1


def test_answers_to_something_else_of_the_same_id_do_not_count(hall):
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
    hall.ask("POST", f"{room}/answers", answer_of(1))
    asked = {"id": "end", "text": "Yes?", "kind": "choice", "choices": ["Yes", "No"]}
    hall.ask("POST", f"{room}/state", {**STATE, "question": asked}, x_presenter=secret)
    told = hall.ask("GET", f"{room}/lecture", x_presenter=secret).said
    assert told["question"]["counts"] == {"choices": [["Yes", 0], ["No", 0]], "answered": 0}


def test_turn_is_answered_beside_a_question(hall):
    room, secret = hall.open()
    turn = {"id": "turn", "field": "start", "low": -1, "high": 1, "low_w": 0, "high_w": 2}
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION, "turn": turn}, x_presenter=secret)
    assert hall.ask("POST", f"{room}/answers", answer_of([0.5, 1.5], "turn")).status == 204
    assert hall.ask("POST", f"{room}/answers", answer_of([5, 1.5], "turn")).status == 422
    told = hall.ask("GET", f"{room}/lecture", x_presenter=secret).said
    assert turn.items() <= told["turn"].items()
    assert told["turn"]["answered"] == 1


def test_questions_of_another_room_are_not_asked_here(hall):
    room, secret = hall.open()
    other, _ = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
    assert hall.ask("POST", f"{other}/answers", answer_of(1)).status == 409
    assert hall.ask("POST", f"{room}/answers", answer_of(1, "another")).status == 409


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {},
        answer_of("much"),
        answer_of(None),
        answer_of(1, 7),
        answer_of(1, ""),
        answer_of(1, follower="short"),
        answer_of(1, follower="x" * 65),
        answer_of(1, follower="<b>follower</b>"),
        answer_of(1, follower=12345678),
        {**answer_of(1), "name": "Ann"},
    ],
)
def test_what_is_no_answer_is_refused_with_a_sentence(hall, said):
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
    answer = hall.ask("POST", f"{room}/answers", said)
    assert answer.status == 422
    assert answer.error.endswith(".")


def test_follower_who_answers_faster_than_anybody_can_is_too_fast(hall):
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
    statuses = [hall.ask("POST", f"{room}/answers", answer_of(number)).status for number in range(30)]
    assert statuses == [204] * 5 + [429] * 25
    assert hall.ask("POST", f"{room}/answers", answer_of(1, follower="follower-2")).status == 204


def test_followers_of_a_room_are_bounded(hall, monkeypatch):
    for place in ("rooms", "polls"):
        monkeypatch.setattr(f"dashboard.room.{place}.FOLLOWERS", 2)
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
    tried = [answer_of(1, follower=f"follower-{number}") for number in (1, 2, 3, 1)]
    statuses = [hall.ask("POST", f"{room}/answers", answer).status for answer in tried]
    assert statuses == [204, 204, 503, 204]
    readers = [hall.listen(room) for _ in range(3)]
    assert [reader.status for reader in readers] == [200, 200, 503]


def test_whoever_invents_followers_fills_no_room(hall, monkeypatch):
    monkeypatch.setattr("dashboard.room.rooms.ADDRESS_FOLLOWERS", 2)
    monkeypatch.setattr("dashboard.room.polls.ADDRESS_FOLLOWERS", 2)
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
    for address, status, listens in (("192.0.2.1", 204, 200), ("192.0.2.1", 503, 503), ("192.0.2.2", 204, 200)):
        hall.address = address
        for number in range(2):
            answer = answer_of(1, follower=f"{address.replace('.', '-')}-{status}-{number}")
            assert hall.ask("POST", f"{room}/answers", answer).status == status
            reader = hall.listen(room)
            assert reader.status == listens
    hall.run(reader.left.set)
    assert hall.listen(room).status == 200


def test_hall_behind_one_address_answers_in_one_moment_and_changes_it(hall):
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
    statuses = [
        hall.ask("POST", f"{room}/answers", answer_of(number, follower=f"follower-{number}")).status
        for _ in range(2)
        for number in range(1000)
    ]
    assert statuses == [204] * 2000


def test_answers_from_one_address_are_bounded(hall, monkeypatch):
    monkeypatch.setattr("dashboard.room.doors.ADDRESS_FOLLOWERS", 10)
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)

    def answered() -> list[int]:
        said = [answer_of(1, follower=f"follower-{hall.seconds:g}-{number}") for number in range(30)]
        return [hall.ask("POST", f"{room}/answers", answer).status for answer in said]

    assert answered() == [204] * 20 + [429] * 10
    hall.seconds += 1
    assert answered() == [204] * 2 + [429] * 28
    hall.address = "192.0.2.2"
    hall.seconds += 1
    assert answered() == [204] * 20 + [429] * 10


def test_lecturer_looks_twenty_times_a_second_at_most(hall):
    room, secret = hall.open()
    statuses = [hall.ask("GET", f"{room}/lecture", x_presenter=secret).status for _ in range(30)]
    assert statuses == [200] * 20 + [429] * 10
    assert hall.ask("POST", f"{room}/state", STATE, x_presenter=secret).status == 204


def test_nothing_of_a_follower_outlives_the_room(hall):
    room, secret = hall.open()
    for _ in range(2):
        hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
        statuses = [hall.ask("POST", f"{room}/answers", answer_of(1)).status for _ in range(6)]
        assert statuses == [204] * 5 + [429]
        assert hall.ask("DELETE", room, x_presenter=secret).status == 204
        assert hall.ask("POST", "/room", {"code": room[-6:], "secret": secret}).status == 201


def test_what_was_asked_is_bounded(hall, monkeypatch):
    monkeypatch.setattr("dashboard.room.polls.QUESTIONS", 2)
    room, secret = hall.open()
    for name in ("first", "second", "third"):
        hall.ask("POST", f"{room}/state", {**STATE, "question": {**QUESTION, "id": name}}, x_presenter=secret)
    told = hall.ask("GET", f"{room}/lecture", x_presenter=secret).said
    assert [question["id"] for question in told["answers"]] == ["second", "third"]


def test_restarted_server_believes_the_lecturer(hall):
    room, secret = hall.open()
    before = hall.listen(room).of("state")[-1]["version"]
    again = Hall()
    assert again.ask("GET", f"{room}/events").status == 404
    told = again.ask("POST", "/room", {"code": room[-6:].lower(), "secret": secret})
    assert (told.status, told.said["code"], told.said["secret"]) == (201, room[-6:], secret)
    assert again.ask("POST", f"{room}/state", STATE, x_presenter=secret).status == 204
    assert again.listen(room).of("state")[-1]["version"] > before
    again.close()


def test_room_that_was_brought_back_says_nothing_that_its_lecturer_has_not_said(hall):
    room, secret = hall.open()
    again = Hall()
    again.ask("POST", "/room", {"code": room[-6:], "secret": secret})
    reader = again.listen(room)
    again.tick(ALIVE_SECONDS)
    assert reader.events == [("alive", {})]
    assert again.ask("POST", f"{room}/runs", {}).error == routes.NOTHING_SHOWN
    assert again.ask("POST", f"{room}/answers", answer_of(1)).status == 409
    assert "nothing yet" in again.ask("GET", f"{room}/offer", x_presenter=secret).said["problem"]
    assert again.ask("GET", f"{room}/lecture", x_presenter=secret).said["question"] is None
    assert again.ask("POST", f"{room}/state", STATE, x_presenter=secret).status == 204
    again.settle()
    assert [state["link"] for state in reader.of("state")] == [STATE["link"]]
    again.close()


def test_room_is_brought_back_by_nobody_else(hall):
    room, secret = hall.open()
    _, other = hall.open()
    code = room[-6:]
    expired = new_token(room_key(), code, time() - 25 * 60 * 60)
    again = Hall()
    for wrong in (other, expired, "", "x", secret.replace(".", ""), new_token(b"a guess", code, time())):
        answer = again.ask("POST", "/room", {"code": code, "secret": wrong})
        assert answer.status == 403
        assert answer.error.endswith("open a new room.")
    assert again.ask("POST", "/room", {"code": "", "secret": secret}).status == 403
    assert again.ask("GET", f"{room}/events").status == 404
    again.close()


def test_living_room_believes_its_own_secret_alone(hall):
    room, secret = hall.open()
    code = room[-6:]
    assert hall.ask("POST", "/room", {"code": code, "secret": secret}).said["code"] == code
    genuine = new_token(room_key(), code, time())
    assert hall.ask("POST", "/room", {"code": code, "secret": genuine}).status == 403


def test_openings_from_one_network_are_bounded_and_those_who_come_back_are_not(hall):
    room, secret = hall.open()
    statuses = [hall.ask("POST", "/room").status for _ in range(100)]
    assert statuses[0] == 201
    assert statuses[-1] == 429
    assert hall.ask("POST", "/room", {"code": room[-6:], "secret": secret}).status == 201


def test_where_there_are_too_many_rooms_the_forsaken_ones_make_place(hall, monkeypatch):
    monkeypatch.setattr("dashboard.room.rooms.ROOMS", 2)
    first, _ = hall.open()
    hall.listen(first)
    second, secret = hall.open()
    refused = hall.ask("POST", "/room")
    assert (refused.status, refused.error) == (503, routes.FULL_SERVER)
    hall.seconds += 61
    third, _ = hall.open()
    assert hall.ask("GET", first).status == hall.ask("GET", third).status == 200
    assert hall.ask("GET", second).status == 404
    hall.seconds += 61
    assert hall.ask("POST", "/room", {"code": second[-6:], "secret": secret}).status == 201


def test_stream_or_two_do_not_hold_a_room_for_which_nobody_speaks_but_a_hall_does(hall, monkeypatch):
    monkeypatch.setattr("dashboard.room.rooms.ROOMS", 3)
    (lecture, _), (held, _), (spoken, secret) = rooms = [hall.open() for _ in range(3)]
    for (room, _), streams in zip(rooms, (3, 2, 1), strict=True):
        for _ in range(streams):
            hall.listen(room)
    hall.seconds += 590
    assert hall.ask("POST", "/room").status == 503
    hall.ask("GET", f"{spoken}/lecture", x_presenter=secret)
    hall.seconds += 20
    assert hall.ask("POST", "/room").status == 201
    assert [hall.ask("GET", room).status for room in (lecture, held, spoken)] == [200, 404, 200]
    assert hall.ask("POST", "/room").status == 503


@pytest.mark.parametrize("foreign", ["https://evil.example", "null", f"http://{HOST}.evil.example"])
def test_page_of_another_site_is_refused_whatever_it_asks(hall, foreign):
    room, secret = hall.open()
    for method, path in (
        ("POST", "/room"),
        ("POST", f"{room}/state"),
        ("POST", f"{room}/answers"),
        ("GET", f"{room}/events"),
        ("GET", f"{room}/lecture"),
        ("DELETE", room),
    ):
        answer = hall.ask(method, path, STATE if method == "POST" else None, origin=foreign, x_presenter=secret)
        assert (answer.status, answer.error) == (403, routes.FOREIGN)


def test_what_none_of_the_routes_answers_is_refused_as_everything_else(hall):
    room, _ = hall.open()
    assert hall.ask("PUT", f"{room}/state").status == hall.ask("DELETE", "/room").status == 405
    assert hall.ask("OPTIONS", f"{room}/state").status == 405
    assert hall.ask("GET", f"{room}/secrets").status == hall.ask("POST", f"{room}/a/b").status == 404
    assert hall.ask("PUT", f"{room}/state").error.endswith(".")


def test_head_of_a_stream_says_whether_there_is_one_and_opens_none(hall, monkeypatch):
    monkeypatch.setattr("dashboard.room.rooms.FOLLOWERS", 2)
    room, secret = hall.open()
    reader = hall.listen(room)
    answer = hall.ask("HEAD", f"{room}/events")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert hall.ask("GET", f"{room}/lecture", x_presenter=secret).said["here"] == 1
    hall.listen(room)
    assert hall.ask("HEAD", f"{room}/events").status == 503
    full = hall.ask("GET", f"{room}/events")
    assert (full.status, full.error) == (503, routes.FULL_ROOM)
    hall.run(reader.left.set)
    assert hall.ask("HEAD", f"{room}/events").status == 200
    hall.ask("DELETE", room, x_presenter=secret)
    assert hall.ask("HEAD", f"{room}/events").status == 404
    assert hall.ask("HEAD", f"{room}/events", origin="https://evil.example").status == 403


@pytest.mark.parametrize("base", ["", "/course-7"])
def test_everything_works_under_a_prefix_and_behind_what_else_the_server_does(base):
    hall = Hall(base, is_whole=True)
    room, secret = hall.open()
    assert hall.ask("POST", f"{room}/state", STATE, x_presenter=secret).status == 204
    assert hall.listen(room).of("state")[-1]["epoch"] == STATE["epoch"]
    assert hall.ask("GET", room).status == hall.ask("GET", "/room").status == 200
    assert hall.ask("GET", "/room/").headers["location"] == "../room"
    assert hall.ask("GET", f"/room?code={room[-6:]}").headers["location"] == room[1:]
    hall.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("?"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
keys = st.sampled_from(["chapter", "mistake", "panels", "pointer", "question", "turn", "counts", *STATE])
parts = st.sampled_from([QUESTION, {**QUESTION, "revealed": True}, {"panel": "loss", "x": 0, "y": 0}, ["loss"], "Yes?"])
states = st.dictionaries(keys, json_values | parts, max_size=3).map(lambda said: {**STATE, **said})
answers = st.fixed_dictionaries({"follower": st.just(FOLLOWER) | json_values, "question": st.just("end") | json_values})
bodies = json_values | states | answers.flatmap(lambda said: json_values.map(lambda answer: {**said, "answer": answer}))


@settings(deadline=None, derandomize=True, max_examples=200)
@given(bodies, st.sampled_from(["/state", "/answers", "open"]))
def test_nothing_that_is_sent_breaks_the_room(said, place):
    hall = Hall()
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "question": QUESTION}, x_presenter=secret)
    answer = hall.ask("POST", "/room" if place == "open" else f"{room}{place}", said, x_presenter=secret)
    assert answer.status in (201, 204, 403, 409, 422)
    assert answer.status < 400 or answer.error.endswith(".")
    assert hall.ask("GET", f"{room}/lecture", x_presenter=secret).status == 200
    assert hall.listen(room).of("state")[-1]["link"].startswith("?")
    hall.close()
