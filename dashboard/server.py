"""What all visitors share: the worker that trains, the data sets made so far, and the tables they uploaded."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

import streamlit as st

from core import Dataset, Experiment, Table, Worker, make_dataset, read_table
from dashboard.warmup import warm_up

__all__ = ["Uploads", "shared_uploads", "shared_worker", "synthetic_dataset"]


class Uploads:
    """Uploaded tables by the digest of their bytes, so that a link finds them again while they are kept."""

    def __init__(self, keep: int = 20) -> None:
        self._keep = keep
        self._tables: OrderedDict[str, Table] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, contents: bytes, name: str) -> str:
        """Read an uploaded file; returns its digest. Raises `ValueError` as `read_table` does."""
        digest = hashlib.sha256(contents).hexdigest()[:16]
        if digest not in self._tables:
            table = read_table(contents, name)
            with self._lock:
                self._tables[digest] = table
                while len(self._tables) > self._keep:
                    self._tables.popitem(last=False)
        return digest

    def get(self, digest: str) -> Table | None:
        """The table with this digest, if it is still kept."""
        with self._lock:
            if digest in self._tables:
                self._tables.move_to_end(digest)
            return self._tables.get(digest)


@st.cache_resource(show_spinner=False)
def shared_worker() -> Worker:
    """The one worker of this server. One thread trains: the interpreter's lock lets no more compute at once."""
    worker = Worker()
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    return worker


@st.cache_resource(show_spinner=False)
def shared_uploads() -> Uploads:
    """The uploads of all visitors of this server."""
    return Uploads()


def synthetic_dataset(experiment: Experiment) -> Dataset:
    """`make_dataset`, remembered: moving the learning rate does not make the points again."""
    return _synthetic(experiment.n, experiment.noise, experiment.true_b, experiment.true_w, experiment.seed)


@st.cache_resource(show_spinner=False, max_entries=4)  # the largest takes 32 MB
def _synthetic(n: int, noise: float, true_b: float, true_w: float, seed: int) -> Dataset:
    return make_dataset(Experiment(n=n, noise=noise, true_b=true_b, true_w=true_w, seed=seed))
