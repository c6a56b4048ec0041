"""A real server, and those who mean it no good: what they send, what they do not read, how it ends and comes back."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from time import sleep, time
from typing import Any

import pytest
import requests
from lecture_hall import STATE

from core.course import BY_NAME
from dashboard.room.bounds import ROOMS
from dashboard.room.key import room_key
from dashboard.room.tokens import new_token
from tests.browser.serving import Server

PATIENCE = 60
"""Seconds after which something counts as never."""

AT_ONCE = 3
"""Seconds within which a server ends that is asked to, however many listen."""


class Room:
    """A room of a server, as its lecturer has it."""

    def __init__(self, server: Server, **brought_back: str) -> None:
        answer = requests.post(f"{server.address}/room", json=brought_back, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        self.code: str = answer.json()["code"]
        self.secret: str = answer.json()["secret"]
        self.server = server
        self.address = f"{server.address}/room/{self.code}"

    def say(self, **said: Any) -> int:
        """The status of the answer to this state."""
        return self.post("state", {**STATE, **said}, {"X-Presenter": self.secret}).status_code

    def post(self, place: str, said: Any, headers: dict[str, str] | None = None) -> requests.Response:
        """Send it as JSON, or as the bytes that it is."""
        data = json.dumps(said) if isinstance(said, dict) else said
        return requests.post(f"{self.address}/{place}", data, headers=headers, timeout=PATIENCE)

    def look(self) -> dict[str, Any]:
        """What the lecturer's page is told."""
        answer = requests.get(f"{self.address}/lecture", headers={"X-Presenter": self.secret}, timeout=PATIENCE)
        told: dict[str, Any] = answer.json()
        return told


class Follower:
    """Whoever opens a stream by hand, and reads of it what they like."""

    def __init__(self, room: Room, buffer: int = 0) -> None:
        """A system's `buffer` of so many bytes takes in what is not read."""
        self._line = socket.socket()
        if buffer:
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._line.settimeout(PATIENCE)
        self._line.connect(("127.0.0.1", room.server.port))
        self._line.sendall(
            f"GET /room/{room.code}/events HTTP/1.1\r\nHost: 127.0.0.1:{room.server.port}\r\n\r\n".encode()
        )
        self.read = b""
        """All that was."""

    def wait_for(self, text: str) -> None:
        """Read on until this has come."""
        while text.encode() not in self.read:
            given = self._line.recv(65536)
            assert given, f"The stream has ended without {text}: {self.read[-500:]!r}"
            self.read += given

    def wait_for_end(self) -> None:
        """Read on until the line is closed."""
        while given := self._line.recv(65536):
            self.read += given

    def close(self) -> None:
        self._line.close()


KEY = "of these tests"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """One for all whose rooms do not come into one another's way."""
    server = Server(tmp_path_factory.mktemp("room") / "log.txt", env={**os.environ, "GDL_ROOM_KEY": KEY})
    server.start()
    yield server
    server.close()


@pytest.fixture
def own_server(tmp_path) -> Iterator[Server]:
    """One for a test that fills it or ends it; it lets one address open many rooms."""
    environment = {**os.environ, "GDL_ROOM_KEY": KEY, "GDL_ROOM_OPENINGS": "2000"}
    server = Server(tmp_path / "log.txt", env=environment)
    server.start()
    yield server
    server.stop()
    server.require_quiet()


@pytest.fixture
def follow() -> Iterator[Callable[..., Follower]]:
    """Opens streams, which end with the test."""
    with ExitStack() as stack:

        def follow(room: Room, **how: Any) -> Follower:
            follower = Follower(room, **how)
            stack.callback(follower.close)
            return follower

        yield follow


def wait_until_idle(server: Server) -> None:
    """Wait until all is loaded that a server gets ready at its start, for it does not end before. Elsewhere than on
    Linux that cannot be told."""
    usage = Path(f"/proc/{server.pid}/stat")
    used, before = 0, -10
    while usage.exists() and used - before > 3:  # hundredths of a second out of fifty
        before = used
        sleep(0.5)
        used = sum(map(int, usage.read_text().rpartition(")")[2].split()[11:13]))


def epoch(number: int) -> str:
    """What a state of that epoch has in it."""
    return f'"epoch":{number},'


def test_state_reaches_a_follower_who_came_before_and_one_who_comes_late(server, follow):
    room = Room(server)
    early = follow(room)
    early.wait_for(epoch(0))
    assert room.say(epoch=41) == 204
    early.wait_for(epoch(41))
    follow(room).wait_for(epoch(41))


def test_head_of_a_stream_tells_a_room_that_has_ended_from_one_that_goes_on(server):
    room = Room(server)
    asked = [requests.head(f"{room.address}/events", timeout=PATIENCE)]
    assert room.look()["here"] == 0
    assert requests.delete(room.address, headers={"X-Presenter": room.secret}, timeout=PATIENCE).status_code == 204
    asked.append(requests.head(f"{room.address}/events", timeout=PATIENCE))
    assert [(answer.status_code, answer.content) for answer in asked] == [(200, b""), (404, b"")]


