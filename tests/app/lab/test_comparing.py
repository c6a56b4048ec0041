"""The base and its variants as the controls move them: what each move changes, and in which run."""

from __future__ import annotations

import random

import pytest
import streamlit as st

from core import Comparison, Experiment, methods, optimizers
from core.comparison import MOST_VARIANTS, varied
from core.experiment import PARAMETERS
from dashboard.lab import comparing as module
from dashboard.lab.comparing import (
    bring_forward,
    compare,
    comparing,
    make_base,
    move,
    put_beside,
    remove,
    shown_fields,
)
from dashboard.lab.fields import default_fields


@pytest.fixture
def fields(monkeypatch) -> dict:
    """The fields of a visitor's base."""
    session = {"fields": default_fields()}
    monkeypatch.setattr(st, "session_state", session)
    return session["fields"]


def changes() -> list[dict]:
    return comparing().changes


def experiments(fields) -> list[Experiment]:
    """The runs that are described, the base first."""
    base = Experiment(**{name: fields[name] for name in PARAMETERS})
    return [base, *(varied(base, change) for change in changes())]


def test_a_move_changes_the_base_with_all_its_variants_while_it_is_in_front(fields):
    compare([{"learning_rate": 0.5}, {"batch_size": 16}])
    move("epochs", 77)
    assert fields == default_fields() | {"epochs": 77}
    assert changes() == [{"learning_rate": 0.5}, {"batch_size": 16}]
    assert [one.epochs for one in experiments(fields)] == [77, 77, 77]


def test_a_move_changes_the_variant_that_is_in_front_alone(fields):
    compare([{"learning_rate": 0.5}, {"batch_size": 16}])
    bring_forward(2)
    move("learning_rate", 0.3)
    move("batch_size", None)
    assert fields == default_fields()
    assert changes() == [{"learning_rate": 0.5}, {"batch_size": None, "learning_rate": 0.3}]
    assert shown_fields() == default_fields() | {"learning_rate": 0.3}


def test_which_data_are_trained_on_is_the_same_for_all_whichever_is_in_front(fields):
    compare([{"learning_rate": 0.5}])
    bring_forward(1)
    comparing().keep = True
    for name, value in (("data", "iris"), ("x", "petal_length"), ("y", "petal_width")):
        move(name, value)
    assert (fields["data"], fields["x"], fields["y"]) == ("iris", "petal_length", "petal_width")
    assert changes() == [{"learning_rate": 0.5}]
    assert comparing().keep


def test_after_keep_the_next_move_makes_a_run_beside_the_one_in_front_and_only_that_move(fields):
    comparing().keep = True
    move("learning_rate", 0.5)
    assert (fields["learning_rate"], changes()) == (0.1, [{"learning_rate": 0.5}])
    assert (comparing().front, comparing().keep) == (1, False)
    move("learning_rate", 0.6)
    assert changes() == [{"learning_rate": 0.6}]
    comparing().keep = True
    move("batch_size", 16)
    assert changes() == [{"learning_rate": 0.6}, {"learning_rate": 0.6, "batch_size": 16}]
    assert comparing().front == 2


def test_a_new_run_is_a_copy_that_later_moves_leave_alone(fields):
    change = {"learning_rate": 0.5}
    put_beside(change)
    compared = [change]
    move("epochs", 5)
    assert change == {"learning_rate": 0.5}
    compare(compared)
    bring_forward(1)
    move("epochs", 5)
    assert compared == [{"learning_rate": 0.5}]


def test_where_six_stand_beside_one_another_there_is_no_seventh(fields):
    for number in range(MOST_VARIANTS + 2):
        comparing().keep = True
        move("seed", number)
    assert changes() == [{"seed": number} for number in range(MOST_VARIANTS)]
    assert comparing().front == MOST_VARIANTS
    assert str(MOST_VARIANTS + 1) in module.FULL


