"""An experiment: every field checked, immutable, and carried whole by links and JSON."""

from __future__ import annotations

import json
import math
import pickle
import re
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import experiments

import core
from core import Experiment, InvalidCombination

DEFAULTS = {
    "n": 100,
    "noise": 0.1,
    "true_b": 1.0,
    "true_w": 2.0,
    "seed": 42,
    "method": "autograd",
    "optimizer": "sgd",
    "loss": "mse",
    "reduction": "mean",
    "learning_rate": 0.1,
    "epochs": 1000,
    "batch_size": None,
    "device": "cpu",
    "tolerance": None,
    "validation": 0.2,
    "standardize": "none",
    "shape": "line",
    "start_b": None,
    "start_w": None,
    "schedule": (),
    "moved": (),
}
WHOLE = {"n": (10, 1_000_000), "seed": (0, 2**32 - 1), "epochs": (1, 100_000), "batch_size": (1, 1_000_000)}
REAL = {
    "noise": (0.0, 10.0),
    "true_b": (-100.0, 100.0),
    "true_w": (-100.0, 100.0),
    "learning_rate": (1e-15, 1000.0),
    "tolerance": (0.0, 1e6),
    "validation": (0.0, 0.5),
    "start_b": (-1e12, 1e12),
    "start_w": (-1e12, 1e12),
}
WORDS = ("method", "optimizer", "loss", "reduction", "device", "standardize", "shape")
NONE_IS_FINE = ("batch_size", "tolerance", "start_b", "start_w")


def start_of(value):
    return ascii(value)[:24]


def test_the_defaults_are_the_experiment_of_the_course():
    assert Experiment().to_dict() == DEFAULTS


def test_the_methods_and_optimizers_are_public_in_the_order_of_the_course():
    assert core.methods == ("numpy", "autograd", "optimizer", "loss_fn", "module")
    assert core.optimizers == ("sgd", "momentum", "rmsprop", "adam")


def test_every_public_name_is_there():
    assert [name for name in core.__all__ if not hasattr(core, name)] == []


@pytest.mark.parametrize(("name", "bounds"), (WHOLE | REAL).items())
def test_both_bounds_are_taken(name, bounds):
    for bound in bounds:
        assert getattr(Experiment(**{name: bound}), name) == bound


@pytest.mark.parametrize(("name", "bounds"), (WHOLE | REAL).items())
def test_a_value_beyond_a_bound_is_refused_with_field_bounds_and_value(name, bounds):
    low, high = bounds
    whole = name in WHOLE
    for beyond in (low - 1, high + 1) if whole else (math.nextafter(low, -math.inf), math.nextafter(high, math.inf)):
        with pytest.raises(ValueError, match=f"^{name} must be ") as refusal:
            Experiment(**{name: beyond})
        words = str(refusal.value)
        assert (str(low) if whole else f"{low:g}") in words
        assert (str(high) if whole else f"{high:g}") in words
        assert repr(beyond) in words


WRONG = [
    *[math.nan, math.inf, -math.inf, True, False, None, "100", "", b"1", [1], (1,), {}, 1j, object(), 10**5000],
    *[np.float64("nan"), np.float32("inf"), np.True_, np.array(20), np.array([20]), np.eye(2), np.int64(-(2**62))],
]


