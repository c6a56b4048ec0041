"""Jupyter notebooks: cells written as JSON of nbformat 4.5, and an experiment's program as such cells.

Format: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.data import Dataset
from core.experiment import Experiment
from core.takeaway.program import make_program

__all__ = ["Code", "Markdown", "experiment_notebook", "write_notebook"]


@dataclass(frozen=True)
class Markdown:
    """A cell of text."""

    text: str


@dataclass(frozen=True)
class Code:
    """A cell of code, with what came of running it where that is known."""

    source: str
    outputs: str = ""
    """What it printed."""
    error: tuple[str, str] | None = None
    """Type and message of the error that ended it."""
    expects_error: bool = False
    """Whether it is meant to raise: whoever runs the whole notebook then goes on with the next cell."""


def write_notebook(cells: Iterable[Markdown | Code], title: str) -> str:
    """The notebook as the contents of an .ipynb file, the same for the same cells.

    Args:
        title: what the document is called. It is shown by no cell of its own.
    """
    notebook = {
        "cells": [_cell(cell, number) for number, cell in enumerate(cells, start=1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "title": title,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1) + "\n"


def experiment_notebook(
    experiment: Experiment,
    dataset: Dataset | None = None,
    *others: tuple[Experiment, Dataset | None],
    ending: Iterable[Markdown | Code] = (),
) -> str:
    """The program of `make_program` as a notebook, part by part.

    Args:
        others: further runs, each with its points, whose programs follow it in the same notebook.
        ending: cells to stand at its end.
    """
    title = "A line, learned step by step"
    cells: list[Markdown | Code] = []
    for one, points in ((experiment, dataset), *others):
        program = make_program(one, points)
        cells += [
            Markdown(f"# {title if not cells else 'And another run'}\n\n{program.about}"),
            Markdown("## What we need"),
            Code(program.imports),
            Markdown("## The points"),
            Code(program.data),
            Markdown("## Where we start"),
            Code(program.start),
            Markdown("## Now it learns"),
            Code(program.loop),
            Markdown("## What it found, beside scikit-learn"),
            Code(program.result),
        ]
    return write_notebook([*cells, *ending], title)


def _cell(cell: Markdown | Code, number: int) -> dict[str, Any]:
    name = f"cell-{number}"
    if isinstance(cell, Markdown):
        return {"cell_type": "markdown", "id": name, "metadata": {}, "source": _lines(cell.text)}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {"tags": ["raises-exception"]} if cell.expects_error else {},
        "outputs": list(_outputs(cell)),
        "source": _lines(cell.source),
    }


def _outputs(cell: Code) -> Iterable[dict[str, Any]]:
    if cell.outputs:
        yield {"name": "stdout", "output_type": "stream", "text": _lines(cell.outputs)}
    if cell.error:
        kind, message = cell.error
        yield {"ename": kind, "evalue": message, "output_type": "error", "traceback": [f"{kind}: {message}"]}


def _lines(text: str) -> list[str]:
    """The text as notebooks keep it on disk, where a change of one line is then a change of one line."""
    return text.splitlines(keepends=True)
