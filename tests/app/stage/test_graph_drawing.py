"""The graph to take away: in the palette's colours, and drawn once for all who look at an equal one."""

from __future__ import annotations

import re

from core import AutogradGraph, Experiment, autograd_graph
from dashboard.shared.palette import LIGHT
from dashboard.stage.graph_drawing import drawn, graph_name

ROLES = {"b": "b", "w": "w", "x": "data", "y": "data", "yhat": "line", "error": "text", "loss": "loss", "op1": "muted"}


def test_dot_is_coloured_by_the_palette():
    text = drawn(autograd_graph(Experiment()))["dot"]
    looks = dict(re.findall(r"^\t(\w+) \[class=(.*)\]$", text, re.MULTILINE))
    for name, role in ROLES.items():
        assert f'color="{LIGHT[role]}" fillcolor="{LIGHT["panel"]}"' in looks[name]
    assert all("fillcolor=" in look for look in looks.values())


def test_equal_graphs_are_drawn_once(monkeypatch):
    first = drawn(autograd_graph(Experiment(n=77)))
    monkeypatch.setattr(AutogradGraph, "to_dot", lambda *_: "drawn again")
    assert drawn(autograd_graph(Experiment(n=77, seed=3, learning_rate=0.5))) is first
    assert drawn(autograd_graph(Experiment(n=78)))["dot"] == "drawn again"


def test_graphs_that_differ_have_names_that_differ():
    experiments = [Experiment(), Experiment(n=50), Experiment(reduction="sum"), Experiment(method="module")]
    assert len({graph_name(autograd_graph(experiment)) for experiment in experiments}) == len(experiments)
    assert graph_name(autograd_graph(Experiment(seed=7))) == graph_name(autograd_graph(Experiment()))
