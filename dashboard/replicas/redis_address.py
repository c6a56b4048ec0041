"""Where the Redis is that the servers of one lab have in common, and how one of them talks to it.

The package `redis` is imported where there is one, and nowhere else: `deploy/requirements-redis.txt` installs it.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

__all__ = ["CALM", "Away", "redis_url"]

CALM = {"socket_connect_timeout": 1, "socket_timeout": 2}
"""Of every connection, in seconds: what does not answer by then is away, and the lab goes on without it."""


class Away(Exception):
    """Redis does not answer, or takes nothing."""


def redis_url() -> str | None:
    """The address, as `redis://host:port/0`; None where this server is alone.

    Raises:
        RuntimeError: the package is missing.
    """
    url = os.environ.get("GDL_REDIS_URL") or None
    if url and find_spec("redis") is None:
        raise RuntimeError(
            "GDL_REDIS_URL is set, but the package redis is missing: pip install -r deploy/requirements-redis.txt"
        )
    return url
