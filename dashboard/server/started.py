"""What is done as soon as the server answers: the lab is opened in the browser, unless the command that started it says
otherwise.

Streamlit opens the browser for the scripts that it serves itself, and not for a server of one's own as `app.py` has it.
"""

from __future__ import annotations

from collections.abc import Callable

from streamlit import cli_util, config
from streamlit.web.server import server_util

__all__ = ["open_lab", "started", "when_started"]


def open_lab() -> None:
    """Open the lab in this machine's browser, where it has one and `server.headless` does not forbid it."""
    if config.get_option("server.headless"):
        return
    address = server_util.get_display_address(config.get_option("server.address") or "localhost")
    cli_util.open_browser(server_util.get_url(f"[{address}]" if ":" in address else address))


_what: Callable[[], None] = open_lab


def when_started(do: Callable[[], None]) -> None:
    """Let this be done in place of `open_lab`. To be said in the server's process before it starts."""
    global _what
    _what = do


def started() -> None:
    """To be called once, when the port is known and open."""
    _what()
