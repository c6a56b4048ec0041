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
        parts = urlsplit(origin)
        port = PORTS.get(parts.scheme)
        asked = (request.headers.get("host", ""), request.headers.get("x-forwarded-host", "").partition(",")[0])
        return _place(parts.netloc, port) in {_place(host.strip(), port) for host in asked if host} or (
            config.is_manually_set("browser.serverAddress")
            and parts.hostname == config.get_option("browser.serverAddress").lower()
        )
    except ValueError:  # no address at all
        return False


def _place(netloc: str, port: int | None) -> tuple[str, int | None]:
    """Host and port of `host:port`, `port` where it names none."""
    parts = urlsplit(f"//{netloc}")
    if not parts.hostname:
        raise ValueError(netloc)
    return parts.hostname, parts.port or port
