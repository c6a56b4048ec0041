"""`python -m dashboard.room`, which is `make lecture`: the lab for a hall, on every network that this machine is in.

It is Streamlit's own server in this very process, so that signals reach it, and says in the terminal where it is.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from click import Abort
from streamlit import config
from streamlit.web import cli

import dashboard
from dashboard.room.address import NAME, hall_address
from dashboard.room.network import EVERYWHERE, number, own_addresses
from dashboard.room.qr import qr_terminal
from dashboard.server.started import open_lab, when_started

__all__ = ["announcement", "main", "streamlit_options"]

APP = Path(dashboard.__file__).with_name("app.py")


def streamlit_options(address: str | None, port: int | None) -> list[str]:
    """What Streamlit is told of where to listen, and of what it is called.

    An address of this machine is listened on alone. Any other, and every name, is what the hall will be told, and the
    server listens everywhere: a name may mean something else in the hall than it does here.

    Raises:
        ValueError: for what is neither an address nor a name, and for a port that there is not.
    """
    options = ["--logger.hideWelcomeMessage=true"]  # which would ask a server on the internet for our address
    if port is not None:
        if not 1 <= port <= 65535:
            raise ValueError(f"PORT must be from 1 to 65535, but got {port}.")
        options.append(f"--server.port={port}")
    if address == "localhost":
        address = "127.0.0.1"
    if not address or address in EVERYWHERE:
        return options
    if not (number(address) or NAME.fullmatch(address)):
        raise ValueError(
            f"ADDRESS must be an IP address or a name, as 192.168.0.7 or lab.example.org, but got {address[:200]!r}."
        )
    return [*options, f"--{'server.address' if _is_ours(address) else 'browser.serverAddress'}={address}"]


def announcement(*, coloured: bool) -> str:
    """What the lecturer reads in the terminal: the address of the lab, its picture, and what to do with them."""
    address = hall_address()
    lines = [f"The lab for the hall: {address.url}", "", qr_terminal(address.url, coloured=coloured), ""]
    if address.reachable:
        lines.append(
            "Every device in the same network opens it. Lecture, in the sidebar, opens a room that follows you;"
        )
        lines.append(f"who is told its code types it at {hall_address('/room').url}.")
        others = [one for one in own_addresses() if one not in address.url]
        if others and not config.is_manually_set("server.address"):
            lines.append(
                f"Should it not open there: make lecture ADDRESS=…; this machine is also {' and '.join(others)}."
            )
    elif config.is_manually_set("server.address"):
        lines.append("Only this machine can open it.")
    else:
        lines.append(
            "This machine is in no network, so nobody else can open it: join one, or open a hotspot, and start again."
        )
    return "\n".join([*lines, "Ctrl-C ends it."])


def announce() -> None:
    """Say it, and open the lab here."""
    said = announcement(coloured=sys.stdout.isatty())
    # A terminal without Unicode has no picture, but the address.
    encoding = sys.stdout.encoding or "ascii"
    print(f"\n{said.encode(encoding, 'replace').decode(encoding)}\n", flush=True)
    open_lab()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until somebody ends it; returns the exit status: 0, or 2 for a bad value."""
    parser = argparse.ArgumentParser(prog="python -m dashboard.room", description="Open the lab for a hall.")
    parser.add_argument("--address", help="where the hall finds it, an address or a name (default: found out)")
    parser.add_argument("--port", type=int, help="the port (default: 8501, or the next one that is free)")
    parser.add_argument("options", nargs="*", metavar="-- OPTION", help="options for `streamlit run`")
    given = parser.parse_args(arguments)
    try:
        options = streamlit_options(given.address, given.port)
    except ValueError as error:
        parser.error(str(error))
    when_started(announce)
    with suppress(Abort):  # which is Ctrl-C
        cli.main(["run", str(APP), *options, *given.options], standalone_mode=False)
    return 0


def _is_ours(address: str) -> bool:
    """Whether this machine has that address."""
    if number(address) is None:
        return False
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
