"""The autograd graph: named, stable, complete, and without traces in the rest of the program."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
import torch

from core import AutogradGraph, Experiment, autograd_dot, autograd_graph, make_dataset, methods, shipped_table

TORCH_METHODS = methods[1:]
OWN_LOSS = ("autograd", "optimizer")
"""The methods that write the loss out, so that the error is a tensor of theirs."""
KINDS = {
    "b": "parameter",
    "w": "parameter",
    "x": "data",
    "y": "data",
    "yhat": "result",
    "error": "result",
    "loss": "result",
}
METHODS_AND_ROOTS = [
    (method, root)
    for method in TORCH_METHODS
    for root in ("yhat", "error", "loss")
    if root != "error" or method in OWN_LOSS
]


def kinds_of(method, root="loss") -> dict[str, str]:
    """The named tensors that `root` is computed from, and itself, with their kinds."""
    missing = {"yhat": ("y", "error", "loss"), "error": ("loss",), "loss": ()}[root]
    if method not in OWN_LOSS:
        missing = (*missing, "error")
    return {name: kind for name, kind in KINDS.items() if name not in missing}


def named(nodes) -> dict[str, str]:
    return {name: kind for name, kind in nodes.items() if not re.fullmatch(r"op\d+", name)}


def read(experiment, root="loss") -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The kinds of the graph's nodes by their names, and its edges."""
    graph = autograd_graph(experiment, root=root)
    nodes = {node.name: node.kind for node in graph.nodes}
    assert len(nodes) == len(graph.nodes)
    return nodes, list(graph.edges)


def read_dot(text: str) -> tuple[dict[str, str], dict[str, str], list[tuple[str, str]]]:
    """The labels and the classes of DOT text by node, and its edges; every statement must be one of the three."""
    head, body = text.split("\n", 1)
    assert (head, body[-2:]) == ("digraph {", "}\n")
    labels: dict[str, str] = {}
    classes: dict[str, str] = {}
    edges = []
    for statement in re.split(r"\n(?=\t)", body[:-3]):
        if re.match(r"\t(graph|node|edge) \[.*\]$", statement):
            continue
        if node := re.match(r'\t(\w+) \[label=("[^"]+"|\w+)( fillcolor=\w+)?\]$', statement):
            assert node[1] not in labels
            labels[node[1]] = node[2].strip('"')
        elif node := re.match(r"\t(\w+) \[class=(\w+)[^\n]*\]$", statement):
            assert node[1] not in classes
            classes[node[1]] = node[2]
        else:
            edge = re.match(r"\t(\w+) -> (\w+)( \[style=dashed\])?$", statement)
            assert edge is not None, statement
            edges.append((edge[1], edge[2]))
    return labels, classes, edges


def ancestors(edges, name) -> set[str]:
    found, pending = set(), [name]
    while pending:
        here = pending.pop()
        for source, target in edges:
            if target == here and source not in found:
                found.add(source)
                pending.append(source)
    return found


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("method", TORCH_METHODS)
def test_the_tensors_of_the_loss_are_named_and_told_apart(method, reduction):
    nodes, _ = read(Experiment(method=method, reduction=reduction))
    assert named(nodes) == kinds_of(method)
    operations = [name for name, kind in nodes.items() if kind == "operation"]
    assert operations == [f"op{number}" for number in range(1, len(operations) + 1)]


@pytest.mark.parametrize(("method", "root"), METHODS_AND_ROOTS)
def test_a_graph_ends_at_its_root_and_holds_nothing_that_comes_after(method, root):
    nodes, edges = read(Experiment(method=method), root)
    assert named(nodes) == kinds_of(method, root)
    assert not [edge for edge in edges if edge[0] == root]
    assert ancestors(edges, root) == set(nodes) - {root}
    assert next(iter(nodes)) == root


@pytest.mark.parametrize(("method", "root"), METHODS_AND_ROOTS)
def test_every_edge_joins_two_nodes_and_leads_to_the_result_without_a_circle(method, root):
    nodes, edges = read(Experiment(method=method), root)
    assert {name for edge in edges for name in edge} == set(nodes)
    assert len(edges) == len(set(edges))
    assert ancestors(edges, root) == set(nodes) - {root}
    assert not [name for name in nodes if name in ancestors(edges, name)]


@pytest.mark.parametrize("method", TORCH_METHODS)
def test_parameters_and_x_meet_in_the_predictions_and_y_only_afterwards(method):
    _, edges = read(Experiment(method=method))
    assert {name for name in ancestors(edges, "yhat") if name in KINDS} == {"b", "w", "x"}
    assert {name for name in ancestors(edges, "loss") if name in KINDS} == set(kinds_of(method)) - {"loss"}
    # The only way from the parameters to the loss is through the predictions.
    assert "b" not in ancestors([edge for edge in edges if edge[0] != "yhat"], "loss")


@pytest.mark.parametrize("method", OWN_LOSS)
def test_the_error_lies_between_the_predictions_and_the_loss(method):
    _, edges = read(Experiment(method=method))
    assert {name for name in ancestors(edges, "error") if name in KINDS} == {"b", "w", "x", "y", "yhat"}
    through_error = [edge for edge in edges if edge[0] != "error"]
    assert {name for name in ancestors(through_error, "loss") if name in KINDS} == set()


def operations(experiment, root="loss") -> set[str]:
    return {node.label for node in autograd_graph(experiment, root=root).nodes if node.kind == "operation"}


def test_the_operations_are_those_that_the_method_writes():
    line = {"AddBackward0", "MulBackward0", "AccumulateGrad"}
    assert operations(Experiment(), root="yhat") == line
    assert operations(Experiment(), root="error") == line | {"SubBackward0"}
    assert operations(Experiment()) == line | {"SubBackward0", "PowBackward0", "MeanBackward0"}
    assert operations(Experiment(reduction="sum")) == line | {"SubBackward0", "PowBackward0", "SumBackward0"}
    for method in ("loss_fn", "module"):
        assert operations(Experiment(method=method)) == line | {"MseLossBackward0"}


