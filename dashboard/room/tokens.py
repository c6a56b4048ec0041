"""The secret of a room: whoever has it is its lecturer, and a restarted server believes it.

A token is `time.nonce.signature`, the time in seconds since 1970. What is signed says for which room and since when, so
nobody can claim a code with the secret of another, and none holds for ever.
"""

from __future__ import annotations

import hmac
import secrets

from dashboard.room.bounds import TOKEN_SECONDS

__all__ = ["fits", "is_genuine", "new_token"]

AHEAD_SECONDS = 60
"""By how much the clock of the server that signed may be ahead of this one's."""


def new_token(key: bytes, code: str, now: float) -> str:
    """A secret for the room `code`, signed `now`, in seconds since 1970."""
    said = f"{int(now)}.{secrets.token_urlsafe(16)}"
    return f"{said}.{_signature(key, code, said)}"


def is_genuine(key: bytes, code: str, token: str, now: float) -> bool:
    """Whether the token was signed with this key for this room, within the last `TOKEN_SECONDS`."""
    said, _, signature = token.rpartition(".")
    if not fits(signature, _signature(key, code, said)):
        return False
    return -AHEAD_SECONDS <= now - int(said.partition(".")[0]) <= TOKEN_SECONDS


def fits(given: str, secret: str) -> bool:
    """Whether they are equal, in a time that does not say where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())


def _signature(key: bytes, code: str, said: str) -> str:
    return hmac.new(key, f"{code}.{said}".encode("utf-8", "replace"), "sha256").hexdigest()
