"""The stage as one page to take away: what this visitor sees, as far as it is trained when they ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from threading import BoundedSemaphore, Lock
from time import monotonic, sleep
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import Points, Sweep, Worker
from core.data.tables import SHIPPED
from dashboard.lab.link import current_link
from dashboard.lab.points import TablePoints
from dashboard.lab.server import shared_worker
from dashboard.stage.arrangement import Arrangement
from dashboard.stage.sweep import ShownSweep
from dashboard.stage.watching import Asked, Watched, Watching
from dashboard.webpage.link import LOCAL, lab_address
from dashboard.webpage.making import Columns, make_page
from dashboard.webpage.told import KeptRun

__all__ = ["PageToTake", "page_to_take"]

MOST_SECONDS = 15.0
"""How long a page is waited for and looked into at most: it then holds what there is by then."""

MOST_AT_ONCE = 3
"""Pages in the making on this server. Who waits for one holds a thread that others' downloads need as well."""

BUSY = "This server is making pages for others just now: wait a few seconds, and ask for yours again."

_places = BoundedSemaphore(MOST_AT_ONCE)
_turn = Lock()
"""Held by the page that is worked on: they take turns, epoch by epoch, so that a short one does not wait for a long."""


@dataclass(frozen=True)
class PageToTake:
    """Makes the page when it is called, which may be in any thread."""

    watching: Callable[[], Watching | None]
    """What the visitor watches at that time."""
    arrangement: Arrangement
    sweep: ShownSweep | None
    lab: str
    query: Mapping[str, list[str]]
    worker: Worker
    viewer: str

    def __call__(self) -> bytes:
        """The contents of an .html file; where there is none to be had now, it says why."""
        if not _places.acquire(blocking=False):
            return _sentence(BUSY)
        try:
            return self._made(monotonic() + MOST_SECONDS)
        except ValueError as error:  # no record yet, or a table that is gone
            return _sentence(str(error))
        finally:
            _places.release()

    def _made(self, until: float) -> bytes:
        watching = self.watching()
        if watching is None:
            raise ValueError("There is no run on the stage: press Train, and ask again.")
        runs = [self._kept(watched, until) for watched in watching.runs]
        sweep, notes = self._swept()
        with _turn:
            return make_page(
                runs,
                self.arrangement,
                lab=self.lab,
                query=self.query,
                columns=_columns(watching.runs[0].points),
                sweep=sweep,
                ghost=watching.ghost,
                notes=notes,
                go_on=lambda: self._let_others(until),
            )

    def _kept(self, watched: Watched, until: float) -> KeptRun:
        """The run as far as the visitor has it; one that has not begun is trained meanwhile, as far as it comes."""
        if watched.run is not None:
            return KeptRun.of(watched.run, watched.points, watched.stop)
        name = f"{self.viewer} page"
        run = self.worker.watch(watched.experiment, watched.points, name)
        try:
            run.has_ended.wait(max(until - monotonic(), 0.0))
            return KeptRun.of(run, watched.points)
        finally:
            self.worker.leave(run, name)

    def _swept(self) -> tuple[Sweep | None, list[str]]:
        if self.sweep is None:
            return None, []
        swept = self.sweep.watch().sweep
        return swept, [] if swept else ["The sweep was not finished when this page was made."]

    def _let_others(self, until: float) -> bool:
        """Lets whoever waits have a turn. Returns whether there is time left."""
        _turn.release()
        self.worker.give_way()
        sleep(0.001)  # else this thread would have it again before one that waits is awake
        _turn.acquire()
        return monotonic() < until


def page_to_take(base: Asked, arrangement: Arrangement, sweep: ShownSweep | None, viewer: str) -> PageToTake:
    """That of the runs on the stage, for whoever is visiting now. `base` is the run that a link to it describes."""
    experiment, _ = base
    query = current_link() or {name: [text] for name, text in experiment.to_query().items()}
    return PageToTake(_watched_by_visitor(), arrangement, sweep, _address(), query, shared_worker(), viewer)


def _watched_by_visitor() -> Callable[[], Watching | None]:
    """What the visitor watches, to be asked from other threads as well."""
    context = get_script_run_ctx()
    assert context is not None  # a page is offered by a script that runs
    state = context.session_state

    def watching() -> Watching | None:
        # Streamlit's state of a session knows no `get`.
        found: Watching | None = state["watching"] if "watching" in state else None  # noqa: SIM401
        return found

    return watching


def _address() -> str:
    """The lab's own, as the visitor's browser knows it."""
    url = urlsplit(st.context.url or LOCAL)
    return lab_address(f"{url.scheme}://{url.netloc}{url.path.rstrip('/').removesuffix('/graph')}")


def _columns(points: Points) -> Columns | None:
    if not isinstance(points, TablePoints):
        return None
    uploaded = "Its link leads there for as long as the server keeps the table." if points.data not in SHIPPED else ""
    return Columns(points.table.name, points.x, points.y, uploaded)


def _sentence(text: str) -> bytes:
    """A page that says no more than this."""
    head = '<!doctype html><meta charset="utf-8"><title>Gradient Descent Lab</title>'
    return f"{head}<p>{escape(text)}</p>\n".encode()
