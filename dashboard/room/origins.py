"""Whether a request comes from a page of this lab: another site's page must not speak with a visitor's browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from streamlit import config

__all__ = ["is_own"]

PORTS = {"http": 80, "https": 443}


def is_own(request: Request) -> bool:
    """Whether the request comes from a page of this server, of a site that its settings name, or from no page at all.

    A browser says where a page is from. Where it says nothing the request is a program's, which a check of what it says
    would not stop.
    """
    fetched = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if fetched == "same-origin":
        return True
    if origin is None:  # an image or a frame of another site sends no origin
        return fetched not in ("cross-site", "same-site")
    if origin in {allowed.strip().rstrip("/") for allowed in config.get_option("server.corsAllowedOrigins")}:
        return True
    try:
        scheme, place = urlsplit(origin).scheme, urlsplit(origin).netloc
        port = PORTS.get(scheme)
        asked = [request.headers.get("host", ""), request.headers.get("x-forwarded-host", "").partition(",")[0]]
        own = {_place(host.strip(), port) for host in asked} - {None}
        return _place(place, port) in own | _named()
    except ValueError:  # no address at all
        return False


def _place(netloc: str, port: int | None) -> tuple[str, int | None] | None:
    """Host and port of `host:port`, `port` where it names none; None without a host."""
    parts = urlsplit(f"//{netloc}")
    return (parts.hostname, parts.port or port) if parts.hostname else None


def _named() -> set[tuple[str, int | None] | None]:
    """The address that the settings say browsers use, if they say one."""
    if not config.is_manually_set("browser.serverAddress"):
        return set()
    return {_place(config.get_option("browser.serverAddress"), config.get_option("browser.serverPort"))}
