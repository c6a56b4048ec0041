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


def read_dot(text: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The nodes with their classes and the edges of DOT text; every line must be one or the other."""
    head, *lines, closing = text.splitlines()
    assert (head, closing) == ("digraph {", "}")
    nodes, edges = {}, []
    for line in lines:
        if re.match(r"\t(graph|node|edge) \[.*\]$", line):
            continue
        if node := re.match(r'\t(\w+) \[label="[^"\n]+" class=(\w+) .*\]$', line):
            assert node[1] not in nodes
            nodes[node[1]] = node[2]
        else:
            edge = re.match(r"\t(\w+) -> (\w+)( \[style=dashed\])?$", line)
            assert edge is not None, line
            edges.append((edge[1], edge[2]))
    return nodes, edges


def ancestors(edges, name) -> set[str]:
    found, pending = set(), [name]
    while pending:
        here = pending.pop()
        for source, target in edges:
            if target == here and source not in found:
                found.add(source)
                pending.append(source)
    return found


@pytest.mark.parametrize(("method", "root"), METHODS_AND_ROOTS)
def test_the_same_graph_gives_the_same_text(method, root):
    first = autograd_dot(Experiment(method=method), root=root)
    in_the_way = [torch.ones(3, requires_grad=True).exp() for _ in range(50)]  # other addresses the second time
    assert autograd_dot(Experiment(method=method, seed=7, learning_rate=0.3), root=root) == first
    assert len(in_the_way) == 50


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("method", TORCH_METHODS)
def test_the_tensors_of_the_loss_are_named_and_told_apart(method, reduction):
    nodes, _ = read_dot(autograd_dot(Experiment(method=method, reduction=reduction)))
    assert named(nodes) == kinds_of(method)
    operations = [name for name, kind in nodes.items() if kind == "operation"]
    assert operations == [f"op{number}" for number in range(1, len(operations) + 1)]


@pytest.mark.parametrize(("method", "root"), METHODS_AND_ROOTS)
def test_a_graph_ends_at_its_root_and_holds_nothing_that_comes_after(method, root):
    nodes, edges = read_dot(autograd_dot(Experiment(method=method), root=root))
    assert named(nodes) == kinds_of(method, root)
    assert not [edge for edge in edges if edge[0] == root]
    assert ancestors(edges, root) == set(nodes) - {root}
    assert next(iter(nodes)) == root


@pytest.mark.parametrize(("method", "root"), METHODS_AND_ROOTS)
def test_every_edge_joins_two_nodes_and_leads_to_the_result_without_a_circle(method, root):
    nodes, edges = read_dot(autograd_dot(Experiment(method=method), root=root))
    assert {name for edge in edges for name in edge} == set(nodes)
    assert len(edges) == len(set(edges))
    assert ancestors(edges, root) == set(nodes) - {root}
    assert not [name for name in nodes if name in ancestors(edges, name)]


@pytest.mark.parametrize("method", TORCH_METHODS)
def test_parameters_and_x_meet_in_the_predictions_and_y_only_afterwards(method):
    _, edges = read_dot(autograd_dot(Experiment(method=method)))
    assert {name for name in ancestors(edges, "yhat") if name in KINDS} == {"b", "w", "x"}
    assert {name for name in ancestors(edges, "loss") if name in KINDS} == set(kinds_of(method)) - {"loss"}
    # The only way from the parameters to the loss is through the predictions.
    assert "b" not in ancestors([edge for edge in edges if edge[0] != "yhat"], "loss")


@pytest.mark.parametrize("method", OWN_LOSS)
def test_the_error_lies_between_the_predictions_and_the_loss(method):
    _, edges = read_dot(autograd_dot(Experiment(method=method)))
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


def test_other_points_make_another_graph():
    dataset = shipped_table("iris").dataset("petal_width", "petal_length", 42)
    assert r'label="x\n(120, 1)"' in autograd_dot(Experiment(), dataset)


def test_nodes_take_the_colours_of_their_kind():
    colours = {"parameter": ("#111111", "#222222"), "result": ("#333333", "#444444")}
    lines = autograd_dot(Experiment(), colours=colours).splitlines()
    for line in lines:
        if " class=" in line:
            kind = re.search(r"class=(\w+)", line)[1]
            fill, edge = colours.get(kind, ("white", "black"))
            assert f'fillcolor="{fill}" color="{edge}"' in line


def test_a_colour_by_name_goes_before_that_of_the_kind():
    colours = {"result": ("#333333", "#444444"), "loss": ("#555555", "#666666"), "op1": ("#777777", "#888888")}
    graph = autograd_graph(Experiment())
    lines = graph.to_dot(colours).splitlines()
    for node in graph.nodes:
        fill, edge = colours.get(node.name) or colours.get(node.kind) or ("white", "black")
        (line,) = [line for line in lines if line.startswith(f"\t{node.name} [label=")]
        assert f'fillcolor="{fill}" color="{edge}"' in line
    # Nothing but the colours depends on them.
    plain = re.sub(r' fillcolor="\S+" color="\S+"\]', "]", graph.to_dot())
    assert re.sub(r' fillcolor="\S+" color="\S+"\]', "]", graph.to_dot(colours)) == plain


def test_a_graph_is_a_value_and_its_text_is_that_of_autograd_dot():
    graph = autograd_graph(Experiment())
    assert isinstance(graph, AutogradGraph)
    assert graph == autograd_graph(Experiment(), make_dataset(Experiment()))
    assert hash(graph) == hash(autograd_graph(Experiment()))
    assert graph.to_dot() == autograd_dot(Experiment())
    nodes, edges = read_dot(graph.to_dot())
    assert list(nodes.items()) == [(node.name, node.kind) for node in graph.nodes]
    assert tuple(edges) == graph.edges


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
