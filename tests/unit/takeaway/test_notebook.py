"""Notebooks: what Jupyter's own library says of them, and what their cells compute when they are run."""

from __future__ import annotations

import json

import nbformat
import numpy as np
import pytest
from clean_interpreter import numbers, printed_by

from core import Dataset, Experiment, shipped_table, train
from core.takeaway.notebook import Code, Markdown, experiment_notebook, write_notebook
from core.takeaway.program import make_program

CELLS = [
    Markdown("# A title\n\nWith a *formula*: $b + w\\,x$ – and more."),
    Code("x = 1\nprint(x)", outputs="1\n"),
    Code("print('half')\n1 / 0", outputs="half\n", error=("ZeroDivisionError", "division by zero"), expects_error=True),
    Code("y = 2"),
]

EXPERIMENTS = {
    "numpy": (Experiment(method="numpy", epochs=50), None),
    "autograd": (Experiment(), None),
    "module": (Experiment(method="module", optimizer="adam", batch_size=16, epochs=20), None),
    "diverged": (Experiment(method="loss_fn", learning_rate=1000.0, batch_size=1), None),
    "converged": (Experiment(method="optimizer", tolerance=0.01), None),
    "iris": (Experiment(method="optimizer", optimizer="rmsprop", learning_rate=0.01, epochs=50), shipped_table("iris")),
    "large": (Experiment(learning_rate=1e-4, epochs=10), None),
}


def given(name) -> tuple[Experiment, Dataset | None]:
    experiment, table = EXPERIMENTS[name]
    if name == "large":
        x = np.linspace(-3, 90, 2500)
        return experiment, Dataset(x[::2], -x[::2], x[1::2], -x[1::2])
    return experiment, table.dataset(None, None, experiment) if table else None


def read(text) -> nbformat.NotebookNode:
    """The notebook, which is a valid one."""
    notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    return notebook


def code_of(text) -> list[str]:
    return [cell.source for cell in read(text).cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> dict[str, str]:
    programs = {name: code_of(experiment_notebook(*given(name))) for name in EXPERIMENTS}
    return printed_by(programs, tmp_path_factory.mktemp("empty"))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_cells_of_an_experiment_end_at_the_numbers_of_the_engine_to_the_last_bit(printed, name):
    *_, last = train(*given(name))
    found = numbers(printed[name])
    assert (found["epoch"], found["b"], found["w"], found["loss"]) == last[:4]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_is_its_program_part_by_part_under_headings(name):
    notebook = read(experiment_notebook(*given(name)))
    program = make_program(*given(name))
    parts = [program.imports, program.data, program.start, program.loop, program.result]
    assert code_of(experiment_notebook(*given(name))) == parts
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", *["markdown", "code"] * 5]
    title, *headings = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert title == f"# {notebook.metadata.title}\n\n{program.about}"
    assert all(heading.startswith("## ") and len(heading.splitlines()) == 1 for heading in headings)
    assert not any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")


def test_a_notebook_is_valid_in_the_format_4_5_and_names_its_kernel():
    notebook = read(write_notebook(CELLS, "A title"))
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert notebook.metadata.title == "A title"
    assert [cell.source for cell in notebook.cells] == [CELLS[0].text, *(cell.source for cell in CELLS[1:])]


def test_what_a_cell_printed_and_raised_is_its_output():
    silent = read(write_notebook([Code("y = 2")], "t")).cells[0]
    assert silent.outputs == []
    _, printing, raising, _ = read(write_notebook(CELLS, "t")).cells
    assert printing.outputs == [{"output_type": "stream", "name": "stdout", "text": "1\n"}]
    stream, error = raising.outputs
    assert stream.text == "half\n"
    assert (error.output_type, error.ename, error.evalue) == ("error", "ZeroDivisionError", "division by zero")
    assert error.traceback == ["ZeroDivisionError: division by zero"]


@pytest.mark.parametrize("expects_error", [False, True])
@pytest.mark.parametrize("error", [None, ("ValueError", "")])
def test_only_a_cell_that_is_meant_to_raise_is_tagged_for_it(error, expects_error):
    cell = read(write_notebook([Code("x", error=error, expects_error=expects_error)], "t")).cells[0]
    assert cell.metadata == ({"tags": ["raises-exception"]} if expects_error else {})
    assert len(cell.outputs) == (error is not None)


def test_the_same_cells_give_the_same_file_and_every_cell_has_an_id_of_its_own():
    assert write_notebook(CELLS, "t") == write_notebook(list(CELLS), "t")
    ids = [cell.id for cell in read(write_notebook([*CELLS, *CELLS], "t")).cells]
    assert len(set(ids)) == len(ids) == 2 * len(CELLS)


@pytest.mark.parametrize("text", ["", "\n", "a\r\nb", "\u2028\x0b\x85", '"""\\', "∂loss/∂w", "\ud800"], ids=ascii)
def test_any_text_comes_back_as_it_was(text):
    given = json.loads(write_notebook([Markdown(text), Code(text, outputs=text, error=(text, text))], text))
    markdown, code = given["cells"]
    assert "".join(markdown["source"]) == "".join(code["source"]) == given["metadata"]["title"] == text
    assert ["".join(output["text"]) for output in code["outputs"][:-1]] == ([text] if text else [])
    assert (code["outputs"][-1]["ename"], code["outputs"][-1]["evalue"]) == (text, text)
    write_notebook([Markdown(text)], text).encode("utf-8")


def test_a_notebook_without_cells_is_one_too():
    assert read(write_notebook([], "Nothing")).cells == []
