"""The stage in a notebook: what `show` gives Jupyter, and the cells that the lab's notebooks end with."""

from __future__ import annotations

import re
from html import unescape

import pytest
from opened import numbers, opened

from core import Dataset, Experiment, shipped_table, train
from core.takeaway.notebook import Code
from core.takeaway.program import make_program
from dashboard.webpage import show
from dashboard.webpage.notebook import stage_cells


def page_in(frame: str):
    (text,) = re.findall(r'srcdoc="([^"]*)"', frame)
    return opened(unescape(text).encode())


def last_of(told: dict, run: int) -> tuple[float, float, float]:
    columns = told["runs"][run]["columns"]
    return tuple(numbers(columns[name])[-1] for name in ("b", "w", "loss"))


def test_a_cell_shows_the_runs_as_a_page_in_a_frame_that_cannot_touch_the_notebook():
    slow, fast = Experiment(epochs=20), Experiment(epochs=20, learning_rate=0.5)
    frame = show(slow, fast, height=500)._repr_html_()
    assert frame.startswith("<iframe ")
    (sandbox,) = re.findall(r'sandbox="([^"]*)"', frame)
    assert "allow-same-origin" not in sandbox
    assert "height: 500px" in frame
    page = page_in(frame)
    for run, experiment in enumerate((slow, fast)):
        assert last_of(page.told, run) == tuple(list(train(experiment))[-1][1:4])
    assert page.about["link"] == "http://localhost:8501/?epochs=20&versus=learning_rate:0.5"


def test_points_that_are_given_are_trained_on_as_they_are():
    points = Dataset([[0.0], [1.0], [2.0]], [[1.0], [3.0], [5.5]], [[3.0]], [[7.0]])
    page = page_in(show(Experiment(epochs=9), dataset=points)._repr_html_())
    assert last_of(page.told, 0) == tuple(list(train(Experiment(epochs=9), points))[-1][1:4])
    assert page.about["link"] == ""


@pytest.mark.parametrize("others", [[Experiment()], [Experiment(seed=n) for n in range(1, 8)]])
def test_runs_that_cannot_stand_beside_one_another_are_refused_in_a_sentence(others):
    with pytest.raises(ValueError, match=r"equal to the base|at most 5|room for 5"):
        show(Experiment(), *others)


def code_of(cells) -> str:
    return "\n".join(cell.source for cell in cells if isinstance(cell, Code))


def test_the_last_cell_of_a_notebook_shows_the_very_run():
    experiment = Experiment(epochs=30, method="optimizer", optimizer="adam", schedule=((5, 0.05),), start_b=0.25)
    names: dict = {}
    exec(code_of(stage_cells([experiment], None)), names)
    assert last_of(page_in(names["stage"]._repr_html_()).told, 0) == tuple(list(train(experiment))[-1][1:4])


@pytest.mark.parametrize("standardize", ["none", "xy"])
def test_of_a_table_it_shows_the_points_that_the_cells_before_it_have(standardize):
    experiment = Experiment(epochs=20, learning_rate=0.01, standardize=standardize, validation=0.3)
    dataset = shipped_table("iris").dataset(None, None, experiment)
    names: dict = {}
    program = make_program(experiment, dataset)
    exec(f"{program.imports}\n{program.data}", names)
    exec(code_of(stage_cells([experiment], dataset)), names)
    assert last_of(page_in(names["stage"]._repr_html_()).told, 0) == tuple(list(train(experiment, dataset))[-1][1:4])


def test_where_the_lab_is_not_installed_the_cell_says_so(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "dashboard.webpage", None)
    names: dict = {}
    exec(code_of(stage_cells([Experiment()], None)), names)
    assert names["stage"] == "Install Gradient Descent Lab, and the run plays here."


def test_hostile_names_of_columns_stay_text_in_the_cell():
    name = '"); raise SystemExit("'
    dataset = Dataset([[0.0], [1.0]], [[1.0], [3.0]], [[3.0]], [[7.0]], x_name=name, y_name=name)
    names = {"x_train": [[0.0], [1.0]], "y_train": [[1.0], [3.0]], "x_val": [[3.0]], "y_val": [[7.0]]}
    exec(code_of(stage_cells([Experiment(epochs=3)], dataset)), names)
    assert last_of(page_in(names["stage"]._repr_html_()).told, 0)
