"""A reverse proxy as hosts have them: it serves a server under a prefix of which that server knows nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from socket import SHUT_RD, SHUT_WR, create_connection, socket
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

__all__ = ["strip_prefix"]

MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, prefix: str, behind: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.prefix = prefix
        self.behind = behind


class _Connection(StreamRequestHandler):
    """One request, then whatever the two ends have to say to each other: an answer, or a WebSocket."""

    server: _Server

    def handle(self) -> None:
        method, _, rest = self.rfile.readline().decode("latin-1").partition(" ")
        prefix = self.server.prefix
        if not rest.startswith((f"{prefix}/", f"{prefix}?", f"{prefix} ")):
            self.wfile.write(MISSING)
            return
        path = rest.removeprefix(prefix)
        # What is left of the prefix alone is the root, as with Traefik's StripPrefix.
        head = [f"{method} {path if path.startswith('/') else f'/{path}'}"]
        head += iter(lambda: self.rfile.readline().decode("latin-1"), "\r\n")
        if not any(line.lower().startswith("upgrade:") for line in head):
            head = [line for line in head if not line.lower().startswith("connection:")] + ["Connection: close\r\n"]
        with create_connection(self.server.behind) as there:
            there.sendall("".join([*head, "\r\n"]).encode("latin-1"))
            asking = threading.Thread(target=_copy, args=(self.rfile, there), daemon=True)
            asking.start()
            with there.makefile("rb") as answer:
                _copy(answer, self.connection)
            # What reads from the browser must have left before its file is closed under it.
            with suppress(OSError):
                self.connection.shutdown(SHUT_RD)
            asking.join()


def _copy(source: BufferedReader, target: socket) -> None:
    """Pass on what comes, until one of the two leaves."""
    try:
        while part := source.read1(1 << 16):
            target.sendall(part)
        target.shutdown(SHUT_WR)
    except OSError:
        pass


@contextmanager
def strip_prefix(prefix: str, address: str) -> Iterator[str]:
    """Serve the server at `address` under `prefix`, which begins with a slash. Gives the proxy's address without it."""
    behind = urlsplit(address)
    with _Server(prefix, (behind.hostname or "", behind.port or 80)) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
        proxy.shutdown()
