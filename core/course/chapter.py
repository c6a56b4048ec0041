"""A chapter: a few cells about one subject, and what all of them start from."""

from __future__ import annotations

from dataclasses import dataclass

from core.course.cell import Cell
from core.experiment import Experiment

__all__ = ["IMPORTS", "Chapter"]

IMPORTS = """\
import numpy as np
import torch
from sklearn.linear_model import LinearRegression
from torch import nn, optim"""
"""What every cell may use."""


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One file of `core/course/chapters` is one chapter; the files' names give the order.

    `name` is what a link calls it. `experiment` is what the lab opens with from here, where the chapter has to do
    with training; `mistakes` are those of `core.mistakes` that belong to it, by name.
    """

    name: str
    title: str
    summary: str
    cells: tuple[Cell, ...]
    setup: str = ""
    """Code that runs before each cell, such as what makes the data."""
    experiment: Experiment | None = None
    mistakes: tuple[str, ...] = ()

    @property
    def preparation(self) -> str:
        """The imports and the setup: all that runs before each cell."""
        return "\n\n".join(filter(None, (IMPORTS, self.setup)))
