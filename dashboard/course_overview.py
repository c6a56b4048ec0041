"""The whole way of the course as one picture: at every method the lines that it replaces, and what they become."""

from __future__ import annotations

from html import escape

from core.course.way import Change, Rung

__all__ = ["draw_rung"]

TITLES = {
    "numpy": "By hand",
    "autograd": "Autograd",
    "optimizer": "Optimizer",
    "loss_fn": "Loss function",
    "module": "Module",
}
"""What the rungs of the way are called, by method."""


def draw_rung(rung: Rung, number: int) -> str:
    """One rung of the picture as HTML; its look is in `static/course/course.css`."""
    title = TITLES.get(rung.method, rung.method)
    first = not any(change.removed for change in rung.changes)
    changes = "".join(_change(change, first) for change in rung.changes)
    return (
        f'<section class="rung" data-method="{rung.method}" aria-label="{title}">'
        f'<p class="name"><span class="number">{number}</span><strong>{title}</strong> '
        f"{escape(rung.summary)}</p>"
        f'<div class="changes{" first" if first else ""}">{changes}</div></section>'
    )


def _change(change: Change, first: bool) -> str:
    # Where there is nothing before, nothing was replaced: the lines are simply the code.
    removed = "" if first else _lines("del", change.removed)
    added = _lines("ins", change.added)
    return f'<div class="change"><span class="step">{escape(change.step)}</span>{removed}{added}</div>'


def _lines(tag: str, lines: tuple[str, ...]) -> str:
    if not lines:
        return f'<span class="none">{"new" if tag == "del" else "gone"}</span>'
    marked = "".join(f"<{tag}>{escape(line)}</{tag}>" for line in lines)
    return f"<pre>{marked}</pre>"
