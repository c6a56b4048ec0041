"""The link in the address bar: opened, it sets the fields; after every change it is written anew."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import Experiment
from core.comparison import write_change
from core.experiment import PARAMETERS
from core.parameters import shorten
from core.training.sweep import write_sweep
from dashboard.lab.comparing import Comparing, comparing
from dashboard.lab.fields import DATA_FIELDS, LINE, default_fields, forget_before_table, renew
from dashboard.lab.read_link import OTHERS, read_link
from dashboard.shared.links import query_of
from dashboard.shared.reruns import asked_by_widget
from dashboard.stage.arrangement import CHOICES
from dashboard.stage.camera import write_camera
from dashboard.stage.panels import PANELS, write_panels

__all__ = ["MOST_LETTERS", "ask_for", "clear_link", "current_link", "differs_from_start", "follow_link", "write_link"]


MOST_LETTERS = 8000
"""Of a link that is asked for on the stage. The longest that the page writes have a few hundred."""


def ask_for(link: str) -> None:
    """Have the next rerun follow this link, the query of an address with its `?`, as if it had been opened.

    Raises:
        ValueError: if it is no query, or too long.
    """
    if not link.startswith("?") or len(link) > MOST_LETTERS:
        raise ValueError(f"link must begin with ? and have at most {MOST_LETTERS} letters, but got {shorten(link)}.")
    st.session_state["asked_link"] = query_of(link)


def current_link() -> dict[str, list[str]]:
    """The parameters of a link to what the controls say; none before the first change."""
    link: dict[str, list[str]] = st.session_state.get("link", {})
    return link


def follow_link() -> bool:
    """Take over the link's values if it is not the one that was written last. True if it describes an experiment."""
    asked: dict[str, list[str]] | None = st.session_state.pop("asked_link", None)
    query, ours = _read_link() if asked is None else (asked, _ours(asked))
    by_widget = asked_by_widget()
    known = asked is None and "fields" in st.session_state
    if known and (by_widget or ours == st.session_state["link"]):
        return False
    read = read_link(query)
    st.session_state["fields"] = read.fields
    forget_before_table()
    st.session_state["comparing"] = read.comparing
    renew(*read.fields)
    st.session_state["link"] = ours
    st.session_state["link_problems"] = read.problems
    return bool(ours)


def _read_link() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """All parameters of the link as the browser knows it, and those of them that are ours."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    return query, _ours(query)


def _ours(query: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: texts for name, texts in query.items() if name in PARAMETERS or name in OTHERS}


def _write_comparing(state: Comparing) -> dict[str, list[str]]:
    """What of it is not as on a page that nobody has touched."""
    told = {
        "front": str(state.front) if state.front else "",
        "keep": "1" if state.keep else "",
        "camera": write_camera(state.camera) if state.camera else "",
        "show": write_panels(state.show) if state.show != PANELS else "",
        "projector": write_panels(state.projector),
        "sweep": write_sweep(state.sweep) if state.sweep else "",
    }
    told |= {name: getattr(state, name) for name, options in CHOICES.items() if getattr(state, name) != options[0]}
    found = {name: [text] for name, text in told.items() if text}
    return {"versus": list(map(write_change, state.changes))} | found if state.changes else found


def write_link(experiment: Experiment, fields: dict[str, Any]) -> None:
    """Write what the controls say into the address bar, unless it stands there. `experiment` is the base."""
    named = {name: [fields[name]] for name in DATA_FIELDS if fields["data"] != LINE and fields[name] is not None}
    others = named | _write_comparing(comparing())
    # Of a run like any other the query names one field all the same, so that a link is not empty.
    needless = others and experiment == Experiment()
    ours = {} if needless else {name: [text] for name, text in experiment.to_query().items()}
    link = named | ours | others
    query, old = _read_link()
    if link != old:
        st.query_params.from_dict({name: texts for name, texts in query.items() if name not in old} | link)
    st.session_state["link"] = link


def clear_link() -> None:
    """The link of a page that nobody has touched."""
    query, old = _read_link()
    if old:
        st.query_params.from_dict({name: texts for name, texts in query.items() if name not in old})
    st.session_state["link"] = {}


def differs_from_start(fields: dict[str, Any]) -> bool:
    return bool(st.session_state["link"]) or fields != default_fields() or comparing() != Comparing()
