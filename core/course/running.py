"""Runs a cell: its code in a namespace of its own, with all that it prints, warns of and fails with caught.

The code is this package's own, from the chapters' files and the engine's methods. Cells take turns, because warnings
and PyTorch's random numbers belong to the whole process. Those that compute in processes of their own take turns among
themselves: nobody else is to wait for them.
"""

from __future__ import annotations

import io
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from core.course.cell import Cell, Chosen, Names
from core.course.chapter import Chapter
from core.course.children import Children
from core.course.memory import Memory, look_at
from core.course.plot import Plot
from core.experiment import Experiment
from core.listening import warnings_from
from core.training.threads import one_thread

__all__ = ["Outcome", "end_pairs", "is_kept", "run_cell"]


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


_one_pair_at_a_time = threading.Lock()
_children = Children()

_kept: dict[tuple[str, str], Outcome] = {}
"""What came of cells that compute in processes of their own, by their preparation and their code: there are only so
many of both."""


def run_cell(chapter: Chapter, cell: Cell, chosen: Chosen | None = None) -> Outcome:
    """Run the chapter's preparation and then the cell, from the start. Takes a fraction of a second; seconds where the
    cell computes in processes of its own, unless that is kept.

    Raises:
        ValueError: for a value that a control does not offer.
        ChildProcessError: if one of the cell's own processes ended early, in a sentence. It can be run again.
    """
    if not cell.apart:
        with one_thread():
            return _run(chapter, cell, chosen)
    key = _key(chapter, cell, chosen)
    if key not in _kept:
        with _one_pair_at_a_time:
            if key not in _kept:
                _kept[key] = _run(chapter, cell, chosen)
    return _kept[key]


def is_kept(chapter: Chapter, cell: Cell, chosen: Chosen | None = None) -> bool:
    """Whether `run_cell` answers at once. Raises `ValueError` as it does."""
    return not cell.apart or _key(chapter, cell, chosen) in _kept


def end_pairs() -> None:
    """End the processes of the cell that is running; no cell can start any afterwards. Their cells fail as where one
    ended early: what is kept is not lost. Can be called again."""
    _children.close()


def _key(chapter: Chapter, cell: Cell, chosen: Chosen | None) -> tuple[str, str]:
    return chapter.preparation, cell.source(chosen)


@contextmanager
def _together() -> Iterator[list[str]]:
    """Others run meanwhile."""
    yield []


@contextmanager
def _alone(file: str) -> Iterator[list[str]]:
    """What is warned of in the meantime; the random numbers are afterwards what they were."""
    with warnings_from(file) as warned, torch.random.fork_rng(devices=[]):
        yield warned


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

    with _together() if cell.apart else _alone(file) as warned:
        exec(compile(chapter.preparation, f"<{chapter.name}>", "exec"), names)
        names["print"] = note
        if cell.apart:
            names["subprocess"] = _children.module
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
