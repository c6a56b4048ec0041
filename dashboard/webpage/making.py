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
from dashboard.webpage.told import EARLY, LATER, KeptRun, Moments, moments_of, tell

__all__ = ["Columns", "arrangement_of", "make_page"]


@dataclass(frozen=True)
class Columns:
    """Where points come from that are not drawn around a line."""

    table: str
    """As its user calls it; empty for points that were given without a name."""
    x: str
    y: str
    link_note: str = ""
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
    notes: Sequence[str] = (),
    go_on: Callable[[], bool] = lambda: True,
) -> bytes:
    """The page as the contents of an .html file.

    Args:
        runs: the base, its variants, and last the ghost, where there is one.
        arrangement: how they stand beside one another, and what else is chosen on the stage.
        lab: the address of a lab, with a slash at its end.
        query: what a link to it says; None where no lab has the table.
        columns: where the points come from, if they are not drawn around a line.
        sweep: one around the run in front.
        ghost: whether the last of `runs` is there as the earlier course of the run in front alone.
        notes: further sentences on what the page holds.
        go_on: asked before each epoch that is looked into; where it says no, the page knows less of single epochs.
    """
    shown = runs[: len(runs) - ghost]
    words = describe([(run.experiment, run.points) for run in shown])
    moments = {run: moments_of(run, go_on) for run in dict.fromkeys(shown)}
    named = list(dict.fromkeys((0, min(arrangement.front, len(shown) - 1))))
    about = About(
        title=words.rstrip("."),
        link="" if query is None else link_to(lab, query),
        program=_program([shown[number] for number in named], drawn=columns is None),
        program_title=_program_title([arrangement.names[number] for number in named], len(shown)),
        notes=[
            *_records_held(shown, moments),
            *(_points_held(runs, columns) if columns else ()),
            *([] if query is not None else ["To change the run, start a lab and choose the table there."]),
            *notes,
        ],
    )
    return write_page(tell(runs, arrangement, words, moments, ghost=ghost, sweep=sweep), about)


def _program(runs: Sequence[KeptRun], *, drawn: bool) -> str:
    """Those of the runs, one after the other. Points of a table only where the charts need all of them as well."""
    datasets = [run.points.load() for run in runs]
    if not drawn and any(len(dataset) > MOST_POINTS for dataset in datasets):
        return ""
    return "\n\n".join(
        make_program(run.experiment, None if drawn else dataset).text
        for run, dataset in zip(runs, datasets, strict=True)
    )


def _program_title(names: Sequence[str], shown: int) -> str:
    if shown == 1:
        return "The same run as a program"
    return f"As a program: {', then '.join(names)}"


def _records_held(shown: Sequence[KeptRun], moments: Mapping[KeptRun, Moments]) -> list[str]:
    all_of = "all records of the run" if len(shown) == 1 else f"all records of {len(shown)} runs"
    notes = [f"Everything on this page is in it: it loads nothing and sends nothing. It holds {all_of}."]
    lacking = [run for run in shown if len(moments[run].epochs) < run.count]
    if lacking:
        known = min(len(moments[run].epochs) for run in lacking)
        of = f"the first {EARLY} and of {LATER} more over the run" if known == EARLY + LATER else f"{known} alone"
        notes.append(f"What happens within an epoch it knows of {of}; the lab knows it of every one.")
    return notes


def _points_held(runs: Sequence[KeptRun], columns: Columns) -> list[str]:
    datasets = [run.points.load() for run in runs]
    count, whole = len(set[int]().union(*map(_numbers_held, datasets))), max(map(len, datasets))
    part = f"all {whole}" if count >= whole else f"{count} of the {whole}"
    of_table = f" of the table {columns.table}" if columns.table else ""
    notes = [f"It holds {part} points{of_table}, which its charts need: {columns.x} as x and {columns.y} as y."]
    if any(len(dataset) > MOST_POINTS for dataset in datasets):
        notes.append("The program, which needs all of them, is not in it: the lab has it as Script.")
    return [*notes, columns.link_note] if columns.link_note else notes


def _numbers_held(dataset: Dataset) -> set[int]:
    """Those of the points that a scene holds: the first, and the first held out that are drawn."""
    assert dataset.order is not None  # every dataset has one
    order, training = dataset.order.tolist(), len(dataset.x_train)
    return {*order[:MOST_POINTS], *order[training : training + DRAWN_HELD_OUT]}
