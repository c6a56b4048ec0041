"""The values of the controls: one place, `st.session_state["fields"]`, which the link and the widgets set.

Where several runs are on the stage, those are the base's, and `comparing` says which run the controls show.

The browser may lag behind: with a change it sends the link and the widgets as it knows them, which may be older
than what the last rerun made of them. So a widget is never told another value: where its field was set elsewhere,
it is made anew under another key. And a rerun that a widget asked for follows no link.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from core import Experiment, InvalidCombination
from core.experiment import PARAMETERS
from dashboard.lab.comparing import front_fields, move, shown_fields
from dashboard.lab.rate_change import note_change
from dashboard.shared.reruns import widget_asked

__all__ = [
    "DATA_FIELDS",
    "LINE",
    "POINTS_FORGOTTEN",
    "SUITED",
    "bound",
    "bound_text",
    "choose",
    "default_fields",
    "forget_before_table",
    "forget_news",
    "forget_problems",
    "key_of",
    "page_problems",
    "renew",
    "sentence_of",
    "tell_news",
]

DATA_FIELDS = ("data", "x", "y", "reading")
"""Which table is trained on, if any, which columns of it, and how it is read."""

LINE = "line"
"""What `data` says where there is no table."""


SUITED = ("standardize", "validation")
"""The fields that may be set with an uploaded table, for its sake."""


GO_ALONG = {"optimizer": ("method",), "learning_rate": ("schedule",), "schedule": ("learning_rate",)}
"""The fields that may change with another one."""

POINTS_FORGOTTEN = "The data are others now, so that no point of them is moved by hand."


def default_fields() -> dict[str, Any]:
    """The fields of a page that nobody has touched."""
    return Experiment().to_dict() | {"data": LINE, "x": None, "y": None, "reading": None}


def bound(name: str, widget: str | None = None) -> dict[str, Any]:
    """The arguments that tie a widget, called as its field or `FIELD_slider`, to its field."""
    widget = widget or name
    return {"key": key_of(widget), "on_change": _changed, "args": (name, widget, key_of(widget))}


def key_of(widget: str) -> str:
    """The key that the widget has for now."""
    return f"{widget}-{st.session_state['generations'][widget]}"


def renew(*names: str, but: str = "") -> None:
    """The widgets of these fields are to be made anew, but for the one that set its field."""
    generations = st.session_state.setdefault("generations", Counter())
    generations.update({name for field in names for name in (field, f"{field}_slider")} - {but})


def page_problems() -> list[str]:
    """What there is to complain of the link, and of a table that was chosen."""
    problems: list[str] = [*st.session_state["link_problems"]]
    if upload_problem := st.session_state.get("upload_problem"):
        problems.append(upload_problem)
    return problems


def forget_problems() -> None:
    """A widget was moved: what was wrong with the link or the file is over."""
    widget_asked()
    st.session_state["link_problems"] = []
    st.session_state.pop("upload_problem", None)
    forget_news()


def forget_news() -> None:
    """What was said of data that were just chosen is read by now."""
    st.session_state.pop("data_news", None)


def forget_before_table() -> None:
    """What an uploaded table was suited with is what the visitor wants by now."""
    st.session_state.pop("before_table", None)


def tell_news(*sentences: str) -> None:
    """What there is to say of data that were just chosen, beside what their table says itself."""
    st.session_state["data_news"] = sentences


def sentence_of(error: ValueError) -> str:
    """What the error says, as a sentence of its own."""
    text = str(error)
    return text[:1].upper() + text[1:] if isinstance(error, InvalidCombination) else text


def _changed(name: str, widget: str, key: str) -> None:
    """A widget was moved: take its value over."""
    value = st.session_state.get(key)
    # Streamlit also calls for a widget that is no longer there, and for one whose first value the browser reports.
    if key != key_of(widget) or value == shown_fields()[name]:
        return
    forgotten = False
    if value is None and not (getattr(PARAMETERS.get(name), "none", None) or name in DATA_FIELDS):
        renew(name)  # emptied: it shows the field's value again
    else:
        forgotten = choose(name, value, widget)
    forget_problems()
    if name in SUITED:
        forget_before_table()
    if name in ("x", "y") or forgotten:
        tell_news(*([POINTS_FORGOTTEN] if forgotten else []))


def choose(name: str, value: Any, widget: str = "") -> bool:
    """The run in front, or a new one after `keep`, has another value, and the widgets show it, but for the one that
    set it. Returns what `move` does."""
    before = front_fields()
    forgotten = move(name, value)
    renew(name, *GO_ALONG.get(name, ()), but=widget)
    if name == "learning_rate":
        note_change(value, before)
    return forgotten


def bound_text(name: str) -> dict[str, Any]:
    """The arguments that tie a field for text to one whose values are written as text."""
    return {"key": key_of(name), "on_change": _typed, "args": (name, key_of(name))}


def _typed(name: str, key: str) -> None:
    """Something was typed: it is taken over if it means something, and stays as it is for mending if it does not."""
    text = st.session_state.get(key)
    if key != key_of(name) or text is None:
        return
    forget_problems()
    kind = PARAMETERS[name]
    try:
        value = kind.read(name, text.strip() or kind.write(()))
        # What does not go with the other fields is not taken over either.
        fields = front_fields() | {name: value}
        Experiment(**{field: fields[field] for field in PARAMETERS})
        move(name, value)
        renew(*GO_ALONG.get(name, ()))
    except ValueError as error:
        st.session_state["link_problems"] = [sentence_of(error)]
