"""The controls that say what is trained on: a shape of random points or a table, which of its columns, and how it is
split and scaled."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core import Table
from core.data.tables import FILE_TYPES, MAX_COLUMNS, MAX_ROWS, SHIPPED
from core.experiment import SHAPES, STANDARDIZE
from dashboard.lab.asked import base_of
from dashboard.lab.comparing import forget_moved, shown_fields
from dashboard.lab.fields import (
    LINE,
    POINTS_FORGOTTEN,
    SUITED,
    bound,
    forget_problems,
    key_of,
    renew,
    sentence_of,
    tell_news,
)
from dashboard.lab.news import READINGS, offer_readings, understood
from dashboard.lab.suiting import suited
from dashboard.lab.table_preview import preview
from dashboard.lab.uploads import find_table, let_go, reading_of, shared_uploads
from dashboard.lab.widgets import choice, plain_number
from dashboard.shared.verbatim import verbatim

__all__ = ["data_controls"]

DATA_NAMES = {
    LINE: "Noisy line",
    "iris": "Irises (petals and sepals)",
    "wine": "Wines (x needs scaling)",
    "fitness": "Chin-ups and jumps (an outlier)",
}
SHAPE_NAMES = {
    "line": "Around a line",
    "curve": "Along a curve",
    "outliers": "With outliers",
    "fan": "With noise that grows",
    "groups": "In two groups",
}
STANDARDIZE_NAMES = {"none": "Nothing", "x": "x", "xy": "x and y"}


NOT_ELSEWHERE = (
    "The other servers of this lab do not have this table yet: "
    "until their store answers again, its link works here alone."
)

LIMITS = f"At most 20 MB, {MAX_ROWS // 1_000_000} million rows and {MAX_COLUMNS} columns."


def data_controls() -> None:
    """Draw them."""
    fields = shown_fields()
    left, right = st.columns(2)
    with left:
        _data(fields)
    with right:
        choice("standardize", "Standardise", STANDARDIZE, STANDARDIZE_NAMES)
    table = None if fields["data"] == LINE else find_table(fields["data"], fields["reading"] or "")
    left, right, other = st.columns(3) if table else (*st.columns(2), None)
    if table:
        columns = table.numeric_columns()
        for place, name in ((left, "x"), (right, "y")):
            with place:
                at = columns.index(fields[name]) if fields[name] in columns else None
                st.selectbox(f"Column for {name}", columns, at, **bound(name))
    elif fields["data"] == LINE:
        with left:
            choice("shape", "Shape of the points", SHAPES, SHAPE_NAMES)
    with other or right:
        plain_number("validation", "Held out (share)")
    if table:
        st.html(preview(table, fields["x"], fields["y"]))
        if fields["data"] not in SHIPPED:
            st.caption(verbatim("  \n".join(understood(table, fields["x"], fields["y"]))))
            with st.container(horizontal=True, gap="small", key=READINGS):
                offer_readings(table, fields["x"], fields["y"], "data")
    st.file_uploader(
        "Own CSV or Excel file",
        type=list(FILE_TYPES),
        key="upload",
        on_change=_uploaded,
        max_upload_size=20,
        help=LIMITS,
    )


def _data(fields: dict[str, Any]) -> None:
    chosen = fields["data"]
    names = dict(DATA_NAMES)
    if chosen not in names:
        table = find_table(chosen)
        names[chosen] = table.name if table else "A file that is gone"
    st.selectbox(
        "Data",
        list(names),
        list(names).index(chosen),
        format_func=names.__getitem__,
        **bound("data") | {"on_change": _data_changed, "args": ()},
    )


def _data_changed() -> None:
    data = st.session_state.get(key_of("data"))
    if data not in (None, st.session_state["fields"]["data"]):
        _use_data(data)


def _use_data(data: str) -> None:
    """Switch to other data; of a table, to its first two columns of numbers until others are chosen."""
    forgotten = forget_moved("data")
    table = None if data == LINE else find_table(data)
    x, y = (*(table.numeric_columns() if table else []), None, None)[:2]
    fields: dict[str, Any] = st.session_state["fields"]
    # What the table before needed has nothing to do with this one.
    fields.update(st.session_state.pop("before_table", {}))
    fields.update(data=data, x=x, y=y, reading=(reading_of(data, table) if table else "") or None)
    renew("data", "x", "y", *SUITED)
    forget_problems()
    if forgotten:
        tell_news(POINTS_FORGOTTEN)


def _suit(table: Table) -> None:
    """Have an uploaded table open so that its run learns, and say what that took."""
    fields: dict[str, Any] = st.session_state["fields"]
    told: tuple[str, ...] = st.session_state.get("data_news", ())
    before = {name: fields[name] for name in SUITED}
    try:
        x, y = table.columns_for(None, None)
        experiment, said = suited(base_of(fields), table, x, y)
    except ValueError:  # it is said when the points are made
        tell_news(*told)
        return
    fields.update({name: getattr(experiment, name) for name in SUITED})
    if said:
        st.session_state["before_table"] = before
    tell_news(*told, *said)


def _uploaded() -> None:
    file = st.session_state["upload"]
    # Of a file that was let go Streamlit tells once more, as of one that is gone; so it does of one that the browser
    # has from a session that this server does not know.
    if not isinstance(file, UploadedFile):
        return
    forget_problems()
    try:
        digest = shared_uploads().add(file.getvalue(), file.name, st.session_state["viewer"])
    except ValueError as error:
        st.session_state["upload_problem"] = sentence_of(error)
        return
    finally:
        let_go(file.file_id)
    _use_data(digest)
    if table := find_table(digest):
        _suit(table)
    if not shared_uploads().is_everywhere(digest):
        tell_news(*st.session_state.get("data_news", ()), NOT_ELSEWHERE)
