"""*Your turn*: what a hall tries is trained as `train` does it, counts once a follower, and takes what it may."""

from __future__ import annotations

import json
import struct
from base64 import b64decode
from dataclasses import replace
from time import monotonic, sleep

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lecture_hall import STATE, Hall

from core import Experiment, Worker, make_dataset, shipped_table, train
from core.training.sparse import MOST_RECORDS, SparseHistory
from dashboard.room import turns
from dashboard.room.turns import Turn, offer

RATES = {"id": "rates", "field": "learning_rate", "low": 0.01, "high": 1.5}
STARTS = {"id": "starts", "field": "start", "low": -3, "high": 3, "low_w": -2, "high_w": 4}
LINK = "?epochs=60"


@pytest.fixture(scope="module")
def trainer():
    worker = Worker(history=SparseHistory, gather_seconds=0.05)
    yield worker
    worker.close()


@pytest.fixture(autouse=True)
def own_trainer(monkeypatch, trainer) -> None:
    monkeypatch.setattr(turns, "shared_trainer", lambda: trainer)


def all_ended(turn: Turn, count: int) -> dict:
    """What the lecturer is told once so many runs have ended."""
    until = monotonic() + 60
    while monotonic() < until:
        told = turn.told("", 0)
        if len(told["points"]) == count:
            return told
        sleep(0.005)
    raise AssertionError(f"{count} runs have not ended: {told}")


