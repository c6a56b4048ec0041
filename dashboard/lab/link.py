"""The link in the address bar: opened, it sets the fields; after every change it is written anew."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import Experiment
from core.experiment import PARAMETERS
from core.parameters import shorten
from core.training.devices import require_device
from dashboard.lab.fields import DATA_FIELDS, LINE, default_fields, renew, sentence_of
from dashboard.lab.points import table_points
from dashboard.shared.reruns import asked_by_widget

__all__ = ["current_link", "differs_from_start", "follow_link", "write_link"]


def current_link() -> dict[str, list[str]]:
    """The parameters of a link to what the controls say; none before the first change."""
    link: dict[str, list[str]] = st.session_state.get("link", {})
    return link


def follow_link() -> bool:
    """Take over the link's values if it is not the one that was written last. True if it describes an experiment."""
    query, ours = _read_link()
    by_widget = asked_by_widget()
    if "fields" in st.session_state and (by_widget or ours == st.session_state["link"]):
        return False
    experiment, problems = Experiment.from_query({k: v for k, v in query.items() if k not in DATA_FIELDS})
    fields = default_fields() | experiment.to_dict()
    try:
        require_device(experiment.device)
    except ValueError as error:
        problems.append(f"{sentence_of(error)} Using cpu instead.")
        fields["device"] = "cpu"
    problems += _read_data_fields(query, fields)
    st.session_state["fields"] = fields
    renew(*fields)
    st.session_state["link"] = ours
    st.session_state["link_problems"] = problems
    return bool(ours)


def _read_link() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """All parameters of the link as the browser knows it, and those of them that are ours."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    return query, {name: texts for name, texts in query.items() if name in PARAMETERS or name in DATA_FIELDS}


def _read_data_fields(query: dict[str, list[str]], fields: dict[str, Any]) -> list[str]:
    repeated = [name for name in DATA_FIELDS if len(query.get(name, ())) > 1]
    if repeated:
        return [
            f"{repeated[0]} must be given once, but was given {len(query[repeated[0]])} times. Using a line instead."
        ]
    data, x, y = ((query.get(name) or [None])[0] for name in DATA_FIELDS)
    if data is None or data == LINE:
        return ["x and y name columns of a table: give the table as data. Using a line instead."] if x or y else []
    try:
        points = table_points(data, x, y, fields["seed"])
    except ValueError as error:
        return [f"{sentence_of(error)} Using a line instead."]
    if points is None:
        return [
            f"The data {shorten(data)} is not on this server: choose its CSV file again under More. "
            "Using a line instead."
        ]
    fields.update(data=data, x=points.x, y=points.y)
    return []


def write_link(experiment: Experiment, fields: dict[str, Any]) -> None:
    ours = experiment.to_query()
    if fields["data"] != LINE:
        named = {name: fields[name] for name in DATA_FIELDS if fields[name] is not None}
        ours = named | (ours if experiment != Experiment() else {})
    link = {name: [text] for name, text in ours.items()}
    query, old = _read_link()
    if link != old:
        st.query_params.from_dict({name: texts for name, texts in query.items() if name not in old} | link)
    st.session_state["link"] = link


def differs_from_start(fields: dict[str, Any]) -> bool:
    return bool(st.session_state["link"]) or fields != default_fields()
