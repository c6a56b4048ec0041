"""The way between the pages, at the top of the sidebar: beside one another, so that the controls keep their room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st
from streamlit.navigation.page import Page

from dashboard.controls import current_link
from dashboard.mistake_page import current_mistake

__all__ = ["show_way"]

WITH_EXPERIMENT = ("Lab", "Graph")
"""The pages that show the experiment of the controls, and so take its link along."""


@contextmanager
def show_way(pages: Sequence[Page]) -> Iterator[None]:
    """Links to all pages. They are written after the page has run: only then it is known which link they carry."""
    with st.sidebar:
        st.title("Gradient Descent Lab")
        place = st.container(horizontal=True, gap="small")
    try:
        yield
    finally:
        for page in pages:
            query = current_link() if page.title in WITH_EXPERIMENT else current_mistake()
            place.page_link(page, label=page.title, query_params=query)
