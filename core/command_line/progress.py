"""How far training is: a bar on a terminal, else a line now and then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from shutil import get_terminal_size
from time import monotonic
from typing import TextIO

from tqdm import tqdm

from core.training import Record
from core.training.loop import Loop

__all__ = ["progress", "with_progress"]

SECONDS_BETWEEN_LINES = 2.0
"""How often progress is told where there is no terminal for a bar."""


class Progress:
    """Tells `file` how far something is on its way to `total`."""

    def __init__(self, bar: tqdm[None], file: TextIO, text: str) -> None:
        self._bar = bar
        self._file = file
        self._text = text
        self._told = 0.0

    def at(self, place: int, more: str = "") -> None:
        """It is at `place` now, and `more` is to be said of it."""
        bar = self._bar
        bar.set_postfix_str(more, refresh=False)
        bar.update(place - bar.n)
        now = monotonic()
        self._told = self._told or now  # what comes before the first may take long, and is no progress
        if bar.disable and now - self._told > SECONDS_BETWEEN_LINES:
            self._told = now
            told = self._text.format(n=place, total=bar.total)
            self._file.write(f"{told}, {more}\n" if more else f"{told}\n")
            self._file.flush()


@contextmanager
def progress(total: int, file: TextIO, text: str) -> Iterator[Progress]:
    """A bar on a terminal, which is cleared at the end; `text` says with {n} and {total} how far it is."""
    columns, rows = get_terminal_size()  # on a terminal that does not say how large it is, tqdm would show nothing
    with tqdm(
        total=total,
        file=file,
        disable=not file.isatty(),
        leave=False,
        ncols=columns,
        nrows=rows,
        bar_format=f"[{{bar:30}}] {text}{{postfix}}",
    ) as bar:
        yield Progress(bar, file, text)


def with_progress(training: Loop, file: TextIO, name: str = "") -> Iterator[Record]:
    """The records, while `file` says how far they are; at the end it says why, of the run with this `name`."""
    of_which = f"{name}: " if name else ""
    with progress(training.experiment.epochs, file, f"{of_which}epoch {{n}} of {{total}}") as told:
        for record in training:
            yield record
            told.at(record.epoch, f"loss {record.loss:.6g}")
    if training.stop is not None:
        file.write(f"{of_which}{training.stop.message}\n")
