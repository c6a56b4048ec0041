"""Whoever starts the lab, visitors see the same page."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.web.server.app_discovery import discover_asgi_app

DASHBOARD = Path(__file__).parents[3] / "dashboard"


def seen(script: str) -> list[str]:
    """What stands on the page, without what is new with every visit."""
    page = AppTest.from_file(DASHBOARD / script, default_timeout=60).run()
    assert not page.exception
    return [
        f"{element.type} {getattr(element, 'label', '')}" for block in (page.main, page.sidebar) for element in block
    ]


def test_streamlit_finds_the_server_without_running_the_file():
    found = discover_asgi_app(DASHBOARD / "app.py")
    assert (found.is_asgi_app, found.import_string) == (True, "app:app")


def test_plain_script_shows_what_the_servers_script_shows():
    shown = seen("page.py")
    assert shown == seen("app.py")
    assert "button Train" in shown
