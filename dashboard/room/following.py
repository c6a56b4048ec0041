"""What a follower's stage asks for: the runs that the room shows, and single epochs of them under the glass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from dashboard.lab.server import shared_worker
from dashboard.room.shown import Showing

__all__ = ["Busy", "Following"]

Answer = TypeVar("Answer")

MOST_RUNS = 8
"""Of so many runs a stage may say how many records it has; no room shows more."""


MOST_PENDING = 64
"""Different questions of one room that wait at the same moment: of a hall most ask the same."""

LONGEST_ROOT = 64
"""Characters of the name of what is looked at within an epoch."""

_threads = ThreadPoolExecutor(4, "followers")
"""Those of all rooms, so that whatever followers ask nobody else on this server waits for it."""


class Busy(Exception):
    """Too much is being asked already."""


class Following:
    """For the followers of one room. Of hundreds that ask the same in one moment all are given one answer."""

    def __init__(self, code: str) -> None:
        self._showing = Showing(shared_worker(), f"room {code}")
        self._asked: dict[tuple[Any, ...], asyncio.Task[Any]] = {}
        self._turn = asyncio.Lock()
        """One answer of this room is made after the other, so that no room has all threads wait for its runs."""

    async def runs(self, state: Mapping[str, Any], body: Any) -> bytes:
        """What a stage lacks, as `Showing.answer` has it, by what it says in `body`.

        Raises:
            ValueError: where that makes no sense.
            Busy: where too much else is being asked.
        """
        have, swept = _has(body)
        begun = bool(state["playing"] or state["epoch"])
        key = (state["link"], begun, tuple(sorted(have.items())), swept)
        return await self._once(key, lambda: self._showing.answer(state["link"], begun, have, swept))

    async def moment(self, asked: Mapping[str, str]) -> bytes | None:
        """An epoch, as `Showing.moment` has it, by the parameters of the address; None where there is none such.

        Raises:
            Busy: where too much else is being asked.
        """
        try:
            epoch = int(asked.get("epoch", ""))
        except ValueError:
            return None
        root = asked.get("root", "loss")
        if len(root) > LONGEST_ROOT:
            return None
        told = (asked.get("scene", ""), epoch, root, asked.get("requires", "both"))
        agreement = asked.get("agreement") == "true"
        return await self._once((*told, agreement), lambda: self._showing.moment(*told, agreement))

    async def _once(self, key: tuple[Any, ...], answer: Callable[[], Answer]) -> Answer:
        task = self._asked.get(key)
        if task is None:
            if len(self._asked) >= MOST_PENDING:
                raise Busy
            task = self._asked[key] = asyncio.create_task(self._made(answer))
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        # One that goes away while it waits takes nothing from the others.
        return await asyncio.shield(task)

    async def _made(self, answer: Callable[[], Answer]) -> Answer:
        async with self._turn:
            return await asyncio.get_running_loop().run_in_executor(_threads, answer)


def _has(body: Any) -> tuple[dict[str, int], str]:
    """By scene the records that a stage has, and the id of its sweep."""
    have, swept = (body.get("have", {}), body.get("swept", "")) if isinstance(body, dict) else (None, None)
    if not (isinstance(have, dict) and len(have) <= MOST_RUNS and isinstance(swept, str)):
        raise ValueError("A stage says what it has as {have: {scene: records}, swept: id}.")
    if not all(type(count) is int and count >= 0 for count in have.values()):
        raise ValueError("A stage says how many records it has as whole numbers from 0.")
    return have, swept
