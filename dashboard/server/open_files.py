"""How many lines this process may hold at once: each one counts as an open file."""

from __future__ import annotations

from contextlib import suppress

__all__ = ["allow_lines"]

LINES = 8192
"""All followers of a room and a hall of visitors, twice."""


def allow_lines(lines: int = LINES) -> None:
    """Ask the system for so many, or as many as it grants this user. Some shells grant 256 at first, or 1024."""
    try:
        import resource
    except ImportError:  # Windows counts otherwise
        return
    granted, at_most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = lines if at_most == resource.RLIM_INFINITY else min(lines, at_most)
    if granted != resource.RLIM_INFINITY and granted < wanted:
        with suppress(OSError, ValueError):  # macOS has another bound, which it does not tell
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, at_most))
