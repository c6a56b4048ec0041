"""What Streamlit runs for a visitor: the title, and the way between the pages.

The way stands at the top of the sidebar, its links beside one another, so that the controls keep their room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from dashboard.course.page import came_from, current_chapter
from dashboard.devices.page import current_points
from dashboard.lab import advice, news, table_preview
from dashboard.lab.link import current_link
from dashboard.lab.widgets import ROW
from dashboard.mistakes.page import current_mistake
from dashboard.room.lecture import lecture
from dashboard.server.door import shared_door
from dashboard.server.sending import wait_until_sent
from dashboard.shared.embedding import is_embedded, stay_embedded
from dashboard.shared.links import page_script

__all__ = ["show_page"]

# Not a Material icon: the browser would fetch that from elsewhere.
ICON = str(Path(__file__).with_name("static") / "icon.svg")

FULL = "Very many pages are being opened from your network just now: wait a few seconds, and load this one again."

QUERIES = {
    "Lab": current_link,
    "Graph": current_link,
    "Mistakes": current_mistake,
    "Course": current_chapter,
    "Devices": current_points,
}
"""What each page's link takes along: where the visitor was on that page. The lab and the graph share the controls."""

STYLE = f"""
[data-testid="stSidebarHeader"] {{height: 2.5rem; margin-bottom: 0}}
.st-key-way {{gap: 0.1rem}}
.st-key-way a {{padding-inline: 0.15rem}}
[class*="st-key-{ROW}"] {{flex-wrap: nowrap}}
[class*="st-key-{ROW}"] > div {{min-width: 0}}
.st-key-last-row {{row-gap: 0}}
[data-testid="stPopoverBody"] {{min-height: min(27rem, 80vh)}}
@media (max-height: 46rem) {{
  [data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] {{gap: 0.55rem}}
}}
{advice.STYLE}{news.STYLE}{table_preview.STYLE}"""
"""As links stand in a line of text: five of them fit beside one another. So do a slider and its number.

What a popover holds is built when it opens, and the browser finds a place for it before that is there. On a low screen
the controls move closer together, so that they stay in sight where the data need some more words.
"""


def show_page() -> None:
    """Show the page that the visitor's address names, and the links to the others."""
    # In a slide the stage stands alone; the controls are a click away.
    sidebar = "collapsed" if is_embedded() else "auto"
    st.set_page_config(page_title="Gradient Descent Lab", page_icon=ICON, layout="wide", initial_sidebar_state=sidebar)
    stay_embedded()
    if not _let_in():
        st.warning(FULL, icon=":material/error:")
        return
    pages = [
        st.Page(page_script("lab"), title="Lab", default=True),
        st.Page(page_script("course"), title="Course", url_path="course"),
        st.Page(page_script("graph"), title="Graph", url_path="graph"),
        st.Page(page_script("mistakes"), title="Mistakes", url_path="mistakes"),
        st.Page(page_script("devices"), title="Devices", url_path="devices"),
    ]
    here = st.navigation(pages, position="hidden")
    with _way(pages, here):
        here.run()
    if not is_embedded():
        lecture(here.url_path, current_chapter().get("chapter", ""), current_mistake().get("mistake", ""))
    wait_until_sent()


def _let_in() -> bool:
    """Whether this visit may see the page: once it may, it always may."""
    if not st.session_state.get("let_in"):
        st.session_state["let_in"] = shared_door.lets_in(st.context.ip_address or "here")
    let_in: bool = st.session_state["let_in"]
    return let_in


@contextmanager
def _way(pages: Sequence[Page], here: Page) -> Iterator[None]:
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


if __name__ == "__main__":
    show_page()