def numbers(packed: dict) -> list[float]:
    assert packed["dtype"] == "f4"
    return np.frombuffer(b64decode(packed["bdata"]), "<f4").tolist()


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def assert_as_train(turn: Turn, told: dict, dataset=None) -> None:
    """Every loss is that of `train` to the last bit, in the units of the data, and every path is along its records."""
    size = 2 if turn.asked["field"] == "start" else 1
    paths = dict(told["paths"])
    for *value, loss, reason, _, number in told["points"]:
        experiment = turn.experiment(value if size > 1 else value[0])
        data = make_dataset(experiment) if dataset is None else dataset
        run = train(experiment, data)
        records = list(run)
        assert reason == run.stop.reason.value
        assert (loss is None) == (reason == "diverged")
        if loss is not None:
            assert bits(loss) == bits(data.y_std**2 * records[-1].loss)
        path = numbers(paths[number])
        assert len(path) <= 2 * MOST_RECORDS
        with np.errstate(over="ignore"):
            places = [(np.float32(record.b), np.float32(record.w)) for record in records]
        came_by = list(zip(path[::2], path[1::2], strict=True))
        assert (came_by[0], came_by[-1]) == (places[0], places[-1])
        assert set(came_by) <= {*places}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rates=st.lists(st.floats(0.01, 1.5), min_size=1, max_size=6, unique=True),
    epochs=st.integers(1, 200),
    standardize=st.sampled_from(["none", "x", "xy"]),
    optimizer=st.sampled_from(["sgd", "momentum", "adam"]),
)
def test_rates_have_the_numbers_of_train(rates, epochs, standardize, optimizer):
    link = f"?epochs={epochs}&standardize={standardize}&method=optimizer&optimizer={optimizer}&n=30"
    turn = Turn(link, RATES, "room")
    for number, rate in enumerate(rates):
        turn.take(f"follower-{number}", rate)
    assert_as_train(turn, all_ended(turn, len(rates)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    starts=st.lists(st.tuples(st.floats(-3, 3), st.floats(-2, 4)), min_size=1, max_size=6, unique=True),
    rate=st.sampled_from([0.05, 0.4, 1.4]),
)
def test_starts_have_the_numbers_of_train(starts, rate):
    turn = Turn(f"?epochs=50&learning_rate={rate}&n=30", STARTS, "room")
    for number, start in enumerate(starts):
        turn.take(f"follower-{number}", [*start])
    assert_as_train(turn, all_ended(turn, len({tuple(map(float, start)) for start in starts})))


def test_table_is_tried_as_it_is_split_and_scaled():
    turn = Turn("?data=iris&standardize=xy&epochs=30", RATES, "room")
    for number, rate in enumerate((0.1, 0.5)):
        turn.take(f"follower-{number}", rate)
    dataset = shipped_table("iris").dataset(None, None, Experiment(standardize="xy"))
    assert dataset.y_std != 1
    assert_as_train(turn, all_ended(turn, 2), dataset)


def test_it_is_the_run_in_front_that_is_tried_and_its_schedule_does_not_hold():
    turn = Turn("?epochs=50&schedule=10:0.3&versus=epochs:70&front=1", RATES, "room")
    assert turn.experiment(0.5) == Experiment(epochs=70, learning_rate=0.5)


def test_equal_answers_are_one_run_with_all_their_followers():
    turn = Turn(LINK, RATES, "room")
    for number in range(5):
        turn.take(f"follower-{number}", 0.5 if number else 0.2)
    told = all_ended(turn, 2)
    assert {row[0]: row[3] for row in told["points"]} == {0.2: 1, 0.5: 4}
    assert told["answered"] == 5


def test_last_answer_counts_and_what_nobody_answers_is_forgotten():
    turn = Turn(LINK, RATES, "room")
    for rate in (0.1, 0.2, 0.3):
        turn.take("follower-1", rate)
    turn.take("follower-2", 0.3)
    assert [row[0] for row in all_ended(turn, 1)["points"]] == [0.3]
    turn.take("follower-1", 0.4)
    assert {row[0]: row[3] for row in all_ended(turn, 2)["points"]} == {0.3: 1, 0.4: 1}
    turn.take("follower-2", 0.4)
    assert [row[0] for row in all_ended(turn, 1)["points"]] == [0.4]


def test_lecturer_is_told_what_is_new_and_of_paths_nothing_else():
    turn = Turn(LINK, RATES, "room")
    turn.take("follower-1", 0.1)
    first = all_ended(turn, 1)
    still = turn.told(first["token"], first["changes"])
    assert "points" not in still
    assert "paths" not in still
    turn.take("follower-2", 0.2)
    all_ended(turn, 2)
    more = turn.told(first["token"], first["changes"])
    assert more["since"] == first["changes"]
    assert [row[0] for row in more["points"]] == [0.1, 0.2]
    ((number, path),) = more["paths"]
    assert number == more["points"][1][-1]
    assert numbers(path)[-2:] == numbers(dict(all_ended(turn, 2)["paths"])[number])[-2:]
    for of, since in (("another", first["changes"]), (first["token"], 10**9), (first["token"], 0)):
        assert len(turn.told(of, since)["paths"]) == 2


def test_follower_is_told_their_own_and_its_place_among_all():
    turn = Turn("?epochs=20&n=30", RATES, "room")
    rates = {"slow": 0.02, "good": 0.5, "alike": 0.5, "lost": 1.5, "better": 0.6}
    for follower, rate in rates.items():
        turn.take(follower, rate)
    all_ended(turn, 4)
    losses = {name: [*train(Experiment(n=30, epochs=20, learning_rate=rate))][-1].loss for name, rate in rates.items()}
    assert losses["better"] < losses["good"] < losses["slow"]
    told = {name: turn.outcome(name) for name in rates}
    assert {name: one["rank"] for name, one in told.items()} == {
        "better": 1,
        "good": 2,
        "alike": 2,
        "slow": 4,
        "lost": 5,
    }
    assert {one["of"] for one in told.values()} == {5}
    assert [told[name]["alike"] for name in ("good", "better")] == [1, 0]
    assert told["good"]["value"] == [0.5]
    assert told["lost"]["loss"] is None
    assert told["lost"]["reason"] == "diverged"
    assert turn.outcome("somebody-else") is None


def test_no_place_is_won_by_digits_that_nobody_reads():
    turn = Turn("?epochs=3000&n=30", RATES, "room")
    for number, rate in enumerate((0.3, 0.4, 0.5)):
        turn.take(f"follower-{number}", rate)
    all_ended(turn, 3)
    assert {turn.outcome(f"follower-{number}")["rank"] for number in range(3)} == {1}


def test_whoever_tries_ten_thousand_rates_holds_one(trainer):
    turn = Turn("?epochs=1000", RATES, "room")
    before = len(trainer.runs)
    for number in range(10_000):
        turn.take("follower-1", 0.01 + number * 1e-4)
    told = all_ended(turn, 1)
    assert [row[0] for row in told["points"]] == [0.01 + 9999 * 1e-4]
    assert told["answered"] == 1
    assert len(trainer.runs) - before < 100


@pytest.mark.parametrize(
    ("link", "asked", "sentence"),
    [
        ("?n=100000&epochs=10000", RATES, "A hall's runs would take about"),
        ("?n=100000&batch_size=1", RATES, "A hall's runs would take about"),
        (LINK, RATES | {"low": 0}, "learning_rate must be a number from"),
        (LINK, RATES | {"high": 1e6}, "learning_rate must be a number from"),
        ("?data=ozone", STARTS | {"low": -1e36, "high": 1e36}, "start_b must be a number from"),
    ],
)
def test_turn_of_which_nothing_can_come_is_refused_in_a_sentence(link, asked, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}.*\\.?$"):
        Turn(link, asked, "room")


@pytest.mark.parametrize(
    "link", ["?", "?optimizer=adam", "?data=iris&standardize=xy", "?reduction=sum&n=1000", "?n=10"]
)
def test_what_is_offered_can_be_asked_and_reaches_beyond_the_limit(link):
    offered = offer(link)
    low, high = offered["learning_rate"]
    b_low, b_high, w_low, w_high = offered["start"]
    assert 0 < low < high
    assert b_low < b_high
    assert w_low < w_high
    Turn(link, RATES | {"low": low, "high": high}, "room")
    Turn(link, {**STARTS, "low": b_low, "high": b_high, "low_w": w_low, "high_w": w_high}, "room")


def test_some_of_what_is_offered_diverges_and_some_does_not():
    low, high = offer("?epochs=300")["learning_rate"]
    reasons = [
        [*(run := train(Experiment(epochs=300, learning_rate=rate)))] and run.stop.reason.value for rate in (low, high)
    ]
    assert reasons == ["finished", "diverged"]


# --- From outside


def opened(hall: Hall, asked: dict = RATES, link: str = LINK) -> tuple[str, str]:
    room, secret = hall.open()
    answer = hall.ask("POST", f"{room}/state", {**STATE, "link": link, "turn": asked}, x_presenter=secret)
    assert answer.status == 204, answer.body
    return room, secret


def give(hall: Hall, room: str, answer: object, follower: str = "follower-1", question: str = "rates"):
    return hall.ask("POST", f"{room}/answers", {"follower": follower, "question": question, "answer": answer})


def looked(hall: Hall, room: str, secret: str, count: int) -> dict:
    until = monotonic() + 60
    while monotonic() < until:
        told = hall.ask("GET", f"{room}/lecture", x_presenter=secret).said["turn"]
        if len(told["points"]) == count:
            return told
        sleep(0.01)
    raise AssertionError(f"{count} runs have not ended")


def test_answers_are_trained_and_told_to_the_lecturer_alone(hall):
    room, secret = opened(hall)
    assert give(hall, room, 0.3).status == 204
    assert give(hall, room, 0.6, "follower-2").status == 204
    told = looked(hall, room, secret, 2)
    assert (told["id"], told["answered"]) == ("rates", 2)
    assert hall.ask("GET", f"{room}/lecture", x_presenter="x").status == 403
    assert hall.ask("GET", f"{room}/offer", x_presenter="x").status == 403
    mine = hall.ask("GET", f"{room}/turn/follower-1").said
    assert (mine["value"], mine["rank"], mine["of"]) == ([0.3], 2, 2)
    assert hall.ask("GET", f"{room}/turn/follower-3").status == 404
    assert hall.ask("GET", f"{room}/turn").status == 404
    changes = told["changes"]
    again = hall.ask("GET", f"{room}/lecture?of={told['token']}&turn={changes}", x_presenter=secret).said["turn"]
    assert "points" not in again


def test_all_see_where_runs_ended_once_the_lecturer_shows_it_and_nobody_tries_more(hall):
    room, secret = opened(hall)
    give(hall, room, 0.3)
    points = looked(hall, room, secret, 1)["points"]
    shown = {**STATE, "link": LINK, "turn": RATES | {"shown": True}}
    assert hall.ask("POST", f"{room}/state", shown, x_presenter=secret).status == 204
    told = hall.ask("GET", f"{room}/turn").said
    assert told["points"] == points
    assert "paths" not in told
    assert give(hall, room, 0.5).status == 409
    assert hall.ask("POST", f"{room}/state", {**STATE, "link": LINK}, x_presenter=secret).status == 204
    assert give(hall, room, 0.5).status == 409
    assert hall.ask("GET", f"{room}/lecture", x_presenter=secret).said["turn"]["points"] == points


@pytest.mark.parametrize(
    "answer",
    [0.009, 1.6, -0.5, 1e300, 10**400, "0.5", None, True, [], [0.5], [0.5, 0.5], {}, {"learning_rate": 0.5}],
)
def test_what_is_no_rate_within_the_bounds_is_refused_in_a_sentence(hall, answer):
    room, secret = opened(hall)
    refused = give(hall, room, answer)
    assert refused.status == 422
    assert refused.error.endswith(".")
    assert hall.ask("GET", f"{room}/lecture", x_presenter=secret).said["turn"]["answered"] == 0


@pytest.mark.parametrize(
    "answer", [0.5, [0.5], [0.5, 5], [-4, 0], [0, 0, 0], [0, "0"], [None, 0], "0,0", [[0, 0]], [0, 1e300]]
)
def test_what_is_no_start_within_the_bounds_is_refused_in_a_sentence(hall, answer):
    room, _ = opened(hall, STARTS)
    refused = give(hall, room, answer, question="starts")
    assert refused.status == 422
    assert refused.error.endswith(".")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "[NaN, 0]"])
