"""From runs that are trained to the page: what it is told, what it says of itself, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core import Comparison, Dataset, Sweep, make_program
from core.comparison import in_words
from dashboard.stage.arrangement import Arrangement
from dashboard.stage.figures.data import DRAWN_HELD_OUT
from dashboard.stage.first_points import MOST_POINTS
from dashboard.stage.watching import describe
from dashboard.webpage.link import link_to
from dashboard.webpage.page import About, write_page
from dashboard.webpage.told import EARLY, LATER, KeptRun, tell

__all__ = ["Columns", "arrangement_of", "make_page"]


@dataclass(frozen=True)
class Columns:
    """Where points come from that are not drawn around a line."""

    table: str
    """As its user calls it."""
    x: str
    y: str
    link_holds: str = ""
    """What there is to say of a link to it; empty where any lab has the table."""


def arrangement_of(comparison: Comparison) -> Arrangement:
    """The base in front, and all as it is on a page that nobody has touched."""
    names = comparison.names if comparison.changes else (in_words({"learning_rate": comparison.base.learning_rate}),)
    return Arrangement(0, tuple(range(len(names))), names, comparison.short_names)


def make_page(
    runs: Sequence[KeptRun],
    arrangement: Arrangement,
    *,
    lab: str,
    query: Mapping[str, list[str]] | None,
    columns: Columns | None = None,
    sweep: Sweep | None = None,
    ghost: bool = False,
    between: Callable[[], object] = lambda: None,
) -> bytes:
    """The page as the contents of an .html file.

    Args:
        runs: the base, its variants, and last the ghost, where there is one.
        lab: the address of a lab, with a slash at its end.
        query: what a link to it says; None where no lab has the table.
        columns: where the points come from, if they are not drawn around a line.
        between: called now and then, so that others come to their turn meanwhile.
    """
    shown = runs[: len(runs) - ghost]
    words = describe([(run.experiment, run.points) for run in shown])
    front = shown[min(arrangement.front, len(shown) - 1)]
    about = About(
        title=words.rstrip("."),
        link="" if query is None else link_to(lab, query),
        program=_program(shown[0], front, drawn=columns is None),
        notes=list(_notes(shown, columns, linked=query is not None)),
    )
    return write_page(tell(runs, arrangement, words, ghost=ghost, sweep=sweep, between=between), about)


def _program(base: KeptRun, front: KeptRun, *, drawn: bool) -> str:
    """That of the base, and of the run in front where that is another. Points of a table only where the charts need
    them as well."""
    datasets = [run.points.load() for run in dict.fromkeys((base, front))]
    if not drawn and any(len(dataset) > MOST_POINTS for dataset in datasets):
        return ""
    return "\n\n".join(
        make_program(run.experiment, None if drawn else dataset).text
        for run, dataset in zip(dict.fromkeys((base, front)), datasets, strict=True)
    )


def _notes(shown: Sequence[KeptRun], columns: Columns | None, linked: bool) -> list[str]:
    records = max(run.count for run in shown)
    held = "Everything on this page is in it: it loads nothing and sends nothing."
    notes = [f"{held} It holds {'all' if len(shown) > 1 else 'the'} records of {_runs(len(shown))}."]
    if records > EARLY + LATER:
        notes.append(
            f"What happens within an epoch it knows of the first {EARLY} and of {LATER} more over the run; "
            "the lab knows it of every one."
        )
    if columns is not None:
        dataset = shown[0].points.load()
        count, all_points = _points_held(dataset), len(dataset)
        part = f"all {all_points}" if count == all_points else f"{count} of the {all_points}"
        notes.append(
            f"It holds {part} points of the table {columns.table}, which its charts need: "
            f"{columns.x} as x and {columns.y} as y."
        )
        if count < all_points:
            notes.append("The program, which needs all of them, is not in it: the lab has it as Script.")
        notes.append(columns.link_holds)
        if not linked:
            notes.append("To change the run, start a lab and choose the table there.")
    return [note for note in notes if note]


def _runs(count: int) -> str:
    return "the run" if count == 1 else f"{count} runs"


def _points_held(dataset: Dataset) -> int:
    training, held_out = len(dataset.x_train), len(dataset.x_val)
    first = min(training, MOST_POINTS)
    return first + min(held_out, max(MOST_POINTS - first, DRAWN_HELD_OUT))
