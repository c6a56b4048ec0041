"""The server: `streamlit run dashboard/app.py`, from whatever folder.

Streamlit finds `app` by reading this file, serves it, and runs `page.py` for every visitor. A host that knows nothing
of that runs this file itself for every visitor: then there is a server already, and the file is the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit import runtime

from dashboard.room.routes import room_routes
from dashboard.room.shared_rooms import shared_rooms
from dashboard.server.open_files import allow_lines
from dashboard.server.slashes import Slashes
from dashboard.server.started import started
from dashboard.server.static_files import StaticFiles
from dashboard.server.stopping import on_stop
from dashboard.server.upload_bounds import UploadBounds


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Answer from the first second on, and meanwhile get ready what every visitor needs alike."""
    allow_lines()
    preparing = asyncio.create_task(asyncio.to_thread(prepare))
    opening = asyncio.create_task(asyncio.to_thread(started))
    ending: list[asyncio.Task[None]] = []

    async def end_processes() -> None:
        # Nor must the interpreter end while a thread is inside torch.
        await preparing
        await asyncio.to_thread(finish)

    def stop() -> None:
        # Some requests wait for processes, and the server waits for its requests.
        shared_rooms.close()
        ending.append(asyncio.create_task(end_processes()))

    with on_stop(stop):
        yield
    await opening
    await end_processes()


def prepare() -> None:
    """Load all that the pages are made of, and start the worker."""
    import_module("dashboard.page")
    import_module("dashboard.room.lecturing")
    from dashboard.lab.server import shared_worker

    shared_worker()


def finish() -> None:
    """End what computes in processes of its own, and start none any more."""
    from core.course import end_pairs
    from dashboard.devices.server import shared_measuring

    end_pairs()
    shared_measuring.close()


if runtime.exists():
    from dashboard.page import show_page

    show_page()
else:
    base = f"/{st.get_option('server.baseUrlPath').strip('/')}".rstrip("/")
    app = st.App(
        Path(__file__).with_name("page.py"),
        routes=room_routes(base, shared_rooms),
        middleware=[Middleware(StaticFiles, base), Middleware(Slashes, base), Middleware(UploadBounds)],
        lifespan=lifespan,
    )