def test_numbers_that_are_none_are_refused(hall, word):
    room, _ = opened(hall)
    body = json.dumps({"follower": "follower-1", "question": "rates", "answer": 0}).replace("0}", f"{word}}}").encode()
    assert hall.ask("POST", f"{room}/answers", body=body).status in (400, 422)


def test_follower_trains_a_few_a_second(hall):
    room, secret = opened(hall)
    statuses = [give(hall, room, 0.1 + number * 1e-3).status for number in range(30)]
    assert statuses == [204] * 5 + [429] * 25
    assert [row[0] for row in looked(hall, room, secret, 1)["points"]] == [0.1 + 4e-3]


def test_turn_that_would_take_too_long_is_refused_and_the_room_stays_as_it_was(hall):
    room, secret = hall.open()
    state = {**STATE, "link": "?n=100000&epochs=10000", "turn": RATES}
    refused = hall.ask("POST", f"{room}/state", state, x_presenter=secret)
    assert refused.status == 422
    assert refused.error.startswith("A hall's runs would take about")
    assert give(hall, room, 0.5).status == 409
    assert hall.ask("POST", f"{room}/state", {**state, "turn": None}, x_presenter=secret).status == 204
    offered = hall.ask("GET", f"{room}/offer", x_presenter=secret).said
    assert offered == {"problem": refused.error}


