"""One run, or a base and its variants: each trained after the other, on one thread, and printed as it is."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Iterable
from contextlib import closing
from typing import TextIO

from core.command_line.options import read_comparison, read_data, read_every
from core.command_line.printing import PrintedRun, print_runs
from core.command_line.progress import with_progress
from core.training import Record, StopReason, train

__all__ = ["Runs", "thinned"]


class Runs:
    """The runs that are asked for, ready to train.

    Raises:
        ValueError: for anything that would end in an error later.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        self._comparison = read_comparison(given)
        self._every = read_every(given.every)
        self._form: str = given.format
        self._data = read_data(given)
        self._trainings = list(map(train, self._comparison.experiments, self._data.of_all(self._comparison)))

    def __call__(self, out: TextIO, err: TextIO) -> bool:
        """Train them and print their records. Returns whether all devices held."""
        self._data.say_what_was_understood(err)
        if self._comparison.goes_along:
            err.write(f"{self._comparison.goes_along}\n")
        with closing(self._printed(err)) as runs:
            print_runs(runs, self._form, out, several=len(self._trainings) > 1)
        stops = [training.stop for training in self._trainings]
        return not any(stop is not None and stop.reason is StopReason.FAILED for stop in stops)

    def _printed(self, err: TextIO) -> Generator[PrintedRun, None, None]:
        several = len(self._trainings) > 1
        for number, (training, name) in enumerate(zip(self._trainings, self._comparison.names, strict=True)):
            of_which = f"Run {number} ({name})" if several else ""
            with closing(thinned(with_progress(training, err, of_which), self._every)) as records:
                yield PrintedRun(
                    records,
                    training.dataset,
                    number if several else None,
                    f"Run {number}: {name}" if several else "",
                )


def thinned(records: Iterable[Record], every: int) -> Generator[Record, None, None]:
    """Every `every`-th record and the last."""
    last = None
    for record in records:
        last = record
        if record.epoch % every == 0:
            yield record
            last = None
    if last is not None:
        yield last
