"""An autograd graph to take away: torchviz's drawing of it, as DOT text, under names that last."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor
from torch.autograd.graph import Node, get_gradient_edge

__all__ = ["write_dot"]

OUTLINES = {
    "parameter": {"style": "filled,bold"},
    "data": {"style": "filled,dashed"},
    "operation": {"shape": "ellipse"},
    "result": {"peripheries": "2"},
}

_ADDRESS = re.compile(r"(?<=^\t)\d+|(?<= -> )\d+")


def write_dot(
    kinds: Mapping[str, str], objects: Mapping[str, Tensor | Node], colours: Mapping[str, tuple[str, str]]
) -> str:
    """The way back from the first of `kinds`, a result, as DOT text, from left to right.

    Args:
        kinds: the kind of every node by its name; among them all that can be reached from the first.
        objects: the tensor or function behind every node.
        colours: fill and line by node or by kind; torchviz's own where left out.
    """
    # Loading it takes a tenth of a second, which only those need wait for who want a drawing.
    from torchviz import make_dot

    tensors = {name: thing for name, thing in objects.items() if isinstance(thing, Tensor)}
    names = {id(thing): name for name, thing in objects.items()}
    data = {name: get_gradient_edge(tensors[name]).node for name, kind in kinds.items() if kind == "data"}
    names |= {id(function): name for name, function in data.items()}
    drawing = make_dot(tuple(tensors[name] for name, kind in kinds.items() if kind == "result"), params=tensors)
    # torchviz calls every node by its address in memory, which is another one each time.
    body = [_ADDRESS.sub(lambda found: names[int(found[0])], line) for line in drawing.body]
    for name in data:
        # Data ask for no gradients in the run, where nothing would collect theirs.
        body.remove(f"\t{name} [label=AccumulateGrad]\n")
        body.remove(f"\t{name} -> {name}\n")
    ways_from_data = tuple(f"\t{name} -> " for name in data)
    drawing.body = [f"{line[:-1]} [style=dashed]\n" if line.startswith(ways_from_data) else line for line in body]
    drawing.graph_attr = {"rankdir": "LR", "bgcolor": "transparent", "nodesep": "0.15", "ranksep": "0.3"}
    drawing.node_attr |= {"fontname": "sans-serif", "fontsize": "12", "height": "0.3", "margin": "0.1,0.05"}
    drawing.edge_attr = {"arrowsize": "0.6"}
    # In DOT, what is said of a node again is added to what was said before.
    for name, kind in kinds.items():
        colour = colours.get(name, colours.get(kind))
        fill = {} if colour is None else {"fillcolor": colour[0], "color": colour[1]}
        drawing.node(name, _attributes={"class": kind, **OUTLINES[kind], **fill})
    return str(drawing.source)