def test_offer_is_of_what_the_room_shows(hall):
    room, secret = hall.open()
    hall.ask("POST", f"{room}/state", {**STATE, "link": "?reduction=sum"}, x_presenter=secret)
    assert hall.ask("GET", f"{room}/offer", x_presenter=secret).said == offer("?reduction=sum")


def test_other_bounds_make_another_turn_under_the_same_name(hall):
    room, secret = opened(hall)
    give(hall, room, 0.3)
    looked(hall, room, secret, 1)
    state = {**STATE, "link": LINK, "turn": RATES | {"high": 1.0}}
    assert hall.ask("POST", f"{room}/state", state, x_presenter=secret).status == 204
    assert looked(hall, room, secret, 0)["answered"] == 0


def test_turn_goes_on_in_the_run_in_which_it_was_opened(hall):
    room, secret = opened(hall)
    give(hall, room, 0.3)
    (before,) = looked(hall, room, secret, 1)["points"]
    hall.ask("POST", f"{room}/state", {**STATE, "link": "?epochs=5&n=20", "turn": RATES}, x_presenter=secret)
    give(hall, room, 0.4, "follower-2")
    losses = {row[0]: row[1] for row in looked(hall, room, secret, 2)["points"]}
    assert losses[0.3] == before[1]
    assert losses[0.4] == [*train(replace(Experiment(epochs=60), learning_rate=0.4))][-1].loss


@pytest.mark.parametrize("since", ["", "x", "-1", "1e9", "9" * 40, "1.5", "%C2%B2"])
def test_whatever_the_lecturers_page_says_to_know_it_is_told_all(hall, since):
    room, secret = opened(hall)
    give(hall, room, 0.3)
    token = looked(hall, room, secret, 1)["token"]
    told = hall.ask("GET", f"{room}/lecture?of={token}&turn={since}", x_presenter=secret).said["turn"]
    assert len(told["paths"]) == 1
