"""The key that signs the secrets of rooms. It outlives the server, so that lecturers find their rooms again."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock

from streamlit import config

__all__ = ["room_key"]

_making = Lock()


def room_key() -> bytes:
    """32 bytes: of `GDL_ROOM_KEY`, or Streamlit's `server.cookieSecret`, or of a file in the user's state folder.

    Several servers behind one address need the same, from one of the first two. Where nothing can be written, the key
    lives as long as the server. It may read a file: not for the event loop.
    """
    with _making:  # two that made one at the same time would not believe one another
        return _key()


@cache
def _key() -> bytes:
    given = os.environ.get("GDL_ROOM_KEY", "")
    if not given and config.is_manually_set("server.cookieSecret"):
        given = config.get_option("server.cookieSecret")
    return sha256(f"lecture room {given or _kept()}".encode()).digest()


def _kept() -> str:
    """The text in the user's file, which is written where there is none."""
    fresh = secrets.token_hex(32)
    try:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "gradient-descent-lab"
        file = folder / "room.key"
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _write(file, fresh)
        return file.read_text(encoding="ascii") or fresh
    except (OSError, RuntimeError, ValueError):  # read-only, no home, or no text of ours
        return fresh


def _write(file: Path, text: str) -> None:
    """Write it for its owner alone, whole or not at all: another server may start in the same moment."""
    handle, name = tempfile.mkstemp(dir=file.parent)  # its mode is 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(text)
        with suppress(FileExistsError):
            os.link(name, file)
    finally:
        os.unlink(name)
