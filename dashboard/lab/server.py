"""The worker that trains for all visitors of this server."""

from __future__ import annotations

import atexit
import sys
import threading

import streamlit as st

from core import Worker
from dashboard.stage.warmup import warm_up

__all__ = ["shared_worker"]


@st.cache_resource(show_spinner=False)
def shared_worker() -> Worker:
    """The one worker of this server."""
    # While a run trains, whoever answers a visitor waits for the interpreter's lock this long, several times.
    sys.setswitchinterval(0.001)
    worker = Worker()
    atexit.register(worker.close)  # a thread inside torch at the interpreter's end would abort it
    threading.Thread(target=warm_up, name="warm-up").start()
    return worker
