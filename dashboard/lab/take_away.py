"""The run as something to take away: a program, or a notebook, that gives the same numbers without the lab."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core import Dataset, Experiment
from core.takeaway.notebook import experiment_notebook
from core.takeaway.program import make_program

__all__ = ["offer"]


def offer(experiment: Experiment, dataset: Dataset | None) -> None:
    """Links that download what the controls describe. `dataset` is what it trains on, if that is a table's columns.

    The files are only written when they are asked for.
    """
    name = f"gradient-descent-{experiment.method.replace('_', '-')}"
    with st.container(horizontal=True, horizontal_alignment="center", gap="medium"):
        for label, write, file, kind in (
            ("Script", _script, f"{name}.py", "text/x-python"),
            ("Notebook", experiment_notebook, f"{name}.ipynb", "application/x-ipynb+json"),
        ):
            st.download_button(
                label,
                partial(write, experiment, dataset),
                file,
                kind,
                key=f"take-away-{label}",
                help=f"This run as a {label.lower()} that needs only torch, NumPy and scikit-learn.",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def _script(experiment: Experiment, dataset: Dataset | None) -> str:
    return make_program(experiment, dataset).text
