"""A chapter to take away, as a Jupyter notebook that needs nothing of this package."""

from __future__ import annotations

from collections.abc import Mapping

from core.course.cell import Chosen
from core.course.chapter import Chapter
from core.course.marks import unmarked
from core.course.running import run_cell
from core.takeaway.notebook import Code, Markdown, write_notebook

__all__ = ["chapter_notebook"]


def chapter_notebook(chapter: Chapter, chosen: Mapping[str, Chosen] | None = None) -> str:
    """The chapter with its texts, its code and what that code printed.

    Args:
        chosen: by the cell's name, what its controls are to say; the defaults where left out.

    Raises:
        ValueError: for a value that a control does not offer.
    """
    cells: list[Markdown | Code] = [
        Markdown(f"# {chapter.title}\n\n{unmarked(chapter.summary)}"),
        Code(chapter.preparation),
    ]
    for cell in chapter.cells:
        outcome = run_cell(chapter, cell, (chosen or {}).get(cell.name))
        said = [f"## {cell.title}", unmarked(cell.text)]
        if cell.formula:
            said.append(f"$${unmarked(cell.formula)}$$")
        if cell.question:
            said.append(f"**{cell.question.text}** {' / '.join(cell.question.options)}")
        cells.append(Markdown("\n\n".join(said)))
        cells.append(Code(outcome.source, outcome.printed, outcome.error, expects_error=cell.raises))
        if outcome.conclusion:
            cells.append(Markdown(unmarked(outcome.conclusion)))
    return write_notebook(cells, chapter.title)
