"""A chapter of the course as a handout, and what came of one of its cells.

What a cell prints and draws is the answer to what it asks. So it stands in the chapter only where nothing is asked;
elsewhere the reader opens it after predicting, and `static/room/outcomes.js` fetches it then.
"""

from __future__ import annotations

from html import escape

from core.course import BY_NAME, Cell, Chapter, Outcome, is_kept, run_cell
from dashboard.course.charts import draw
from dashboard.course.memory_picture import draw_memory
from dashboard.room.handout.formula import mathml
from dashboard.room.handout.picture import picture
from dashboard.room.handout.prose import code, prose
from dashboard.shared.palette import LIGHT

__all__ = ["chapter_handout", "outcome_handout", "outcome_takes_long"]

SEEN = "Predicted? Then see what comes out"


def chapter_handout(name: str) -> str | None:
    """The chapter, with the cells' controls at their defaults; None where there is no such chapter."""
    chapter = BY_NAME.get(name)
    if chapter is None:
        return None
    cells = "".join(_cell(chapter, cell) for cell in chapter.cells)
    start = f"<details><summary>What every cell starts from</summary>{code(chapter.preparation)}</details>"
    return f"<h1>{escape(chapter.title)}</h1><p>{prose(chapter.summary)}</p>{start}{cells}"


def outcome_handout(chapter: str, cell: str) -> str | None:
    """What the cell prints, warns of, fails with and draws, the answer to its question, and what to see in it.

    None where there is no such cell.
    """
    found = _find(chapter, cell)
    return _outcome(run_cell(*found)) if found else None


def outcome_takes_long(chapter: str, cell: str) -> bool:
    """Whether processes have to run first for what `outcome_handout` gives."""
    found = _find(chapter, cell)
    return found is not None and not is_kept(*found)


def _find(chapter: str, cell: str) -> tuple[Chapter, Cell] | None:
    found = BY_NAME.get(chapter)
    return next(((found, one) for one in found.cells if one.name == cell), None) if found else None


def _cell(chapter: Chapter, cell: Cell) -> str:
    parts = [f"<h2>{escape(cell.title)}</h2>", f"<p>{prose(cell.text)}</p>"]
    if cell.formula:
        # On a narrow phone it scrolls sideways, which the keyboard can do only where it has the focus.
        parts.append(
            f'<div class="formula" role="group" aria-label="Formula" tabindex="0">{mathml(cell.formula)}</div>'
        )
    parts.append(code(cell.source()))
    if cell.question:
        options = "".join(f"<li>{prose(option)}</li>" for option in cell.question.options)
        parts.append(f'<div class="ask"><p>{prose(cell.question.text)}</p><ul>{options}</ul></div>')
        parts.append(f'<details data-outcome="{escape(cell.name)}"><summary>{SEEN}</summary></details>')
    else:
        parts.append(_outcome(run_cell(chapter, cell)))
    return f'<section data-cell="{escape(cell.name)}">{"".join(parts)}</section>'


def _outcome(outcome: Outcome) -> str:
    parts = []
    if outcome.answer:
        parts.append(f'<p class="answer">{prose(outcome.answer)}</p>')
    if outcome.printed:
        parts.append(code(outcome.printed, "printed"))
    if outcome.error:
        parts.append(f"<p><strong>Line {outcome.failed_line} fails:</strong></p>")
        parts.append(code(": ".join(outcome.error), "error"))
    for warning in outcome.warned:
        parts.append(f"<p><strong>It warns:</strong></p>{code(warning, 'warning')}")
    if outcome.memory:
        parts.append(draw_memory(outcome.memory))
    if outcome.plot:
        parts.append(picture(draw(outcome.plot, LIGHT)))
    if outcome.conclusion:
        parts.append(f"<p>{prose(outcome.conclusion)}</p>")
    return "".join(parts)
