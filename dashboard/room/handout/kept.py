"""Handouts as they are sent: made and packed when somebody asks for the first time, however many ask at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dashboard.server.kept_file import KeptFile

__all__ = ["Handouts", "shared_handouts"]

Make = Callable[..., str | None]

CACHING = "no-cache"
"""A browser asks again, and is told that it has it: a server that is started anew may have another."""


class Handouts:
    """Keeps each handout that there is; there are only so many chapters, cells and mistakes."""

    def __init__(self, takes_long: Callable[..., bool] = lambda *_: False, **kinds: Make) -> None:
        """What makes a handout of each kind, given its name or names; it answers None where there is no such thing.

        Args:
            takes_long: whether the handout of that kind and of those names is one of which one after the other is made,
                for which nothing else is to wait.
        """
        self._takes_long = takes_long
        self._kinds = kinds
        self._one_by_one = ThreadPoolExecutor(1, "handouts")
        self._kept: dict[tuple[str, ...], asyncio.Task[KeptFile | None]] = {}

    async def find(self, kind: str, *names: str) -> KeptFile | None:
        """The handout of that kind; None where there is none of that name."""
        key = (kind, *names)
        making = self._kept.get(key)
        if making is None:
            making = self._kept[key] = asyncio.create_task(self._find_anew(kind, names))
        try:
            # Who leaves must not take it from the others.
            found = await asyncio.shield(making)
        except Exception:
            self._kept.pop(key, None)
            raise
        if found is None:  # or anybody could fill the memory with names
            self._kept.pop(key, None)
        return found

    async def _find_anew(self, kind: str, names: tuple[str, ...]) -> KeptFile | None:
        # The loop's own threads are few, and are there for what answers everybody.
        takes_long = await asyncio.to_thread(self._takes_long, kind, *names)
        executor = self._one_by_one if takes_long else None
        return await asyncio.get_running_loop().run_in_executor(executor, self._make, kind, names)

    def _make(self, kind: str, names: tuple[str, ...]) -> KeptFile | None:
        text = self._kinds[kind](*names)
        return None if text is None else KeptFile(text.encode(), ".html", CACHING)


def _chapter(name: str) -> str | None:
    # The server answers before torch is loaded.
    from dashboard.room.handout.chapter import chapter_handout

    return chapter_handout(name)


def _outcome(chapter: str, cell: str) -> str | None:
    from dashboard.room.handout.chapter import outcome_handout

    return outcome_handout(chapter, cell)


def _mistake(name: str) -> str | None:
    from dashboard.room.handout.mistake import mistake_handout

    return mistake_handout(name)


def _takes_long(kind: str, *names: str) -> bool:
    if kind != "outcome":
        return False
    from dashboard.room.handout.chapter import outcome_takes_long

    return outcome_takes_long(*names)


shared_handouts = Handouts(_takes_long, chapter=_chapter, outcome=_outcome, mistake=_mistake)
"""Those of this server."""