@pytest.mark.parametrize("value", WRONG, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("name", list(DEFAULTS))
def test_a_value_of_the_wrong_kind_is_refused_in_one_sentence_that_names_the_field(name, value):
    if value is None and name in NONE_IS_FINE:
        assert getattr(Experiment(**{name: value}), name) is None
        return
    with pytest.raises(ValueError, match=f"^{name} must be ") as refusal:
        Experiment(**{name: value})
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 250


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [10.0, 10.5, np.float64(10)])
def test_a_whole_number_field_refuses_a_fraction_and_a_float(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be a whole number"):
        Experiment(**{name: value})


def test_numpy_scalars_become_plain_numbers():
    experiment = Experiment(n=np.int32(50), noise=np.float32(0.5), seed=np.uint32(7), learning_rate=np.float64(0.2))
    assert experiment == Experiment(n=50, noise=0.5, seed=7, learning_rate=0.2)
    assert json.loads(experiment.to_json())["n"] == 50
    assert [type(experiment.n), type(experiment.noise), type(experiment.seed)] == [int, float, int]


@pytest.mark.parametrize("name", WORDS)
def test_an_unknown_word_is_refused_with_the_known_ones(name):
    with pytest.raises(ValueError, match=f"^{name} must be '{DEFAULTS[name] if name != 'method' else 'numpy'}'"):
        Experiment(**{name: "quantum"})


def test_fields_are_given_by_name_only():
    with pytest.raises(TypeError):
        Experiment(100)


@pytest.mark.parametrize("name", list(DEFAULTS))
def test_no_field_can_be_changed_afterwards(name):
    with pytest.raises(FrozenInstanceError):
        setattr(Experiment(), name, DEFAULTS[name])


@given(experiments())
def test_equal_experiments_have_equal_hashes(experiment):
    again = Experiment(**experiment.to_dict())
    assert again == experiment
    assert hash(again) == hash(experiment)
    assert {experiment: "kept"}[again] == "kept"


@pytest.mark.parametrize("method", ["numpy", "autograd"])
@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop", "adam"])
def test_a_method_with_its_update_by_hand_refuses_an_optimizer_in_words(method, optimizer):
    with pytest.raises(InvalidCombination, match=f"method '{method}' .* cannot use optimizer '{optimizer}'") as refusal:
        Experiment(method=method, optimizer=optimizer)
    assert refusal.value.fields == ("optimizer",)
    assert "choose optimizer 'sgd'" in str(refusal.value)


@pytest.mark.parametrize("method", ["optimizer", "loss_fn", "module"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam"])
def test_the_other_methods_take_every_optimizer(method, optimizer):
    assert Experiment(method=method, optimizer=optimizer).optimizer == optimizer


def test_numpy_refuses_any_device_but_the_cpu():
    with pytest.raises(InvalidCombination, match=r"method 'numpy' .* cannot use device 'cuda'") as refusal:
        Experiment(method="numpy", device="cuda")
    assert refusal.value.fields == ("device",)
    assert isinstance(refusal.value, ValueError)


@given(experiments())
def test_json_gives_the_same_experiment_back(experiment):
    text = experiment.to_json()
    assert "\n" not in text
    assert Experiment.from_json(text) == experiment


@given(experiments())
def test_a_query_gives_the_same_experiment_back(experiment):
    query = experiment.to_query()
    differing = [f.name for f in fields(Experiment) if getattr(experiment, f.name) != f.default]
    assert list(query) == (differing or ["learning_rate"])
    assert Experiment.from_query(query) == (experiment, [])
    assert Experiment.from_query({name: [text] for name, text in query.items()}) == (experiment, [])


@given(experiments())
def test_pickling_gives_the_same_experiment_back(experiment):
    assert pickle.loads(pickle.dumps(experiment)) == experiment


def test_json_with_fields_left_out_takes_their_defaults():
    assert Experiment.from_json('{"n": 50}') == Experiment(n=50)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must be written as JSON"),
        ("{", "must be written as JSON"),
        ("[" * 100_000, "must be written as JSON"),
        ('{"n": ' + "1" * 5000 + "}", "must be written as JSON"),
        ("[1]", "must be a JSON object"),
        ("null", "must be a JSON object"),
        ('{"N": 50}', "has no field 'N'; its fields are n, noise"),
        ('{"n": "50"}', "n must be a whole number"),
        ('{"noise": NaN}', "noise must be a number"),
        ('{"learning_rate": 1e999}', "learning_rate must be a number"),
        ('{"method": null}', "method must be 'numpy'"),
        ('{"optimizer": "adam"}', "choose optimizer 'sgd'"),
    ],
)
def test_json_that_describes_no_experiment_is_refused_in_one_sentence(text, words):
    with pytest.raises(ValueError, match=words) as refusal:
        Experiment.from_json(text)
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 300


def test_an_empty_query_is_the_default_experiment():
    assert Experiment.from_query({}) == (Experiment(), [])


BAD_TEXTS = {
    "n": [
        "",
        "9",
        "1000001",
        "ten",
        "1e999",
        "NaN",
        "10.5",
        "1_000",
        "１００",
        "0x64",
        "9" * 10_000,
        "<b>100</b>",
        "\0",
    ],
    "noise": ["", "-0.1", "10.1", "nan", "inf", "0,1", "é", "1" * 10_000],
    "true_b": ["", "-100.5", "101", "--1", "🙂"],
    "true_w": ["", "1e3", "-inf"],
    "seed": ["", "-1", "4294967296", "0.5"],
    "method": ["", "NumPy", "torch", "autograd,numpy", "x" * 10_000],
    "optimizer": ["", "sgdd", "ADAM"],
    "loss": ["", "mae"],
    "reduction": ["", "none", "median"],
    "learning_rate": ["", "0", "-1", "1e-16", "1001", "nan"],
    "epochs": ["", "0", "100001", "1e6"],
    "batch_size": ["", "0", "half", "1.5", "-1"],
    "device": ["", "gpu", "cuda:", "../../etc/passwd"],
    "tolerance": ["", "-1", "nan", "on"],
    "validation": ["", "-0.1", "0.51", "1", "nan", "20%"],
    "standardize": ["", "y", "xz", "true"],
    "shape": ["", "sine", "lines"],
    "start_b": ["", "1e300", "inf", "seed", "1,5"],
    "start_w": ["", "-1e13", "nan", "--1"],
    "schedule": ["", "50", "50:", "50:0.5:1", "50=0.5", "a:b", "50:0.5,", "0:0.5", "50:0", "50:nan", "5e9:0.1"],
    "moved": ["", "1:2", "1:2:3:4", "-1:2:3", "1.5:2:3", "1:inf:2", "1:1e10:2", "1:2:nan", "1000100:1:1", "a:b:c"],
}


def test_there_is_a_bad_text_for_every_field():
    assert list(BAD_TEXTS) == list(DEFAULTS)


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in BAD_TEXTS.items() for text in texts], ids=start_of
)
def test_a_bad_value_in_a_query_gets_one_sentence_and_the_default(name, text):
    experiment, problems = Experiment.from_query({name: text, "seed": "7"} if name != "seed" else {name: text})
    expected = Experiment(seed=7) if name != "seed" else Experiment()
    assert experiment == expected
    (problem,) = problems
    assert re.match(rf"([A-Z]+ of )?{name} must be ", problem)
    default = {"batch_size": "full", "tolerance": "off", "start_b": "drawn", "start_w": "drawn"}
    default = (default | {"schedule": "none", "moved": "none"}).get(name, str(DEFAULTS[name]))
    assert problem.endswith(f" Using {default} instead.")
    assert len(problem) < 300
    assert len(problem.splitlines()) == 1


