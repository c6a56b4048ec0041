"""What visitors wish for on the stage: it sets what the controls set, and nonsense does nothing."""

from __future__ import annotations

import copy

import pytest
import streamlit as st

from core import methods
from dashboard.lab.comparing import comparing
from dashboard.lab.fields import default_fields, key_of, renew
from dashboard.lab.wishes import fulfil
from dashboard.shared.reruns import asked_by_widget
from dashboard.stage.panels import PANELS


@pytest.fixture
def session(monkeypatch) -> dict:
    """The session of a visitor whose link had a problem."""
    session = {"fields": default_fields(), "link_problems": ["n must be a number."], "upload_problem": "No table."}
    monkeypatch.setattr(st, "session_state", session)
    renew(*session["fields"])
    asked_by_widget()
    yield session
    asked_by_widget()


@pytest.mark.parametrize("method", [method for method in methods if method != "autograd"])
def test_another_method_is_what_the_field_says_and_its_widget_is_made_anew(session, method):
    before, other = key_of("method"), key_of("optimizer")
    fulfil([{"number": 1, "method": method}])
    assert session["fields"] == default_fields() | {"method": method}
    assert key_of("method") != before
    assert key_of("optimizer") == other
    assert asked_by_widget()
    assert session["link_problems"] == []
    assert "upload_problem" not in session
    fulfil([{"number": 2, "method": "autograd"}])
    assert session["fields"] == default_fields()


@pytest.mark.parametrize(
    "wish",
    [
        *(None, True, 0, 1.5, "", "method", "module", [], ["method", "module"], {}, {"method": {}}, {"method": []}),
        *({"method": value} for value in (None, 1, "", "Module", "adam", "__class__", ["module"], {"module": 1})),
        *({"Method": "module"}, {"optimizer": "adam"}, {"method ": "module"}, {"wish": {"method": "module"}}),
        *({name: value} for name in ("front", "remove", "base") for value in (1, -1, 99, "1", None, True, 0.0, [1])),
        *({"align": value} for value in ("updates", 1, None, ["time"])),
        *({"epoch_axis": value} for value in ("logarithmic", 1, None, {})),
        *({"loss_axis": value} for value in ("logarithmic", 0, None, [])),
        *({"surface_view": value} for value in ("2d", 3, None, ["3d"])),
        *({"arrows": value} for value in ("yes", True, None, {})),
        *(
            {"camera": value}
            for value in ("35,30", 35, [], [35], [35, 30, 0], [35.0, 30.0], [True, 30], [181, 30], [0, 91])
        ),
        *({"show": value} for value in ("data", [], None, ["chart"], ["data", "chart"], [1], {"data": True})),
        *(
            {"projector": value}
            for value in ("data", None, ["chart"], ["status"], ["data", 1], [["data"]], {"data": True}, True)
        ),
        {"projector": ["data", "surface", "loss", "parameters", "numbers"]},
        *({"link": value} for value in (None, 1, ["?epochs=20"], {})),
        *({"sweep": value} for value in ("method", "device", "x", 1, None, ["noise"])),
        *({name: value} for name in ("take", "beside") for value in (0.5, "0.5", None, float("nan"))),
        {"method": "autograd"},
    ],
    ids=repr,
)
def test_what_makes_no_sense_or_is_so_already_changes_nothing(session, wish):
    fields, runs = copy.deepcopy(session["fields"]), copy.deepcopy(comparing())
    for said in (wish, [wish], [{"number": 1} | wish] if isinstance(wish, dict) else [wish]):
        fulfil(said)
        assert (session["fields"], comparing()) == (fields, runs)


def test_panels_are_shown_in_their_own_order_whatever_that_of_the_wish(session):
    fulfil([{"number": 1, "show": ["player", "data"]}])
    assert comparing().show == ("data", "player")
    fulfil([{"number": 2, "show": []}])
    assert comparing().show == ("data", "player")


def test_panels_fill_the_window_until_none_are_named(session):
    fulfil([{"number": 1, "projector": ["code", "data"]}])
    assert comparing().projector == ("data", "code")
    fulfil([{"number": 2, "projector": ["data", "chart"]}])
    assert comparing().projector == ("data", "code")
    assert comparing().show == PANELS
    fulfil([{"number": 3, "projector": []}])
    assert comparing().projector == ()


@pytest.mark.parametrize("link", ["", "epochs=20", "/?epochs=20", "?" + "x" * 8000])
def test_what_is_no_link_is_told_in_a_sentence_and_changes_nothing(session, link):
    fields = copy.deepcopy(session["fields"])
    fulfil([{"number": 1, "link": link}])
    (sentence,) = session["link_problems"]
    assert sentence.startswith("link must begin with ? and have at most 8000 letters, but got ")
    assert len(sentence) < 200
    assert session["fields"] == fields
    assert "asked_link" not in session


def test_camera_is_kept_until_it_is_turned_back(session):
    fulfil([{"number": 1, "camera": [-120, 45]}])
    assert comparing().camera == (-120, 45)
    fulfil([{"number": 2, "camera": [0]}])
    assert comparing().camera == (-120, 45)
    fulfil([{"number": 3, "camera": None}])
    assert comparing().camera is None
