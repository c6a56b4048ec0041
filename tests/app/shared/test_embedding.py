"""What a session keeps of Streamlit's own parameters, which a link within one page does not bring along."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.safe_session_state import SafeSessionState

from dashboard.shared import embedding


@pytest.fixture
def visit(monkeypatch):
    """Runs of one visit, each with a query, after which the address may be written; gives what then stands in it."""
    monkeypatch.setattr(st, "session_state", {})
    state = SafeSessionState(SessionState(), lambda: None)

    def run(query: str) -> dict[str, list[str]]:
        with state.query_params() as address:
            address.clear_with_no_forward_msg()
        context = SimpleNamespace(query_string=query, session_state=state)
        monkeypatch.setattr(embedding, "get_script_run_ctx", lambda: context)
        embedding.stay_embedded()
        with state.query_params() as address:
            return dict(address._query_params)

    return run


def test_a_link_without_embed_does_not_end_the_embedding(visit):
    visit("embed=true&embed_options=light_theme&embed_options=show_padding&chapter=data")
    assert visit("chapter=four-steps") == {"embed": ["true"], "embed_options": ["light_theme", "show_padding"]}
    assert visit("") == {"embed": ["true"], "embed_options": ["light_theme", "show_padding"]}


def test_a_visit_that_is_not_embedded_stays_so(visit):
    assert visit("epochs=60") == {}
    assert visit("chapter=data") == {}
