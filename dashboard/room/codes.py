"""The code of a room: short enough to be called through a hall, and read by everybody as it was meant."""

from __future__ import annotations

import secrets

__all__ = ["ALPHABET", "LENGTH", "new_code", "read_code"]

ALPHABET = "2346789CDFHJKMNPQRTWXY"
"""Of characters that are taken for one another (0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V) one at most, and no vowels: no
code spells a word."""

LENGTH = 6
"""Characters of a code, of which there are 113 million."""


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(text: str) -> str:
    """The code that somebody typed, in letters of either case, with spaces or hyphens; empty where it is none."""
    code = text[:100].upper().replace(" ", "").replace("-", "")
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""
