"""The link in the address bar: opened, it sets the fields; after every change it is written anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import streamlit as st

from core import Experiment
from core.comparison import MOST_VARIANTS, read_change, write_change
from core.experiment import PARAMETERS
from core.parameters import shorten
from core.training.devices import require_device
from core.training.sweep import Span, read_sweep, write_sweep
from dashboard.lab.asked import asked_of, base_of, variant_of
from dashboard.lab.comparing import Comparing, comparing
from dashboard.lab.fields import DATA_FIELDS, LINE, default_fields, forget_before_table, renew, sentence_of
from dashboard.lab.points import table_points
from dashboard.shared.links import read_choice
from dashboard.shared.reruns import asked_by_widget
from dashboard.stage.arrangement import CHOICES
from dashboard.stage.camera import Camera, read_camera, write_camera
from dashboard.stage.panels import PANELS, Panels, read_panels, read_projected, write_panels

__all__ = ["MOST_LETTERS", "ask_for", "clear_link", "current_link", "differs_from_start", "follow_link", "write_link"]

COMPARING = ("versus", "front", "keep", *CHOICES, "camera", "show", "projector", "sweep")
"""What a link says of several runs beside one another."""

OTHERS = (*DATA_FIELDS, *COMPARING)
"""The parameters of a link that are no fields of an experiment."""


MOST_LETTERS = 8000
"""Of a link that is asked for on the stage. The longest that the page writes have a few hundred."""


def ask_for(link: str) -> None:
    """Have the next rerun follow this link, the query of an address with its `?`, as if it had been opened.

    Raises:
        ValueError: if it is no query, or too long.
    """
    if not link.startswith("?") or len(link) > MOST_LETTERS:
        raise ValueError(f"link must begin with ? and have at most {MOST_LETTERS} letters, but got {shorten(link)}.")
    st.session_state["asked_link"] = parse_qs(link[1:], keep_blank_values=True)


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
    experiment, problems = Experiment.from_query({k: v for k, v in query.items() if k not in OTHERS})
    fields = default_fields() | experiment.to_dict()
    try:
        require_device(experiment.device)
    except ValueError as error:
        problems.append(f"{sentence_of(error)} Using cpu instead.")
        fields["device"] = "cpu"
    problems += _read_data_fields(query, fields)
    no_table = query.get("data", [LINE]) != [LINE] and fields["data"] == LINE
    if no_table:  # what was moved are points of a table that is not there
        fields["moved"] = ()
    problems += _read_hand(fields)
    st.session_state["fields"] = fields
    forget_before_table()
    state, more = _read_comparing(query, fields)
    if no_table:
        kept = ({name: value for name, value in change.items() if name != "moved"} for change in state.changes)
        state.changes = [change for change in kept if change]
        state.front = min(state.front, len(state.changes))
    st.session_state["comparing"] = state
    problems += more
    renew(*fields)
    st.session_state["link"] = ours
    st.session_state["link_problems"] = problems
    return bool(ours)


def _read_link() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """All parameters of the link as the browser knows it, and those of them that are ours."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    return query, _ours(query)


def _ours(query: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: texts for name, texts in query.items() if name in PARAMETERS or name in OTHERS}


def _read_data_fields(query: dict[str, list[str]], fields: dict[str, Any]) -> list[str]:
    repeated = [name for name in DATA_FIELDS if len(query.get(name, ())) > 1]
    if repeated:
        return [
            f"{repeated[0]} must be given once, but was given {len(query[repeated[0]])} times. Using a line instead."
        ]
    data, x, y, reading = ((query.get(name) or [None])[0] for name in DATA_FIELDS)
    if data is None or data == LINE:
        if x or y:
            return ["x and y name columns of a table: give the table as data. Using a line instead."]
        if reading:
            return ["reading says how a table is read: give the table as data. Using a line instead."]
        return []
    try:
        points = table_points(data, x, y, replace(base_of(fields), moved=()), reading or "")
    except ValueError as error:
        return [f"{sentence_of(error)} Using a line instead."]
    if points is None:
        return [
            f"The data {shorten(data)} is not on this server: choose its CSV file again under More. "
            "Using a line instead."
        ]
    fields.update(data=data, x=points.x, y=points.y, reading=points.reading or None)
    return []


