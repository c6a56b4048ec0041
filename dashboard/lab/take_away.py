"""The run as something to take away: a program, or a notebook, that gives the same numbers without the lab."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core import Experiment, Points
from core.takeaway.notebook import experiment_notebook
from core.takeaway.program import make_program
from dashboard.stage.watching import Asked

__all__ = ["offer"]

Runs = list[tuple[Experiment, Points | None]]


def offer(base: Asked, *front: Asked, drawn: bool) -> None:
    """Links that download what the controls describe: the base, and the run in front where that is another.

    The files are only written when they are asked for. `drawn` says whether the points are drawn around a line: those
    of a table are written into the files.
    """
    experiment, _ = base
    name = f"gradient-descent-{experiment.method.replace('_', '-')}"
    runs = [(one, None if drawn else points) for one, points in (base, *front)]
    both = " The base comes first, then the run in front." if front else ""
    for label, write, file, kind in (
        ("Script", _script, f"{name}.py", "text/x-python"),
        ("Notebook", _notebook, f"{name}.ipynb", "application/x-ipynb+json"),
    ):
        st.download_button(
            label,
            partial(write, runs),
            file,
            kind,
            key=f"take-away-{label}",
            help=f"This run as a {label.lower()} that needs only torch, NumPy and scikit-learn.{both}",
            on_click="ignore",
            type="tertiary",
        )


def _script(runs: Runs) -> str:
    return "\n\n".join(make_program(experiment, points and points.load()).text for experiment, points in runs)


def _notebook(runs: Runs) -> str:
    (first, points), *others = [(experiment, points and points.load()) for experiment, points in runs]
    return experiment_notebook(first, points, *others)
