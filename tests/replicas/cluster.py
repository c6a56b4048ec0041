"""Several servers of the lab on the loopback, as `deploy/` has them: behind the real proxy, with a real Redis."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from redis_server import Redis
from serving import Server

from benchmarks.proxy import Proxy, proxied
from benchmarks.server import free_port

__all__ = ["OPENINGS", "Cluster", "is_found", "started", "wait_until"]

PATIENCE = 60
"""Seconds after which what was to happen has not happened: much longer than it takes, for a busy machine."""

OPENINGS = 30
"""Rooms that one address may open at each of the servers, one after the other."""

HOSTS = ("127.0.0.2", "127.0.0.3")
"""Addresses of the loopback, so that the servers may have one port, as containers have."""


def is_found(address: str, code: str) -> bool:
    """Whether the server at this address knows the room of that code."""
    try:
        with urlopen(Request(f"{address}/room/{code}/events", method="HEAD"), timeout=60):
            return True
    except HTTPError:
        return False


def wait_until(holds: Callable[[], bool]) -> float:
    """Wait until it holds; returns the seconds that this took."""
    began = monotonic()
    while not holds():
        assert monotonic() < began + PATIENCE, "This never came."
        sleep(0.02)
    return monotonic() - began


@dataclass(frozen=True)
class Cluster:
    """All of it."""

    replicas: Mapping[str, Server]
    """By host."""
    redis: Redis
    proxy: Proxy

    @property
    def address(self) -> str:
        """Where visitors come in."""
        return self.proxy.address

    def is_whole(self) -> bool:
        """Whether the proxy has all servers for everybody."""
        return self.proxy.has([*self.replicas])


@contextmanager
def started(folder: Path) -> Iterator[Cluster]:
    """Two servers, Redis without a memory of its own, and the proxy, until the `with` block ends."""
    with ExitStack() as ends:
        redis = Redis(folder)
        redis.start()
        ends.callback(lambda: redis.is_running and redis.stop())
        environment = os.environ | {
            "FORWARDED_ALLOW_IPS": "127.0.0.1",
            "GDL_REDIS_URL": redis.url,
            "GDL_ROOM_OPENINGS": str(OPENINGS),
            "STREAMLIT_SERVER_COOKIE_SECRET": "of a test",
        }
        port = free_port(HOSTS[0])
        replicas = {host: Server(folder / f"{host}.txt", host=host, port=port, env=environment) for host in HOSTS}
        for replica in replicas.values():
            ends.callback(replica.stop)
        with ThreadPoolExecutor() as together:
            list(together.map(Server.start, replicas.values()))
        proxy = ends.enter_context(proxied(HOSTS, port, folder))
        cluster = Cluster(replicas, redis, proxy)
        wait_until(cluster.is_whole)
        yield cluster
