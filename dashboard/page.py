"""The way between the pages, at the top of the sidebar: beside one another, so that the controls keep their room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st
from streamlit.navigation.page import Page

from dashboard.course.page import came_from, current_chapter
from dashboard.lab.link import current_link
from dashboard.lab.widgets import ROW
from dashboard.mistakes.page import current_mistake

__all__ = ["show_way"]

QUERIES = {"Lab": current_link, "Graph": current_link, "Mistakes": current_mistake, "Course": current_chapter}
"""What each page's link takes along: where the visitor was on that page. The lab and the graph share the controls."""

STYLE = f"""
.st-key-way a {{padding-inline: 0.3rem}}
[class*="st-key-{ROW}"] {{flex-wrap: nowrap}}
[class*="st-key-{ROW}"] > div {{min-width: 0}}
[data-testid="stPopoverBody"] {{min-height: min(27rem, 80vh)}}
"""
"""As links stand in a line of text: four of them fit beside one another. So do a slider and its number.

What a popover holds is built when it opens, and the browser finds a place for it before that is there.
"""


@contextmanager
def show_way(pages: Sequence[Page], here: Page) -> Iterator[None]:
    """Links to all pages. They are written after the page has run: only then it is known which link they carry."""
    with st.sidebar:
        st.title("Gradient Descent Lab")
        st.html(f"<style>{STYLE}</style>")
        place = st.container(horizontal=True, gap="xxsmall", key="way")
    try:
        yield
    finally:
        # Whoever comes from the course sees the way back.
        back = "Course" if here.title != "Course" and came_from() else None
        for page in pages:
            icon = ":material/arrow_back:" if page.title == back else None
            place.page_link(page, label=page.title, icon=icon, query_params=QUERIES[page.title]())
