"""The files that a browser asks for on its first visit, and what they cost the server.

Chromium itself says which they are: it opens the page with an empty cache, and all its requests to the server are noted
with their headers (so that compression is asked for as browsers do). The same requests are then made again over one
connection, as often as there are visits; the answers are read and thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from playwright.sync_api import Page

__all__ = ["Asked", "repeat", "what_is_asked"]


@dataclass(frozen=True)
class Asked:
    """One request, and how it was answered."""

    method: str
    url: str
    headers: dict[str, str]
    status: int

    @property
    def is_streamlits(self) -> bool:
        """Whether it belongs to the page that Streamlit shows every app in."""
        path = urlsplit(self.url).path
        return path == "/" or path.startswith(("/static/", "/_stcore/", "/favicon"))


def what_is_asked(page: Page, address: str, ready: str) -> list[Asked]:
    """All requests to the server until the page is `ready` (a selector) and the network is quiet. The page stays."""
    requests = []
    page.on("request", lambda request: requests.append(request))
    page.goto(address)
    page.wait_for_selector(ready)
    page.wait_for_load_state("networkidle")
    asked = []
    for request in list(requests):
        if not request.url.startswith(address) or not (answer := request.response()):
            continue
        # Of the connection, which is another one here.
        headers = {k: v for k, v in request.all_headers().items() if k not in ("host", "connection") and k[0] != ":"}
        asked.append(Asked(request.method, request.url, headers, answer.status))
    return asked


def repeat(asked: list[Asked], times: int) -> int:
    """Make the requests so many times. Gives the bytes that one visit brings, as they are sent.

    Raises:
        RuntimeError: if one is answered otherwise than Chromium's was.
    """
    line = HTTPConnection(urlsplit(asked[0].url).netloc, timeout=60)
    size = 0
    for _ in range(times):
        for one in asked:
            parts = urlsplit(one.url)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            line.request(one.method, path, headers=one.headers)
            answer = line.getresponse()
            size += len(answer.read())
            if answer.status != one.status:
                raise RuntimeError(f"{one.url} was answered with {answer.status}, to Chromium with {one.status}.")
    line.close()
    return size // times
