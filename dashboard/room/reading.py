"""Requests of the lecture room as they are read: within bounds of bytes and time, and as JSON that everybody can read.

What cannot be taken is a `Refusal`, one sentence that says what to do.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from dashboard.room.bounds import READ_SECONDS
from dashboard.server.kept_file import KeptFile

__all__ = ["Endpoint", "Refusal", "answering", "read_json"]

Endpoint = Callable[[Request], Awaitable[Response | KeptFile]]


class Refusal(Exception):
    """Why a request is not answered as it was meant."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def answering(endpoint: Endpoint) -> Endpoint:
    """`endpoint`, whose refusals are answers."""

    async def answer(request: Request) -> Response | KeptFile:
        try:
            return await endpoint(request)
        except Refusal as refusal:
            return JSONResponse({"error": refusal.sentence}, refusal.status)
        except ClientDisconnect:  # nobody is there to read an answer
            return Response(status_code=400)

    return answer


async def read_json(request: Request, most: int) -> Any:
    """What the body of at most `most` bytes says, None where it is empty.

    Raises:
        Refusal: it is longer, takes too long, or is no JSON in UTF-8 with finite numbers.
    """
    body = await _read(request, most)
    if not body.strip():
        return None
    try:
        said = json.loads(body.decode(), parse_float=_finite, parse_constant=_finite)
        json.dumps(said, ensure_ascii=False).encode()  # half of a character pair is no text
    except (ValueError, RecursionError):
        raise Refusal(422, "Send JSON in UTF-8, with finite numbers.") from None
    return said


async def _read(request: Request, most: int) -> bytes:
    too_long = Refusal(413, f"That is too long: send at most {most} bytes.")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 15 or int(length) > most:
        raise too_long
    body = b""
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for part in request.stream():
                body += part[: most + 1 - len(body)]
                if len(body) > most:
                    raise too_long
    except TimeoutError:
        raise Refusal(408, "That took too long to arrive: try again.") from None
    return body


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
