"""The address of the lecture room that a hall can reach: never `localhost` where there is another.

In the order in which they are believed: what the one who started the server named as its address, what the lecturer's
browser asked for, this machine's own address on the network. A browser on the lecturer's machine asks for `localhost`,
which on a phone would be the phone itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.requests import Request
from streamlit import config

from dashboard.room.network import EVERYWHERE, is_local, number, own_addresses

__all__ = ["Address", "Origin", "hall_address", "read_origin", "room_address"]

PORTS = {"http": 80, "https": 443}
"""The port of each scheme that an address leaves out."""

NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?", re.IGNORECASE)
"""A host's name: nothing else that a request calls its host is believed."""

PATH = re.compile(r"(/[\w.~%-]+)*")

PAGES = re.compile(r"/(graph|course|mistakes|devices)?/?$")
"""What follows the place of the lab in the addresses of its pages."""


@dataclass(frozen=True)
class Address:
    """Where something is to be opened."""

    url: str
    reachable: bool
    """False where it leads no further than the server's own machine: a hall needs `make lecture` then."""


class Origin(NamedTuple):
    """What stands before the path of an address."""

    scheme: str
    host: str
    """A name or an address, of IPv6 without brackets."""
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")


def room_address(request: Request, code: str) -> Address:
    """The address of the follower's page of the room `code`, for the lecturer who sent this request."""
    came_by = asked_for(request)
    return _reached(f"{_place(request)}/room/{code}", came_by)


def hall_address(path: str = "/") -> Address:
    """The address of the lab, or of a `path` in it that begins with a slash, where nobody has asked for it yet."""
    return _reached(_base() + path, None)


def asked_for(request: Request) -> Origin | None:
    """What the browser calls this server, whatever proxies stand between them; None where that cannot be a host."""
    headers = request.headers
    # Each proxy adds what it was asked for itself: the browser's word comes first.
    host = headers.get("x-forwarded-host", headers.get("host", "")).partition(",")[0].strip()
    scheme = headers.get("x-forwarded-proto", request.scope["scheme"]).partition(",")[0].strip().lower()
    return read_origin(scheme, host)


def read_origin(scheme: str, host: str) -> Origin | None:
    """A scheme and the text of a `Host` header as an origin; None where they make none."""
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname or "", parts.port
    except ValueError:  # no port, or an address that is none
        return None
    if scheme not in PORTS or parts.netloc != host or "@" in host or not (NAME.fullmatch(name) or number(name)):
        return None
    return Origin(scheme, name, port or PORTS[scheme])


def _reached(path: str, came_by: Origin | None) -> Address:
    elsewhere = came_by if came_by and not is_local(came_by.host) else None
    origin = _named() or elsewhere or _on_the_network()
    return Address(f"{origin or came_by or _here(_listens() or 'localhost')}{path}", origin is not None)


def _named() -> Origin | None:
    """What the one who started the server named as its address."""
    if not config.is_manually_set("browser.serverAddress"):
        return None
    host, _, _ = config.get_option("browser.serverAddress").partition("/")  # Streamlit takes a path with it
    return None if is_local(host.strip("[]")) else _here(host.strip("[]"))


def _on_the_network() -> Origin | None:
    """This machine's own address, if the server listens there."""
    listens = _listens()
    if listens:
        return None if is_local(listens) else _here(listens)
    found = own_addresses()
    return _here(found[0]) if found else None


def _listens() -> str | None:
    """The only address of this machine on which the server listens; None if it listens on all."""
    listens = config.get_option("server.address")
    return None if listens in EVERYWHERE else listens


def _here(host: str) -> Origin:
    """This server under that name or address."""
    port = int(config.get_option("browser.serverPort"))  # the server's own where nobody named another
    encrypted = config.get_option("server.sslCertFile") or port == PORTS["https"]
    return Origin("https" if encrypted else "http", host, port)


def _place(request: Request) -> str:
    """The path of the lab as the browser has it: empty, or with a slash before and none behind."""
    page, headers = urlsplit(request.headers.get("referer", "")), request.headers
    # Where a proxy strips a prefix, only the page that asks knows of it. A page of another site has no say.
    if page.netloc and page.netloc in (headers.get("x-forwarded-host"), headers.get("host")):
        place = PAGES.sub("", page.path)
        if PATH.fullmatch(place):
            return place
    return f"{request.scope.get('root_path', '')}{_base()}"


def _base() -> str:
    return f"/{config.get_option('server.baseUrlPath').strip('/')}".rstrip("/")
