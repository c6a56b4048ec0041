"""What becomes of a room by what its lecturer says and its followers answer.

All of `core` is behind this, for which the server's start does not wait.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from dashboard.room.answers import Answer, read_answer
from dashboard.room.checks import record, text
from dashboard.room.following import Busy, Following
from dashboard.room.polls import Poll
from dashboard.room.questions import is_alike, is_open
from dashboard.room.rooms import Begun, Room
from dashboard.room.state import read_state
from dashboard.room.turns import Turn, offer

__all__ = ["Busy", "Closed", "answer", "following", "offered", "read_answering", "say", "standing", "turn_of"]

ASKING = ("question", "turn")
"""The parts of a state that are answered."""

MOMENT_SECONDS = 0.3
"""What hundreds ask in the same moment is read once."""

BLINK_SECONDS = 0.05
"""A message of another server is there by then."""

FOLLOWER = re.compile(r"[A-Za-z0-9_-]{8,64}")


_following: WeakKeyDictionary[Room, Following] = WeakKeyDictionary()

_turns: WeakKeyDictionary[Room, Turn] = WeakKeyDictionary()
"""The one that a room has, or had last."""


_hopeless: WeakKeyDictionary[Room, Begun] = WeakKeyDictionary()
"""One that began on another server, which has a table that this one has not."""


class Closed(Exception):
    """What was answered is not asked now."""


async def say(room: Room, said: Any) -> None:
    """Show the room what its lecturer says. With the reveal of a question, all see what was answered.

    Raises:
        ValueError: that is no state, or a turn that nothing can come of, with a sentence.
    """
    state = read_state(said)
    # A turn takes a while to begin, and no state may overtake the one before it.
    async with room.saying:
        question = state.get("question")
        await room.look_up(within=0 if question and not is_open(question) else MOMENT_SECONDS)
        if state.get("turn"):
            await _begin_turn(room, state["link"], state["turn"])
        asked = {name: state[name] for name in ASKING if state.get(name)}
        polls = dict(zip(asked, room.polls.show([*asked.values()]), strict=True))
        if "question" in polls and not is_open(asked["question"]):
            state["question"] = polls["question"].told
        await room.say(state)


def following(room: Room) -> Following:
    """What followers' stages ask."""
    if room not in _following:
        _following[room] = Following(room.code)
    return _following[room]


async def _begin_turn(room: Room, link: str, asked: Mapping[str, Any]) -> None:
    """Have it be the room's turn, where it is not already: its run stays that which was in front at its beginning."""
    async with room.turning:
        begun = room.begun
        if begun is not None and begun.asked["id"] == asked["id"] and is_alike(begun.asked, asked):
            link = begun.link
        await _have_turn(room, Begun(link, asked))
        room.begun = Begun(link, asked)


async def _have_turn(room: Room, begun: Begun) -> Turn:
    """What this server trains of it: where it began on another one, all that was answered there. Under `turning`.

    Raises:
        ValueError: nothing can come of it, with a sentence.
    """
    turn = _turns.get(room)
    poll = room.polls.of(begun.asked["id"])
    if poll and not is_alike(poll.asked, begun.asked):
        poll = None  # that was another turn, with the same id
    if turn is not None and turn.asked["id"] == begun.asked["id"] and is_alike(turn.asked, begun.asked):
        turn.asked = begun.asked
        news = poll.adopted if poll else {}
    else:
        turn = _turns[room] = await asyncio.to_thread(Turn, begun.link, begun.asked, room.code)
        news = poll.answers if poll else {}
    for follower, found in news.items():
        turn.take(follower, found)
    if poll:
        poll.adopted.clear()
    return turn


async def turn_of(room: Room, follower: str = "") -> Turn | None:
    """What followers try, or have tried last, as it was a moment ago; what this one has, as it is now."""
    await room.look_up(within=MOMENT_SECONDS)
    poll = room.polls.of(room.begun.asked["id"]) if room.begun else None
    if follower and poll:
        await room.fetch(poll, follower)
    async with room.turning:
        begun = room.begun
        if begun is None or begun == _hopeless.get(room):
            return None
        try:
            return await _have_turn(room, begun)
        except ValueError:
            _hopeless[room] = begun
            return None


async def offered(room: Room) -> dict[str, Any]:
    """What the lecturer may have followers try in what the room shows, as `turns.offer` has it.

    Raises:
        ValueError: nothing, with a sentence.
    """
    if room.latest is None:
        raise ValueError("The room is shown nothing yet: wait a moment.")
    return await asyncio.to_thread(offer, room.latest.state["link"])


def _follower(value: Any, name: str) -> str:
    if not (isinstance(value, str) and FOLLOWER.fullmatch(value)):
        raise ValueError(f"{name} must be 8 to 64 letters, digits, hyphens or underscores.")
    return value


_answer = record({"follower": _follower, "question": text(300, 1), "answer": lambda value, _: value})


def read_answering(said: Any) -> dict[str, Any]:
    """Who answers what: `follower`, `question` and `answer`, of which the last is not checked yet.

    Raises:
        ValueError: it is no answer at all, with a sentence.
    """
    answering: dict[str, Any] = _answer(said, "answer")
    return answering


async def answer(room: Room, answering: Mapping[str, Any], address: str) -> None:
    """Keep an answer that `read_answering` has read, and that has come from this address.

    Raises:
        Closed: the room is not asked that, or not any more.
        ValueError: the question does not take this answer, with a sentence.
        Full: too many have answered, from this address or in all.
    """
    try:
        poll, found = _read_for(room, answering)
    except (Closed, ValueError):
        await room.look_up(within=BLINK_SECONDS)  # it may have been asked elsewhere in this moment
        poll, found = _read_for(room, answering)
    room.polls.take(poll, answering["follower"], address, found)
    await room.taken(poll, answering["follower"])
    turn = _turns.get(room)
    if turn is not None and turn.asked["id"] == poll.asked["id"]:
        turn.take(answering["follower"], found)


def _read_for(room: Room, answering: Mapping[str, Any]) -> tuple[Poll, Answer]:
    """What is answered, and how. Raises as `answer` does."""
    poll = room.polls.open(answering["question"])
    if poll is None:
        raise Closed
    return poll, read_answer(poll.asked, answering["answer"])


async def standing(room: Room, of: str = "", since: int = 0) -> dict[str, Any]:
    """What the lecturer's page is told of the room. Of the turn with the token `of` it knows the changes up to `since`.

    Once a turn has ended it is told all the same, until there is another one.
    """
    await room.look_up()
    turn = await turn_of(room)
    asked = (room.latest.state.get("question") or {}).get("id") if room.latest else None
    poll = room.polls.of(asked) if asked else None
    return {
        "here": room.here,
        "together": not room.apart,
        "version": room.version,
        "question": poll.told if poll else None,
        "turn": turn and turn.told(of, since),
        "answers": [poll.told for poll in room.polls],
    }
