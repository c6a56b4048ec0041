"""The run as something to take away: a program or a notebook that gives the same numbers, or the stage as one page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core import Experiment, Points
from core.takeaway.notebook import experiment_notebook
from core.takeaway.program import make_program
from dashboard.stage.watching import Asked
from dashboard.webpage.notebook import stage_cells

__all__ = ["offer"]

Runs = list[tuple[Experiment, Points | None]]


def offer(base: Asked, *front: Asked, drawn: bool, page: Callable[[], bytes]) -> None:
    """Links that download what the controls describe: the base, and the run in front where that is another.

    The files are only written when they are asked for. `drawn` says whether the points are drawn around a line: those
    of a table are written into the files. `page` has all runs on the stage.
    """
    experiment, _ = base
    name = f"gradient-descent-{experiment.method.replace('_', '-')}"
    runs = [(one, None if drawn else points) for one, points in (base, *front)]
    both = " The base comes first, then the run in front." if front else ""
    needs = f"that needs only torch, NumPy and scikit-learn.{both}"
    alone = "The stage as one file that plays in any browser, without a server."
    for label, write, ending, kind, words in (
        ("Script", partial(_script, runs), "py", "text/x-python", f"This run as a script {needs}"),
        ("Notebook", partial(_notebook, runs), "ipynb", "application/x-ipynb+json", f"This run as a notebook {needs}"),
        ("Web page", page, "html", "text/html", alone),
    ):
        st.download_button(
            label,
            write,
            f"{name}.{ending}",
            kind,
            key=f"take-away-{label}",
            help=words,
            on_click="ignore",
            type="tertiary",
        )


def _script(runs: Runs) -> str:
    return "\n\n".join(make_program(experiment, points and points.load()).text for experiment, points in runs)


def _notebook(runs: Runs) -> str:
    (first, points), *others = [(experiment, points and points.load()) for experiment, points in runs]
    given = {points.digest: points for _, points in ((first, points), *others) if points is not None}
    # Of several sets of points the last is what the cells before have under its names.
    shown = [experiment for experiment, _ in [(first, points), *others]] if len(given) < 2 else [others[-1][0]]
    cells = stage_cells(list(dict.fromkeys(shown)), next(reversed(given.values()), None))
    return experiment_notebook(first, points, *others, ending=cells)
