"""Requests that never arrive as a whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from dashboard.room.reading import Refusal, answering, read_json


def request(receive) -> Request:
    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def test_body_that_does_not_come_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr("dashboard.room.reading.READ_SECONDS", 0)

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(Refusal, match="too long to arrive") as refusal:
        asyncio.run(read_json(request(receive), 10))
    assert refusal.value.status == 408


def test_sender_who_leaves_in_the_middle_is_no_error():
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    @answering
    async def endpoint(request: Request) -> Response:
        await read_json(request, 10)
        raise AssertionError("It was taken for whole.")

    assert asyncio.run(endpoint(request(receive))).status_code == 400
