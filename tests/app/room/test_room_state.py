"""What a lecturer may say: all that the contract names, and nothing else."""

from __future__ import annotations

import pytest
from lecture_hall import STATE

from core.course import BY_NAME
from core.mistakes import MISTAKES
from dashboard.room.state import read_state
from dashboard.stage.panels import PANELS

CHOICE = {"id": "end", "text": "Will it diverge?", "kind": "choice", "choices": ["Yes", "No"]}
NUMBER = {"id": "b", "text": "Where does b end?", "kind": "number", "unit": "m", "until": 1_800_000_000_000}
RATE = {"id": "turn", "field": "learning_rate", "low": 0, "high": 2}
START = {"id": "turn", "field": "start", "low": -1, "high": 1, "low_w": 0, "high_w": 5}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"link": "?"},
        {"link": "?" + "x" * 8191},
        {"page": ""},
        {"epoch": 0, "beat": "backward", "playing": False, "speed": 0.25},
        {"chapter": next(iter(BY_NAME)), "mistake": None, "panels": None},
        {"mistake": MISTAKES[-1].name, "panels": [*PANELS]},
        {"pointer": {"panel": "loss", "x": 0, "y": 1.0}},
        {"pointer": None, "question": None, "turn": None},
        {"question": CHOICE, "turn": RATE},
        {"question": NUMBER, "turn": START},
        {"question": {**CHOICE, "revealed": True, "truth": "No"}},
        {"question": {**NUMBER, "revealed": True, "truth": -1e9}},
        {"question": {**NUMBER, "revealed": True, "truth": None}},
        {"question": {**NUMBER, "revealed": True, "truth": None, "words": "it never gets there"}},
        {"question": {**CHOICE, "revealed": False}},
    ],
)
def test_what_makes_sense_is_shown_as_it_was_said(said):
    assert read_state({**STATE, **said}) == {**STATE, **said}


def test_bare_text_is_a_question_to_be_answered_with_yes_or_no():
    shown = read_state({**STATE, "question": "Will it diverge?"})["question"]
    assert shown == {
        "id": "Will it diverge?",
        "text": "Will it diverge?",
        "kind": "choice",
        "choices": ["Yes", "No"],
    }


@pytest.mark.parametrize("missing", STATE)
def test_what_is_missing_is_named(missing):
    with pytest.raises(ValueError, match=f"must have {missing}"):
        read_state({name: value for name, value in STATE.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("link", ["", "learning_rate=1", 3, None, "?a\nb", "?" + "x" * 8192, "?" + "é" * 4096, "?" + "a=1&" * 300]),
        ("page", ["Lab", "admin", None, 1, []]),
        ("epoch", [-1, 1.0, True, "3", None, 10**400]),
        ("beat", ["step", 0, None]),
        ("playing", [1, 0, "true", None]),
        ("speed", [0, -1, True, "1", None, 1e300, 10**400]),
        ("chapter", ["", "no-such", 3, ["linear"]]),
        ("mistake", ["", "no-such", True]),
        ("panels", ["loss", [], ["loss", "loss"], ["axes"], [["loss"]], {"loss": 1}, [*PANELS, "loss"]]),
        (
            "pointer",
            [
                [],
                {},
                {"panel": "loss", "x": 0.5},
                {"panel": "loss", "x": 0.5, "y": 1.1},
                {"panel": "loss", "x": -0.1, "y": 0},
                {"panel": "loss", "x": "0", "y": 0},
                {"panel": "axes", "x": 0, "y": 0},
                {"panel": "loss", "x": 0, "y": 0, "z": 0},
            ],
        ),
        (
            "question",
            [
                "",
                "  ",
                "x" * 301,
                7,
                {},
                {**CHOICE, "id": ""},
                {**CHOICE, "id": "x" * 65},
                {**CHOICE, "id": 3},
                {**CHOICE, "text": "x" * 301},
                {**CHOICE, "kind": "text"},
                {**CHOICE, "choices": ["Yes"]},
                {**CHOICE, "choices": ["Yes", "Yes"]},
                {**CHOICE, "choices": ["Yes", 1]},
                {**CHOICE, "choices": ["Yes", "x" * 81]},
                {**CHOICE, "choices": [str(number) for number in range(9)]},
                {**CHOICE, "choices": "Yes"},
                {name: value for name, value in CHOICE.items() if name != "choices"},
                {**NUMBER, "choices": ["1", "2"]},
                {**NUMBER, "unit": "x" * 21},
                {**NUMBER, "until": "soon"},
                {**NUMBER, "until": -1},
                {**CHOICE, "truth": "No"},
                {**CHOICE, "truth": None},
                {**CHOICE, "words": "it diverges"},
                {**CHOICE, "revealed": True, "words": "x" * 161},
                {**CHOICE, "revealed": False, "truth": "No"},
                {**CHOICE, "revealed": 1},
                {**CHOICE, "revealed": True, "truth": "Maybe"},
                {**CHOICE, "revealed": True, "truth": 1},
                {**NUMBER, "revealed": True, "truth": "3"},
                {**NUMBER, "revealed": True, "truth": True},
                {**NUMBER, "revealed": True, "truth": 10**400},
                {**CHOICE, "counts": {"answered": 300}},
            ],
        ),
        (
            "turn",
            [
                "learning_rate",
                {},
                {**RATE, "field": "seed"},
                {**RATE, "low": -1},
                {**RATE, "low": 2, "high": 2},
                {**RATE, "high": None},
                {**RATE, "low_w": 0, "high_w": 1},
                {**START, "low_w": 6},
                {name: value for name, value in START.items() if name != "high_w"},
                {**START, "high": 1e300},
                {**START, "best": 1},
            ],
        ),
        ("counts", [{}]),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_short_sentence_that_names_it(name, values):
    for value in values:
        with pytest.raises(ValueError, match=name) as refusal:
            read_state({**STATE, name: value})
        assert str(refusal.value).endswith(".")
        assert len(str(refusal.value)) < 500


@pytest.mark.parametrize("said", [None, [], "state", 3, True, [STATE]])
def test_what_is_no_object_is_no_state(said):
    with pytest.raises(ValueError, match="an object with link, page"):
        read_state(said)


def test_question_and_turn_are_told_apart_by_their_ids():
    with pytest.raises(ValueError, match="another"):
        read_state({**STATE, "question": CHOICE, "turn": {**RATE, "id": CHOICE["id"]}})


def test_what_is_as_deep_as_json_may_be_is_not_written_out():
    deep: list = []
    for _ in range(900):
        deep = [deep]
    with pytest.raises(ValueError, match="a list"):
        read_state({**STATE, "speed": deep})