def test_forged_and_expired_secrets_open_nothing(server, monkeypatch):
    room, other = Room(server), Room(server)
    stranger = {"X-Presenter": other.secret}
    assert room.post("state", STATE, stranger).status_code == 403
    assert requests.delete(room.address, headers=stranger, timeout=PATIENCE).status_code == 403
    monkeypatch.setenv("GDL_ROOM_KEY", KEY)
    key = room_key()
    for code, secret, status in (
        ("234678", new_token(key, "234678", time() - 25 * 3600), 403),
        ("234678", new_token(b"a guess", "234678", time()), 403),
        ("234678", room.secret, 403),
        ("234678", new_token(key, "234678", time()), 201),
        (room.code, new_token(key, room.code, time()), 403),
    ):
        told = {"code": code, "secret": secret}
        assert requests.post(f"{server.address}/room", json=told, timeout=PATIENCE).status_code == status


def test_megabytes_are_refused_and_the_server_goes_on(server):
    room = Room(server)
    headers = {"X-Presenter": room.secret}

    def megabytes() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 100_000

    assert room.post("state", b"".join(megabytes()), headers).status_code == 413
    assert room.post("state", megabytes(), headers).status_code == 413
    assert room.post("answers", megabytes()).status_code == 413
    assert requests.post(f"{server.address}/room", megabytes(), timeout=PATIENCE).status_code == 413
    assert room.say() == 204


def test_page_of_another_site_gets_nothing(server):
    room = Room(server)
    foreign = {"Origin": "https://evil.example", "X-Presenter": room.secret}
    assert room.post("state", STATE, foreign).status_code == 403
    assert requests.post(f"{server.address}/room", headers=foreign, timeout=PATIENCE).status_code == 403
    assert requests.get(f"{room.address}/events", headers=foreign, timeout=PATIENCE).status_code == 403
    own = {"Origin": server.address, "X-Presenter": room.secret}
    assert room.post("state", STATE, own).status_code == 204


def test_more_rooms_than_there_is_place_for_do_not_cost_those_who_use_theirs(own_server, follow):
    room = Room(own_server)
    follower = follow(room)
    with requests.Session() as session:
        statuses = [session.post(f"{own_server.address}/room", timeout=PATIENCE).status_code for _ in range(ROOMS + 20)]
    assert statuses == [201] * (ROOMS - 1) + [503] * 21
    assert room.say(epoch=5) == 204
    follower.wait_for(epoch(5))


def test_who_reads_nothing_holds_up_nobody_not_even_the_end(own_server, follow):
    room = Room(own_server)
    idle = [follow(room, buffer=4096) for _ in range(20)]
    quick = follow(room)
    for number in range(1, 51):
        while room.say(epoch=number, link="?" + "x" * 8000) == 429:
            pass
        quick.wait_for(epoch(number))
    # The idle ones have been sent what the system holds of these 400 kB, and now only the last state follows.
    idle[0].wait_for(epoch(50))
    assert idle[0].read.count(b"event: state") < 30
    wait_until_idle(own_server)
    own_server.stop(within=AT_ONCE)


def test_server_that_is_asked_to_end_while_300_listen_ends_and_has_the_room_again_when_it_is_back(own_server, follow):
    room = Room(own_server)
    before = end_while_300_listen(room, follow, signal.SIGTERM)
    own_server.start()
    assert requests.get(f"{room.address}/events", timeout=PATIENCE).status_code == 404
    again = Room(own_server, code=room.code, secret=room.secret)
    assert (again.code, again.secret) == (room.code, room.secret)
    assert end_while_300_listen(again, follow, signal.SIGINT) > before


def test_server_that_is_asked_to_end_ends_the_processes_that_followers_wait_for(own_server):
    room = Room(own_server)
    wait_until_idle(own_server)
    with ExitStack() as stack:
        asking = []
        for cell in BY_NAME["processes"].cells:
            line = stack.enter_context(closing(HTTPConnection("127.0.0.1", own_server.port, timeout=PATIENCE)))
            line.request("GET", f"/room/{room.code}/chapter/processes/{cell.name}")
            asking.append(line)
        room.look()  # all have been heard
        own_server.stop(within=PATIENCE)
        answers = [stack.enter_context(line.getresponse()) for line in asking]
        # They were not waited for: nobody has an outcome.
        assert [answer.status for answer in answers] == [503] * len(asking)


def end_while_300_listen(room: Room, follow: Callable[..., Follower], asked_by: int) -> int:
    """End its server by this signal. Returns the version of the last state that the followers had."""
    assert room.say(epoch=3) == 204
    version: int = room.look()["version"]
    followers = [follow(room) for _ in range(300)]
    for follower in followers:
        follower.wait_for(f'"version":{version},')
    wait_until_idle(room.server)
    room.server.stop(asked_by, within=AT_ONCE)
    for follower in followers:
        follower.wait_for_end()
        assert follower.read.endswith(b"0\r\n\r\n"), "A stream broke off."
    return version
