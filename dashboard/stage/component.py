"""The live stage: one component that plays a run, mounted once and fed with the rows that it lacks.

The browser asks by setting `have` to what it has; the fragment answers with the rows from there on, and with
the scene (charts, code) if that is new to it. Every answer names the `visit`, a session of Streamlit's: where that is
another than before, the server had lost the session, and the browser says with `recover` how things stood.
See `static/stage/sources/streamlit.js` for the other half.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import Run, Worker, find_devices
from core.insight.look_back import REQUIRES
from dashboard.shared.reruns import asked_by_widget, widget_asked
from dashboard.shared.static_address import browser_half
from dashboard.stage.moments import moments
from dashboard.stage.scene import kept_scene, scene_id
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
def live_stage(worker: Worker, viewer: str, view: str = "lab") -> None:
    """Show what `st.session_state["watching"]` holds, as the whole `lab` or as the `graph` alone.

    A fragment of its own: its questions rerun nothing else.
    """
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
        run = st.session_state["watching"].run
        if run is not None and not have.get("hidden"):
            run.wait(FIRST_RECORDS_SECONDS, END_SECONDS)
    else:
        # A rerun of the page brings the last question along once more; what it asked for is on its way.
        have = {**have, **last, "moments": None}
    with worker.answering():
        watching: Watching = st.session_state["watching"]
        if (was := asked.get("recover")) is not None:
            watching = recovered(watching, was, worker, viewer)
        if asked.get("stop") == watching.run_id:
            watching = stopped(watching, worker, viewer)
        else:
            watching = resumed(watching, worker, viewer)
        st.session_state["watching"] = watching
        data = answer(watching, have, worker)
        scene, count = data["sceneId"], data["start"] + (data["rows"].num_rows if data["rows"] else 0)
        st.session_state["answered"] = {"question": question, "rows": scene, "scene": scene, "count": count}
        _component(
            key=KEY,
            data=data | {"visit": viewer, "view": view},
            on_have_change=lambda: None,
            on_recover_change=lambda: None,
            on_stop_change=lambda: None,
        )


def answer(watching: Watching, have: object, worker: Worker) -> dict[str, Any]:
    """What the browser needs next, given what it says it has, which may be anything."""
    have = have if isinstance(have, dict) else {}
    run, end, count = watching.run, watching.end, watching.count
    scene = scene_id(watching.experiment, watching.points)
    start = 0
    # Whoever trained them: the rows of one scene are always the same.
    if have.get("rows") == scene and isinstance(have.get("count"), int):
        start = min(max(have["count"], 0), count)
    stop = start if have.get("hidden") else min(start + MOST_ROWS, count)
    return {
        "question": have.get("question", 0),
        "sceneId": scene,
        "scene": None if have.get("scene") == scene else kept_scene(scene, watching.experiment, watching.points),
        "runId": watching.run_id,
        "play": watching.play,
        "started": run is not None,
        "epochs": watching.experiment.epochs,
        "start": start,
        "count": count,
        "moments": _moments(watching, have.get("moments")),
        "rows": watching.history.arrow(start, stop) if stop > start else None,
        "status": {
            "message": watching.message,
            "stop": None if end is None else {"reason": end.reason.value, "epoch": end.epoch, "message": end.message},
            "speed": run.epochs_per_second if run else 0,
            "left": run.seconds_left if run else None,
            "place": _place(worker, run),
            "together": run.together if run else 1,
            "device": _device_label(watching.experiment.device),
        },
    }


def _moments(watching: Watching, asked: object) -> str | None:
    """The epochs under the magnifying glass that the browser asked for, if it did so in a way that makes sense."""
    if not isinstance(asked, dict):
        return None
    epoch, root, requires = asked.get("epoch"), asked.get("root"), asked.get("requires")
    if not isinstance(epoch, int) or not 0 <= epoch < watching.count:
        return None
    if not (isinstance(root, str) and isinstance(requires, str) and requires in REQUIRES):
        return None
    return moments(watching.experiment, watching.dataset, watching.history, epoch, root, requires)


def _place(worker: Worker, run: Run | None) -> int:
    """Which place the run has among those that wait for room on this server; 0 for one that does not."""
    before = None if run is None or run.started else worker.waiting_before(run)
    return 0 if before is None else before + 1


def _device_label(name: str) -> str:
    labels = {device.name: device.label for device in find_devices()}
    return f"{labels.get(name, '')} ({name})" if name != "cpu" else "CPU"
