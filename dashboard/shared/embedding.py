"""A page within another one: Streamlit's own `?embed=true`, which has to hold on the way from page to page."""

from __future__ import annotations

from urllib.parse import parse_qs

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

__all__ = ["is_embedded", "stay_embedded"]

OWN = ("embed", "embed_options")
"""Streamlit's parameters, which it neither shows to a script nor lets one set."""


def is_embedded() -> bool:
    """Whether the browser shows the page as a part of another one."""
    return bool(st.context.is_embedded)


def stay_embedded() -> None:
    """Have the address that this run may write say `embed` if that of the visit's first run did.

    Of a link to the page that is shown already, Streamlit sends the link's own parameters alone: what a script writes
    into the address then would end the embedding.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    asked = parse_qs(context.query_string)
    given = {name: texts for name, texts in asked.items() if name in OWN}
    if given:
        st.session_state["embedding"] = given
        return
    with context.session_state.query_params() as address:
        for name, texts in st.session_state.get("embedding", {}).items():
            address.set_with_no_forward_msg(name, texts)
