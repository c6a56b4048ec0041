"""Redirects between `/lab` and `/lab/`, `/course/` and `/course`, that hold behind a proxy which strips a prefix.

Streamlit redirects as well, but to the path as it arrives here. What is said relative to the address that the browser
asked for needs not know what stood before it.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Slashes"]


class Slashes:
    """ASGI middleware: the root of the lab ends in a slash, its pages do not."""

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        """`base` is the path under which Streamlit serves the page: empty, or with a slash before and none behind."""
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect, or leave the request to the application behind."""
        answer = self._app
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            target = self._target(scope["path"].removeprefix(scope.get("root_path", "")))
            if target:
                query = scope["query_string"].decode("latin-1")
                location = quote(target) + (f"?{query}" if query else "")
                answer = Response(status_code=307, headers={"Location": location, "Cache-Control": "no-cache"})
        await answer(scope, receive, send)

    def _target(self, path: str) -> str:
        """Where the path should lead instead, relative to itself; empty if it is right."""
        if path == self._base:
            return f"{path.rpartition('/')[2]}/"
        page = path.removesuffix("/")
        if page in (path, self._base) or "//" in path:
            return ""
        return f"../{page.rpartition('/')[2]}"
