"""What a room was asked, and what it has answered: everybody's last answer, and how often which was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from secrets import token_hex
from typing import Any

from dashboard.room.answers import Answer, counts
from dashboard.room.bounds import ADDRESS_FOLLOWERS, ANSWERS, FOLLOWERS, QUESTIONS, Full
from dashboard.room.questions import Asked, is_alike, is_open
from dashboard.server.door import network

__all__ = ["Poll", "Polls"]


class Poll:
    """One question or turn."""

    def __init__(self, asked: Asked, token: str = "") -> None:
        self.asked = asked
        self.token = token or token_hex(8)
        """Tells it from others that are asked under the same id, on whatever server."""
        self._answers: dict[str, Answer] = {}
        """By follower, the last one."""
        self._from: Counter[str] = Counter()
        """How many of them have come from which network."""
        self.is_counted = False
        """Whether the counts are all that is left of it."""
        self.adopted: dict[str, Answer] = {}
        """Those to a turn that were taken elsewhere and are not trained here yet."""
        self._counts: Mapping[str, Any] | None = None
        """None where they are to be made anew."""

    @property
    def counts(self) -> Mapping[str, Any]:
        """How often which answer was given, as `answers.counts` has it."""
        if self._counts is None:
            self._counts = counts(self.asked, self._answers.values())
        return self._counts

    @property
    def told(self) -> dict[str, Any]:
        """What was asked, with its counts."""
        return {**self.asked, "counts": self.counts}

    def take(self, follower: str, address: str, answer: Answer) -> None:
        """Keep this answer, in place of what the follower answered before.

        Raises:
            Full: too many others have answered, or too many from this address: followers are easily invented.
        """
        if follower not in self._answers:
            origin = network(address)
            if len(self._answers) >= FOLLOWERS or self._from[origin] >= ADDRESS_FOLLOWERS:
                raise Full
            self._from[origin] += 1
        self._answers[follower] = answer
        self._counts = None

    @property
    def answers(self) -> Mapping[str, Answer]:
        """By follower, what they answered last."""
        return self._answers

    def adopt(self, answers: Mapping[str, Answer]) -> None:
        """Keep these as well, by follower, that were taken elsewhere."""
        self._answers.update(answers)
        if "field" in self.asked:
            self.adopted.update(answers)
        self._counts = None

    @property
    def kept(self) -> int:
        """How many answers are kept."""
        return len(self._answers)

    @property
    def note(self) -> dict[str, Any]:
        """All of it but the answers, as plain JSON values; `Polls.adopt` reads it."""
        return {"asked": self.asked, "token": self.token, "counts": self._counts if self.is_counted else None}

    def throw_away(self, counted: Mapping[str, Any] | None = None) -> None:
        """Keep nothing but the counts: these, if others have counted them."""
        self._counts = counted or self.counts
        self.is_counted = True
        self._answers.clear()
        self.adopted.clear()
        self._from.clear()


class Polls:
    """All that one room was asked."""

    def __init__(self) -> None:
        self._polls: dict[str, Poll] = {}
        """By id, in the order in which they were asked first."""
        self._shown: set[str] = set()
        """The ids of what is on the followers' pages now."""

    def __iter__(self) -> Iterator[Poll]:
        return iter(self._polls.values())

    def show(self, shown: Sequence[Asked]) -> list[Poll]:
        """This is on the followers' pages from now on, and nothing else. What is asked otherwise than before is asked
        anew: what was answered under its id so far does not count, nor where nothing but the counts was kept of it."""
        self._shown = {asked["id"] for asked in shown}
        return [self._ask(asked) for asked in shown]

    def open(self, name: str) -> Poll | None:
        """That of this id, if it takes answers now."""
        poll = self._polls.get(name) if name in self._shown else None
        return poll if poll and is_open(poll.asked) else None

    def take(self, poll: Poll, follower: str, address: str, answer: Answer) -> None:
        """Keep an answer to what is open, see `Poll.take`. Too many in all cost those to what was asked first."""
        poll.take(follower, address, answer)
        kept = sum(poll.kept for poll in self)
        for old in self:
            if kept <= ANSWERS:
                return
            if old.asked["id"] not in self._shown:
                kept -= old.kept
                old.throw_away()

    def of(self, name: str) -> Poll | None:
        """That of this id."""
        return self._polls.get(name)

    @property
    def notes(self) -> dict[str, Any]:
        """What was asked and what is shown of it, without the answers, as plain JSON values; `adopt` reads it."""
        return {"polls": [poll.note for poll in self], "shown": sorted(self._shown)}

    def adopt(self, notes: Mapping[str, Any]) -> None:
        """Have been asked just that, as another server's `notes` have it, with what was answered here."""
        here = {poll.token: poll for poll in self}
        self._polls = {}
        for note in notes["polls"]:
            poll = here.get(note["token"]) or Poll(note["asked"], note["token"])
            poll.asked = note["asked"]
            if note["counts"] and not poll.is_counted:
                poll.throw_away(note["counts"])
            self._polls[poll.asked["id"]] = poll
        self._shown = {*notes["shown"]}

    def _ask(self, asked: Asked) -> Poll:
        poll = self._polls.get(asked["id"])
        if poll is None or not is_alike(poll.asked, asked) or (poll.is_counted and is_open(asked)):
            self._polls.pop(asked["id"], None)
            poll = self._polls[asked["id"]] = Poll(asked)
            if len(self._polls) > QUESTIONS:
                del self._polls[next(name for name in self._polls if name not in self._shown)]
        poll.asked = asked
        return poll
