"""Waits at the end of a page until it is sent to the browser, so that the next rerun finds it there.

When a fragment is rerun, Streamlit drops what it has of that fragment and has not sent yet, but keeps the message that
the rerun of the whole page before it has succeeded. To the browser that means that the fragment is gone: it takes it
from the page, and puts another one there a moment later. On a busy server one visitor in six lost the focus by it, and
others an open menu, or what they were dragging.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from contextlib import suppress

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.session_manager import SessionManager

__all__ = ["wait_until_sent"]

LOOK_SECONDS = 0.01
"""Until it is looked again whether all is sent, at first: Streamlit sends so often. Then twice as long every time."""

MOST_SECONDS = 2.0
"""After which a page counts as shown: its server is about to stop."""


def wait_until_sent() -> None:
    """Wait until all that the present rerun has shown is on its way to the browser, if there is one."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return
    # Streamlit has no public name for any of this; its version is pinned. A test that runs a page has no sessions.
    sessions = getattr(runtime.get_instance(), "_session_mgr", None)
    found = sessions and sessions.get_active_session_info(context.session_id)
    if not found or found.session._event_loop.is_closed():
        return
    waiting = asyncio.run_coroutine_threadsafe(_sent(sessions, context.session_id), found.session._event_loop)
    with suppress(TimeoutError, CancelledError):
        waiting.result(MOST_SECONDS)
    waiting.cancel()


async def _sent(sessions: SessionManager, session_id: str) -> None:
    """Return when nothing waits to be sent. The loop has queued what the rerun said before it comes to this."""
    pause = LOOK_SECONDS
    # To a visitor who has left nothing is sent.
    while (found := sessions.get_active_session_info(session_id)) and not found.session._browser_queue.is_empty():
        await asyncio.sleep(pause)
        pause *= 2
