"""Where the Redis (or Valkey) is that several servers of one lab share."""

from __future__ import annotations

import os

__all__ = ["redis_url"]


def redis_url() -> str | None:
    """What `GDL_REDIS_URL` says, as `redis://host:6379/0`; None for a server that stands alone."""
    return os.environ.get("GDL_REDIS_URL", "").strip() or None