@pytest.mark.parametrize(
    ("base", "change", "shown"),
    [
        ("autograd", {"optimizer": "adam"}, "optimizer"),
        ("numpy", {"optimizer": "momentum"}, "optimizer"),
        ("autograd", {"optimizer": "adam", "method": "module"}, "module"),
        ("module", {"optimizer": "adam"}, "module"),
        ("autograd", {"learning_rate": 0.5}, "autograd"),
        ("autograd", {"optimizer": "sgd"}, "autograd"),
    ],
)
def test_controls_show_the_method_that_goes_along_with_the_optimizer(fields, base, change, shown):
    fields["method"] = base
    put_beside(change)
    assert shown_fields()["method"] == shown == experiments(fields)[1].method
    bring_forward(0)
    assert shown_fields() == fields


def test_only_runs_that_are_there_come_to_the_front(fields):
    compare([{"seed": 1}, {"seed": 2}])
    for number, front in ((1, 1), (3, 1), (-1, 1), (2, 2), (0, 0)):
        bring_forward(number)
        assert comparing().front == front


@pytest.mark.parametrize(
    ("front", "removed", "left", "then"),
    [
        (0, 1, [2, 3], 0),
        (1, 1, [2, 3], 0),
        (2, 1, [2, 3], 1),
        (3, 3, [1, 2], 2),
        (1, 3, [1, 2], 1),
        (1, 4, [1, 2, 3], 1),
        (1, -1, [1, 2, 3], 1),
    ],
)
def test_a_run_that_leaves_takes_the_front_to_the_one_before_it(fields, front, removed, left, then):
    compare([{"seed": seed} for seed in (1, 2, 3)])
    bring_forward(front)
    remove(removed)
    assert changes() == [{"seed": seed} for seed in left]
    assert comparing().front == then
    assert fields == default_fields()


def test_a_base_that_leaves_leaves_its_place_to_the_first_variant(fields):
    compare([{"seed": 1}, {"seed": 2, "epochs": 5}])
    remove(0)
    assert fields == default_fields() | {"seed": 1}
    assert [(one.seed, one.epochs) for one in experiments(fields)] == [(1, 1000), (2, 5)]
    remove(0)
    remove(0)
    assert [(one.seed, one.epochs) for one in experiments(fields)] == [(2, 5)]


def test_a_prepared_comparison_is_beside_the_base_and_in_place_of_the_one_before(fields):
    compare([{"seed": 1}, {"seed": 2}])
    bring_forward(2)
    comparing().keep = True
    comparing().align = "update"
    compare([{"batch_size": 16}])
    state = comparing()
    assert (state.changes, state.front, state.keep, state.align) == ([{"batch_size": 16}], 0, False, "update")


def test_a_variant_becomes_the_base_in_its_place(fields):
    compare([{"learning_rate": 0.5}, {"learning_rate": 0.7, "epochs": 9}])
    bring_forward(2)
    make_base(2)
    assert fields == default_fields() | {"learning_rate": 0.7, "epochs": 9}
    assert changes() == [{"learning_rate": 0.5, "epochs": 1000}, {"learning_rate": 0.1, "epochs": 1000}]
    assert comparing().front == 0


@pytest.mark.parametrize("number", [0, 3, -1])
def test_what_is_no_variant_becomes_no_base(fields, number):
    compare([{"seed": 1}, {"seed": 2}])
    make_base(number)
    assert (fields, changes()) == (default_fields(), [{"seed": 1}, {"seed": 2}])


@pytest.mark.parametrize("seed", range(40))
def test_whichever_run_is_made_the_base_all_stay_what_they_were(fields, seed):
    draw = random.Random(seed)
    offered = {
        "method": methods,
        "optimizer": optimizers,
        "learning_rate": (0.1, 0.2, 0.3),
        "batch_size": (None, 16),
        "seed": (1, 2),
        "tolerance": (None, 0.1),
    }

    def sensible(change: dict) -> bool:
        try:
            Comparison(Experiment(), (*kept, change))
        except ValueError:
            return False
        return True

    kept: list[dict] = []
    while len(kept) < 4:
        names = draw.sample(list(offered), draw.randint(1, 3))
        change = {name: draw.choice(offered[name]) for name in names}
        if sensible(change):
            kept.append(change)
    compare(kept)
    before = experiments(fields)
    for _ in range(6):
        number = draw.randint(1, 4)
        chosen = experiments(fields)[number]
        make_base(number)
        now = experiments(fields)
        assert now[0] == chosen
        assert set(now) == set(before)
        # The same as a link would say it.
        assert Comparison(now[0], tuple(changes())).experiments == tuple(now)
