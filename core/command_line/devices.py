"""`python -m core.training.devices`: times to standard output, progress and what there is to say to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from core.command_line.options import Parser
from core.command_line.printing import print_rows, unwritten
from core.command_line.progress import progress
from core.training.devices.measuring import POINTS, SECONDS, Measurement, Timing
from core.training.devices.overtaking import find_overtakings, told
from core.training.devices.ways import find_ways
from core.training.devices.words import told_points, told_seconds

__all__ = ["main", "make_devices_parser"]

COLUMNS = ("way", "points", "seconds", "computing", "copying", "waiting")
WIDTHS = (26, 13, 12, 12, 12, 12)
LONGEST_SECONDS = 600


def make_devices_parser() -> Parser:
    """The parser of its options."""
    parser = Parser(
        prog="python -m core.training.devices",
        description="Measure how long an epoch takes on this machine, by NumPy and by PyTorch on all that it has, in "
        "parts: computing, copying, and waiting for the library and the device.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--points",
        metavar="N",
        default=str(POINTS[-1]),
        help=f"up to how many points, {POINTS[0]} to {POINTS[-1]} (default: {POINTS[-1]})",
    )
    parser.add_argument(
        "--seconds",
        metavar="S",
        default=f"{SECONDS:g}",
        help=f"how long it may take, about, 1 to {LONGEST_SECONDS}: what would take longer is left out "
        f"(default: {SECONDS:g})",
    )
    parser.add_argument("--format", choices=("text", "csv", "json"), default="text", help="default: text")
    return parser


def _whole(name: str, text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise ValueError(f"{name} must be a whole number from {low} to {high}, but got {text[:40]!r}.")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit status: 0, 1 where nothing could be written, 2 for a bad value."""
    parser = make_devices_parser()
    given = parser.parse_args(arguments)
    try:
        most = _whole("points", given.points, POINTS[0], POINTS[-1])
        seconds = _whole("seconds", given.seconds, 1, LONGEST_SECONDS)
    except ValueError as error:
        parser.error(str(error))
    measurement = Measurement(find_ways(), [points for points in POINTS if points <= most], seconds)
    measuring = _with_progress(measurement, sys.stderr)
    try:
        if given.format == "text":
            _print_text(measurement, measuring, sys.stdout)
        else:
            rows = ((one.way, one.points, one.seconds, one.computing, one.copying, one.waiting) for one in measuring)
            print_rows(COLUMNS, rows, given.format, sys.stdout)
        sys.stdout.flush()
    except OSError as error:
        return unwritten(error, parser.prog, sys.stderr, "times")
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    sys.stderr.writelines(f"{note}\n" for note in measurement.notes)
    return 0


def _with_progress(measurement: Measurement, file: TextIO) -> Iterator[Timing]:
    labels = {way.name: way.label for way in measurement.ways}
    with progress(measurement.total, file, "{n} of {total}") as bar:
        for done, one in enumerate(measurement, 1):
            bar.at(done, f"{labels[one.way]}, {told_points(one.points)} points")
            yield one


def _print_text(measurement: Measurement, measuring: Iterator[Timing], file: TextIO) -> None:
    """A line a timing, and below them which way overtakes which."""
    labels = {way.name: way.label for way in measurement.ways}
    timings: list[Timing] = []
    file.write(_aligned(("", *COLUMNS[1:])))
    for one in measuring:
        timings.append(one)
        parts = (one.seconds, one.computing, one.copying, one.waiting)
        file.write(_aligned((labels[one.way], told_points(one.points), *map(told_seconds, parts))))
        file.flush()
    file.writelines(f"{told(one)}\n" for one in find_overtakings(measurement.ways, timings))


def _aligned(cells: Sequence[str]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    return f"{first.strip().ljust(WIDTHS[0])}{''.join(others)}\n"
