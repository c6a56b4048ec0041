"""The graph's values: every number in it is what PyTorch finds on its own."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from recorded import recorded, shown

from core import Experiment, methods
from core.experiment import METHODS
from core.insight.look_back import CHANGING
from dashboard.stage.living_graph import offered_roots
from dashboard.stage.moments import AHEAD, moments

TORCH = [method for method in methods if method != "numpy"]


@pytest.mark.parametrize("method", TORCH)
def test_chains_in_the_graph_multiply_out_to_the_gradient(method):
    moment, dataset, history = shown(Experiment(method=method, epochs=5), 3)
    graph = moment["graph"]
    for chain, gradient in zip(graph["chains"], history[3][5:7], strict=True):
        factors = [graph["edges"][edge]["values"][0] for edge in chain["edges"]]
        assert np.prod(factors) == pytest.approx(chain["first"], rel=1e-6)
        assert chain["points"] == len(dataset.x_train)
        assert chain["total"] == pytest.approx(gradient, rel=1e-5)
        assert graph["nodes"][chain["parameter"]]["gradient"]["first"] == pytest.approx([gradient], rel=1e-8)


def test_every_edge_bears_its_derivative_in_letters_and_in_numbers():
    for method in TORCH:
        for reduction in ("mean", "sum"):
            roots, missing = offered_roots(Experiment(method=method))
            for root in set(roots) - set(missing):
                moment, _, _ = shown(Experiment(method=method, reduction=reduction, epochs=2), 1, root=root)
                for edge in moment["graph"]["edges"].values():
                    assert edge["letters"]
                    assert np.isfinite(edge["values"]).all()


def test_nodes_hold_what_pytorch_computes_keeps_and_adds_up():
    moment, dataset, history = shown(Experiment(epochs=5), 3)
    record, nodes = history[3], moment["graph"]["nodes"]
    x, y = (torch.as_tensor(column.copy()).float() for column in (dataset.x_train, dataset.y_train))
    b, w = (torch.tensor([value], requires_grad=True) for value in record[1:3])
    error = b + w * x - y
    (error**2).mean().backward()
    for name, tensor in (("b", b), ("w", w)):
        assert nodes[name] == {
            "recorded": True,
            "value": {"shape": "(1)", "first": [pytest.approx(tensor.item(), rel=1e-8)], "more": False},
            "before": {"shape": "(1)", "first": [0], "more": False},
            "gradient": {"shape": "(1)", "first": [pytest.approx(tensor.grad.item(), rel=1e-6)], "more": False},
            "leaf": True,
        }
    assert nodes["loss"]["value"] == {"shape": "", "first": [pytest.approx(record.loss, rel=1e-8)], "more": False}
    assert nodes["error"]["value"] == {
        "shape": "(80, 1)",
        "first": pytest.approx(error[:3, 0].tolist(), rel=1e-6),
        "more": True,
    }
    kept = [node["saved"] for node in nodes.values() if node.get("saved")]
    assert [list(saved) for saved in kept] == [["exponent", "self"], ["other"]]
    assert kept[0]["exponent"] == {"setting": 2}
    assert kept[1]["other"]["tensor"]["first"] == pytest.approx(x[:3, 0].tolist(), rel=1e-8)
    assert [node["collects"] for node in nodes.values() if "collects" in node] == ["b", "w"]


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
    assert len({moment["graph"]["nodes"]["loss"]["value"]["first"][0] for moment in found["epochs"].values()}) == AHEAD
    layouts = [
        json.loads(moments(experiment, dataset, history, k, CHANGING))["epochs"][str(k)]["graph"]["layout"]
        for k in (0, 59)
    ]
    assert layouts[0] != layouts[1]


def test_numpy_has_beats_and_a_sentence_in_place_of_the_graph():
    moment, _, _ = shown(Experiment(method="numpy", epochs=3), 1)
    assert "no autograd graph" in moment["graph"]["message"]


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
