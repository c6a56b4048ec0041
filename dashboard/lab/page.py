"""The controls and the stage, which the lab and the graph's page both are."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from dashboard.lab.controls import sidebar
from dashboard.lab.link import current_link
from dashboard.lab.news import show_news
from dashboard.lab.server import shared_worker
from dashboard.lab.wishes import fulfil
from dashboard.shared.links import written
from dashboard.shared.verbatim import verbatim
from dashboard.stage.component import live_stage
from dashboard.stage.watching import next_watching

__all__ = ["show_lab"]


def show_lab(view: str) -> None:
    """Draw it. `view` is what the stage shows: the whole `lab`, or the `graph` alone."""
    worker = shared_worker()
    viewer = st.session_state.setdefault("viewer", uuid4().hex)
    with worker.answering():
        request, arrangement, sweep = sidebar(viewer)
        # There with or without problems: the browser makes a stage anew that changes its place on the page.
        notes = st.empty()
        if request.problems:
            notes.warning("  \n".join(map(verbatim, request.problems)), icon=":material/error:")
        with st.container():
            show_news()
        watching = next_watching(st.session_state.get("watching"), request, worker, viewer)
    if watching is not None:
        st.session_state["watching"] = watching
        live_stage(worker, viewer, view, arrangement, sweep, fulfil, written(current_link()))
