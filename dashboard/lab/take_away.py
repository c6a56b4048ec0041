"""The run as something to take away: a program, or a notebook, that gives the same numbers without the lab."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core import Experiment, Points
from core.takeaway.notebook import experiment_notebook
from core.takeaway.program import make_program

__all__ = ["offer"]


def offer(experiment: Experiment, points: Points | None) -> None:
    """Links that download what the controls describe. `points` are what it trains on, if they are a table's.

    The files are only written when they are asked for.
    """
    name = f"gradient-descent-{experiment.method.replace('_', '-')}"
    with st.container(horizontal=True, horizontal_alignment="center", gap="medium"):
        for label, write, file, kind in (
            ("Script", _script, f"{name}.py", "text/x-python"),
            ("Notebook", _notebook, f"{name}.ipynb", "application/x-ipynb+json"),
        ):
            st.download_button(
                label,
                partial(write, experiment, points),
                file,
                kind,
                key=f"take-away-{label}",
                help=f"This run as a {label.lower()} that needs only torch, NumPy and scikit-learn.",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def _script(experiment: Experiment, points: Points | None) -> str:
    return make_program(experiment, points and points.load()).text


def _notebook(experiment: Experiment, points: Points | None) -> str:
    return experiment_notebook(experiment, points and points.load())
