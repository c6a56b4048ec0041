"""What a visitor has chosen, predicted and looked at in the course: for nobody else, and for no longer than the tab.

The session knows it. Of the predictions the browser keeps a copy in its session storage, because a reload of the page
starts a new session; it hands the copy over when such a session begins.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from core.course import CHAPTERS, Cell, Chapter
from dashboard.shared.reruns import widget_asked
from dashboard.shared.static_address import browser_half

__all__ = ["Look", "chosen_values", "forget", "look_at_cell", "looked_at", "looks", "progress_changed", "remembering"]

KEY = "course-memory"


class Look(NamedTuple):
    """What was predicted of a cell before looking, empty for nothing, and what was true then."""

    prediction: str
    truth: str


_component = st.components.v2.component(
    "gradient_descent_lab_course",
    js=browser_half("course/index.js"),
    isolate_styles=False,
)


def looks() -> dict[str, Look]:
    """What was looked at, by `CHAPTER/CELL`."""
    kept: dict[str, Look] = st.session_state.setdefault("course_looks", {})
    return kept


def looked_at(chapter: Chapter) -> int:
    """How many of the chapter's cells were looked at."""
    return sum(f"{chapter.name}/{cell.name}" in looks() for cell in chapter.cells)


def look_at_cell(name: str, prediction: str, truth: str) -> None:
    """Note the prediction for the cell called `CHAPTER/CELL`, and that the outcome is to be seen."""
    widget_asked()
    looks()[name] = Look(prediction, truth)
    st.session_state["course_progress"] = True


def forget(name: str) -> None:
    """Let the cell be predicted again."""
    widget_asked()
    looks().pop(name, None)
    st.session_state["course_progress"] = True


def progress_changed() -> bool:
    """Whether a click has changed what was looked at since this was last asked."""
    return bool(st.session_state.pop("course_progress", False))


def chosen_values(chapter: Chapter) -> dict[str, dict[str, Any]]:
    """What the controls of the chapter's cells say, by cell. The dictionary goes on to follow them."""
    chosen: dict[str, dict[str, dict[str, Any]]] = st.session_state.setdefault("course_chosen", {})
    return chosen.setdefault(chapter.name, {})


def remembering(place: str) -> None:
    """Let the browser keep what was looked at, and take over what it has kept. `place` is what the page shows.

    The browser's half also listens for the keys that turn the pages, and begins every new place at its top.
    """
    given = st.session_state.get(KEY, {}).get("remembered")
    if given is not None and "course_remembered" not in st.session_state:
        st.session_state["course_remembered"] = True
        if _take_over(given):
            st.rerun()
    fresh = "course_remembered" not in st.session_state
    _component(
        key=KEY,
        data={"place": place, "fresh": fresh, "looks": {name: list(look) for name, look in looks().items()}},
        on_remembered_change=lambda: None,
    )


def _take_over(given: object) -> bool:
    """Believe of what a browser says what makes sense, and nothing that this session knows better. True if it was new.

    Whoever looks at the page has seen it without this, so it has to be drawn again.
    """
    if not isinstance(given, dict):
        return False
    known = len(looks())
    for chapter in CHAPTERS:
        for cell in chapter.cells:
            name, options = f"{chapter.name}/{cell.name}", _options(cell)
            look = given.get(name)
            if isinstance(look, list) and len(look) == 2 and all(word in options for word in look):
                looks().setdefault(name, Look(*look))
    return len(looks()) > known


def _options(cell: Cell) -> tuple[str, ...]:
    return ("", *cell.question.options) if cell.question else ("",)
