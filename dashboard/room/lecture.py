"""*Lecture* at the foot of the sidebar: what opens a room, and shows to it whatever is on the page.

All of it is the browser's, which talks to the room by itself: so a lecture outlives the visitor's session, and the
server needs no more than to say which page it shows. See `static/room/lecture.js`.
"""

from __future__ import annotations

import streamlit as st

from dashboard.room.course_questions import course_questions
from dashboard.shared.reruns import widget_asked
from dashboard.shared.static_address import browser_half

__all__ = ["lecture"]

KEY = "lecture"

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
    # The course's cells run by themselves; before the browser asks what is true in them, it has the page shown anew.
    look = st.session_state.get(KEY, {}).get("look", 0)
    place = {"page": page, "chapter": chapter, "mistake": mistake}
    questions = course_questions(chapter) if page == "course" else []
    with st.sidebar:
        _component(key=KEY, data={**place, "questions": questions, "look": look}, on_look_change=widget_asked)
