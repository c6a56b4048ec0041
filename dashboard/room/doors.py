"""What one room lets in: its lecturer, each follower, and all who sit behind one address together.

The doors are the room's, so what they remember of followers and addresses ends with it.
"""

from __future__ import annotations

from collections.abc import Callable

from dashboard.room.bounds import (
    ADDRESS_FOLLOWERS,
    ANSWERS_PER_SECOND,
    FOLLOWERS,
    LOOKS_PER_SECOND,
    STATES_PER_SECOND,
)
from dashboard.server.door import Door

__all__ = ["Doors"]


class Doors:
    """Of one room."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` tells seconds."""
        self.states = Door(STATES_PER_SECOND, STATES_PER_SECOND, clock)
        """For the lecturer, who says something."""
        self.looks = Door(LOOKS_PER_SECOND, LOOKS_PER_SECOND, clock)
        """For the lecturer, who looks what is answered."""
        self.follower = Door(ANSWERS_PER_SECOND, ANSWERS_PER_SECOND, clock, FOLLOWERS)
        """For answers, by follower."""
        # A hall answers within a second, and changes it; then it thinks.
        self.answers = Door(2 * ADDRESS_FOLLOWERS, ADDRESS_FOLLOWERS / 5, clock)
        """For answers, by address: whoever invents followers has no more of them."""
        # Stages ask once more as long as a run trains, and after a change of the link all at the same moment.
        self.stages = Door(2 * ADDRESS_FOLLOWERS, ADDRESS_FOLLOWERS, clock)
        """For what followers' stages ask, by address."""
