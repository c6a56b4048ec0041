"""The files of uploaded tables, where all servers of one lab find them: in Redis, for a day after their last use.

Those used longest ago make room. Lest one visitor fills it alone, what they uploaded before counts as used long ago,
unless somebody else uploaded it too, or opened it on another server.

What is read there is believed to be a file, and only after its digest was taken anew to be the one asked for.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic, time
from typing import TYPE_CHECKING

from core.data.tables import MAX_BYTES
from dashboard.replicas.redis_address import CALM, Away

if TYPE_CHECKING:
    from redis import Redis
    from redis.client import Pipeline

__all__ = ["KeptUploads", "Upload", "connect", "digest_of"]

PREFIX = "gdl:upload:"
"""By digest, a file: its name, packed, and `by` whom it was uploaded, for as long as it is nobody else's too."""

LAST = "gdl:uploaded-by:"
"""By visitor, what they uploaded last, as it stands in the order."""

ORDER = "gdl:uploads"
"""A sorted set: `DIGEST:BYTES` of all of them, by the time in seconds a day before they end: that of their last use."""

DAY = 24 * 60 * 60
HOUR = 60 * 60

MOST_BYTES = 300_000_000
"""Of all files together, as they were uploaded."""

PAUSE = 5.0
"""Seconds for which it is not asked again after it did not answer."""

log = logging.getLogger(__name__)


def digest_of(contents: bytes) -> str:
    """What a link calls a file: 16 hexadecimal digits."""
    return sha256(contents).hexdigest()[:16]


@dataclass(frozen=True)
class Upload:
    """A file as it was uploaded, compressed."""

    name: str
    """Its own name: the ending says how it is read."""
    packed: bytes
    size: int
    """Bytes of the file itself."""

    @classmethod
    def of(cls, contents: bytes, name: str) -> Upload:
        return cls(name, zlib.compress(contents, 1), len(contents))

    def contents(self) -> bytes:
        """The file. Raises `ValueError` if there is none in it, or a larger one than anybody can upload."""
        unpacking = zlib.decompressobj()
        try:
            contents = unpacking.decompress(self.packed, MAX_BYTES + 1)
        except zlib.error as error:
            raise ValueError("This is no file that was kept.") from error
        if len(contents) > MAX_BYTES or not unpacking.eof:
            raise ValueError("This is no whole file of a size that can be uploaded.")
        return contents


class KeptUploads:
    """Those of all servers together. Every method raises `Away` where Redis is; then it is left alone for a while."""

    def __init__(self, redis: Redis, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = monotonic) -> None:
        self._redis = redis
        self._most_bytes = most_bytes
        self._clock = clock
        self._until = -1.0
        """Until when it is not asked."""

    def keep(self, digest: str, upload: Upload, visitor: str = "") -> None:
        """Have it there for another day, and sent only if it is not. Those used longest ago make room.

        Args:
            visitor: who uploads it now, if it is not only in use.
        """
        key = PREFIX + digest
        with self._asking() as redis:
            name, by = redis.hmget(key, "name", "by")
            with redis.pipeline() as together:
                if name is None:
                    together.hset(key, mapping={"name": upload.name, "packed": upload.packed, "by": visitor})
                elif visitor and by != visitor.encode():
                    together.hdel(key, "by")
                self._renew(together, digest, upload.size)
                together.execute()
            if visitor:
                self._follow(redis, visitor, f"{digest}:{upload.size}")
            if name is None:
                self._make_room(redis)

    def find(self, digest: str) -> tuple[Upload, bytes] | None:
        """What is kept under this digest with the file itself, for another day, if it is there and whole."""
        with self._asking() as redis:
            found = redis.hgetall(PREFIX + digest)
            try:
                name, packed = found[b"name"].decode(), found[b"packed"]
                contents = Upload(name, packed, 0).contents()
            except (KeyError, ValueError):
                return None
            if digest_of(contents) != digest:
                return None
            with redis.pipeline() as together:
                together.hdel(PREFIX + digest, "by")
                self._renew(together, digest, len(contents))
                together.execute()
            return Upload(name, packed, len(contents)), contents

    def _renew(self, together: Pipeline, digest: str, size: int) -> None:
        together.expire(PREFIX + digest, DAY)
        together.zadd(ORDER, {f"{digest}:{size}": time()})
        together.expire(ORDER, DAY)

    def _follow(self, redis: Redis, visitor: str, member: str) -> None:
        """Have what this visitor uploaded before be the first to leave, within an hour, if it is nobody else's too."""
        found = redis.set(LAST + visitor, member, ex=DAY, get=True)
        before = str(found or b"", "ascii")
        if before in ("", member):
            return
        key = PREFIX + before.partition(":")[0]
        if redis.hget(key, "by") == visitor.encode():
            with redis.pipeline() as together:
                together.expire(key, HOUR)
                together.zadd(ORDER, {before: time() - DAY + HOUR}, xx=True)
                together.execute()

    def _make_room(self, redis: Redis) -> None:
        redis.zremrangebyscore(ORDER, "-inf", time() - DAY)  # these have ended by themselves
        taken = 0
        leaving: list[str] = []
        for member in redis.zrange(ORDER, 0, -1, desc=True):
            digest, _, size = str(member, "ascii").partition(":")
            taken += int(size)
            if taken > self._most_bytes:
                leaving.append(f"{digest}:{size}")
        if leaving:
            with redis.pipeline() as together:
                together.delete(*(PREFIX + member.partition(":")[0] for member in leaving))
                together.zrem(ORDER, *leaving)
                together.execute()

    @contextmanager
    def _asking(self) -> Iterator[Redis]:
        """The connection, for one thing that is asked."""
        from redis.exceptions import RedisError

        if self._clock() < self._until:
            raise Away
        try:
            yield self._redis
        except (RedisError, OSError) as error:
            self._until = self._clock() + PAUSE
            log.warning("Redis does not keep uploads (%s): they are on this server alone for now.", error)
            raise Away from error


def connect(url: str) -> Redis:
    """To the Redis at this address, as `GDL_REDIS_URL` has it. Nothing is sent yet.

    Raises:
        ValueError: for what is no such address.
    """
    from redis import Redis, exceptions
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # A line from before Redis was started again fails once, and at once. Nobody waits twice for what is silent.
    once_more = Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,))
    return Redis.from_url(url, retry=once_more, **CALM)
