"""What stands in Redis of a room, and how it is written and read.

    gdl:room:CODE                   secret, version, state, notes, begun, sign, here:SERVER, answered:TOKEN
    gdl:room:CODE:answers:TOKEN     by follower, the last answer to what was asked under that token
    gdl:room:CODE:over              it was ended

All of it expires with the room. A message on the channel `gdl:rooms` is a code, and says only that there is something
newer of it: whoever misses one finds the same by reading.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from typing import TypeVar

from redis import RedisError
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from dashboard.replicas.redis_address import CALM, Away
from dashboard.room.answers import Answer
from dashboard.room.bounds import ROOM_SECONDS

__all__ = ["Store"]

CHANNEL = "gdl:rooms"

AT_ONCE = 50
"""Questions under way: each takes a connection, of which there are not endlessly many. The others wait their turn."""

PATIENT = CALM | {"socket_timeout": 6}
"""Nobody is kept from anything by whoever waits here, and a server that is busy for seconds has not lost Redis."""

QUIET_SECONDS = 2
"""Without any message for so long, it is asked whether Redis is still there."""

WRITE = """
if tonumber(redis.call('HGET', KEYS[1], 'version') or 0) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], unpack(ARGV, 3))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
"""What was said later stays, whichever server is slow."""

Found = TypeVar("Found")


class Store:
    """Of all rooms. Every method but `changes` raises `Away` where Redis does not answer, and once it has not, at once:
    only who listens to `changes` tries again, so that no visitor waits for it."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, decode_responses=True, retry=Retry(NoBackoff(), 1), **PATIENT)
        self._write = self._redis.register_script(WRITE)
        self._places = asyncio.Semaphore(AT_ONCE)
        self.is_away = False

    async def claim(self, code: str, secret: str) -> bool:
        """Have the room, unless somebody else has one of that code."""
        async with self._redis.pipeline() as batch:
            batch.hsetnx(_room(code), "secret", secret)
            batch.expire(_room(code), ROOM_SECONDS)
            is_new, _ = await self._asked(batch.execute())
        return bool(is_new)

    async def read(self, code: str) -> Mapping[str, str]:
        """All fields of the room; without a `secret` there is none, but something was noted of one that is gone."""
        found: Mapping[str, str] = await self._asked(self._redis.hgetall(_room(code)))
        return found

    async def write(self, code: str, version: int, fields: Mapping[str, str]) -> bool:
        """Say this with the room's version, and that there is something newer; not where that is the case already."""
        flat = [part for pair in fields.items() for part in pair]
        is_newer = bool(await self._asked(self._write(keys=[_room(code)], args=[version, ROOM_SECONDS, *flat])))
        if is_newer:
            await self._asked(self._redis.publish(CHANNEL, code))
        return is_newer

    async def note(self, code: str, fields: Mapping[str, str]) -> None:
        """Write what nobody need be told of."""
        async with self._redis.pipeline() as batch:
            batch.hset(_room(code), mapping=dict(fields))
            batch.expire(_room(code), ROOM_SECONDS)
            await self._asked(batch.execute())

    async def answer(self, code: str, token: str, answers: Mapping[str, Answer]) -> str:
        """Keep these answers, by follower; returns what `answered:TOKEN` is then."""
        async with self._redis.pipeline() as batch:
            batch.hset(_answers(code, token), mapping={who: json.dumps(answer) for who, answer in answers.items()})
            batch.expire(_answers(code, token), ROOM_SECONDS)
            batch.hincrby(_room(code), f"answered:{token}", 1)
            batch.expire(_room(code), ROOM_SECONDS)
            count = (await self._asked(batch.execute()))[2]
        return str(count)

    async def answers(self, code: str, tokens: Iterable[str]) -> list[dict[str, Answer]]:
        """All answers to what was asked under each of these, by follower."""
        async with self._redis.pipeline(transaction=False) as batch:
            for token in tokens:
                batch.hgetall(_answers(code, token))
            found = await self._asked(batch.execute())
        return [{who: json.loads(answer) for who, answer in answers.items()} for answers in found]

    async def answer_of(self, code: str, token: str, follower: str) -> Answer | None:
        """That of one follower."""
        found = await self._asked(self._redis.hget(_answers(code, token), follower))
        return None if found is None else json.loads(found)

    async def end(self, code: str, tokens: Iterable[str]) -> None:
        """Have it be over, with what was answered under these tokens, and tell all servers."""
        async with self._redis.pipeline() as batch:
            batch.delete(_room(code), *[_answers(code, token) for token in tokens])
            batch.set(_over(code), "1", ex=ROOM_SECONDS)
            batch.publish(CHANNEL, code)
            await self._asked(batch.execute())

    async def has_ended(self, code: str) -> bool:
        """Whether it is over, and not only forgotten."""
        return bool(await self._asked(self._redis.exists(_over(code))))

    async def reopen(self, code: str) -> None:
        """Have it not be over."""
        await self._asked(self._redis.delete(_over(code)))

    async def changes(self) -> AsyncIterator[str]:
        """The codes of which there is something newer, from the moment on at which the first, an empty one, is given.

        Raises:
            Away: it does not answer, or has not answered somebody else meanwhile.
        """
        async with self._redis.pubsub() as messages:
            try:
                await messages.subscribe(CHANNEL)
                await self._redis.ping()
                self.is_away = False
                yield ""
                while not self.is_away:
                    message = await messages.get_message(ignore_subscribe_messages=True, timeout=QUIET_SECONDS)
                    if message is not None:
                        yield message["data"]
                    else:
                        await self._redis.ping()
            except (RedisError, OSError):
                self.is_away = True
            raise Away

    async def close(self) -> None:
        """Let go of all connections, and make no others."""
        self.is_away = True
        await self._redis.aclose()

    async def _asked(self, answer: Awaitable[Found]) -> Found:
        if self.is_away:
            if hasattr(answer, "close"):
                answer.close()  # never begun
            raise Away
        async with self._places:
            try:
                return await answer
            except (RedisError, OSError):
                self.is_away = True
                raise Away from None


def _room(code: str) -> str:
    return f"gdl:room:{code}"


def _answers(code: str, token: str) -> str:
    return f"gdl:room:{code}:answers:{token}"


def _over(code: str) -> str:
    return f"gdl:room:{code}:over"
