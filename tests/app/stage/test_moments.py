"""Epochs under the magnifying glass: every number that the page shows is what NumPy or PyTorch finds on its own."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import torch

from core import Experiment, History, make_dataset, methods, train
from core.experiment import METHODS
from core.insight.look_back import CHANGING, REQUIRES
from dashboard.shared.numerals import number, operand
from dashboard.stage.component import answer
from dashboard.stage.living_graph import offered_roots
from dashboard.stage.moments import AHEAD, moments
from dashboard.stage.watching import Watching

TORCH = [method for method in methods if method != "numpy"]
NUMBER = re.compile(r"\u2212?\d[\d.]*(?:e\u2212?\d+)?")


def recorded(experiment):
    dataset, history = make_dataset(experiment), History()
    training = train(experiment, dataset)
    for record in training:
        history.append(record, training.state)
    return dataset, history


def shown(experiment, epoch, **choices):
    dataset, history = recorded(experiment)
    return json.loads(moments(experiment, dataset, history, epoch, **choices))["epochs"][str(epoch)], dataset, history


def numbers_in(text):
    return [float(found.replace("\u2212", "-")) for found in NUMBER.findall(text)]


def texts(lines):
    return [text for _, text in lines]


@pytest.mark.parametrize("method", methods)
def test_beats_show_what_numpy_computes_from_the_record(method):
    moment, dataset, history = shown(Experiment(method=method, epochs=20), 7)
    record, after = history[7], history[8]
    yhat = record.b + record.w * dataset.x_train
    error = yhat - dataset.y_train
    beats = moment["beats"]
    assert numbers_in(beats["forward"][0][1])[2:] == pytest.approx(yhat[:3, 0], rel=1e-3)
    assert numbers_in(beats["loss"][0][1])[2:] == pytest.approx(error[:3, 0], rel=2e-3)
    assert numbers_in(beats["loss"][1][1]) == pytest.approx([(error**2).mean()], rel=1e-4)
    gradients = [2 * error.mean(), 2 * (dataset.x_train * error).mean()]
    assert [numbers_in(text)[-1] for text in texts(beats["backward"])] == pytest.approx(gradients, rel=1e-3)
    written_out = [numbers_in(text) for text in texts(beats["update"])[:2]]
    for (old, rate, gradient, new), name, slope in zip(written_out, ("b", "w"), gradients, strict=True):
        assert (old, rate) == (pytest.approx(getattr(record, name), rel=1e-4), 0.1)
        assert gradient == pytest.approx(slope, rel=1e-3)
        assert new == pytest.approx(getattr(after, name), rel=1e-4)
        assert old - rate * gradient == pytest.approx(new, abs=2e-4)


@pytest.mark.parametrize("optimizer", ["momentum", "rmsprop", "adam"])
def test_update_with_state_is_written_out_with_numbers_that_add_up(optimizer):
    moment, _, history = shown(Experiment(method="optimizer", optimizer=optimizer, epochs=9), 4)
    lines = texts(moment["beats"]["update"])
    assert len(lines) == {"momentum": 5, "rmsprop": 5, "adam": 7}[optimizer]
    for line in lines[:-1]:
        name, _, equation = line.partition(" = ")
        left, _, result = equation.rpartition(" = ")
        for sign, operator in (("\u2212", "-"), ("×", "*"), ("²", "**2")):
            left = left.replace(sign, operator)
        value = eval(re.sub(r"√([\de.-]+)", r"sqrt(\1)", left), {"sqrt": np.sqrt})
        assert value == pytest.approx(*numbers_in(result), rel=2e-3, abs=3e-4)
        if name in ("b", "w"):
            assert numbers_in(result) == pytest.approx([getattr(history[5], name)], rel=1e-4)
    assert lines[-1] == "b.grad, w.grad → None"


def test_mini_batch_says_which_batch_it_is_and_where_the_others_lead():
    moment, _, history = shown(Experiment(method="module", batch_size=16, epochs=5), 2)
    assert texts(moment["beats"]["forward"])[0] == "batch 1 of 5: 16 points"
    assert numbers_in(texts(moment["beats"]["update"])[-1])[1:] == pytest.approx(history[3][1:3], rel=1e-4)


@pytest.mark.parametrize("method", TORCH)
def test_chains_in_the_graph_multiply_out_to_the_gradient(method):
    moment, dataset, history = shown(Experiment(method=method, epochs=5), 3)
    for chain, gradient in zip(moment["graph"]["chains"], history[3][5:7], strict=True):
        *factors, product = numbers_in(chain["first"].partition(": ")[2])
        assert np.prod(factors) == pytest.approx(product, rel=5e-3)
        assert numbers_in(chain["total"]) == pytest.approx([len(dataset.x_train), gradient], rel=1e-4)
        assert numbers_in(chain["gradient"]) == pytest.approx([gradient], rel=1e-4)
        assert set(chain["edges"]) <= set(moment["graph"]["edges"])


def test_every_edge_bears_its_derivative_in_letters_and_in_numbers():
    for method in TORCH:
        for reduction in ("mean", "sum"):
            roots, missing = offered_roots(Experiment(method=method))
            for root in set(roots) - set(missing):
                moment, _, _ = shown(Experiment(method=method, reduction=reduction, epochs=2), 1, root=root)
                for edge in moment["graph"]["edges"].values():
                    assert edge["letters"]
                    assert numbers_in(edge["value"])


def test_table_says_of_every_tensor_what_pytorch_says():
    moment, dataset, _ = shown(Experiment(epochs=2), 0)
    b = torch.zeros(1, requires_grad=True)
    x = torch.as_tensor(dataset.x_train.copy()).float()
    yhat = b + b * x
    rows = {name: facts for name, *facts in moment["graph"]["table"]}
    for name, tensor in (("b", b), ("x", x), ("yhat", yhat)):
        function = "None" if tensor.grad_fn is None else tensor.grad_fn.name()
        assert rows[name][:5] == [
            str(tensor.requires_grad),
            str(tensor.is_leaf),
            function,
            str(tensor.device),
            str(tensor.dtype),
        ]
        assert rows[name][5] == str(tuple(tensor.shape))


def test_without_any_required_gradient_pytorchs_own_error_is_shown():
    moment, _, _ = shown(Experiment(epochs=2), 1, requires="none")
    with pytest.raises(RuntimeError) as caught:
        torch.zeros(1).sum().backward()
    assert moment["graph"]["error"] == f"RuntimeError: {caught.value}"
    assert not any(node["recorded"] for node in moment["graph"]["nodes"].values())
    assert moment["graph"]["chains"] == []


def test_positions_stay_while_numbers_change_but_for_the_loss_that_decides():
    experiment = Experiment(epochs=60)
    dataset, history = recorded(experiment)
    found = json.loads(moments(experiment, dataset, history, 3))
    assert len(found["layouts"]) == 1
    assert len({moment["graph"]["nodes"]["loss"]["value"] for moment in found["epochs"].values()}) == AHEAD
    layouts = [
        json.loads(moments(experiment, dataset, history, k, CHANGING))["epochs"][str(k)]["graph"]["layout"]
        for k in (0, 59)
    ]
    assert layouts[0] != layouts[1]


def test_dot_is_coloured_by_the_palette():
    experiment = Experiment(epochs=2)
    dataset, history = recorded(experiment)
    (layout,) = json.loads(moments(experiment, dataset, history, 0))["layouts"].values()
    assert layout["dot"].startswith("digraph")
    assert "#" in next(line for line in layout["dot"].splitlines() if line.startswith("\tb "))


def test_numpy_has_beats_and_a_sentence_in_place_of_the_graph():
    moment, _, _ = shown(Experiment(method="numpy", epochs=3), 1)
    assert "no autograd graph" in moment["graph"]["message"]


def test_diverged_run_is_shown_to_its_last_record():
    experiment = Experiment(learning_rate=1000.0, epochs=300)
    dataset, history = recorded(experiment)
    text = moments(experiment, dataset, history, len(history) - 1)
    assert json.loads(text)["epochs"]


def test_device_that_has_gone_since_is_named_in_a_sentence(monkeypatch):
    experiment = Experiment(epochs=3)
    dataset, history = recorded(experiment)

    def gone(*_):
        raise RuntimeError("no such device\nwith much else")

    monkeypatch.setattr("dashboard.stage.moments.repeat_epoch", gone)
    moment = json.loads(moments(experiment, dataset, history, 1))["epochs"]["1"]
    assert set(moment["beats"]) == {"forward", "loss", "backward", "update"}
    for sentence in (moment["graph"]["message"], moment["beats"]["loss"][0][1]):
        assert sentence.startswith("This epoch cannot be repeated on 'cpu' now: no such device")


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "all",
        {},
        {"epoch": "1", "root": "loss", "requires": "both"},
        {"epoch": -1, "root": "loss", "requires": "both"},
        {"epoch": 10**9, "root": "loss", "requires": "both"},
        {"epoch": 0, "root": 7, "requires": "both"},
        {"epoch": 0, "root": "loss", "requires": ["both"]},
    ],
    ids=repr,
)
def test_question_that_makes_no_sense_is_answered_without_moments(asked, worker):
    assert answer(watching(), {"moments": asked}, worker)["moments"] is None


def test_question_for_moments_is_answered(worker):
    for requires in REQUIRES:
        asked = {"moments": {"epoch": 0, "root": "loss", "requires": requires}}
        assert json.loads(answer(watching(), asked, worker)["moments"])["requires"] == requires
    unknown = {"moments": {"epoch": 0, "root": "x", "requires": "both"}}
    found = json.loads(answer(watching(), unknown, worker)["moments"])
    assert "root must be one of" in found["epochs"]["0"]["graph"]["message"]


def watching():
    experiment = Experiment(epochs=3)
    dataset = make_dataset(experiment)
    return Watching(experiment, dataset, None, History(train(experiment, dataset)), "", 1, False)


def test_numbers_are_written_as_people_read_them():
    written = {0.0: "0", 1.0: "1", -3.0: "\u22123", 0.5: "0.50000", -1.23456789: "\u22121.2346", 1.5e-7: "1.50e\u22127"}
    assert {value: number(value) for value in written} == written
    assert (number(float("inf")), number(float("nan"))) == ("inf", "nan")
    assert (operand(-2.5, 2), operand(2.5, 2)) == ("(\u22122.5)", "2.5")


def test_every_method_is_offered_only_roots_that_it_has():
    for method in METHODS[1:]:
        experiment = Experiment(method=method, epochs=1)
        dataset, history = recorded(experiment)
        roots, missing = offered_roots(experiment)
        for root in roots:
            assert (root in missing) == bool(
                json.loads(moments(experiment, dataset, history, 0, root))["epochs"]["0"]["graph"]["message"]
            )
    assert set(offered_roots(Experiment(method="module"))[1]) == {"error"}
