"""`python -m core`: one run without a browser. Records go to standard output, everything else to standard error."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from shutil import get_terminal_size
from time import monotonic
from typing import NoReturn, TextIO

from tqdm import tqdm

from core.data import Dataset, make_dataset
from core.data.tables import SHIPPED, read_table, shipped_table
from core.experiment import PARAMETERS, Experiment
from core.geometry.reference import least_squares
from core.parameters import Choice, Parameter
from core.training import Record, StopReason, Training, train
from core.training.history import COLUMNS, write_csv

BAD_VALUE = 2

SECONDS_BETWEEN_LINES = 2.0
"""How often progress is told where there is no terminal for a bar."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(BAD_VALUE, f"{self.prog}: {' '.join(message.split())}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m core",
        description="Train a line as described and print one record per epoch.",
        allow_abbrev=False,
    )
    default = {name: parameter.write(getattr(Experiment(), name)) for name, parameter in PARAMETERS.items()}
    for name, parameter in PARAMETERS.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            metavar=_metavar(parameter),
            help=f"{parameter.help}: {parameter.wanted} (default: {default[name]})".replace("%", "%%"),
        )
    parser.add_argument("--data", metavar="FILE.csv", help=f"train on a CSV file, or on {' or '.join(SHIPPED)}")
    parser.add_argument("--x", metavar="COLUMN", help="column of the file to predict from")
    parser.add_argument("--y", metavar="COLUMN", help="column of the file to predict")
    parser.add_argument("--every", metavar="K", default="1", help="print every K-th record, and the last (default: 1)")
    parser.add_argument("--format", choices=("csv", "json", "text"), default="csv", help="default: csv")
    return parser


def _joined(arguments: Sequence[str]) -> list[str]:
    """The same with `--name -1e-05` as `--name=-1e-05`: a minus before an exponent looks like an option to argparse."""
    joined: list[str] = []
    for word in arguments:
        if joined and re.fullmatch(r"--[a-z-]+", joined[-1]) and re.match(r"-[0-9.]", word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _metavar(parameter: Parameter) -> str:
    return "|".join(parameter.options) if isinstance(parameter, Choice) else "VALUE"


def _experiment(arguments: argparse.Namespace) -> Experiment:
    given = {name: getattr(arguments, name) for name in PARAMETERS}
    values = {name: PARAMETERS[name].read(name, text) for name, text in given.items() if text is not None}
    return Experiment(**values)  # type: ignore[arg-type]  # each is checked by its own parameter


def _dataset(arguments: argparse.Namespace, experiment: Experiment) -> Dataset:
    if arguments.data is None:
        if arguments.x is not None or arguments.y is not None:
            raise ValueError("x and y name columns of a file: give the file with --data.")
        return make_dataset(experiment)
    shipped = arguments.data in SHIPPED and not os.path.exists(arguments.data)
    table = shipped_table(arguments.data) if shipped else read_table(arguments.data)
    return table.dataset(arguments.x, arguments.y, experiment.seed)


def _every(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise ValueError(f"every must be a whole number from 1 up, but got {text[:40]!r}.")
    return int(text)


def _thinned(records: Iterable[Record], every: int) -> Generator[Record, None, None]:
    """Every `every`-th record and the last."""
    last = None
    for record in records:
        last = record
        if record.epoch % every == 0:
            yield record
            last = None
    if last is not None:
        yield last


def _with_progress(training: Training, file: TextIO) -> Iterator[Record]:
    """The records, while `file` says how far they are: by a bar on a terminal, else by a line now and then."""
    epochs = training.experiment.epochs
    columns, rows = get_terminal_size()  # on a terminal that does not say how large it is, tqdm would show nothing
    told = 0.0
    with tqdm(
        total=epochs,
        file=file,
        disable=not file.isatty(),
        leave=False,
        ncols=columns,
        nrows=rows,
        bar_format="[{bar:30}] epoch {n} of {total}{postfix}",
    ) as bar:
        for record in training:
            yield record
            loss = f"loss {record.loss:.6g}"
            bar.set_postfix_str(loss, refresh=False)
            bar.update(record.epoch - bar.n)
            now = monotonic()
            told = told or now  # what comes before the first epoch may take long, and is no progress
            if bar.disable and now - told > SECONDS_BETWEEN_LINES:
                told = now
                file.write(f"epoch {record.epoch} of {epochs}, {loss}\n")
                file.flush()
    if training.stop is not None:
        file.write(f"{training.stop.message}\n")


def _write_json(records: Iterable[Record], file: TextIO) -> None:
    separator = "[\n"
    for record in records:
        file.write(separator + json.dumps(record._asdict()))
        separator = ",\n"
    file.write("\n]\n" if separator == ",\n" else "[]\n")


def _write_text(records: Iterable[Record], file: TextIO, dataset: Dataset) -> None:
    file.write("".join(f"{name:>13}" for name in COLUMNS) + "\n")
    for record in records:
        file.write("".join(f"{value:>13.6g}" for value in record) + "\n")
    b, w = least_squares(dataset)
    file.write(f"{'scikit-learn':>13}{b:>13.6g}{w:>13.6g}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit status: 0, 1 for a run whose device failed, 2 for a bad value."""
    parser = _parser()
    given = parser.parse_args(_joined(sys.argv[1:] if arguments is None else arguments))
    try:
        experiment = _experiment(given)
        every = _every(given.every)
        dataset = _dataset(given, experiment)
        training = train(experiment, dataset)
    except ValueError as error:
        parser.error(str(error))
    try:
        with closing(_thinned(_with_progress(training, sys.stderr), every)) as records:
            if given.format == "json":
                _write_json(records, sys.stdout)
            elif given.format == "text":
                _write_text(records, sys.stdout, dataset)
            else:
                write_csv(records, sys.stdout)
            sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered has nowhere to go
        if not isinstance(error, BrokenPipeError):  # that one is a reader who has seen enough: `… | head`
            sys.stderr.write(f"{parser.prog}: the records cannot be written ({error.strerror}).\n")
            return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    return 1 if training.stop is not None and training.stop.reason is StopReason.FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
