"""The roles in which attempts are drawn: the wrong one as the run's line always is, in the loudest colour."""

__all__ = ["RIGHT", "THIRD", "WRONG"]

WRONG, RIGHT, THIRD = "line", "gradient", "loss"
