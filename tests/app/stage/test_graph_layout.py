"""The graph's places: nothing on top of anything, and everything flows to the right."""

from __future__ import annotations

import pytest

from core import AutogradGraph, Experiment, GraphNode, autograd_graph, methods, optimizers
from dashboard.stage.graph_layout import lay_out

TORCH = [method for method in methods if method != "numpy"]


@pytest.mark.parametrize("root", ["loss", "yhat"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("method", TORCH)
def test_no_two_boxes_share_a_place_and_every_edge_goes_right(method, reduction, root):
    graph = autograd_graph(Experiment(method=method, reduction=reduction), root=root)
    laid_out = lay_out(graph)
    places = {node["name"]: (node["column"], node["row"]) for node in laid_out["nodes"]}
    assert len(set(places.values())) == len(places)
    for source, target, _ in laid_out["edges"]:
        assert places[source][0] < places[target][0], (source, target)
    columns, rows = zip(*places.values(), strict=True)
    assert (min(columns), max(columns)) == (0, laid_out["columns"] - 1)
    assert (min(rows), max(rows)) == (0, laid_out["rows"] - 1)
    assert places[root][0] == laid_out["columns"] - 1


@pytest.mark.parametrize("method", TORCH)
def test_every_node_is_in_one_box_and_every_edge_between_boxes_is_drawn(method):
    graph = autograd_graph(Experiment(method=method))
    laid_out = lay_out(graph)
    box = {node["name"]: node["name"] for node in laid_out["nodes"]}
    box |= {node["function"]: node["name"] for node in laid_out["nodes"] if node["function"]}
    assert set(box) == {node.name for node in graph.nodes}
    between = {f"{source}>{target}" for source, target in graph.edges if box[source] != box[target]}
    assert {key for _, _, key in laid_out["edges"]} == between
    for source, target, key in laid_out["edges"]:
        assert (source, target) == tuple(box[end] for end in key.split(">"))
    labels = {node["name"]: node["functionLabel"] for node in laid_out["nodes"]}
    assert (labels["b"], labels["yhat"]) == ("AccumulateGrad", "AddBackward0")


def test_the_same_graph_always_gets_the_same_places():
    experiment = Experiment(method="module")
    assert lay_out(autograd_graph(experiment)) == lay_out(autograd_graph(experiment))


@pytest.mark.parametrize("optimizer", optimizers)
def test_the_optimizer_changes_nothing_in_the_graph(optimizer):
    plain = autograd_graph(Experiment(method="module"))
    assert lay_out(autograd_graph(Experiment(method="module", optimizer=optimizer))) == lay_out(plain)


def test_nodes_say_what_they_hold_and_the_words_name_them_all():
    laid_out = lay_out(autograd_graph(Experiment()))
    nodes = {node["name"]: node for node in laid_out["nodes"]}
    assert nodes["b"]["kind"] == "parameter"
    assert nodes["x"]["detail"] == "(80, 1)"
    assert nodes["loss"]["detail"] == "scalar"
    assert nodes["loss"]["functionLabel"] == "MeanBackward0"
    assert all(node["label"] in laid_out["words"] for node in nodes.values())


def test_a_wide_and_tangled_graph_is_laid_out_as_well():
    names = ["out", *(f"n{i}" for i in range(12)), "b"]
    nodes = tuple(GraphNode(name, "operation", name) for name in names)
    middle = names[1:-1]
    edges = tuple([(name, "out") for name in middle] + [("b", name) for name in middle] + [("n3", "n4"), ("b", "out")])
    laid_out = lay_out(AutogradGraph(nodes, edges))
    places = {node["name"]: (node["column"], node["row"]) for node in laid_out["nodes"]}
    assert len(set(places.values())) == len(names)
    assert all(places[source][0] < places[target][0] for source, target in edges)
