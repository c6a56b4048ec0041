"""The live stage: one component that plays a run, mounted once and fed with the rows that it lacks.

The browser asks by setting `have` to what it has; the fragment answers with the rows from there on, and with
the scenes (charts, code) that are new to it. Every answer names the `visit`, a session of Streamlit's: where that is
another than before, the server had lost the session, and the browser says with `recover` how things stood.
See `static/stage/sources/streamlit.js` for the other half.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import pyarrow as pa
import streamlit as st

from core import Run, Worker
from core.insight.look_back import REQUIRES
from dashboard.shared.reruns import asked_by_widget, widget_asked
from dashboard.shared.static_address import browser_half
from dashboard.stage.agreement import told_of, watch_others
from dashboard.stage.arrangement import Alignment, Arrangement
from dashboard.stage.moments import moments
from dashboard.stage.run_told import run_told
from dashboard.stage.scene import kept_scene, scene_id
from dashboard.stage.sweep import ShownSweep, answer_sweep
from dashboard.stage.watching import Watching, recovered, resumed, stopped

__all__ = ["live_stage"]

KEY = "stage"
MOST_ROWS = 50_000
"""Rows in one answer, so that a long run arrives in portions of at most 2.4 MB."""

FIRST_RECORDS_SECONDS = 0.3
"""How long a question waits for the first records of a run: asking again would cost more than waiting."""

END_SECONDS = 0.15
"""A run that ends so soon is waited for, and goes to the browser whole."""

_component = st.components.v2.component(
    "gradient_descent_lab_stage",
    html='<div data-testid="stage" data-state="idle" data-trained="0" data-epoch="0"></div>',
    js=browser_half("stage/index.js", "plotly.min.js"),
    isolate_styles=False,
)


@st.fragment
def live_stage(
    worker: Worker,
    viewer: str,
    view: str,
    arrangement: Arrangement,
    sweep: ShownSweep | None,
    wishes: Callable[[object], None],
    link: str,
) -> None:
    """Show what `st.session_state["watching"]` holds, as the whole `lab` or as the `graph` alone; `link` leads to it.

    A fragment of its own: its questions rerun nothing else. What a visitor wishes on the stage itself (another run in
    front, another method) goes to `wishes`, which says with `widget_asked` whether the page has to be shown anew.
    """

    def wished() -> None:
        # Whoever leaves the page while a wish is on its way has no stage any more.
        wishes(st.session_state.get(KEY, {}).get("wish"))

    if asked_by_widget():
        # A control was moved in the very moment in which the stage asked: Streamlit then reruns the fragment alone.
        widget_asked()
        st.rerun()
    asked = st.session_state.get(KEY, {})
    have = asked.get("have")
    have = have if isinstance(have, dict) else {}
    question = have.get("question")
    last = st.session_state.get("answered", {"question": None})
    if question != last["question"]:
        if not have.get("hidden"):
            _wait(st.session_state["watching"])
    else:
        # A rerun of the page brings the last question along once more; what it asked for is on its way.
        have = {**have, **last, "moments": None}
    with worker.answering():
        watching: Watching = st.session_state["watching"]
        if (was := asked.get("recover")) is not None:
            watching = recovered(watching, was, worker, viewer)
        if asked.get("stop") == watching.id:
            watching = stopped(watching, worker, viewer)
        else:
            watching = resumed(watching, worker, viewer)
        st.session_state["watching"] = watching
        data = answer(watching, have, worker, arrangement.choices.align)
        others = _watch_others(watching, arrangement if view == "lab" else None, have.get("others"), worker, viewer)
        told, losses = answer_sweep(sweep, watching, have.get("sweep"))
        st.session_state["answered"] = {
            "question": question,
            "sweep": told["id"] if told and (losses is not None or have.get("sweep") == told["id"]) else None,
            "counts": {run["scene"]: run["start"] + run["sent"] for run in data["runs"]},
            "scenes": [run["scene"] for run in data["runs"]],
        }
        _component(
            key=KEY,
            data=data
            | {"visit": viewer, "view": view, "arrangement": arrangement.to_dict(), "sweep": told, "losses": losses}
            | {"others": others, "link": link},
            on_have_change=lambda: None,
            on_recover_change=lambda: None,
            on_stop_change=lambda: None,
            on_wish_change=wished,
        )


def _wait(watching: Watching) -> None:
    """For the first records, and for the ends, of runs that are about to have some."""
    until = monotonic() + FIRST_RECORDS_SECONDS
    for watched in watching.runs:
        if watched.run is not None:
            watched.run.wait(max(until - monotonic(), 0.0), END_SECONDS)


def answer(watching: Watching, have: object, worker: Worker, align: Alignment = "epoch") -> dict[str, Any]:
    """What the browser needs next, given what it says it has, which may be anything."""
    have = have if isinstance(have, dict) else {}
    scenes = [scene_id(watched.experiment, watched.points) for watched in watching.runs]
    counts, known = have.get("counts"), have.get("scenes")
    counts, known = counts if isinstance(counts, dict) else {}, known if isinstance(known, list) else []
    align = align if len(watching.shown) > 1 else "epoch"
    most = 0 if have.get("hidden") else MOST_ROWS // len(scenes)
    runs, tables = [], []
    for watched, scene in zip(watching.runs, scenes, strict=True):
        # In this order: a run that ends in between is told to have ended in the next answer, with all its records.
        end, count, has = watched.end, watched.count, counts.get(scene)
        # Whoever trained them: the rows of one scene are always the same.
        start = min(max(has, 0), count) if isinstance(has, int) else 0
        stop = min(start + most, count)
        if stop > start:
            tables.append(watched.history.arrow(start, stop))
        runs.append(
            run_told(watched, scene, align, end, _place(worker, watched.run))
            | {"start": start, "sent": stop - start, "count": count}
        )
    return {
        "question": have.get("question", 0),
        "runsId": watching.id,
        "play": watching.play,
        "ghost": watching.ghost,
        "started": watching.started,
        "message": watching.message,
        "runs": runs,
        "scenes": {
            scene: kept_scene(scene, watched.experiment, watched.points)
            for watched, scene in zip(watching.runs, scenes, strict=True)
            if scene not in known
        },
        "moments": _moments(watching, scenes, have.get("moments")),
        # Those of all runs, one after the other: of Arrow tables there may be one.
        "rows": pa.concat_tables(tables).combine_chunks() if tables else None,
    }


def _moments(watching: Watching, scenes: Sequence[str], asked: object) -> str | None:
    """The epochs under the magnifying glass that the browser asked for, if it did so in a way that makes sense."""
    if not isinstance(asked, dict) or asked.get("scene") not in scenes:
        return None
    watched = watching.runs[scenes.index(asked["scene"])]
    epoch, root, requires = asked.get("epoch"), asked.get("root"), asked.get("requires")
    if not isinstance(epoch, int) or not 0 <= epoch < watched.count:
        return None
    if not (isinstance(root, str) and isinstance(requires, str) and requires in REQUIRES):
        return None
    agreement = asked.get("agreement") is True
    return moments(
        watched.experiment, watched.dataset, watched.history, epoch, root, requires, asked["scene"], agreement
    )


def _watch_others(
    watching: Watching, arrangement: Arrangement | None, asked: object, worker: Worker, viewer: str
) -> dict[str, Any] | None:
    """What there is to say of the other methods beside the run in front, where somebody looks and it has ended.

    `asked` is the scene for which the browser asks for them although they take long, and may be anything.
    """
    watched, scene = None, ""
    if arrangement is not None and arrangement.choices.panel == "agreement" and "code" in arrangement.seen:
        watched = watching.runs[min(arrangement.front, len(watching.runs) - 1)]
        scene = scene_id(watched.experiment, watched.points)
        # One that was stopped before its first record has nothing to stand beside.
        watched = watched if watched.end is not None and watched.count else None
    others = watch_others(st.session_state.get("others"), watched, asked == scene, worker, viewer)
    st.session_state["others"] = others
    return told_of(others, scene)


def _place(worker: Worker, run: Run | None) -> int:
    """Which place the run has among those that wait for room on this server; 0 for one that does not."""
    before = None if run is None or run.started else worker.waiting_before(run)
    return 0 if before is None else before + 1
