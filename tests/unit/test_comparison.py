"""A base and its variants: how they are written, what goes together, and what they are called."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import experiments

from core import Comparison, Experiment, InvalidCombination
from core.comparison import MOST_VARIANTS, change_between, read_change, varied, write_change


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("learning_rate:0.5", {"learning_rate": 0.5}),
        ("learning_rate:0.5,epochs:300", {"learning_rate": 0.5, "epochs": 300}),
        ("epochs:300,learning_rate:0.5", {"epochs": 300, "learning_rate": 0.5}),
        ("optimizer:adam,method:module", {"optimizer": "adam", "method": "module"}),
        ("true_w:-1e-05", {"true_w": -1e-05}),
        ("device:cuda:1", {"device": "cuda:1"}),
        ("batch_size:full", {"batch_size": None}),
    ],
)
def test_variant_is_written_as_fields_and_their_values(text, change):
    assert read_change(text) == change
    assert list(read_change(text)) == list(change)


def test_hyphens_and_blanks_around_a_field_are_taken():
    assert read_change(" learning-rate : 0.5 , batch-size:16") == {"learning_rate": 0.5, "batch_size": 16}


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("batch_size:", {"batch_size": None}),
        ("batch_size: ,epochs:5", {"batch_size": None, "epochs": 5}),
        ("tolerance:,batch_size:8", {"tolerance": None, "batch_size": 8}),
    ],
)
def test_empty_value_empties_a_field(text, change):
    assert read_change(text) == change


def test_empty_value_of_a_field_that_cannot_be_empty_is_refused():
    with pytest.raises(ValueError, match=r"^epochs must be a whole number from 1 to 100000, but got ''\.$"):
        read_change("epochs:")


@pytest.mark.parametrize("piece", ["7", "0.5:3", "200:0.1", "momentum", "Epochs:5", ""])
def test_piece_that_begins_with_no_field_belongs_to_the_value_before_it(piece):
    with pytest.raises(
        ValueError, match=re.escape(f"epochs must be a whole number from 1 to 100000, but got '3,{piece}'")
    ):
        read_change(f"seed:1,epochs:3,{piece}")
    assert read_change("seed:1,epochs:3") == {"seed": 1, "epochs": 3}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"A variant must be written as FIELD:VALUE, but got '': the fields are n, noise, .*\."),
        ("0.5", r"A variant must be written as FIELD:VALUE, but got '0\.5': the fields are n, noise, .*\."),
        ("epochs=5", r"A variant must be written as FIELD:VALUE, but got 'epochs=5': did you mean epochs\?"),
        ("learningrate:1", r"A variant must .*, but got 'learningrate:1': did you mean learning_rate\?"),
        ("every:5", r"A variant must be written as FIELD:VALUE, but got 'every:5': the fields are n, .*"),
        ("epochs:5,seed:1,epochs:6", r"epochs must be changed once, but 'epochs:5,seed:1,epochs:6' changes it twice\."),
        ("batch-size:5,batch_size:6", r"batch_size must be changed once, but .* changes it twice\."),
        ("learning_rate:1e4", r"learning_rate must be a number from 1e-15 to 1000, but got '1e4'\."),
        (
            "learning_rate:0,5",
            r"learning_rate must be a number from 1e-15 to 1000, but got '0,5': write a decimal point, "
            r"and nothing between thousands\.",
        ),
        ("method:magic", r"method must be 'numpy', 'autograd', .* or 'module', but got 'magic'\."),
    ],
)
def test_bad_variant_is_one_sentence(text, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        read_change(text)


@st.composite
def changes(draw: st.DrawFn) -> dict[str, object]:
    """Some fields of any experiment, in any order."""
    values = draw(experiments()).to_dict()
    names = draw(st.lists(st.sampled_from(sorted(values)), unique=True, min_size=1))
    return {name: values[name] for name in names}


@given(changes())
def test_change_that_is_written_is_read_back(change):
    assert read_change(write_change(change)) == change
    assert list(read_change(write_change(change))) == list(change)


@given(experiments(), experiments())
def test_change_between_two_experiments_leads_from_one_to_the_other(base, other):
    change = change_between(base.to_dict(), other.to_dict())
    assert replace(base, **change) == other
    assert all(getattr(base, name) != value for name, value in change.items())
    assert change_between(other.to_dict(), other.to_dict()) == {}


def test_variants_are_the_base_with_their_changes():
    base = Experiment(n=50, seed=7)
    comparison = Comparison.read(base, ["learning_rate:0.5", "seed:8,epochs:20"])
    assert comparison.changes == ({"learning_rate": 0.5}, {"seed": 8, "epochs": 20})
    assert comparison.variants == (
        Experiment(n=50, seed=7, learning_rate=0.5),
        Experiment(n=50, seed=8, epochs=20),
    )
    assert comparison.experiments == (base, *comparison.variants)


def test_base_alone_is_a_comparison():
    assert Comparison(Experiment()).experiments == (Experiment(),)
    assert Comparison.read(Experiment(), []) == Comparison(Experiment())


def test_change_that_was_given_may_be_changed_afterwards_without_harm():
    change = {"epochs": 5}
    comparison = Comparison(Experiment(), (change,))
    change["epochs"] = 6
    assert comparison.changes == ({"epochs": 5},)


def test_five_variants_are_taken_and_a_sixth_is_refused():
    texts = [f"seed:{seed}" for seed in range(6)]
    assert len(Comparison.read(Experiment(), texts[:5]).variants) == MOST_VARIANTS == 5
    with pytest.raises(ValueError, match=r"^There may be at most 5 variants beside the base, but got 6\.$"):
        Comparison.read(Experiment(), texts)


@pytest.mark.parametrize("text", ["learning_rate:0.1", "epochs:1000,batch_size:", "optimizer:sgd"])
def test_variant_that_is_equal_to_the_base_is_refused(text):
    with pytest.raises(ValueError, match=f"^The variant '{text}' is equal to the base: give it another value\\.$"):
        Comparison.read(Experiment(), [text])


@pytest.mark.parametrize("again", ["learning_rate:0.5", "learning_rate:5e-1", "learning_rate:0.5,epochs:1000"])
def test_variant_that_is_there_twice_is_refused(again):
    with pytest.raises(
        ValueError, match=r"^The variant 'learning_rate:0\.5.*' is there twice: leave one of them out\.$"
    ):
        Comparison.read(Experiment(), ["learning_rate:0.5", "seed:1", again])


def test_unknown_field_and_value_out_of_bounds_are_refused():
    with pytest.raises(ValueError, match=r"^An experiment has no field 'momentum'; its fields are n, noise, .*\.$"):
        Comparison(Experiment(), ({"momentum": 0.9},))
    with pytest.raises(ValueError, match=r"^n must be a whole number from 10 to 1000000, but got 3\.$"):
        Comparison(Experiment(), ({"n": 3},))


@pytest.mark.parametrize("method", ["numpy", "autograd"])
@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop", "adam"])
def test_method_goes_along_with_an_optimizer_that_needs_another(method, optimizer):
    variant = varied(Experiment(method=method), {"optimizer": optimizer})
    assert variant == Experiment(method="optimizer", optimizer=optimizer)


def test_method_stays_where_the_optimizer_does_not_need_another():
    assert varied(Experiment(method="module"), {"optimizer": "adam"}).method == "module"
    assert varied(Experiment(), {"learning_rate": 0.5}).method == "autograd"
    assert varied(Experiment(method="module", optimizer="adam"), {"optimizer": "sgd"}).method == "module"


def test_method_that_is_named_is_taken_at_its_word():
    assert varied(Experiment(), {"method": "loss_fn", "optimizer": "adam"}).method == "loss_fn"
    with pytest.raises(InvalidCombination, match=r"^method 'numpy' writes its update by hand"):
        varied(Experiment(), {"method": "numpy", "optimizer": "adam"})
    with pytest.raises(InvalidCombination, match=r"^method 'autograd' writes its update by hand"):
        varied(Experiment(method="module", optimizer="adam"), {"method": "autograd"})


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["learning_rate:0.5"], ""),
        (["optimizer:adam,method:module"], ""),
        (["optimizer:adam"], "Adam needs the method 'optimizer', which goes along."),
        (
            ["optimizer:adam", "optimizer:momentum,seed:3", "optimizer:adam,seed:4"],
            "Adam and momentum need the method 'optimizer', which goes along.",
        ),
        (
            ["optimizer:momentum", "optimizer:rmsprop", "optimizer:adam"],
            "momentum, RMSprop and Adam need the method 'optimizer', which goes along.",
        ),
    ],
)
def test_comparison_says_which_methods_went_along(texts, sentence):
    assert Comparison.read(Experiment(), texts).goes_along == sentence


def test_runs_are_named_by_what_they_have_that_others_have_not():
    comparison = Comparison.read(Experiment(), ["learning_rate:0.5", "batch_size:16,n:50", "optimizer:adam"])
    assert comparison.names == (
        "N 100, SGD, learning rate 0.1, full batch",
        "learning rate 0.5",
        "batch size 16, N 50",
        "Adam",
    )
    assert comparison.short_names == ("base", "lr 0.5", "batch 16, N 50", "Adam")


def test_short_names_leave_out_the_only_field_that_changes():
    comparison = Comparison.read(Experiment(), ["learning_rate:0.123456789", "learning_rate:1e-05"])
    assert comparison.names == ("learning rate 0.1", "learning rate 0.123457", "learning rate 1e-05")
    assert comparison.short_names == ("0.1", "0.123457", "1e-05")
    assert Comparison.read(Experiment(), ["tolerance:0.01"]).short_names == ("off", "0.01")
    assert Comparison.read(Experiment(), ["method:numpy"]).short_names == ("autograd", "by hand")
