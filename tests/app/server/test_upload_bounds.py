"""Uploads that are under way: one file a visit, and not more of all than there is room for."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from streamlit import runtime

from dashboard.server.upload_bounds import UploadBounds


@pytest.fixture
def held(monkeypatch) -> dict[str, dict[str, SimpleNamespace]]:
    """What Streamlit holds, by session and file."""
    files: dict[str, dict[str, SimpleNamespace]] = {}
    manager = SimpleNamespace(file_storage=files, remove_session_files=lambda session: files.pop(session, None))
    server = SimpleNamespace(uploaded_file_mgr=manager)
    monkeypatch.setattr(runtime, "get_instance", lambda: server)
    return files


def file(size: int) -> SimpleNamespace:
    return SimpleNamespace(data=bytes(size))


def status(path: str, length: str | None, method: str = "PUT", **bounds: int) -> int:
    """Of the answer to this request; 204 where it gets through to Streamlit."""
    sent = []

    async def streamlit(scope, receive, send):
        sent.append({"type": "http.response.start", "status": 204})

    async def send(message):
        sent.append(message)

    async def receive():
        raise AssertionError("The file was read.")

    asyncio.run(UploadBounds(streamlit, **bounds)(scope_of(path, length, method), receive, send))
    return sent[0]["status"]


def scope_of(path: str, length: str | None, method: str = "PUT") -> dict:
    headers = [] if length is None else [(b"content-length", length.encode())]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "scheme": "http",
        "server": ("127.0.0.1", 80),
    }


UPLOAD = "/_stcore/upload_file/ann/file"


def test_file_for_which_there_is_room_gets_through(held):
    held["ann"] = {"before": file(10)}
    assert status(UPLOAD, "90", visit_bytes=100, all_bytes=1000) == 204
    assert status(f"/lab{UPLOAD}", "90", visit_bytes=100, all_bytes=1000) == 204


def test_more_than_a_visit_may_send_is_refused_before_it_is_read(held):
    assert status(UPLOAD, "101", visit_bytes=100, all_bytes=1000) == 413
    assert status(UPLOAD, "100", visit_bytes=100, all_bytes=1000) == 204


def test_file_that_was_never_read_makes_room_for_the_next_of_its_visit(held):
    held["ann"] = {"before": file(10)}
    held["bob"] = {"other": file(10)}
    assert status(UPLOAD, "91", visit_bytes=100, all_bytes=1000) == 204
    assert list(held) == ["bob"]


def test_what_is_on_its_way_counts_until_it_has_come(held):
    statuses = []

    async def upload(bounds, session, length):
        arrived = asyncio.Event()

        async def streamlit(scope, receive, send):
            await arrived.wait()

        bounds._app = streamlit
        task = asyncio.create_task(bounds(scope_of(f"/_stcore/upload_file/{session}/file", str(length)), None, keep))
        await asyncio.sleep(0)
        return task, arrived

    async def keep(message):
        statuses.append(message.get("status"))

    async def several():
        bounds = UploadBounds(None, visit_bytes=100, all_bytes=150)
        first, arrived = await upload(bounds, "ann", 60)
        await (await upload(bounds, "ann", 60))[0]
        await (await upload(bounds, "bob", 100))[0]
        arrived.set()
        await first
        last, arrived = await upload(bounds, "ann", 100)
        arrived.set()
        await last

    asyncio.run(several())
    assert [status for status in statuses if status] == [413, 503]


def test_more_than_there_is_room_for_is_refused_until_there_is(held):
    for number in range(9):
        held[f"visit {number}"] = {"file": file(100)}
    assert status(UPLOAD, "100", visit_bytes=100, all_bytes=950) == 503
    del held["visit 0"]
    assert status(UPLOAD, "100", visit_bytes=100, all_bytes=950) == 204


@pytest.mark.parametrize("length", [None, "", "-1", "many"])
def test_file_that_does_not_say_how_long_it_is_is_refused(held, length):
    assert status(UPLOAD, length) == 411


def test_everything_else_is_left_alone(held):
    assert status("/", "999999999999") == 204
    assert status(UPLOAD, None, method="GET") == 204