def test_a_value_given_twice_is_not_guessed_at():
    assert Experiment.from_query({"n": ["50", "60"], "epochs": ["5"]}) == (
        Experiment(epochs=5),
        ["n must be given once, but was given 2 times. Using 100 instead."],
    )


def test_a_value_given_no_times_is_not_guessed_at():
    assert Experiment.from_query({"n": []})[1] == ["n must be given once, but was given 0 times. Using 100 instead."]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("learning_rat", "learning_rate"), ("learning-rate", "learning_rate"), ("Epochs", "epochs"), ("metod", "method")],
)
def test_a_misspelt_name_is_pointed_out(name, meant):
    experiment, problems = Experiment.from_query({name: "5"})
    assert experiment == Experiment()
    assert problems == [f"There is no parameter {name!r}; did you mean {meant}?"]


@pytest.mark.parametrize("name", ["utm_source", "embed", "q", "", "é", "z" * 10_000], ids=start_of)
def test_a_name_that_is_like_no_field_is_left_alone(name):
    assert Experiment.from_query({name: "5"}) == (Experiment(), [])


def test_a_combination_that_cannot_be_gives_up_the_choice_that_clashes():
    experiment, problems = Experiment.from_query({"method": "numpy", "optimizer": "adam", "device": "cuda", "n": "50"})
    assert experiment == Experiment(method="numpy", n=50)
    assert [problem.rpartition(" Using ")[2] for problem in problems] == [
        "optimizer sgd instead.",
        "device cpu instead.",
    ]
    assert all(problem[0] == "M" for problem in problems)


TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "nan", "1e400", "-1", "full", "off", "numpy", "adam", "cuda", "0.1", "50"]),
    st.text(min_size=1, max_size=3).map(lambda text: (text * 10_000)[:10_000]),
)
NAMES = st.one_of(st.sampled_from(list(DEFAULTS)), st.text(max_size=20), st.sampled_from(["N", "lr", "batch-size"]))


@given(st.dictionaries(NAMES, TEXT | st.lists(TEXT, max_size=3), max_size=14))
@example({"n": "\udc80"})
def test_no_query_is_so_strange_that_it_raises(query):
    experiment, problems = Experiment.from_query(query)
    assert isinstance(experiment, Experiment)
    assert all(len(problem) < 400 and len(problem.splitlines()) == 1 for problem in problems)
    for name in DEFAULTS:
        refused = any(name in problem for problem in problems)
        if name in query and not refused:  # then it was taken: its text means the value that the experiment has
            texts = [query[name]] if isinstance(query[name], str) else query[name]
            assert (
                Experiment.from_query({name: texts[0], "method": experiment.method})[0].to_dict()[name]
                == (experiment.to_dict()[name])
            )
        if name not in query:
            assert getattr(experiment, name) == DEFAULTS[name]
