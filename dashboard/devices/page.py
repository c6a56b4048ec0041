"""The page: a button that measures, how far that is, and its outcome, which is everybody's.

The link names the number of points whose epoch is taken apart. As on the other pages, a rerun that a widget asked for
follows no link.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import streamlit as st

from core.training.devices.apart import Told
from core.training.devices.measuring import POINTS, SECONDS, Timing
from core.training.devices.overtaking import find_overtakings, told
from core.training.devices.words import told_points
from dashboard.devices.chart import draw_times
from dashboard.devices.server import shared_measuring
from dashboard.devices.shares import STYLE, draw_shares
from dashboard.devices.words import FEW, why_few_are_slow
from dashboard.shared.links import read_choice
from dashboard.shared.page_style import page_palette, style
from dashboard.shared.reruns import asked_by_widget, widget_asked
from dashboard.shared.still_charts import Palette
from dashboard.shared.verbatim import verbatim

__all__ = ["choose_points", "current_points", "show_devices"]

LINK = "points"
SLIDER = "devices-points"
TOO_SOON = "devices_too_soon"
LOOK_SECONDS = 0.7
"""How often it is asked how far the measurement is."""

PAGE_STYLE = """
[data-testid="stMainBlockContainer"] {padding: 3.4rem 1.5rem 1rem}
.st-key-devices {gap: 0.6rem}
.st-key-devices h2 {padding: 0.2rem 0}
.st-key-devices [data-testid="stCaptionContainer"] {opacity: 1}
.st-key-devices [data-testid="stCaptionContainer"] p {color: var(--muted)}
.st-key-devices [data-testid="stSliderThumbValue"] p {color: var(--text)}
"""

BEFORE = f"""
What does an epoch cost, and where does its time go? The button measures it on the machine that this server runs on, by
NumPy, by PyTorch on one core and on all, in float64, and on whatever accelerator there is. It takes at most
about {SECONDS:.0f} seconds, in a process of its own; what comes of it stays here for everybody.
"""


MEASURED = """
An epoch is the four steps and the reading of the five numbers of its record, all points in every step. Of some short
blocks of epochs the fastest counts. Its parts are told apart in the same manner for every way:

- **waiting** is what an epoch takes with a single point, where there is nothing to compute: for Python, for the library
  to find out what is to be done, for the device to be told of it and to answer;
- **computing** is what more points add to that. What a GPU computes while it is being told of the next operation makes
  nobody wait, and does not count;
- **copying** is to read the five numbers once they are there, and a thousandth of what it takes to bring the points to
  the device: a run of 1000 epochs does it once.
"""


def choose_points() -> tuple[int, str]:
    """The number of points that is looked at, and a sentence if the link asks for one that there is not."""
    state = st.session_state
    asked = st.query_params.get_all(LINK)
    by_widget = asked_by_widget()
    if "devices_points" not in state or (not by_widget and asked != state["devices_link"]):
        instead = f"These are {FEW}."
        chosen, problem = read_choice(LINK, asked, map(str, POINTS), str(FEW), instead)
        state.update(devices_points=int(chosen), devices_problem=problem, devices_link=asked)
        state[SLIDER] = int(chosen)
    return state["devices_points"], state["devices_problem"]


def current_points() -> dict[str, str]:
    """The parameters of a link to the number of points that was looked at last."""
    points = st.session_state.get("devices_points", FEW)
    return {LINK: str(points)} if points != FEW else {}


def _chosen() -> None:
    """The slider was moved: take its number over, and write it into the link."""
    points = st.session_state[SLIDER]
    widget_asked()
    st.query_params[LINK] = str(points)
    st.session_state.update(devices_points=points, devices_link=[str(points)], devices_problem="")


def show_devices(points: int, problem: str) -> None:
    """The whole page."""
    palette = page_palette()
    style(palette, PAGE_STYLE + STYLE)
    now = shared_measuring.told
    found = now.outcome.timings
    with st.container(key="devices"):
        if problem:
            st.warning(verbatim(problem), icon=":material/error:")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header("Where the time goes", anchor=False, width="stretch")
            st.button(
                "Measure again" if found and not now.running else "Measure",
                on_click=_measure,
                disabled=now.running,
                type="secondary" if found else "primary",
            )
        if too_soon := st.session_state.pop(TOO_SOON, ""):
            st.info(too_soon, icon=":material/schedule:")
        if not found and not now.running:
            st.markdown(BEFORE)
        # Asks again only while there is something to come.
        st.fragment(_show_outcome, run_every=LOOK_SECONDS if now.running else None)(now.running, palette)


def _measure() -> None:
    widget_asked()
    seconds = shared_measuring.start()
    if seconds > 0.0:
        minutes = ceil(seconds / 60)
        st.session_state[TOO_SOON] = (
            f"This has just been measured. Press again in {minutes} minute{'s' if minutes > 1 else ''}: "
            "a measurement takes the whole machine, and others need it too."
        )


def _show_outcome(was_running: bool, palette: Palette) -> None:
    now = shared_measuring.told
    if was_running and not now.running:
        widget_asked()
        st.rerun()
    if now.running:
        st.progress(len(now.timings) / now.total if now.total else 0.0, _how_far(now))
    outcome = now.outcome
    timings = _complete(outcome)
    if timings:
        points = st.session_state["devices_points"]
        left, right = st.columns([0.6, 0.4], gap="medium")
        with left:
            figure = draw_times(outcome.ways, timings, points, palette)
            alt = "Chart: time of an epoch over the number of points."
            st.plotly_chart(figure, theme=None, config={"displayModeBar": False}, key="devices-times", alt=alt)
        with right:
            st.select_slider("Points", POINTS, format_func=told_points, key=SLIDER, on_change=_chosen)
            st.html(draw_shares(outcome.ways, timings, points))
        sentences = [told(one) for one in find_overtakings(outcome.ways, timings)]
        st.markdown("  \n".join([f"**{' '.join(sentences)}**", why_few_are_slow(outcome.ways, timings)]))
    notes = dict.fromkeys((*outcome.notes, *now.notes))
    if notes:
        st.caption("  \n".join(map(verbatim, notes)))
    if timings:
        st.expander("How it is measured").markdown(MEASURED)


def _how_far(now: Told) -> str:
    """Which way was measured last."""
    if not now.timings:
        return "The process that measures starts."
    last = now.timings[-1]
    label = next(way.label for way in now.ways if way.name == last.way)
    return f"{label}, {told_points(last.points)} points"


def _complete(now: Told) -> Sequence[Timing]:
    """All timings but, in the middle of a measurement, those with the number of points that is under way: the chart is
    built anew for every number of points, not for every timing."""
    if not now.running or not now.timings or now.timings[-1].way == now.ways[-1].name:
        return now.timings
    under_way = now.timings[-1].points
    return [one for one in now.timings if one.points != under_way]