@pytest.mark.parametrize("method", TORCH_METHODS)
def test_tensors_bear_their_shapes(method):
    shapes = {node.name: node.shape for node in autograd_graph(Experiment(method=method, n=50)).nodes}
    columns = dict.fromkeys({"x", "y", "yhat", "error"} & set(kinds_of(method)), (40, 1))
    assert {name: shape for name, shape in shapes.items() if name in KINDS} == {
        **dict.fromkeys(["b", "w"], (1,)),
        **columns,
        "loss": (),
    }
    assert {shape for name, shape in shapes.items() if name not in KINDS} == {None}


def test_a_graph_is_a_value():
    graph = autograd_graph(Experiment())
    assert isinstance(graph, AutogradGraph)
    assert graph == autograd_graph(Experiment(), make_dataset(Experiment()))
    assert hash(graph) == hash(autograd_graph(Experiment()))
    assert graph != autograd_graph(Experiment(n=50))


# --- as DOT -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "root"), METHODS_AND_ROOTS)
def test_the_same_graph_gives_the_same_text(method, root):
    first = autograd_dot(Experiment(method=method), root=root)
    in_the_way = [torch.ones(3, requires_grad=True).exp() for _ in range(50)]  # other addresses the second time
    assert autograd_dot(Experiment(method=method, seed=7, learning_rate=0.3), root=root) == first
    assert len(in_the_way) == 50


@pytest.mark.parametrize(("method", "root"), METHODS_AND_ROOTS)
def test_dot_has_the_nodes_of_the_graph_with_their_kinds(method, root):
    graph = autograd_graph(Experiment(method=method), root=root)
    labels, classes, _ = read_dot(graph.to_dot())
    assert classes == {node.name: node.kind for node in graph.nodes}
    assert {name: label.split("\n")[0] for name, label in labels.items()} == {
        node.name: node.label for node in graph.nodes
    }


@pytest.mark.parametrize(("method", "root"), METHODS_AND_ROOTS)
def test_dot_has_the_edges_of_the_graph_with_the_results_beside_the_way(method, root):
    graph = autograd_graph(Experiment(method=method), root=root)
    _, _, edges = read_dot(graph.to_dot())
    results = {node.name for node in graph.nodes if node.kind == "result"}
    makers = {target: source for source, target in edges if target in results}
    assert set(makers) == results
    assert not [edge for edge in edges if edge[0] in results]
    through = {maker: result for result, maker in makers.items()}
    ways = [(source if target in results else through.get(source, source), target) for source, target in edges]
    assert sorted(ways) == sorted(graph.edges)


def test_autograd_dot_is_the_text_of_the_graph():
    assert autograd_dot(Experiment()) == autograd_graph(Experiment()).to_dot()


def test_dot_bears_the_shapes_of_the_tensors():
    dataset = shipped_table("iris").dataset("petal_width", "petal_length", Experiment())
    labels, _, _ = read_dot(autograd_dot(Experiment(), dataset))
    assert labels["x"].split() == ["x", "(120,", "1)"]
    assert labels["b"].split() == ["b", "(1)"]


def test_nodes_take_the_colours_of_their_kind_and_rather_those_of_their_name():
    colours = {
        "parameter": ("#111111", "#222222"),
        "result": ("#333333", "#444444"),
        "loss": ("#555555", "#666666"),
        "op1": ("#777777", "#888888"),
    }
    graph = autograd_graph(Experiment())
    text = graph.to_dot(colours)
    looks = dict(re.findall(r"^\t(\w+) \[class=(.*)\]$", text, re.MULTILINE))
    for node in graph.nodes:
        if colour := colours.get(node.name) or colours.get(node.kind):
            assert f'color="{colour[1]}" fillcolor="{colour[0]}"' in looks[node.name]
        else:
            assert "color" not in looks[node.name]
    # Nothing else depends on them.
    assert re.sub(r' color="\S+" fillcolor="\S+"', "", text) == graph.to_dot()


def test_numpy_has_no_graph_and_is_refused_in_words():
    for draw in (autograd_dot, autograd_graph):
        with pytest.raises(ValueError, match=r"^Method 'numpy' has no autograd graph: .* Choose another method\.$"):
            draw(Experiment(method="numpy"))


@pytest.mark.parametrize("root", ["", "op1", "x", "b", "changing loss", None])
@pytest.mark.parametrize("method", TORCH_METHODS)
def test_another_root_is_refused_in_words(method, root):
    said = f"root must be one of 'yhat', 'error', 'loss', but got {root!r}."
    for draw in (autograd_dot, autograd_graph):
        with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
            draw(Experiment(method=method), root=root)


@pytest.mark.parametrize("method", ["loss_fn", "module"])
def test_an_error_that_the_loss_function_keeps_to_itself_is_refused_in_words(method):
    said = "This method's loss function keeps the error to itself: look back from 'loss' or 'yhat'."
    for draw in (autograd_dot, autograd_graph):
        with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
            draw(Experiment(method=method), root="error")


def test_the_graph_of_a_device_that_is_not_here_can_be_drawn_all_the_same():
    assert autograd_dot(Experiment(device="xpu:77")) == autograd_dot(Experiment())


@pytest.mark.parametrize("method", TORCH_METHODS)
def test_drawing_leaves_the_global_streams_alone(method):
    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    expected = torch.rand(1).item(), np.random.rand(), random.random()
    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    autograd_dot(Experiment(method=method))
    assert (torch.rand(1).item(), np.random.rand(), random.random()) == expected
