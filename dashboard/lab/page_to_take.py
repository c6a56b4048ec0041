"""The stage as one page to take away: what this visitor sees, as far as it is trained when they ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from urllib.parse import urlsplit

import streamlit as st

from core import History, Training, Worker
from core.data.tables import SHIPPED
from dashboard.lab.link import current_link
from dashboard.lab.points import TablePoints
from dashboard.lab.server import shared_worker
from dashboard.stage.arrangement import Arrangement
from dashboard.stage.sweep import ShownSweep
from dashboard.stage.watching import Asked
from dashboard.webpage.link import LOCAL, lab_address
from dashboard.webpage.making import Columns, make_page
from dashboard.webpage.told import KeptRun, so_far

__all__ = ["PageToTake", "page_to_take"]

MOST_SECONDS = 15.0
"""How long a run is trained for a page that nobody has trained before: the page then holds that part of it."""

_one_at_a_time = Lock()
"""Each takes about half a second of the processor, which is not to be everybody's at once."""


@dataclass(frozen=True)
class PageToTake:
    """Makes the page when it is called, which may be in any thread."""

    runs: tuple[Asked, ...]
    """The base, its variants, and last the ghost, where there is one."""
    ghost: bool
    arrangement: Arrangement
    sweep: ShownSweep | None
    lab: str
    query: Mapping[str, list[str]]
    worker: Worker

    def __call__(self) -> bytes:
        """The contents of an .html file."""
        with _one_at_a_time:
            found = {run.key: run for run in self.worker.runs if len(run.history)}
            runs = []
            for experiment, points in self.runs:
                run = found.get((experiment, points.digest))
                runs.append(KeptRun.of(run, points) if run else _trained((experiment, points), self.worker))
            return make_page(
                runs,
                self.arrangement,
                lab=self.lab,
                query=self.query,
                columns=_columns(self.runs[0]),
                sweep=self.sweep.watch().sweep if self.sweep else None,
                ghost=self.ghost,
                between=self.worker.give_way,
            )


def page_to_take(
    runs: tuple[Asked, ...], ghost: Asked | None, arrangement: Arrangement, sweep: ShownSweep | None
) -> PageToTake:
    """That of the runs on the stage, for whoever is visiting now."""
    query = current_link() or {name: [text] for name, text in runs[0][0].to_query().items()}
    all_runs = (*runs, *([ghost] if ghost else []))
    return PageToTake(all_runs, ghost is not None, arrangement, sweep, _address(), query, shared_worker())


def _address() -> str:
    """The lab's own, as the visitor's browser knows it."""
    url = urlsplit(st.context.url or LOCAL)
    return lab_address(f"{url.scheme}://{url.netloc}{url.path.rstrip('/').removesuffix('/graph')}")


def _columns(asked: Asked) -> Columns | None:
    _, points = asked
    if not isinstance(points, TablePoints):
        return None
    uploaded = "Its link leads there for as long as the server keeps the table." if points.data not in SHIPPED else ""
    return Columns(points.table.name, points.x, points.y, uploaded)


def _trained(asked: Asked, worker: Worker) -> KeptRun:
    experiment, points = asked
    training, history, until = Training(experiment, points.load()), History(), monotonic() + MOST_SECONDS
    for record in training:
        history.append(record, training.state)
        worker.give_way()
        if monotonic() > until:
            break
    return KeptRun(experiment, points, history, len(history), training.stop or so_far(len(history) - 1))
