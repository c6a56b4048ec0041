"""The whole way of the course as one picture: at every method the lines that it replaces, and what they become."""

from __future__ import annotations

from html import escape

from core.course.way import Change, Rung

__all__ = ["draw_rung"]


def draw_rung(rung: Rung, number: int) -> str:
    """One rung of the picture as HTML; its look is in `static/course/course.css`."""
    former = [None, *(change.step for change in rung.changes)]
    changes = "".join(
        _change(change, "" if change.step == before else change.step)
        for change, before in zip(rung.changes, former, strict=False)
    )
    return (
        f'<section class="rung{"" if any(change.removed for change in rung.changes) else " first"}" '
        f'data-method="{rung.method}" aria-label="{rung.title}">'
        f'<p class="name"><span class="number">{number}</span><strong>{rung.title}</strong> {escape(rung.summary)}</p>'
        f"{changes}</section>"
    )


def _change(change: Change, step: str) -> str:
    """The lines that went beside those that came; new ones alone have the whole width."""
    went = _lines("del", change.removed) if change.removed else ""
    came = _lines("ins", change.added) if change.added else '<span class="gone">gone</span>'
    return f'<div class="change{"" if went else " new"}"><span class="step">{escape(step)}</span>{went}{came}</div>'


def _lines(tag: str, lines: tuple[str, ...]) -> str:
    marked = "".join(f"<{tag}>{escape(line)}</{tag}>" for line in lines)
    return f"<pre>{marked}</pre>"
