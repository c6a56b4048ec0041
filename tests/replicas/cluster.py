"""Several servers of the lab on the loopback, as `deploy/` has them: behind the real proxy, with a real Redis."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from struct import pack
from time import monotonic, sleep

from serving import ROOT, Server, free_port

__all__ = ["OPENINGS", "Cluster", "started", "wait_until"]

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
"""Debian has haproxy where only root looks."""

PATIENCE = 60
"""Seconds after which what was to happen has not happened: much longer than it takes, for a busy machine."""

OPENINGS = 30
"""Rooms that one address may open at each of the servers, one after the other."""

HOSTS = ("127.0.0.2", "127.0.0.3")
"""Addresses of the loopback, so that the servers may have one port, as containers have."""


def wait_until(holds: Callable[[], bool]) -> float:
    """Wait until it holds; returns the seconds that this took."""
    began = monotonic()
    while not holds():
        assert monotonic() < began + PATIENCE, "This never came."
        sleep(0.02)
    return monotonic() - began


class Program:
    """A program that listens at a port of its own."""

    def __init__(self, command: Sequence[str], port: int, log: Path, env: Mapping[str, str] | None = None) -> None:
        found = shutil.which(command[0], path=PATH)
        assert found, f"There is no {command[0]}: tests/replicas/find_servers.sh installs it."
        self._command = [found, *command[1:]]
        self.port = port
        self._log = log
        self._environment = {"PATH": PATH, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns as soon as it listens."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, cwd=self._log.parent, stdout=output, stderr=subprocess.STDOUT, env=self._environment
            )
        wait_until(lambda: self._listens() or self._process.poll() is not None)
        assert self._process.poll() is None, f"It did not start:\n{self._log.read_text()}"

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        assert self._process
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@dataclass(frozen=True)
class Standing:
    """How the proxy sees a server."""

    is_up: bool
    sessions: int
    """That are open."""
    served: int
    """Sessions so far."""


class Proxy(Program):
    """HAProxy with the configuration of `deploy/`."""

    def __init__(self, servers: str, names: int, folder: Path) -> None:
        """`servers` is a name and a port, as `GDL_SERVERS` has it; `names` the port of who knows that name."""
        port = free_port()
        self._desk = folder / "proxy.socket"
        told = {"GDL_BIND": f"127.0.0.1:{port}", "GDL_SERVERS": servers, "GDL_DNS": f"127.0.0.1:{names}"}
        command = ["haproxy", "-W", "-S", str(self._desk), "-f", str(ROOT / "deploy" / "haproxy.cfg")]
        super().__init__(command, port, folder / "proxy.txt", told)
        self.address = f"http://127.0.0.1:{port}"

    def standing(self, backend: str) -> dict[str, Standing]:
        """How it sees the servers, by their host, as `visitors` or `followers` find them; empty before it is ready."""
        said = ""
        with socket.socket(socket.AF_UNIX) as desk, suppress(OSError):
            desk.settimeout(PATIENCE)
            desk.connect(str(self._desk))
            desk.sendall(b"@1 show stat;quit\n")
            said = b"".join(iter(lambda: desk.recv(65536), b"")).decode()
        rows = csv.DictReader(said.removeprefix("# ").splitlines())
        return {
            row["addr"].partition(":")[0]: Standing(row["status"].startswith("UP"), int(row["scur"]), int(row["stot"]))
            for row in rows
            if row["pxname"] == backend and row["addr"].startswith("127.")
        }


class Names:
    """A name server over UDP that knows one name, of whatever spelling: that of all the servers."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._answers = b"".join(b"\xc0\x0c" + pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton(one) for one in addresses)
        self._count = len(addresses)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._answer, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _answer(self) -> None:
        while True:
            try:
                asked, whom = self._socket.recvfrom(4096)
                end = asked.index(b"\0", 12) + 5
                is_for_addresses = asked[end - 4 : end - 2] == b"\0\1"  # and not for those of IPv6
                count = self._count if is_for_addresses else 0
                head = asked[:2] + pack(">HHHHH", 0x8180, 1, count, 0, 0)
                self._socket.sendto(head + asked[12:end] + (self._answers if count else b""), whom)
            except OSError:
                return


@dataclass(frozen=True)
class Cluster:
    """All of it."""

    replicas: Mapping[str, Server]
    """By host."""
    redis: Program
    proxy: Proxy

    @property
    def address(self) -> str:
        """Where visitors come in."""
        return self.proxy.address

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self.redis.port}/0"

    def is_whole(self) -> bool:
        """Whether the proxy has all servers for everybody."""
        seen = [self.proxy.standing(backend) for backend in ("visitors", "followers")]
        return all(one.keys() == self.replicas.keys() and all(each.is_up for each in one.values()) for one in seen)


@contextmanager
def started(folder: Path) -> Iterator[Cluster]:
    """Two servers, Redis without a memory of its own, and the proxy, until the `with` block ends."""
    with ExitStack() as ends:
        port = free_port()
        forgetful = ("--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder))
        redis = Program(["redis-server", "--port", str(port), *forgetful], port, folder / "redis.txt")
        ends.callback(redis.stop)
        redis.start()
        environment = os.environ | {
            "FORWARDED_ALLOW_IPS": "127.0.0.1",
            "GDL_REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "GDL_ROOM_OPENINGS": str(OPENINGS),
            "STREAMLIT_SERVER_COOKIE_SECRET": "of a test",
        }
        port = free_port(HOSTS[0])
        replicas = {host: Server(folder / f"{host}.txt", host=host, port=port, env=environment) for host in HOSTS}
        for replica in replicas.values():
            ends.callback(replica.stop)
        with ThreadPoolExecutor() as together:
            list(together.map(Server.start, replicas.values()))
        names = Names(HOSTS)
        ends.callback(names.close)
        proxy = Proxy(f"lab.test:{port}", names.port, folder)
        ends.callback(proxy.stop)
        proxy.start()
        cluster = Cluster(replicas, redis, proxy)
        wait_until(cluster.is_whole)
        yield cluster
