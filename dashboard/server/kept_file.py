"""A file as it is sent: typed, compressed and named by its contents once, and kept in memory from then on."""

from __future__ import annotations

import gzip
from hashlib import sha256

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

__all__ = ["IMMUTABLE", "TYPES", "KeptFile"]

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""By the ending of a file's name. The system's own table is not asked: on Windows any program may change it."""

IMMUTABLE = "public, max-age=31536000, immutable"
"""For an address that never stands for anything else."""


class KeptFile:
    """Answers GET and HEAD, as an ASGI application. Nothing is read or compressed while it does so."""

    def __init__(self, contents: bytes, ending: str, caching: str) -> None:
        """`ending` is a key of `TYPES`; `caching` is what `Cache-Control` says."""
        packed = gzip.compress(contents, mtime=0)
        self._is_packed = len(packed) < len(contents)
        self._body = packed if self._is_packed else contents
        # The packed and the plain answer stand for the same contents: one weak name for both.
        self._name = f'W/"{sha256(contents).hexdigest()[:20]}"'.encode()
        self._kept = [(b"cache-control", caching.encode()), (b"etag", self._name), (b"vary", b"accept-encoding")]
        self._typed = [*self._kept, (b"content-type", TYPES[ending].encode()), (b"x-content-type-options", b"nosniff")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or say that the browser has it."""
        asked = Headers(scope=scope)
        if self._name.decode() in asked.get("if-none-match", ""):
            await _answer(send, 304, self._kept)
            return
        headers, body = self._typed, self._body
        if self._is_packed and "gzip" in asked.get("accept-encoding", ""):
            headers = [*headers, (b"content-encoding", b"gzip")]
        elif self._is_packed:
            body = gzip.decompress(body)
        headers = [*headers, (b"content-length", str(len(body)).encode())]
        await _answer(send, 200, headers, body if scope["method"] == "GET" else b"")


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
