"""The proxy of `deploy/` on the loopback, with who tells it where the servers are."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from struct import pack

from benchmarks.server import ROOT, free_port

__all__ = ["Proxy", "Standing", "proxied"]

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
"""Debian has haproxy where only root looks."""

PATIENCE = 60
"""Seconds after which it will not answer any more."""


@dataclass(frozen=True)
class Standing:
    """How the proxy sees a server."""

    is_up: bool
    sessions: int
    """That are open."""
    served: int
    """Sessions so far."""


class Proxy:
    """HAProxy with the configuration of `deploy/`, which keeps its address when it is started again."""

    def __init__(self, servers: str, names: int, folder: Path) -> None:
        """`servers` is a name and a port, as `GDL_SERVERS` has it; `names` the port of who knows that name."""
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._desk = folder / "proxy.socket"
        self._log = folder / "proxy.txt"
        told = {"GDL_BIND": f"127.0.0.1:{self._port}", "GDL_SERVERS": servers, "GDL_DNS": f"127.0.0.1:{names}"}
        self._environment = {"PATH": PATH, **told}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Servers that it finds are told by `standing`."""
        found = shutil.which("haproxy", path=PATH)
        assert found, "There is no haproxy: tests/replicas/find_servers.sh installs it."
        command = [found, "-W", "-S", str(self._desk), "-f", str(ROOT / "deploy" / "haproxy.cfg")]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=self._environment)

    @property
    def pid(self) -> int:
        """The number of its process, which has another one that works."""
        assert self._process
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        assert self._process
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def standing(self, backend: str) -> dict[str, Standing]:
        """How it sees the servers, by their host, as `visitors` or `followers` find them; empty before it is ready."""
        assert self.is_running, f"The proxy has ended:\n{self._log.read_text()}"
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

    def has(self, hosts: Sequence[str]) -> bool:
        """Whether these are the servers that it has, for everybody."""
        seen = [self.standing(backend) for backend in ("visitors", "followers")]
        return all(one.keys() == set(hosts) and all(each.is_up for each in one.values()) for one in seen)


@contextmanager
def proxied(hosts: Sequence[str], port: int, folder: Path) -> Iterator[Proxy]:
    """The proxy before servers at one port of these addresses of the loopback; it writes into `folder`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        threading.Thread(target=tell_names, args=(listening, hosts), daemon=True).start()
        proxy = Proxy(f"lab.test:{port}", listening.getsockname()[1], folder)
        proxy.start()
        try:
            yield proxy
        finally:
            proxy.stop()


def tell_names(listening: socket.socket, addresses: Sequence[str]) -> None:
    """Answer as a name server for which every name leads to these addresses, until the socket is closed."""
    answers = b"".join(b"\xc0\x0c" + pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton(one) for one in addresses)
    with suppress(OSError):
        while True:
            asked, whom = listening.recvfrom(4096)
            end = asked.index(b"\0", 12) + 5
            is_for_addresses = asked[end - 4 : end - 2] == b"\0\1"  # and not for those of IPv6
            head = asked[:2] + pack(">HHHHH", 0x8180, 1, len(addresses) if is_for_addresses else 0, 0, 0)
            listening.sendto(head + asked[12:end] + (answers if is_for_addresses else b""), whom)
