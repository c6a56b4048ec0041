"""Runs a cell: its code in a namespace of its own, with all that it prints, warns of and fails with caught.

The code is this package's own, from the chapters' files and the engine's methods. Cells take turns, because warnings
and PyTorch's random numbers belong to the whole process.
"""

from __future__ import annotations

import io
import traceback
from dataclasses import dataclass
from typing import Any

import torch

from core.course.cell import Cell, Chosen, Names
from core.course.chapter import Chapter
from core.course.memory import Memory, look_at
from core.course.plot import Plot
from core.experiment import Experiment
from core.listening import warnings_from
from core.training.threads import one_thread

__all__ = ["Outcome", "run_cell"]


@dataclass(frozen=True)
class Outcome:
    """What came of running a cell."""

    source: str
    """The code that ran."""
    printed: str
    """What it printed, with line breaks as `print` makes them."""
    names: Names
    """Its variables at the end, those of the chapter's preparation among them. Besides, `failed` is the name of the
    type of the error that ended it, empty where there was none, and `experiment` what it ran, if it ran one."""
    warned: tuple[str, ...] = ()
    """Warnings, in the library's own words."""
    error: tuple[str, str] | None = None
    """Type and message of the error that ended it, in the library's own words."""
    failed_line: int | None = None
    """The line of `source` that raised the error, counted from 1."""
    memory: Memory | None = None
    """Where the cell's tensors and arrays lie at the end, and what their memory held at the first `print`."""
    answer: str = ""
    """Which of the question's options turned out to be true."""
    conclusion: str = ""
    plot: Plot | None = None


def run_cell(chapter: Chapter, cell: Cell, chosen: Chosen | None = None) -> Outcome:
    """Run the chapter's preparation and then the cell, from the start. Takes a fraction of a second.

    Raises:
        ValueError: for a value that a control does not offer.
    """
    with one_thread():
        return _run(chapter, cell, chosen)


def _run(chapter: Chapter, cell: Cell, chosen: Chosen | None) -> Outcome:
    source = cell.source(chosen)
    file = f"<{chapter.name}/{cell.name}>"
    code = compile(source, file, "exec")
    printed = io.StringIO()
    names: dict[str, Any] = {"__name__": "__main__"}
    before: Memory | None = None
    held: list[Any] = []  # what the first look saw stays where it is, whatever the code makes of its names
    error, failed_line = None, None

    def note(*values: object, **options: Any) -> None:
        nonlocal before
        if before is None and cell.memory:
            before = look_at(names, cell.memory)
            held.extend(names.values())
        print(*values, file=printed, **options)

    with warnings_from(file) as warned, torch.random.fork_rng(devices=[]):
        exec(compile(chapter.preparation, f"<{chapter.name}>", "exec"), names)
        names["print"] = note
        try:
            exec(code, names)
        except Exception as raised:
            if not cell.raises:
                raise
            error = type(raised).__name__, str(raised)
            failed_line = next(line for frame, line in traceback.walk_tb(raised.__traceback__) if frame.f_code is code)
    memory = look_at(names, cell.memory, before) if cell.memory else None
    kept = {name: value for name, value in names.items() if not name.startswith("__") and name != "print"}
    kept["failed"] = error[0] if error else ""
    if isinstance(cell.code, Experiment):
        kept["experiment"] = cell.experiment(chosen)
    return Outcome(
        source,
        printed.getvalue(),
        kept,
        tuple(warned),
        error,
        failed_line,
        memory,
        cell.question.answer(kept) if cell.question else "",
        cell.conclusion if isinstance(cell.conclusion, str) else cell.conclusion(kept),
        cell.plot(kept) if cell.plot else None,
    )