def _read_hand(fields: dict[str, Any]) -> list[str]:
    """Points and a start that were put somewhere by hand, where they mean nothing for these data."""
    problems = []
    drawn = {"start_b": None, "start_w": None}
    for tried, otherwise, words in ((fields | drawn, {"moved": ()}, "none"), (fields, drawn, "drawn")):
        try:
            asked_of(base_of(tried), tried)
        except ValueError as error:
            fields.update(otherwise)
            problems.append(f"{sentence_of(error)} Using {words} instead.")
    return problems


def _read_comparing(query: dict[str, list[str]], fields: dict[str, Any]) -> tuple[Comparing, list[str]]:
    """The variants that the link describes, and how they are shown. What cannot be taken is left out, and said."""
    state, problems = Comparing(), []
    base = base_of(fields)
    found = [base]
    texts = query.get("versus", [])
    if len(texts) > MOST_VARIANTS:
        problems.append(
            f"There is room for {MOST_VARIANTS} variants, but the link has {len(texts)}: the first are shown."
        )
    for text in texts[:MOST_VARIANTS]:
        try:
            change = read_change(text)
            variant = variant_of(base, change, fields)
            if variant in found:
                raise ValueError(
                    f"The variant {shorten(text)} is equal to {'the base' if variant == base else 'another'}."
                )
        except ValueError as error:
            problems.append(f"{sentence_of(error)} Leaving this variant out.")
        else:
            found.append(variant)
            state.changes.append(change)
    choices = {"front": tuple(map(str, range(len(found)))), "keep": ("0", "1"), **CHOICES}
    chosen = {}
    for name, options in choices.items():
        chosen[name], problem = read_choice(
            name, query.get(name, []), options, options[0], f"Using {options[0]} instead."
        )
        problems += [problem] if problem else []
    state.front, state.keep = int(chosen["front"]), chosen["keep"] == "1" and len(state.changes) < MOST_VARIANTS
    for name in CHOICES:
        setattr(state, name, chosen[name])
    state.sweep, no_sweep = _read_sweep(query.get("sweep", []))
    state.camera, no_camera = _read_camera(query.get("camera", []))
    state.show, no_panels = _read_show(query.get("show", []))
    state.projector, not_projected = _read_projector(query.get("projector", []))
    return state, [*problems, *no_sweep, *no_camera, *no_panels, *not_projected]


def _read_sweep(texts: list[str]) -> tuple[Span | None, list[str]]:
    if not texts:
        return None, []
    if len(texts) > 1:
        return None, [f"sweep must be given once, but was given {len(texts)} times. Showing no sweep."]
    try:
        return read_sweep(texts[0]), []
    except ValueError as error:
        return None, [f"{sentence_of(error)} Showing no sweep."]


def _read_camera(texts: list[str]) -> tuple[Camera | None, list[str]]:
    if len(texts) > 1:
        return None, [f"camera must be given once, but was given {len(texts)} times. Looking as at first."]
    try:
        return read_camera(texts[0]) if texts else None, []
    except ValueError as error:
        return None, [f"{sentence_of(error)} Looking as at first."]


def _read_show(texts: list[str]) -> tuple[Panels, list[str]]:
    if len(texts) > 1:
        return PANELS, [f"show must be given once, but was given {len(texts)} times. Showing all."]
    shown, problem = read_panels(texts[0]) if texts else (PANELS, "")
    return shown, [problem] if problem else []


def _read_projector(texts: list[str]) -> tuple[Panels, list[str]]:
    if len(texts) > 1:
        return (), [f"projector must be given once, but was given {len(texts)} times. Showing the page."]
    shown, problem = read_projected(texts[0]) if texts else ((), "")
    return shown, [problem] if problem else []


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
