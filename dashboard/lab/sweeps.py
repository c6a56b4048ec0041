"""The sweep that the link asks for: one field of the base, at many values, beside the runs on the stage."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core import Dataset, Experiment, Points
from core.data import training_points
from core.experiment import LEAVE_DATA_ALONE, LINE_FIELDS
from core.training.sweep import Span, Sweeper, sweep_values
from dashboard.lab.fields import sentence_of
from dashboard.lab.points import TablePoints, landscape_of
from dashboard.lab.server import shared_worker
from dashboard.stage.sweep import ShownSweep
from dashboard.stage.watching import Asked

__all__ = ["leave_sweep", "sweep_for", "watched_sweep"]

MOST_SECONDS = 120
"""A sweep that would take longer than this on this server is refused: others wait for theirs."""

SECONDS_PER_UPDATE = 120e-6
SECONDS_PER_VALUE = 6e-9
"""What an update costs, about, and each number that goes into it: measured on two cores, with some to spare."""


@st.cache_resource(show_spinner=False)
def shared_sweeper() -> Sweeper:
    """The one that trains the sweeps of all visitors of this server. It gives way to whoever is being answered."""
    sweeper = Sweeper(shared_worker().give_way)
    atexit.register(sweeper.close)  # a thread inside torch at the interpreter's end would abort it
    return sweeper


def watched_sweep(base: Asked, span: Span, viewer: str) -> tuple[ShownSweep | None, str]:
    """The sweep for this visitor, to be begun once it is watched; or a sentence that says why there is none."""
    sweep, problem = sweep_for(base, span, viewer)
    if sweep is not None:
        st.session_state["sweeping"] = True
    return sweep, problem


def sweep_for(base: Asked, span: Span, viewer: str) -> tuple[ShownSweep | None, str]:
    """The same for anyone who is called `viewer`."""
    experiment, points = base
    try:
        if isinstance(points, TablePoints) and span.field in LINE_FIELDS:
            raise ValueError(f"{span.field} describes the noisy line, and means nothing for a table.")
        values = sweep_values(experiment, *span, landscape=landscape_of(points, experiment.reduction))
        if span.start is None:  # nobody has asked for just these: ones that can be read out
            values = tuple(
                dict.fromkeys(value if isinstance(value, int) else float(f"{value:.4g}") for value in values)
            )
        seconds = estimate(experiment, points, span.field, values)
        if seconds > MOST_SECONDS:
            time = f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.0f} hours"
            raise ValueError(
                f"This sweep would take about {time} here: choose fewer epochs or points, or fewer values in the link."
            )
    except ValueError as error:
        return None, sentence_of(error)
    digest = points.digest if isinstance(points, TablePoints) else ""
    data = partial(_of_table, points, span.field) if isinstance(points, TablePoints) else lambda: None
    return ShownSweep(partial(shared_sweeper().watch, experiment, span.field, values, viewer, data, digest), base), ""


def leave_sweep(viewer: str) -> None:
    """The visitor looks at none any longer."""
    if st.session_state.pop("sweeping", False):
        shared_sweeper().leave(viewer)


def _of_table(points: TablePoints, field: str) -> Dataset | Callable[[Experiment], Dataset]:
    return points.load() if field in LEAVE_DATA_ALONE else points.of_others()


def estimate(experiment: Experiment, points: Points, field: str, values: Sequence[float]) -> float:
    """About how many seconds the sweep takes on this server."""
    together = field not in ("n", "batch_size", "validation")
    training = landscape_of(points, experiment.reduction).n
    seconds = 0.0
    sizes = values if field == "n" else [training]
    for size in sizes:
        own = training_points(int(size), experiment.validation) if field == "n" else size
        batches = values if field == "batch_size" else [experiment.batch_size or own]
        for batch in batches:
            batch = min(batch, own)
            epochs = max(values) if field == "epochs" else experiment.epochs
            updates = epochs * own / batch
            rows = len(values) if together else 1
            seconds += updates * (SECONDS_PER_UPDATE + rows * batch * SECONDS_PER_VALUE)
    return seconds
