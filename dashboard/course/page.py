"""The course as a page: the overview, and the chapters with their cells.

A link names the chapter. Each cell is a fragment: what is changed in it reruns it alone. What a visitor predicted
is kept in the session, and by the browser for as long as its tab is open, in case the session is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from core.course import BY_NAME, CHAPTERS, Chapter
from core.course.marks import unmarked
from core.course.notebook import chapter_notebook
from core.course.way import find_way
from core.mistakes import MISTAKES
from dashboard.course.cell import show_cell
from dashboard.course.overview import draw_rung
from dashboard.course.progress import chosen_values, looked_at, remembering
from dashboard.shared.links import page_script, read_choice
from dashboard.shared.page_style import page_palette, style
from dashboard.shared.reruns import asked_by_widget
from dashboard.shared.still_charts import Palette
from dashboard.shared.typesetting import sentence
from dashboard.shared.verbatim import verbatim

__all__ = ["came_from", "choose_chapter", "current_chapter", "show_chapter", "show_overview"]

LINK, OVERVIEW = "chapter", "overview"
COURSE, LAB, MISTAKE = page_script("course"), page_script("lab"), page_script("mistakes")
PLACES = (OVERVIEW, *BY_NAME)
STYLE = (Path(__file__).parents[1] / "static" / "course" / "course.css").read_text(encoding="utf-8")


def choose_chapter() -> tuple[Chapter | None, str]:
    """The chapter that the link names, None for the overview; and a sentence if it names none that there is."""
    state = st.session_state
    asked = st.query_params.get_all(LINK)
    # As on the other pages: with a click on a widget the browser may send a link that is older than the page.
    by_widget = asked_by_widget()
    if "course_place" not in state or (not by_widget and asked != state["course_link"]):
        instead = "This is the overview."
        state["course_place"], state["course_problem"] = read_choice(LINK, asked, PLACES, OVERVIEW, instead)
        if "course_link" in state:
            # Of a link to the same page Streamlit takes the parameters, but does not write them into the address.
            query = {name: st.query_params.get_all(name) for name in st.query_params}
            st.query_params.from_dict(query)
        state["course_link"] = asked
    return BY_NAME.get(state["course_place"]), state["course_problem"]


def current_chapter() -> dict[str, str]:
    """The parameters of a link to the place in the course that the visitor comes from, or that was looked at last."""
    place = came_from() or st.session_state.get("course_place", OVERVIEW)
    return {LINK: place} if place != OVERVIEW else {}


def came_from() -> str:
    """The place in the course that a link to another page of the lab names as the way back; empty if it names none."""
    asked = st.query_params.get(LINK, "")
    return asked if asked in PLACES else ""


def show_overview(problem: str = "") -> None:
    """The whole way as one picture, and the chapters."""
    with _frame(OVERVIEW):
        if problem:
            st.warning(verbatim(problem), icon=":material/error:")
        st.header("From NumPy to nn.Module, a few lines at a time", anchor=False)
        st.markdown("Five ways to write the same four steps. Each lets PyTorch do a little more: ~~these lines~~ go.")
        with st.container(key="methods"):
            for number, rung in enumerate(find_way(), 1):
                with st.container(key=f"rung-{rung.method}"):
                    st.html(draw_rung(rung, number))
                    with st.container(key=f"try-{rung.method}"):
                        _lab_link({"method": rung.method}, OVERVIEW)
        with st.container(key="all-chapters"):
            st.subheader("The chapters", anchor=False)
            for number, chapter in enumerate(CHAPTERS, 1):
                _chapter_link(chapter, f"**{number} · {chapter.title}**{_progress(chapter)}")
                st.markdown(unmarked(chapter.summary))
        _neighbours(-1)


def show_chapter(chapter: Chapter) -> None:
    """One chapter from its first cell to the way on."""
    number = CHAPTERS.index(chapter)
    with _frame(chapter.name) as palette:
        with st.container(horizontal=True, vertical_alignment="center", key="course-head"):
            st.header(f"{number + 1} · {chapter.title}", anchor=False, width="stretch")
            _ways(chapter)
        st.markdown(sentence(chapter.summary, palette), unsafe_allow_html=True)
        with st.expander("What every cell starts from"):
            st.code(chapter.preparation)
        for position, cell in enumerate(chapter.cells):
            with st.container(key=f"idea-{cell.name}"):
                show_cell(chapter.name, position, palette)
        if chapter.mistakes:
            _mistakes(chapter)
        _neighbours(number)


@contextmanager
def _frame(place: str) -> Iterator[Palette]:
    """What every place of the course has: its style, the list of chapters at the side, and the browser's memory."""
    palette = page_palette()
    style(palette, STYLE)
    chapters = st.sidebar.container(key="chapters", gap=None)
    with st.container(key="course"):
        yield palette
    with chapters:  # written last: only now it is known what has been looked at
        _chapter_link(None, "**Overview**" if place == OVERVIEW else "Overview")
        for number, one in enumerate(CHAPTERS, 1):
            label = f"{number} · {one.title}"
            _chapter_link(one, (f"**{label}**" if one.name == place else label) + _progress(one))
    remembering(place)


def _progress(chapter: Chapter) -> str:
    """How much of the chapter has been looked at, as a mark."""
    seen = looked_at(chapter)
    if not seen:
        return ""
    return "  :material/check:" if seen == len(chapter.cells) else f"  {seen}/{len(chapter.cells)}"


def _ways(chapter: Chapter) -> None:
    """What leads from the chapter elsewhere: the lab, and a notebook to take away."""
    if chapter.experiment:
        _lab_link(chapter.experiment.to_query(), chapter.name)
    st.download_button(
        "Notebook",
        partial(chapter_notebook, chapter, chosen_values(chapter)),
        f"{chapter.name}.ipynb",
        "application/x-ipynb+json",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def _mistakes(chapter: Chapter) -> None:
    """Links to the mistakes that belong to the chapter."""
    titles = {mistake.name: mistake.title for mistake in MISTAKES}
    with st.container(horizontal=True, vertical_alignment="center", key="course-mistakes"):
        st.markdown("**What goes wrong here:**", width="content")
        for name in chapter.mistakes:
            query = {"mistake": name, LINK: chapter.name}
            st.page_link(MISTAKE, label=titles[name], icon=":material/report:", query_params=query)


def _lab_link(query: dict[str, str], place: str) -> None:
    """A link to the experiment in the lab, which knows the way back to this place."""
    st.page_link(LAB, label="Open in the lab", icon=":material/science:", query_params=query | {LINK: place})


def _neighbours(number: int) -> None:
    """The links to what comes before and after the chapter with this position, -1 for the overview, in the round."""
    places = (None, *CHAPTERS)
    with st.container(horizontal=True, key="course-foot"):
        with st.container(key="course-previous", width="content"):
            _chapter_link(places[number], icon=":material/arrow_back:")
        with st.container(key="course-next", width="content"):
            after = places[(number + 2) % len(places)]
            _chapter_link(after, icon=":material/arrow_forward:", icon_position="right")


def _chapter_link(chapter: Chapter | None, label: str | None = None, **look: Any) -> None:
    """A link to the chapter, or to the overview."""
    query = {LINK: chapter.name} if chapter else None
    st.page_link(COURSE, label=label or (chapter.title if chapter else "Overview"), query_params=query, **look)
