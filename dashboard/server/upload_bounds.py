"""How much files may take of the server's memory on their way to the page.

Streamlit keeps what is uploaded to a session until the session ends, as many files of the allowed size as are sent. The
page takes over what it can use and lets the file go at once (`dashboard.lab.uploads`), so here is only what is under
way, or was sent past the page.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime

__all__ = ["UploadBounds"]

UPLOAD = "/_stcore/upload_file/"

VISIT_BYTES = 25_000_000
"""Of one visit: the largest file that the page takes, and what its form adds."""

ALL_BYTES = 200_000_000
"""Of all visits together."""


class UploadBounds:
    """Refuses an upload for which there is no room, before it is read."""

    def __init__(self, app: ASGIApp, visit_bytes: int = VISIT_BYTES, all_bytes: int = ALL_BYTES) -> None:
        self._app = app
        self._visit_bytes = visit_bytes
        self._all_bytes = all_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "PUT" and UPLOAD in scope["path"]:
            refusal = self._refusal(Request(scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, request: Request) -> PlainTextResponse | None:
        length = request.headers.get("content-length", "")
        if not length.isdigit():
            return PlainTextResponse("Say how long the file is.", 411)
        session = request.url.path.partition(UPLOAD)[2].partition("/")[0]
        mine, all_of_them = held_bytes(session)
        if mine + int(length) > self._visit_bytes:
            return PlainTextResponse("One file at a time, of at most 20 MB.", 413)
        if all_of_them + int(length) > self._all_bytes:
            return PlainTextResponse("Many files are on their way to this server: try again in a minute.", 503)
        return None


def held_bytes(session: str) -> tuple[int, int]:
    """The bytes that Streamlit holds of this session's files, and of all sessions' together."""
    held = runtime.get_instance().uploaded_file_mgr.file_storage  # type: ignore[attr-defined]
    by_session = {name: sum(len(file.data) for file in list(files.values())) for name, files in list(held.items())}
    return by_session.get(session, 0), sum(by_session.values())
