"""Where an address leads that lacks a slash at its end, or has one too many, as a browser resolves it."""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin

import pytest

from dashboard.server.slashes import Slashes


def redirect(path: str, base: str = "", query: str = "", method: str = "GET") -> str | None:
    """What the answer names as the right place; None if Streamlit is asked."""
    sent = []

    async def behind(scope, receive, send):
        pass

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": []}
    asyncio.run(Slashes(behind, base)(scope, None, send))
    if not sent:
        return None
    assert sent[0]["status"] == 307
    return dict(sent[0]["headers"])[b"location"].decode()


@pytest.mark.parametrize("prefix", ["", "/outer", "/further/out"])
@pytest.mark.parametrize(
    ("path", "base", "right"),
    [
        ("/course/", "", "/course"),
        ("/lab", "/lab", "/lab/"),
        ("/lab/course/", "/lab", "/lab/course"),
        ("/halls/lab", "/halls/lab", "/halls/lab/"),
        ("/halls/lab/graph/", "/halls/lab", "/halls/lab/graph"),
    ],
)
def test_slash_is_put_right_under_whatever_prefix_a_proxy_has_stripped(path, base, right, prefix):
    location = redirect(path, base)
    assert urljoin(f"http://hall{prefix}{path}", location) == f"http://hall{prefix}{right}"


def test_query_goes_along():
    location = redirect("/graph/", query="learning_rate=0.2&epochs=50")
    assert urljoin("http://hall/graph/", location) == "http://hall/graph?learning_rate=0.2&epochs=50"


@pytest.mark.parametrize(
    ("path", "base"),
    [("/", ""), ("/course", ""), ("/lab/", "/lab"), ("/lab/course", "/lab"), ("//elsewhere/", ""), ("//", "")],
)
def test_right_address_is_left_alone(path, base):
    assert redirect(path, base) is None


def test_what_is_posted_is_left_alone():
    assert redirect("/_stcore/agent/mcp/", method="POST") is None


@pytest.mark.parametrize("path", ["/https:elsewhere/", "/a/\\elsewhere/", "/%0d%0aSet-Cookie: a/", "/ü/"])
def test_redirect_never_leaves_the_server(path):
    assert urljoin("http://hall/x/", redirect(path)).startswith("http://hall/")
