"""The tables that visitors uploaded: found again by the digest of their files, and never thrown out while in use.

Where several servers share a Redis, the files are kept there as well, and what one server read another finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from weakref import WeakKeyDictionary, WeakValueDictionary

import streamlit as st
from cachetools import LRUCache, TTLCache
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import Table, read_table, shipped_table
from core.data.tables import SHIPPED
from dashboard.replicas.kept_uploads import KeptUploads, Upload, connect, digest_of
from dashboard.replicas.redis_address import Away, redis_url

__all__ = ["Uploads", "find_table", "let_go", "reading_of", "shared_uploads"]

MOST_BYTES = 300_000_000
"""Memory of all uploaded tables together."""

RENEWED_AFTER = 10.0
"""Seconds of use after which it is made sure that the other servers find a table too."""

MISSED_SECONDS = 10.0
"""For so long it is not asked again for a table that is nowhere, or that cannot be had here."""

MOST_MISSED = 1000
"""Digests of which this is remembered."""

DIGEST = re.compile("[0-9a-f]{16}")


@dataclass
class File:
    """A table's file, where other servers are to find it."""

    upload: Upload
    renewed: float
    """When it was last made sure of, by the clock."""
    is_there: bool = True


class Uploads:
    """Uploaded tables by digest.

    A visit holds the table that it uses, or another reading of it that holds it in turn, so it stays here however many
    others are uploaded. Of those that nobody uses
    the last one of every visitor stays for as long as there is room, the one used least recently leaving first.
    """

    def __init__(
        self,
        most_bytes: int = MOST_BYTES,
        read: Callable[[bytes, str], Table] = read_table,
        elsewhere: KeptUploads | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`elsewhere` is where other servers find the files; `clock` tells seconds."""
        self._most_bytes = most_bytes
        self._read = read
        self._elsewhere = elsewhere
        self._clock = clock
        self._alive: WeakValueDictionary[str, Table] = WeakValueDictionary()
        self._recent: LRUCache[str, Table] = LRUCache(most_bytes, getsizeof=self._bytes_of)
        self._last: dict[str, str] = {}
        """By visitor, the digest of what they uploaded last, if it is among the recent ones."""
        self._files: WeakKeyDictionary[Table, File] = WeakKeyDictionary()
        self._missed: TTLCache[str, None] = TTLCache(MOST_MISSED, MISSED_SECONDS, clock)
        """Digests that were asked for in vain a moment ago: a page asks several times a run of its script."""
        self._lock = Lock()
        self._one_reads = Lock()
        self._one_fetches = Lock()

    def add(self, contents: bytes, name: str, visitor: str) -> str:
        """Read an uploaded file; returns its digest.

        Raises:
            ValueError: as `read_table` does, or if the table is too large, alone or beside those in use.
        """
        digest = digest_of(contents)
        table = self._here(digest)
        if table is None:
            with self._one_reads:  # reading takes several times the file's size
                table = self._read(contents, name)
            self._take_in(digest, table, Upload.of(contents, name) if self._elsewhere else None, visitor)
        self._renew(digest, table, visitor)
        return digest

    def get(self, digest: str) -> Table | None:
        """The table with this digest, if it is still kept, here or where other servers find it as well."""
        table = self._here(digest)
        if self._elsewhere is None or not DIGEST.fullmatch(digest):
            return table
        if table is None:
            return self._fetch(digest, self._elsewhere)
        self._renew(digest, table)
        return table

    def is_everywhere(self, digest: str) -> bool:
        """Whether the other servers find this table as well, as far as is known; also where there are none."""
        file = self._file_of(self._alive.get(digest))
        return file is None or file.is_there

    def _here(self, digest: str) -> Table | None:
        with self._lock:
            table = self._alive.get(digest)
            if table is not None:
                self._recent[digest] = table  # the one used last
            return table

    def _take_in(self, digest: str, table: Table, upload: Upload | None, visitor: str = "") -> None:
        with self._lock:
            if upload:
                self._files[table] = File(upload, self._clock())
            self._make_room(table, visitor)
            self._recent[digest] = table
            self._alive[digest] = table
            self._last = {who: last for who, last in self._last.items() if last in self._recent}
            if visitor:
                self._last[visitor] = digest

    def _make_room(self, table: Table, visitor: str) -> None:
        size = self._bytes_of(table)
        if size > self._most_bytes:
            raise ValueError(
                f"{table.name} has too many cells for this server: keep fewer rows, or only the two columns."
            )
        self._recent.pop(self._last.get(visitor, ""), None)
        while self._taken() + size > self._most_bytes and self._recent:
            self._recent.popitem()
        if self._taken() + size > self._most_bytes:
            raise ValueError(
                f"{table.name} does not fit: the tables that others are using fill this server's memory for files. "
                "Try again later, or keep fewer rows."
            )

    def _taken(self) -> int:
        return sum(self._bytes_of(table) for table in list(self._alive.values()))

    def _bytes_of(self, table: Table) -> int:
        file = self._file_of(table)
        return table.nbytes + (len(file.upload.packed) if file else 0)

    # --- where other servers find them ------------------------------------------------------------------------

    def _file_of(self, table: Table | None) -> File | None:
        return self._files.get(table) if table else None

    def _fetch(self, digest: str, elsewhere: KeptUploads) -> Table | None:
        if self._is_missed(digest):
            return None
        with self._one_fetches:  # one file at a time is in memory; whoever uploads need not wait for Redis
            table = self._here(digest)
            if table is not None or self._is_missed(digest):  # another visitor was quicker
                return table
            try:
                if found := elsewhere.find(digest):
                    upload, contents = found
                    with self._one_reads:
                        table = self._read(contents, upload.name)
                    self._take_in(digest, table, upload)
                    return table
            except Away:  # which says nothing about the table
                return None
            except ValueError:  # what is too much for this server is said to whoever uploads it here
                pass
            with self._lock:
                self._missed[digest] = None
            return None

    def _is_missed(self, digest: str) -> bool:
        with self._lock:
            return digest in self._missed

    def _renew(self, digest: str, table: Table, visitor: str = "") -> None:
        """Make sure that the others find it too: it may have been away when this was tried, or have lost everything.

        Args:
            visitor: who uploads it now, for which the others are to find it at once.
        """
        file, now = self._file_of(table), self._clock()
        if self._elsewhere is None or file is None or not (visitor or now - file.renewed >= RENEWED_AFTER):
            return
        file.renewed = now
        try:
            self._elsewhere.keep(digest, file.upload, visitor)
            file.is_there = True
        except Away:
            file.is_there = False


@st.cache_resource(show_spinner=False)
def shared_uploads() -> Uploads:
    """The uploads of all visitors of this server."""
    url = redis_url()
    return Uploads(elsewhere=KeptUploads(connect(url)) if url else None)


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
