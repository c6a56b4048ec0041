"""A server that is so busy that it sends late: what stands on the page stays, the same as before."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from serving import Server
from test_line import stop

LATE = """
import streamlit.runtime.runtime as runtime
from streamlit.web.cli import main
runtime.MESSAGE_FLUSH_INTERVAL_SECS = 0.2
main()
"""
"""Streamlit that waits for a fifth of a second before it sends again; otherwise it does for a hundredth."""


LOOK_AGAIN = """() => {
    for (const ms of [40, 80, 120]) setTimeout(() => document.dispatchEvent(new Event("visibilitychange")), ms);
}"""
"""A tab at which somebody looks again asks for rows at once: while the server shows the page, and just after it."""


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("late") / "log.txt", command=(sys.executable, "-c", LATE, "run"))
    server.start()
    yield server
    server.close()


def test_stage_stays_on_the_page_while_it_asks_for_rows_and_is_turned(lab, late):
    stage = lab("n=1000&batch_size=10&epochs=2400&learning_rate=0.001&surface_view=3d", at=late.address)
    stage.page.evaluate("window.first = document.querySelector('[data-testid=stage]')")
    area = stage.element.get_by_role("application", name="Loss surface in 3-D")
    area.focus()
    for presses in range(1, 41):
        stage.page.evaluate(LOOK_AGAIN)
        area.press("ArrowLeft")
        stage.page.wait_for_timeout(150)
        assert stage.page.evaluate("window.first.isConnected"), f"gone after {presses}"
    expect(area).to_be_focused()
    stop(stage)
    assert stage.page.evaluate("window.first.isConnected")
