"""The whole way of the course as one picture: at every method the lines that it replaces, and what they become."""

from __future__ import annotations

from html import escape

from core.course.way import Change, Stage

__all__ = ["draw_stage"]

TITLES = {
    "numpy": "By hand",
    "autograd": "Autograd",
    "optimizer": "Optimizer",
    "loss_fn": "Loss function",
    "module": "Module",
}
"""The stages of the way, by method."""


def draw_stage(stage: Stage, number: int) -> str:
    """One stage of the picture as HTML; its look is in `static/course/course.css`."""
    first = not any(change.removed for change in stage.changes)
    changes = "".join(_change(change, first) for change in stage.changes)
    return (
        f'<section class="stage" data-method="{stage.method}" aria-label="{TITLES[stage.method]}">'
        f'<p class="name"><span class="number">{number}</span><strong>{TITLES[stage.method]}</strong> '
        f"{escape(stage.summary)}</p>"
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
