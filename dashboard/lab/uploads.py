"""The tables that visitors uploaded: found again by the digest of their files, and never thrown out while in use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from threading import Lock
from weakref import WeakValueDictionary

import streamlit as st
from cachetools import LRUCache
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import Table, read_table, shipped_table
from core.data.tables import SHIPPED

__all__ = ["Uploads", "find_table", "let_go", "reading_of", "shared_uploads"]

MOST_BYTES = 300_000_000
"""Memory of all uploaded tables together."""


class Uploads:
    """Uploaded tables by digest.

    A visit holds the table that it uses, or another reading of it that holds it in turn, so it stays here however many
    others are uploaded. Of those that nobody uses
    the last one of every visitor stays for as long as there is room, the one used least recently leaving first.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, read: Callable[[bytes, str], Table] = read_table) -> None:
        self._most_bytes = most_bytes
        self._read = read
        self._alive: WeakValueDictionary[str, Table] = WeakValueDictionary()
        self._recent: LRUCache[str, Table] = LRUCache(most_bytes, getsizeof=lambda table: table.nbytes)
        self._last: dict[str, str] = {}
        """By visitor, the digest of what they uploaded last, if it is among the recent ones."""
        self._lock = Lock()
        self._one_reads = Lock()

    def add(self, contents: bytes, name: str, visitor: str) -> str:
        """Read an uploaded file; returns its digest.

        Raises:
            ValueError: as `read_table` does, or if the table is too large, alone or beside those in use.
        """
        digest = hashlib.sha256(contents).hexdigest()[:16]
        if self.get(digest) is None:
            with self._one_reads:  # reading takes several times the file's size
                table = self._read(contents, name)
            with self._lock:
                self._make_room(table, name, visitor)
                self._recent[digest] = table
                self._alive[digest] = table
                self._last = {who: last for who, last in self._last.items() if last in self._recent}
                self._last[visitor] = digest
        return digest

    def get(self, digest: str) -> Table | None:
        """The table with this digest, if it is still kept."""
        with self._lock:
            table = self._alive.get(digest)
            if table is not None:
                self._recent[digest] = table  # the one used last
            return table

    def _make_room(self, table: Table, name: str, visitor: str) -> None:
        if table.nbytes > self._most_bytes:
            raise ValueError(f"{name} has too many cells for this server: keep fewer rows, or only the two columns.")
        self._recent.pop(self._last.get(visitor, ""), None)
        while self._taken() + table.nbytes > self._most_bytes and self._recent:
            self._recent.popitem()
        if self._taken() + table.nbytes > self._most_bytes:
            raise ValueError(
                f"{name} does not fit: the tables that others are using fill this server's memory for files. "
                "Try again later, or keep fewer rows."
            )

    def _taken(self) -> int:
        return sum(table.nbytes for table in list(self._alive.values()))


@st.cache_resource(show_spinner=False)
def shared_uploads() -> Uploads:
    """The uploads of all visitors of this server."""
    return Uploads()


def find_table(data: str, reading: str = "") -> Table | None:
    """The table that a link calls `data`: one that comes with the package, or an upload that is still kept.

    Args:
        reading: how it is to be read, as `Table.reading` writes it; as it was first understood if empty.

    Raises:
        ValueError: for a text that is no reading, or one that this table cannot have any more.
    """
    table = shipped_table(data) if data in SHIPPED else shared_uploads().get(data)
    return table and table.read_as(reading)


def reading_of(data: str, table: Table) -> str:
    """The one text for how `data` is read, whatever a link says; none for what comes with the package, as it is."""
    return "" if data in SHIPPED and table.origin is None else table.reading


def let_go(file_id: str) -> None:
    """Let Streamlit forget a file that has been read: it would hold its bytes until the visit ends."""
    context = get_script_run_ctx()
    if runtime.exists() and context is not None:
        runtime.get_instance().uploaded_file_mgr.remove_file(context.session_id, file_id)
