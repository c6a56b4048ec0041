"""How much files may take of the server's memory on their way to the page.

Streamlit keeps what is uploaded to a session until the session ends, as many files of the allowed size as are sent. The
page takes over what it can use and lets the file go at once (`dashboard.lab.uploads`), so here is only what is under
way, or was sent past the page.
"""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.uploaded_file_manager import UploadedFileManager

__all__ = ["UploadBounds"]

UPLOAD = "/_stcore/upload_file/"

VISIT_BYTES = 25_000_000
"""Of one visit: the largest file that the page takes, and what its form adds."""

ALL_BYTES = 200_000_000
"""Of all visits together."""


NO_LENGTH = ("Say how long the file is.", 411)


class UploadBounds:
    """Refuses an upload for which there is no room, before it is read."""

    def __init__(self, app: ASGIApp, visit_bytes: int = VISIT_BYTES, all_bytes: int = ALL_BYTES) -> None:
        self._app = app
        self._visit_bytes = visit_bytes
        self._all_bytes = all_bytes
        self._coming: Counter[str] = Counter()
        """By session, the bytes that are on their way."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or UPLOAD not in scope["path"]:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        session = request.url.path.partition(UPLOAD)[2].partition("/")[0]
        length = request.headers.get("content-length", "")
        refusal = self._refusal(session, int(length)) if length.isdigit() else NO_LENGTH
        if refusal is not None:
            await PlainTextResponse(*refusal)(scope, receive, send)
            return
        self._coming[session] += int(length)
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= int(length)
            self._coming = +self._coming

    def _refusal(self, session: str, length: int) -> tuple[str, int] | None:
        if self._coming[session] + length > self._visit_bytes:
            return "One file at a time, of at most 20 MB.", 413
        manager = runtime.get_instance().uploaded_file_mgr
        held = held_bytes(manager)
        if held[session] + self._coming[session] + length > self._visit_bytes:
            manager.remove_session_files(session)  # never read, and the next one is here
            held = held_bytes(manager)
        if held.total() + self._coming.total() + length > self._all_bytes:
            return "Many files are on their way to this server: try again in a minute.", 503
        return None


def held_bytes(manager: UploadedFileManager) -> Counter[str]:
    """By session, the bytes that Streamlit holds of files that have come."""
    held = manager.file_storage  # type: ignore[attr-defined]
    return Counter({name: sum(len(file.data) for file in list(files.values())) for name, files in list(held.items())})
