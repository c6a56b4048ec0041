"""Two servers behind the proxy, with Redis, against one alone: a hall with links of their own, and a room.

The visitors and followers are those of `hall` and `room`. All of it is on the same machine, clients too: on two cores
two servers are hardly faster than one, which has a core and a half for itself, so what shows is what it costs to be
several. Processor time is that of all servers, the proxy and Redis, and how much of it the last two took is told.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.followers import Followers
from benchmarks.hall import attend
from benchmarks.processes import cpu_seconds
from benchmarks.proxy import proxied
from benchmarks.room import A_SECOND, Lecturer, ticks
from benchmarks.server import LAB, Server, free_port, serve
from benchmarks.table import Row, percentile, say
from benchmarks.visit import rest, warm

__all__ = ["replicas"]

HOSTS = ("127.0.0.2", "127.0.0.3")
KEY = "of a benchmark"


@dataclass(frozen=True)
class Side:
    """A lab to measure: one server, or several behind one address."""

    server: Server
    """With the other processes that work for it."""
    servers: tuple[Server, ...]
    between: tuple[int, ...] = ()
    """The processes that are no server: the proxy and Redis."""

    def between_seconds(self) -> float:
        return sum(map(cpu_seconds, self.between))


def replicas(*, quick: bool) -> list[Row]:
    visitors, followers, changes = (60, 200, 20) if quick else (300, 1000, 40)
    told: dict[str, tuple[str, str]] = {}
    cost: dict[str, tuple[float, float]] = {}
    is_whole = True
    for name, start in (("one", alone), ("two", behind_a_proxy)):
        with start() as side:
            for server in side.servers:
                asyncio.run(warm(server))
            between = side.between_seconds()
            attended = asyncio.run(attend(side.server, visitors))
            between = 1000 * (side.between_seconds() - between) / visitors
            hall = (
                f"page open p95 {percentile(attended.opened, 95):.2f} s, whole run there p95"
                f" {percentile(attended.whole, 95):.2f} s, CPU {attended.server_ms:.0f} ms a visitor"
            )
            took, missing, each, passed = follow(side, followers, changes)
            room = f"p50 {percentile(took, 50):.0f}, p95 {percentile(took, 95):.0f} ms, CPU {each:.0f} µs"
            if side.between:
                hall += f" (proxy and Redis {between:.1f})"
                room += f" (proxy and Redis {passed:.0f})"
            told[name], cost[name] = (hall, room), (attended.server_ms, each)
            is_whole = is_whole and not attended.wrong and not missing
            say(f"  {name}: {hall}; {room}; {len(attended.wrong)} things wrong, {missing} without the last state")
    whole = "all complete" if is_whole else "something is missing"
    names = (
        f"{visitors} links of their own opened within 10 s, two servers behind the proxy",
        f"{followers} followers of a room, {changes} changes at {A_SECOND} a second, two servers behind the proxy",
    )
    reach = ("≤ 1.5 × the CPU a visitor, all complete", "there p95 < 250 ms, the last one for all")
    met = (cost["two"][0] <= 1.5 * cost["one"][0], percentile(took, 95) < 250)
    return [
        Row(
            names[i],
            "one server alone",
            reach[i],
            f"{told['two'][i]} against {told['one'][i]}; {whole}",
            met[i] and is_whole,
        )
        for i in (0, 1)
    ]


def follow(side: Side, followers: int, changes: int) -> tuple[list[float], int, float, float]:
    """Let so many follow so many changes.

    Returns:
        The milliseconds until each change was there, how many were without the last one, and the microseconds of
        processor time a follower and change, of all and of what is between.
    """
    lecturer = Lecturer(side.server)
    lecturer.say()
    asyncio.run(rest(side.server))
    with Followers(lecturer.host, lecturer.port, lecturer.code) as crowd:
        crowd.come(followers)
        used, between, sent = side.server.cpu_seconds(), side.between_seconds(), {}
        for _ in ticks(changes):
            at = lecturer.say()
            sent[lecturer.epoch] = at
        heard = crowd.heard(lecturer.epoch)
        used, between = side.server.cpu_seconds() - used, side.between_seconds() - between
    took = [1000 * (at - sent[int(epoch)]) for epoch, times in heard["arrivals"].items() for at in times]
    missing = followers - heard["last"].get(str(lecturer.epoch), 0)
    each = 1e6 / (followers * changes)
    return took, missing, used * each, between * each


@contextmanager
def alone() -> Iterator[Side]:
    with serve(LAB, GDL_ROOM_KEY=KEY) as server:
        yield Side(server, (server,))


@contextmanager
def behind_a_proxy() -> Iterator[Side]:
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        redis = ends.enter_context(running_redis(port))
        shared = {
            "GDL_REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "GDL_ROOM_KEY": KEY,
            "STREAMLIT_SERVER_COOKIE_SECRET": KEY,
        }
        port = free_port(HOSTS[0])
        servers = tuple(ends.enter_context(serve(LAB, host, port, **shared)) for host in HOSTS)
        proxy = ends.enter_context(proxied(HOSTS, port, folder))
        while not proxy.has(HOSTS):
            time.sleep(0.05)
        between = (proxy.pid, redis)
        first, *others = servers
        address = replace(first, address=f"{proxy.address}/", others=(*(one.pid for one in others), *between))
        yield Side(address, servers, between)


@contextmanager
def running_redis(port: int) -> Iterator[int]:
    """The number of its process."""
    found = shutil.which("redis-server")
    if found is None:
        raise RuntimeError("There is no redis-server: tests/replicas/find_servers.sh installs it.")
    forgetful = ("--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--port", str(port))
    process = subprocess.Popen([found, *forgetful], stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)
