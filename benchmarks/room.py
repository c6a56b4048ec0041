"""A lecture room that a thousand follow: when each change of the lecturer is there, and what it costs the lecturer.

The followers are plain HTTP clients in a process of their own. The lecturer posts a change of the epoch four times a
second, as the page does while the playhead is drawn about; the time counts from just before a change is sent until a
follower has read it. Only the last state is ever sent, so a slow follower may miss some in between, which is told;
nobody may be without the last one. Then three hundred answer a question at the same moment, each over a new line, and
the time counts until the lecturer's page is told of all of them.

The lecturer's frames are those of a page of the same server that plays a run which it has whole, in turns with all
followers listening to changes and with none, compared turn by turn. Phones have processors of their own; so here the
followers get only the time that nobody else wants, but the server's work for them is in it.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

from benchmarks.browser import chromium, new_page
from benchmarks.charts import given, rate
from benchmarks.followers import Followers
from benchmarks.frames import LONG, hold, in_turns, play
from benchmarks.server import LAB, Server, serve
from benchmarks.table import Row, percentile, say
from benchmarks.visit import rest

__all__ = ["Lecturer", "room"]

FOLLOWERS = 1000
ANSWERING = 300
A_SECOND = 4
"""Changes."""


class Lecturer:
    """Has opened a room, and says what it shows, over a line that is kept."""

    def __init__(self, server: Server) -> None:
        at = urlsplit(server.address)
        self.host, self.port = at.hostname or "", at.port or 80
        self._line = http.client.HTTPConnection(self.host, self.port, timeout=30)
        opened = self._ask("POST", "/room", {}, expected=201)
        self.code: str = opened["code"]
        self._secret = opened["secret"]
        self.epoch = 0

    def say(self, **state: Any) -> float:
        """Show the next epoch, and `state`. Gives when it was sent."""
        self.epoch += 1
        said = {"link": "?", "page": "lab", "epoch": self.epoch, "beat": "", "playing": False, "speed": 1, **state}
        sent = monotonic()
        self._ask("POST", f"/room/{self.code}/state", said, expected=204)
        return sent

    def answered(self) -> int:
        """How many have answered the question."""
        told = self._ask("GET", f"/room/{self.code}/lecture", None, expected=200)
        return int(told["question"]["counts"]["answered"])

    def _ask(self, method: str, path: str, said: Any, expected: int) -> Any:
        secret = {"X-Presenter": self._secret} if hasattr(self, "_secret") else {}
        body = None if said is None else json.dumps(said)
        try:
            self._line.request(method, path, body, secret)
            answer = self._line.getresponse()
        except (BrokenPipeError, http.client.RemoteDisconnected):  # the server closes lines that nobody uses
            self._line.close()
            self._line.request(method, path, body, secret)
            answer = self._line.getresponse()
        told = answer.read()
        if answer.status != expected:
            raise RuntimeError(f"{method} {path}: {answer.status} {told.decode(errors='replace')}")
        return json.loads(told) if told else None


def room(*, quick: bool) -> list[Row]:
    followers, changes = (200, 20) if quick else (FOLLOWERS, 40)
    with serve(LAB) as server:
        lecturer = Lecturer(server)
        lecturer.say()
        asyncio.run(rest(server))  # the first state waits for what is loaded beside the first answers
        with Followers(lecturer.host, lecturer.port, lecturer.code) as crowd:
            crowd.come(followers)
            arriving = arrivals(server, lecturer, crowd, followers, changes)
            answering = answers(lecturer, crowd)
        playing = frames(server, lecturer, followers, quick=quick)
    return [arriving, answering, playing]


def arrivals(server: Server, lecturer: Lecturer, crowd: Followers, followers: int, changes: int) -> Row:
    used, sent = server.cpu_seconds(), {}
    for _ in ticks(changes):
        at = lecturer.say()
        sent[lecturer.epoch] = at
    heard = crowd.heard(lecturer.epoch)
    used = server.cpu_seconds() - used
    took = [1000 * (at - sent[int(epoch)]) for epoch, times in heard["arrivals"].items() for at in times]
    lost = followers - heard["last"].get(str(lecturer.epoch), 0)
    expected = followers * changes
    passed_over = 1 - len(took) / expected
    p50, p95 = percentile(took, 50), percentile(took, 95)
    return Row(
        f"{followers} followers of a room, {changes} changes at {A_SECOND} a second",
        "",
        "there p95 < 250 ms, the last one for all",
        f"p50 {p50:.0f}, p95 {p95:.0f}, at most {max(took):.0f} ms; {lost} without the last one, {heard['cut']} cut"
        f" off, {passed_over:.1%} passed over for a later one; server CPU {1e6 * used / expected:.0f} µs a follower and"
        f" change (clients {1e6 * heard['cpu'] / expected:.0f})",
        p95 < 250 and lost == 0,
    )


def answers(lecturer: Lecturer, crowd: Followers) -> Row:
    question = {"id": "bench", "text": "Will it diverge?", "kind": "choice", "choices": ["Yes", "No"]}
    lecturer.say(question=question)
    until = monotonic() + 30

    def counted() -> float:
        while lecturer.answered() < ANSWERING and monotonic() < until:
            sleep(0.1)
        return monotonic()

    with ThreadPoolExecutor(1) as beside:
        watching = beside.submit(counted)
        told = crowd.answer(ANSWERING, question["id"])
        seconds = watching.result() - told["began"]
    missing = ANSWERING - lecturer.answered()
    return Row(
        f"{ANSWERING} answers at the same moment",
        "",
        "all counted within 1 s",
        f"{seconds:.2f} s until the lecturer is told of all; {missing} missing, answered with {told['statuses']}",
        seconds <= 1 and missing == 0 and told["statuses"] == {"204": ANSWERING},
    )


def frames(server: Server, lecturer: Lecturer, followers: int, *, quick: bool) -> Row:
    seconds, turns = (3, 2) if quick else (5, 7)
    sides = ("none", "all")
    rates: dict[str, list[float]] = {side: [] for side in sides}
    offered = []
    with (
        Followers(lecturer.host, lecturer.port, lecturer.code, patient=True) as crowd,
        chromium() as browser,
        new_page(browser) as page,
    ):
        hold(page, server, LONG, "")
        for side, warming in in_turns(sides, turns):
            if side == "all":
                crowd.come(followers)
                with changing(lecturer):
                    found, _ = play(page, seconds)
                crowd.leave()
            else:
                found, _ = play(page, seconds)
            if not warming:
                rates[side].append(rate(found))
                offered.append(given(found))
            page.wait_for_timeout(1000)
    for side in sides:
        say(f"  {side} listening: " + ", ".join(f"{found:.1f}" for found in rates[side]) + " frames a second")
    ratio = median(b / a for a, b in zip(rates["none"], rates["all"], strict=True))
    return Row(
        f"the lecturer's frames while {followers} listen to {A_SECOND} changes a second",
        "with nobody listening",
        "≥ 0.9 ×",
        f"{ratio:.2f} × ({median(rates['all']):.1f} against {median(rates['none']):.1f} of {median(offered):.1f}"
        " a second)",
        round(ratio, 2) >= 0.9,
    )


@contextmanager
def changing(lecturer: Lecturer) -> Iterator[None]:
    """Changes go on while the `with` block lasts."""
    over = threading.Event()

    def change() -> None:
        while not over.wait(1 / A_SECOND):
            lecturer.say()

    with ThreadPoolExecutor(1) as beside:
        changes = beside.submit(change)
        try:
            yield
        finally:
            over.set()
        changes.result()


def ticks(count: int) -> Iterator[int]:
    """So many moments, evenly apart."""
    start = monotonic()
    for index in range(count):
        sleep(max(start + index / A_SECOND - monotonic(), 0))
        yield index
