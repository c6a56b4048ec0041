"""What a lecturer may say that the room sees. Whatever else is sent is refused with a sentence."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from core.course import BY_NAME
from core.mistakes import MISTAKES
from core.training.four_steps import STEPS
from dashboard.room.bounds import LINK_BYTES
from dashboard.room.checks import flag, many, number, one_of, optional, record, whole
from dashboard.room.questions import question, turn
from dashboard.stage.panels import PANELS

__all__ = ["BEATS", "PAGES", "read_state"]

PAGES = ("", "lab", "graph", "course", "mistakes")

BEATS = ("", *STEPS)
"""The steps of an epoch under the magnifying glass; empty where that is put away."""

MOST_EPOCHS = 2**53 - 1
"""Whole numbers that a browser tells apart."""

MOST_PARAMETERS = 200
"""Of one link."""


def _link(value: Any, name: str) -> str:
    if not (isinstance(value, str) and value.startswith("?") and value.isprintable()):
        raise ValueError(f"{name} must be the query of a link, which begins with a question mark.")
    if len(value.encode()) > LINK_BYTES:
        raise ValueError(f"{name} must be of {LINK_BYTES} bytes at most.")
    try:
        parse_qsl(value[1:], keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise ValueError(f"{name} must have {MOST_PARAMETERS} parameters at most.") from None
    return value


_STATE = record(
    {
        "link": _link,
        "page": one_of(PAGES),
        "epoch": whole(0, MOST_EPOCHS),
        "beat": one_of(BEATS),
        "playing": flag,
        "speed": number(1e-6, 1e6),
    },
    {
        "chapter": optional(one_of([*BY_NAME])),
        "mistake": optional(one_of([mistake.name for mistake in MISTAKES])),
        "panels": optional(many(one_of(PANELS), 1, len(PANELS))),
        "pointer": optional(record({"panel": one_of(PANELS), "x": number(0, 1), "y": number(0, 1)})),
        "question": optional(question),
        "turn": optional(turn),
    },
)


def read_state(said: Any) -> dict[str, Any]:
    """The state that was said, in the form in which followers get it: a question is an object.

    Raises:
        ValueError: it is none, with a sentence that says what to do.
    """
    state: dict[str, Any] = _STATE(said, "state")
    asked = [state[name]["id"] for name in ("question", "turn") if state.get(name)]
    if len({*asked}) < len(asked):
        raise ValueError("state.turn.id must be another than that of the question.")
    return state
