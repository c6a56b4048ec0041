"""`python -m dashboard.webpage`: a run as one page that needs no server, described as for `python -m core`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from core import History, StopReason, Training
from core.command_line.options import GivenData, joined, make_parser, read_comparison, read_data
from core.command_line.progress import with_progress
from core.command_line.swept import read_span, read_swept, refuse_without_sweep, trained
from dashboard.webpage.link import LOCAL, lab_address, query_of
from dashboard.webpage.making import Columns, arrangement_of, make_page
from dashboard.webpage.told import KeptRun

__all__ = ["main", "make_page_parser"]

REFUSED = {"every": "a page holds every record", "format": "a page is always HTML"}
"""Options of `python -m core` that say how records are printed, and why they mean nothing here."""


class Page:
    """The page that is asked for, its runs ready to train.

    Raises:
        ValueError: for anything that would end in an error later.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        for name, why in REFUSED.items():
            if getattr(given, name) is not None:
                raise ValueError(f"--{name} says how records are printed, but {why}: leave it out.")
        refuse_without_sweep(given)
        self._out = _out(given.out)
        self._lab = lab_address(given.lab)
        self._comparison = comparison = read_comparison(given)
        self._data = data = read_data(given)
        self._trainings = list(map(Training, comparison.experiments, data.of_all(comparison)))
        self._sweeping = read_swept(given, comparison.base, data) if given.sweep is not None else None
        span = read_span(given) if self._sweeping else None
        self._columns, named = _columns(data, given.data)
        self._query = None if named is None else query_of(comparison, span, named | _reading(given))

    def __call__(self, err: TextIO) -> bool:
        """Train the runs and write the page. Returns whether all devices held."""
        self._data.say_what_was_understood(err)
        if self._comparison.goes_along:
            err.write(f"{self._comparison.goes_along}\n")
        names = self._comparison.names if len(self._trainings) > 1 else ("",)
        runs = [_trained(training, err, name) for training, name in zip(self._trainings, names, strict=True)]
        swept = trained(self._sweeping, err) if self._sweeping else None
        page = make_page(
            runs,
            arrangement_of(self._comparison),
            lab=self._lab,
            query=self._query,
            columns=self._columns,
            sweep=swept,
        )
        self._out.write_bytes(page)
        err.write(f"{self._out}: {len(page) / 1e6:.1f} MB, which any browser opens without a server.\n")
        return all(run.stop.reason is not StopReason.FAILED for run in runs)


def _out(text: str | None) -> Path:
    if text is None:
        raise ValueError("out is missing: name the file to be written, as --out run.html.")
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(f"out must be a file in a folder that exists, but got {text[:200]!r}.")
    return path


def _trained(training: Training, err: TextIO, name: str) -> KeptRun:
    history = History()
    for record in with_progress(training, err, name):
        history.append(record, training.state)
    assert training.stop is not None
    return KeptRun(training.experiment, training.dataset, history, len(history), training.stop)


def _columns(data: GivenData, name: str | None) -> tuple[Columns | None, dict[str, str] | None]:
    """The columns of a table, and how a link names them: None for a table that no lab has."""
    if data.table is None or name is None:
        return None, {}
    x, y = data.table.columns_for(data.x, data.y)
    return Columns(data.table.name, x, y), {"data": data.table.name, "x": x, "y": y} if data.shipped else None


def _reading(given: argparse.Namespace) -> dict[str, str]:
    return {"reading": given.reading} if given.reading else {}


def make_page_parser() -> argparse.ArgumentParser:
    """The parser: that of `python -m core`, and two options more."""
    parser = make_parser("python -m dashboard.webpage", "Write a run as one page that plays it without a server.")
    parser.add_argument("--out", metavar="FILE.html", help="the file to be written")
    parser.add_argument("--lab", metavar="ADDRESS", default=LOCAL, help=f"where its link leads (default: {LOCAL})")
    parser.set_defaults(format=None)  # so that it can be told from one that is given
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit status: 0, 1 where the page cannot be written, 2 for a bad value."""
    parser = make_page_parser()
    given = parser.parse_args(joined(sys.argv[1:] if arguments is None else arguments))
    try:
        held = Page(given)(sys.stderr)
    except ValueError as error:
        parser.error(str(error))
    except OSError as error:
        sys.stderr.write(f"{parser.prog}: {given.out} cannot be written ({error.strerror}).\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
