"""Whose page a request comes from, by what browsers say of it."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from streamlit import config

from dashboard.room.origins import is_own


def own(**headers: str) -> bool:
    given = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return is_own(Request({"type": "http", "headers": given}))


def test_page_of_this_server_is_its_own():
    assert own(host="192.168.0.7:8501", origin="http://192.168.0.7:8501")
    assert own(host="lab.example", origin="https://lab.example")
    assert own(host="lab.example:443", origin="https://lab.example")
    assert own(host="Lab.Example", origin="https://lab.example:443")
    assert own(host="[::1]:8501", origin="http://[::1]:8501")


def test_page_behind_a_proxy_is_its_own():
    assert own(host="10.0.0.3:8501", x_forwarded_host="lab.example, 10.0.0.2", origin="https://lab.example")
    assert own(host="10.0.0.3:8501", sec_fetch_site="same-origin", origin="https://lab.example")


def test_program_is_nobodys_page():
    assert own(host="lab.example")
    assert own(host="lab.example", sec_fetch_site="none")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://lab.example.evil.example"},
        {"origin": "https://lab.example:8501"},
        {"origin": "http://lab.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "lab.example"},
        {"origin": "https://[lab.example"},
        {"origin": "https://lab.example:port"},
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_page_of_another_site_is_not(headers):
    headers = {"host": "lab.example:443", "x-forwarded-host": "lab.example:443"} | headers
    assert not own(**headers)


def test_sites_that_the_settings_name_are_believed(monkeypatch):
    named = {"server.corsAllowedOrigins": ["https://slides.example"], "browser.serverAddress": "lab.example"}
    monkeypatch.setattr(config, "get_option", named.get)
    monkeypatch.setattr(config, "is_manually_set", lambda option: option == "browser.serverAddress")
    assert own(host="10.0.0.3:8501", origin="https://slides.example")
    assert own(host="10.0.0.3:8501", origin="https://lab.example")
    assert not own(host="10.0.0.3:8501", origin="http://slides.example")
    assert not own(host="10.0.0.3:8501", origin="https://localhost")
