"""Serves what no visitor's session is needed for: the lab's own static files, Streamlit's, and the page around both.

The lab's have an address with the digest of all of them in it, Streamlit's have theirs in their names, so a browser
asks for each of them once. Streamlit would read them anew for every browser, uncompressed, and in several threads:
a hundred of them cost about a millisecond each.
"""

from __future__ import annotations

from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.file_util import get_static_dir

from dashboard.server.front_page import front_page
from dashboard.server.kept_file import IMMUTABLE, TYPES, KeptFile
from dashboard.shared.static_address import OWN, serving, static_files

__all__ = ["StaticFiles"]

EARLY = ("stage/", "plotly", "room/lecture.js")
"""What the first page needs: the browser is told of it before Streamlit asks for it."""


class StaticFiles:
    """ASGI middleware, to stand before everything else."""

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        """`base` is the path under which Streamlit serves the page: empty, or with a slash before and none behind."""
        self._app = app
        self._own = f"{base}/{OWN}"
        files = static_files()
        address = serving(files)
        self._kept = {
            f"{base}/{address}{name}": KeptFile(contents, Path(name).suffix, IMMUTABLE)
            for name, contents in files.items()
            if Path(name).suffix in TYPES
        }
        early = [f"{address}{name}" for name in files if name.startswith(EARLY) and name.endswith(".js")]
        self._kept[f"{base}/"] = KeptFile(front_page(early), ".html", "no-cache")
        folder = Path(get_static_dir())
        self._not_yet_kept = {
            f"{base}/{path.relative_to(folder).as_posix()}": path
            for path in (folder / "static").rglob("*.*")
            if path.suffix in TYPES.keys() - {".html"}  # whose name does not change with its contents
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for what is kept here, and leave the rest to the application behind."""
        answer = self._app
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            answer = self._kept.get(path) or self._keep(path) or answer
            if answer is self._app and path.startswith(self._own):
                answer = PlainTextResponse("Not found", 404)
        await answer(scope, receive, send)

    def _keep(self, path: str) -> KeptFile | None:
        """One of Streamlit's files, the first time that it is asked for: most of them never are."""
        source = self._not_yet_kept.pop(path, None)
        if source is None:
            return None
        self._kept[path] = KeptFile(source.read_bytes(), source.suffix, IMMUTABLE)
        return self._kept[path]
