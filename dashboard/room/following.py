"""What a follower's stage asks for: the runs that the room shows, and single epochs of them under the glass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dashboard.lab.server import shared_worker
from dashboard.room.shown import Showing

__all__ = ["Following"]

Answer = TypeVar("Answer")

MOST_RUNS = 8
"""Of so many runs a stage may say how many records it has; no room shows more."""


class Following:
    """For the followers of one room. Of hundreds that ask the same in one moment all are given one answer."""

    def __init__(self, code: str) -> None:
        self._showing = Showing(shared_worker(), f"room {code}")
        self._asked: dict[tuple[Any, ...], asyncio.Task[Any]] = {}

    async def runs(self, state: Mapping[str, Any], body: Any) -> bytes:
        """What a stage lacks, as `Showing.answer` has it, by what it says in `body`.

        Raises:
            ValueError: where that makes no sense.
        """
        have, swept = _has(body)
        begun = bool(state["playing"] or state["epoch"])
        key = (state["link"], begun, tuple(sorted(have.items())), swept)
        return await self._once(key, lambda: self._showing.answer(state["link"], begun, have, swept))

    async def moment(self, asked: Mapping[str, str]) -> bytes | None:
        """An epoch, as `Showing.moment` has it, by the parameters of the address; None where there is none such."""
        try:
            epoch = int(asked.get("epoch", ""))
        except ValueError:
            return None
        told = (asked.get("scene", ""), epoch, asked.get("root", "loss"), asked.get("requires", "both"))
        agreement = asked.get("agreement") == "true"
        return await self._once((*told, agreement), lambda: self._showing.moment(*told, agreement))

    async def _once(self, key: tuple[Any, ...], answer: Callable[[], Answer]) -> Answer:
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(asyncio.to_thread(answer))
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        # One that goes away while it waits takes nothing from the others.
        return await asyncio.shield(task)


def _has(body: Any) -> tuple[dict[str, int], str]:
    """By scene the records that a stage has, and the id of its sweep."""
    have, swept = (body.get("have", {}), body.get("swept", "")) if isinstance(body, dict) else (None, None)
    if not (isinstance(have, dict) and len(have) <= MOST_RUNS and isinstance(swept, str)):
        raise ValueError("A stage says what it has as {have: {scene: records}, swept: id}.")
    if not all(type(count) is int and count >= 0 for count in have.values()):
        raise ValueError("A stage says how many records it has as whole numbers from 0.")
    return have, swept
