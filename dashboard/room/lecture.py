"""*Lecture* at the foot of the sidebar: what opens a room, and shows to it whatever is on the page.

All of it is the browser's, which talks to the room by itself: so a lecture outlives the visitor's session, and the
server needs no more than to say which page it shows. See `static/room/lecture.js`.
"""

from __future__ import annotations

import streamlit as st

from dashboard.shared.static_address import browser_half

__all__ = ["lecture"]

_component = st.components.v2.component(
    "gradient_descent_lab_lecture",
    html='<div data-testid="lecture"></div>',
    js=browser_half("room/lecture.js"),
    isolate_styles=False,
)


def lecture(page: str, chapter: str, mistake: str) -> None:
    """Show it.

    Args:
        page: the one that is shown, as its address has it; empty for the lab.
        chapter: of the course, where that is shown; empty for its overview.
        mistake: the one that is shown, on their page.
    """
    with st.sidebar:
        _component(key="lecture", data={"page": page, "chapter": chapter, "mistake": mistake})
