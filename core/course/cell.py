"""What a chapter is made of: cells of code that really run, each with something to change and something to predict.

A cell's code is the body of a plain function, shown without its first line, as in a notebook. The function's
parameters are the cell's controls: wherever such a name stands in the body, what is chosen takes its place. Text and
number come from the control's own options, so nothing that a visitor writes ever becomes code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.course.plot import Plot
from core.experiment import Experiment
from core.source import body_of, parse
from core.takeaway.program import DRAWN_FROM, make_program

__all__ = ["Cell", "Chosen", "Control", "Names", "Option", "Question"]

Option = int | float | str
Chosen = Mapping[str, Option]
Names = Mapping[str, Any]
"""The variables of a cell's code after it has run."""


@dataclass(frozen=True)
class Control:
    """Something to change: the name in the code whose place is taken by one of `options`.

    Numbers are offered on a slider, in ascending order. Words are code, as they stand, and are offered as a list.

    Raises:
        ValueError: where the default is not among the options.
    """

    name: str
    label: str
    options: tuple[Option, ...]
    default: Option

    def __post_init__(self) -> None:
        self.check(self.default)

    def check(self, value: Option) -> Option:
        """`value`, if it is one of the options. Raises `ValueError` otherwise."""
        for option in self.options:
            if option == value and type(option) is type(value):  # 1, 1.0 and True are equal, but not the same code
                return option
        raise ValueError(f"{self.name} must be one of {', '.join(map(str, self.options))}, but got {value!r}.")


@dataclass(frozen=True)
class Question:
    """What to predict before looking. The answer is read off the run, so it cannot be wrong about it."""

    text: str
    options: tuple[str, ...]
    answer: Callable[[Names], str]
    """The option that the variables show to be true."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One idea: a few sentences, code, something to change, and what came of it. The texts are Markdown.

    In texts and formulas «b», «w», «loss», «gradient» and «data» stand in the colour that they have everywhere;
    «loss:L» writes L in the colour of the loss.
    """

    name: str
    title: str
    text: str
    code: Callable[..., None] | Experiment
    """A function whose body is run, or an experiment whose program is."""
    controls: tuple[Control, ...]
    question: Question | None = None
    conclusion: str | Callable[[Names], str] = ""
    """What to see in the outcome, shown with it; made from the variables where it tells numbers."""
    formula: str = ""
    """LaTeX, typeset between the text and the code."""
    memory: tuple[str, ...] = ()
    """Tensors and arrays whose memory is drawn."""
    plot: Callable[[Names], Plot] | None = None
    raises: bool = False
    """Whether PyTorch or Python refuses it for some of the choices; an error is a failure everywhere else."""
    apart: bool = False
    """Whether it computes in processes of its own. That takes seconds: it runs when somebody asks for its outcome, one
    such cell at a time, and the outcome is kept. Its own code may neither warn nor draw random numbers."""

    def checked(self, chosen: Chosen) -> dict[str, Option]:
        """The value of every control: as chosen, or its default.

        Raises:
            ValueError: for a control that the cell does not have, or a value that is not on offer.
        """
        known = {control.name: control for control in self.controls}
        for name in chosen:
            if name not in known:
                raise ValueError(f"{self.name} has no control {name!r}; it has {', '.join(known)}.")
        return {name: control.check(chosen.get(name, control.default)) for name, control in known.items()}

    def source(self, chosen: Chosen | None = None) -> str:
        """The code that runs, and is shown, for these choices. Raises `ValueError` as `checked` does."""
        values = self.checked(chosen or {})
        if isinstance(self.code, Experiment):
            program = make_program(self.experiment(chosen))
            data = [program.data] if values.keys() & set(DRAWN_FROM) else []
            return "\n\n".join([*data, program.start, program.loop, program.result])
        return _filled(body_of(self.code), values)

    def experiment(self, chosen: Chosen | None = None) -> Experiment:
        """The experiment that the cell runs.

        Raises:
            ValueError: if it runs a function instead, or as `checked` does.
        """
        if not isinstance(self.code, Experiment):
            raise ValueError(f"{self.name} runs no experiment.")
        values: dict[str, Any] = self.checked(chosen or {})
        return replace(self.code, **values)


def _filled(body: str, values: Mapping[str, Option]) -> str:
    """The body with the controls' names replaced: a number as Python writes it, a word as it stands."""
    lines = [line.encode() for line in body.splitlines()]  # Python counts a line's columns in bytes
    places = [node for node in ast.walk(parse(body)) if isinstance(node, ast.Name) and node.id in values]
    for place in sorted(places, key=lambda node: node.col_offset, reverse=True):
        line, value = lines[place.lineno - 1], values[place.id]
        text = value if isinstance(value, str) else repr(value)
        lines[place.lineno - 1] = line[: place.col_offset] + text.encode() + line[place.end_col_offset :]
    return "\n".join(line.decode() for line in lines)
