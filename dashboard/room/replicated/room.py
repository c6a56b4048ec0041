"""A room as one of several servers has it: what it is told here it tells the others, and what they say it takes over.

While Redis is away it goes on by itself, as a room on a server alone does. Afterwards what was said last holds for all,
by the clocks of the servers, and what was answered meanwhile is handed in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import time

from dashboard.replicas.redis_address import Away
from dashboard.room.answers import Answer
from dashboard.room.polls import Poll
from dashboard.room.replicated.store import Store
from dashboard.room.rooms import Begun, Room, State

__all__ = ["ReplicatedRoom"]

COUNT_SECONDS = 15
"""How long it holds how many listen on another server: that may have gone without a word."""

NOTE_SECONDS = 5
"""Between two notes of how many listen here, and that the lecturer is there."""


class ReplicatedRoom(Room):
    """One of several that are the same. Its times are those of the wall clock, in seconds since 1970."""

    def __init__(self, code: str, secret: str, clock: Callable[[], float], store: Store, server: str) -> None:
        """Nothing was said in it here: whatever others have said is newer. `server` is a name that no other has."""
        super().__init__(code, secret, clock, version=0)
        self.apart = store.is_away
        self._store = store
        self._server = server
        self._since = time()
        self._heard = 0.0
        """When the lecturer was heard last on this server."""
        self._heard_anywhere = 0.0
        self._noted = (0, 0.0)
        """How many listen here as the others know it, and since when they do."""
        self._read = 0.0
        """When Redis was read last."""
        self._gathered: dict[str, str] = {}
        """By token, how often it had been answered when its answers were read."""
        self._owed: dict[str, dict[str, Answer]] = {}
        """By token, the answers that Redis does not have, by follower."""

    def next_version(self) -> int:
        # By the wall clock: what is said later on another server is larger, though neither hears of the other.
        return max(super().next_version(), int(time() * 1e6))

    async def say(self, state: State) -> None:
        await super().say(state)
        with suppress(Away):  # `meet` does it then
            if not await self._tell():
                await self.look_up()

    def hear(self) -> None:
        self._heard = time()

    @property
    def silence(self) -> float:
        return time() - max(self._since, self._heard, self._heard_anywhere)

    async def look_up(self, within: float = 0) -> None:
        if time() - self._read >= within:
            with suppress(Away):
                fields = await self._store.read(self.code)
                self.take_over(fields)
                await self._gather(fields)

    @property
    def is_told(self) -> bool:
        """Whether Redis has all that is known here."""
        return not (self._owed or self.apart)

    def take_over(self, fields: Mapping[str, str]) -> None:
        """Know what Redis has of the room, all its fields, but for what was answered."""
        if fields.get("secret") != self.secret:
            return
        self._read = time()
        self._heard_anywhere = max(self._heard_anywhere, float(fields.get("sign", 0)))
        self.elsewhere = sum(_count(text) for name, text in fields.items() if self._is_elsewhere(name))
        version = int(fields.get("version", 0))
        if version > self.version and fields["state"] != "null":
            self.polls.adopt(json.loads(fields["notes"]))
            begun = json.loads(fields["begun"])
            self.begun = begun and Begun(*begun)
            self.show(json.loads(fields["state"]), version)

    async def taken(self, poll: Poll, follower: str) -> None:
        self._owed.setdefault(poll.token, {})[follower] = poll.answers[follower]
        with suppress(Away):
            await self._hand_in()

    async def fetch(self, poll: Poll, follower: str) -> None:
        if follower in self._owed.get(poll.token, {}):
            return
        with suppress(Away):
            answer = await self._store.answer_of(self.code, poll.token, follower)
            if answer is not None:
                poll.adopt({follower: answer})

    async def note(self) -> None:
        """Have the others know how many listen here, and that the lecturer was heard."""
        count, now = len(self.listeners), time()
        known, since = self._noted
        is_due = now - since >= NOTE_SECONDS and (count or self._heard > since)
        if count == known and not is_due:
            return
        fields = {f"here:{self._server}": f"{count} {now}"}
        if self._heard > self._heard_anywhere:
            fields["sign"] = repr(self._heard)
        await self._store.note(self.code, fields)
        self._noted = count, now

    async def meet(self) -> bool:
        """Agree with what Redis has, which was away or has never been asked; False if the room is over."""
        fields = await self._store.read(self.code)
        if "secret" not in fields:  # it was emptied, though others may have noted something since
            if await self._store.has_ended(self.code):
                return False
            await self._store.claim(self.code, self.secret)
        elif fields["secret"] != self.secret:
            return False
        if self.version > int(fields.get("version", 0)):
            await self._tell()
        self._gathered.clear()
        self.take_over(fields)
        await self._gather(fields)
        polls = [poll for poll in self.polls if poll.answers]
        found = await self._store.answers(self.code, [poll.token for poll in polls])
        for poll, known in zip(polls, found, strict=True):
            lost = {who: answer for who, answer in poll.answers.items() if who not in known}
            self._owed[poll.token] = lost | self._owed.get(poll.token, {})
        await self._hand_in()
        self._noted = (0, 0.0)
        await self.note()
        return True

    async def _tell(self) -> bool:
        """Write what was said here, unless something newer was said elsewhere."""
        begun = self.begun and [self.begun.link, self.begun.asked]
        said = {"state": self.latest and self.latest.state, "notes": self.polls.notes, "begun": begun}
        fields = {name: json.dumps(value) for name, value in said.items()}
        sign = repr(max(self._since, self._heard))
        return await self._store.write(self.code, self.version, {**fields, "sign": sign})

    async def _hand_in(self) -> None:
        """Give Redis what it does not have."""
        for token, owed in [*self._owed.items()]:
            given = {**owed}
            if given:
                count = await self._store.answer(self.code, token, given)
                if int(count) == int(self._gathered.get(token, "0")) + 1:  # nobody else has answered meanwhile
                    self._gathered[token] = count
            for follower, answer in given.items():
                if owed.get(follower) == answer:  # and no other one meanwhile
                    owed.pop(follower, None)
            if not owed:
                self._owed.pop(token, None)

    async def _gather(self, fields: Mapping[str, str]) -> None:
        """Take over what was answered elsewhere."""
        news: dict[Poll, str] = {}
        for poll in self.polls:
            count = fields.get(f"answered:{poll.token}")
            if count and count != self._gathered.get(poll.token) and not poll.is_counted:
                news[poll] = count
        found = await self._store.answers(self.code, [poll.token for poll in news]) if news else []
        for (poll, count), answers in zip(news.items(), found, strict=True):
            owed = self._owed.get(poll.token, {})
            poll.adopt({who: answer for who, answer in answers.items() if who not in owed})
            self._gathered[poll.token] = count

    def _is_elsewhere(self, name: str) -> bool:
        return name.startswith("here:") and name != f"here:{self._server}"


def _count(text: str) -> int:
    """How many listen, unless that was said long ago."""
    count, _, said = text.partition(" ")
    return int(count) if time() - float(said) < COUNT_SECONDS else 0
