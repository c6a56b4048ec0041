"""The controls of a run: widgets in the sidebar, and what they ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core import find_devices
from core.comparison import MOST_VARIANTS
from core.experiment import METHODS, OPTIMIZERS, PARAMETERS
from dashboard.lab.advice import learning_rate
from dashboard.lab.arranged import arranged
from dashboard.lab.asked import AskedRuns, read_runs
from dashboard.lab.by_hand import DRAWN, reset
from dashboard.lab.comparing import FULL, Comparing, compare, comparing, front_fields, shown_fields
from dashboard.lab.data import data_controls
from dashboard.lab.fields import (
    LINE,
    bound,
    bound_text,
    default_fields,
    forget_before_table,
    forget_problems,
    page_problems,
    renew,
)
from dashboard.lab.link import clear_link, differs_from_start, follow_link, write_link
from dashboard.lab.page_to_take import page_to_take
from dashboard.lab.prepared import PREPARED, rebased
from dashboard.lab.rate_change import change_of_rate, earlier_course
from dashboard.lab.server import shared_worker
from dashboard.lab.sweeps import leave_sweep, watched_sweep
from dashboard.lab.take_away import offer
from dashboard.lab.widgets import choice, ladder, logarithmic, plain_number, slider_and_number
from dashboard.lab.wishes import heard
from dashboard.shared.reruns import widget_asked
from dashboard.stage.arrangement import Arrangement
from dashboard.stage.sweep import ShownSweep
from dashboard.stage.watching import Asked, Request, Watching, leave

__all__ = ["sidebar"]

METHOD_NAMES = {
    "numpy": "NumPy, gradients by hand",
    "autograd": "PyTorch autograd",
    "optimizer": "… with an optimizer",
    "loss_fn": "… and nn.MSELoss",
    "module": "… as an nn.Module",
}
OPTIMIZER_NAMES = {"sgd": "SGD", "momentum": "SGD with momentum 0.9", "rmsprop": "RMSprop", "adam": "Adam"}


def sidebar(viewer: str) -> tuple[Request, Arrangement, ShownSweep | None]:
    """Draw the controls and read them."""
    opened = follow_link() or st.session_state.pop("start", False)
    fields: dict[str, Any] = st.session_state["fields"]
    state = comparing()
    asked = read_runs(fields, state.changes, page_problems())
    front = asked.place_of(state.front)
    with st.sidebar:
        own_data = fields["data"] != LINE
        logarithmic("n", "N", ladder(10, 1_000_000, (1, 1.5, 2, 3, 5, 7)), disabled=own_data)
        slider_and_number("noise", "Noise", [step / 20 for step in range(41)], 0.05, own_data)
        learning_rate(asked.runs[front] if asked.runs else None)
        logarithmic("epochs", "Epochs", ladder(1, 100_000, (1, 1.5, 2, 3, 5, 7)))
        _device()
        _start_and_keep(state)
        with st.container(horizontal=True, gap="small"):
            _compare(asked.runs[front] if asked.runs else None)
            more = st.popover("More", width="stretch", key="more", on_change=widget_asked)
        if more.open:  # its widgets are most of what a page costs
            with more:
                _more()
        last_row = st.container(horizontal=True, gap="small", key="last-row")
    train = st.session_state.pop("train", False)
    if asked.runs and (opened or train or differs_from_start(fields)):
        write_link(asked.runs[0][0], fields)
    comparison, sweep, problems = asked.comparison, None, asked.problems
    if asked.runs and state.sweep is not None:
        sweep, problem = watched_sweep(asked.runs[front], state.sweep, viewer)
        problems = (*problems, problem) if problem else problems
    if sweep is None:
        leave_sweep(viewer)
    ghost = earlier_course(asked.runs[front]) if asked.runs else None
    ghost = None if ghost in asked.runs else ghost
    goes_along = comparison.goes_along if comparison else ""
    arrangement = _arrangement(asked, state, front)
    with last_row:
        if asked.runs:
            page = page_to_take(asked.runs[0], arrangement, sweep, viewer)
            offer(asked.runs[0], *([asked.runs[front]] if front else []), drawn=not own_data, page=page)
        st.button("Start over", type="tertiary", on_click=_start_over)
    return Request(asked.runs, problems, train, opened, goes_along, ghost), arrangement, sweep


def _start_and_keep(state: Comparing) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button("Train", type="primary", width="stretch", on_click=_train)
        full = len(state.changes) >= MOST_VARIANTS
        words = "The next move of a control shows a new run beside this one."
        st.button("Keep", width="stretch", help=FULL if full else words, disabled=full, on_click=_keep)


def _arrangement(asked: AskedRuns, state: Comparing, front: int) -> Arrangement:
    arrangement = replace(arranged(asked, state, front), heard=heard())
    return replace(arrangement, keep=state.keep, change=change_of_rate()) if asked.runs else arrangement


def _train() -> None:
    """Noted here, because a button that was clicked says so in one rerun only, which may be that of the stage alone."""
    widget_asked()
    st.session_state["train"] = True


def _keep() -> None:
    widget_asked()
    state = comparing()
    state.keep = not state.keep


def _start_over() -> None:
    """Everything as on a page that was just opened."""
    forget_problems()
    forget_before_table()
    st.session_state["fields"] = default_fields()
    st.session_state["comparing"] = Comparing()
    renew(*st.session_state["fields"])
    clear_link()
    watching: Watching | None = st.session_state.pop("watching", None)
    if watching is not None:
        leave(watching, shared_worker(), st.session_state["viewer"])


def _compare(base: Asked | None) -> None:
    """What stands in it is made when it is opened. Once something is chosen, another one is there, which is closed."""
    place = st.session_state.setdefault("compared", 0)
    menu = st.popover("Compare", width="stretch", key=f"compare-{place}", on_change=widget_asked)
    if menu.open and base:
        with menu:
            st.caption("Beside the run in front, instead of the others:")
            for name in PREPARED:
                st.button(name, width="stretch", type="tertiary", on_click=_prepare, args=(name, base))


def _prepare(name: str, base: Asked) -> None:
    """The run in front becomes the base of the comparison, whose variants take the places of all others."""
    widget_asked()
    st.session_state["compared"] += 1
    experiment, points = rebased(name, *base), base[1]
    shown = shown_fields()
    own = {field: shown[field] for field in PARAMETERS} | {"learning_rate": experiment.learning_rate}
    st.session_state["fields"].update(own)
    compare(PREPARED[name](experiment, points))
    renew(*st.session_state["fields"])
    st.session_state["start"] = True


def _device() -> None:
    devices = find_devices()
    able = {device.name: device.label for device in devices if device.available}
    chosen = shown_fields()["device"]
    able.setdefault(chosen, "")
    reasons = [f"{device.label}: {device.reason}" for device in devices if not device.available]
    st.selectbox(
        "Device",
        list(able),
        list(able).index(chosen),
        format_func=lambda name: f"{name} · {able[name]}" if name != "cpu" and able[name] else name,
        help="  \n".join(["Where the numbers are computed.", *reasons]),
        **bound("device"),
    )


def _schedule() -> None:
    kind = PARAMETERS["schedule"]
    value = front_fields()["schedule"]
    st.text_input(
        "Schedule",
        kind.write(value) if value else "",
        placeholder="one learning rate",
        help="From which epochs on which learning rates hold: `50:0.5,200:0.1` is 0.5 from epoch 50 on, then 0.1.",
        **bound_text("schedule"),
    )


def _more() -> None:
    data_controls()
    fields = shown_fields()
    left, right = st.columns(2)
    with left:
        choice("method", "Method", METHODS, METHOD_NAMES)
        plain_number("batch_size", "Batch size", empty="full batch")
        plain_number("true_b", "True b", disabled=fields["data"] != LINE)
        plain_number("seed", "Seed")
        _schedule()
        plain_number("start_b", "Start at b", empty="drawn")
    with right:
        choice("optimizer", "Optimizer", OPTIMIZERS, OPTIMIZER_NAMES)
        choice("reduction", "Reduction", ("mean", "sum"), {"mean": "mean", "sum": "sum"})
        plain_number("true_w", "True w", disabled=fields["data"] != LINE)
        plain_number("tolerance", "Stop at gradient", step=1e-6, empty="off")
        plain_number("start_w", "Start at w", empty="drawn")
    if any(fields[name] != drawn for name, drawn in DRAWN.items()):
        st.button("Reset start and points", type="tertiary", on_click=reset)
