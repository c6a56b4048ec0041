"""Whether a request comes from a page of this lab: another site's page must not speak with a visitor's browser."""

from __future__ import annotations

from starlette.requests import Request
from streamlit import config

from dashboard.room.address import Origin, read_origin

__all__ = ["is_own"]


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
    page = _read(origin)
    if page is None:
        return False
    asked = (request.headers.get("host", ""), request.headers.get("x-forwarded-host", "").partition(",")[0])
    return page in {read_origin(page.scheme, host.strip()) for host in asked} or (
        config.is_manually_set("browser.serverAddress")
        and page.host == config.get_option("browser.serverAddress").lower()
    )


def _read(origin: str) -> Origin | None:
    scheme, _, host = origin.partition("://")
    return read_origin(scheme, host)
