"""What the cells of a chapter ask, for a lecturer who asks the room."""

from __future__ import annotations

from typing import Any

from core.course import BY_NAME, is_kept
from core.course.marks import unmarked
from dashboard.course.cell import outcome_of
from dashboard.course.progress import chosen_values

__all__ = ["course_questions"]


def course_questions(chapter: str) -> list[dict[str, Any]]:
    """The questions of the chapter as the page shows its cells now: by the visitor's choices, of those that have run.

    Each is `cell`, `title`, `text`, its `options`, and its `answer`, which is one of them. None for the overview.
    """
    if chapter not in BY_NAME:
        return []
    chosen = chosen_values(BY_NAME[chapter])
    return [
        {
            "cell": cell.name,
            "title": cell.title,
            "text": _plain(cell.question.text),
            "options": list(map(_plain, cell.question.options)),
            "answer": _plain(outcome_of(chapter, cell.name, tuple(chosen[cell.name].items())).answer),
        }
        for cell in BY_NAME[chapter].cells
        if cell.question and cell.name in chosen and is_kept(BY_NAME[chapter], cell, chosen[cell.name])
    ]


def _plain(text: str) -> str:
    """The text as it stands on a phone, where it is text and nothing else."""
    return unmarked(text).replace("`", "").replace("**", "")
