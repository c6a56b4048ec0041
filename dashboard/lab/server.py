"""What all visitors share: the worker that trains, the data sets made so far, and the tables they uploaded."""

from __future__ import annotations

import atexit
import hashlib
import sys
import threading
from collections import OrderedDict

import streamlit as st

from core import Dataset, Experiment, Table, Worker, make_dataset, read_table, shipped_table
from core.data.tables import MAX_BYTES, SHIPPED
from dashboard.stage.warmup import warm_up

__all__ = ["Uploads", "find_table", "shared_uploads", "shared_worker", "synthetic_dataset", "table_dataset"]


class Uploads:
    """Uploaded tables by the digest of their bytes, so that a link finds them again while they are kept.

    Together their files are at most `keep_bytes` long; the one used least recently leaves first.
    """

    def __init__(self, keep_bytes: int = MAX_BYTES) -> None:
        self._keep_bytes = keep_bytes
        self._tables: OrderedDict[str, tuple[Table, int]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, contents: bytes, name: str) -> str:
        """Read an uploaded file; returns its digest. Raises `ValueError` as `read_table` does."""
        digest = hashlib.sha256(contents).hexdigest()[:16]
        if self.get(digest) is None:
            table = read_table(contents, name)
            with self._lock:
                self._tables[digest] = (table, len(contents))
                while sum(size for _, size in self._tables.values()) > self._keep_bytes and len(self._tables) > 1:
                    self._tables.popitem(last=False)
        return digest

    def get(self, digest: str) -> Table | None:
        """The table with this digest, if it is still kept."""
        with self._lock:
            if digest not in self._tables:
                return None
            self._tables.move_to_end(digest)
            return self._tables[digest][0]


@st.cache_resource(show_spinner=False)
def shared_worker() -> Worker:
    """The one worker of this server. One thread trains: the interpreter's lock lets no more compute at once."""
    # While a run trains, whoever answers a visitor waits for the interpreter's lock this long, several times.
    sys.setswitchinterval(0.001)
    worker = Worker()
    atexit.register(worker.close)  # a thread inside torch at the interpreter's end would abort it
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    return worker


@st.cache_resource(show_spinner=False)
def shared_uploads() -> Uploads:
    """The uploads of all visitors of this server."""
    return Uploads()


def find_table(data: str) -> Table | None:
    """The table that a link calls `data`: one that comes with the package, or an upload that is still kept."""
    return shipped_table(data) if data in SHIPPED else shared_uploads().get(data)


def table_dataset(data: str, x: str | None, y: str | None, seed: int) -> Dataset | None:
    """Two columns of the table called `data`, remembered; None if there is no such table, or not any more.

    Raises:
        ValueError: if the columns cannot be trained on, as `Table.dataset` does.
    """
    table = find_table(data)
    return _columns(data, x, y, seed, table) if table else None


@st.cache_resource(show_spinner=False, max_entries=4)
def _columns(data: str, x: str | None, y: str | None, seed: int, _table: Table) -> Dataset:
    return _table.dataset(x, y, seed)


def synthetic_dataset(experiment: Experiment) -> Dataset:
    """`make_dataset`, remembered: moving the learning rate does not make the points again."""
    return _synthetic(experiment.n, experiment.noise, experiment.true_b, experiment.true_w, experiment.seed)


@st.cache_resource(show_spinner=False, max_entries=4)  # the largest takes 16 MB
def _synthetic(n: int, noise: float, true_b: float, true_w: float, seed: int) -> Dataset:
    return make_dataset(Experiment(n=n, noise=noise, true_b=true_b, true_w=true_w, seed=seed))
