"""The options, and what they say: an experiment, its points, its variants."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn, TextIO

from core.comparison import MOST_VARIANTS, Comparison
from core.data import Dataset, make_dataset
from core.data.tables import FILE_TYPES, SHIPPED, Table, read_table, shipped_table
from core.experiment import LEAVE_DATA_ALONE, LINE_FIELDS, PARAMETERS, Experiment
from core.parameters import Choice, Parameter, shorten
from core.training.sweep import MOST_VALUES, NUMERIC, most_values

__all__ = [
    "BAD_VALUE",
    "GivenData",
    "Parser",
    "joined",
    "make_parser",
    "read_comparison",
    "read_data",
    "read_every",
    "read_experiment",
]

BAD_VALUE = 2
"""The exit status."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line on standard error, and exit status 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_VALUE, f"{self.prog}: {' '.join(message.split())}\n")


def make_parser(
    prog: str = "python -m core",
    description: str = "Train a line as described and print one record per epoch.",
    kind: type[Experiment] = Experiment,
) -> argparse.ArgumentParser:
    """The parser, whose errors are one line on standard error and exit status 2, for experiments of this kind."""
    parser = Parser(
        prog=prog,
        description=description,
        allow_abbrev=False,
    )
    default = {name: parameter.write(getattr(kind(), name)) for name, parameter in kind.PARAMETERS.items()}
    for name, parameter in kind.PARAMETERS.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            metavar=_metavar(parameter),
            help=f"{parameter.help}: {parameter.wanted} (default: {default[name]})".replace("%", "%%"),
        )
    parser.add_argument(
        "--data",
        metavar="FILE.csv",
        help=f"train on a table: a {' '.join(f'.{name}' for name in FILE_TYPES)} file, or {' or '.join(SHIPPED)}",
    )
    parser.add_argument(
        "--reading",
        metavar="TEXT",
        help="how the file is to be read where it can be read in two ways, as decimal:comma,dates:month,header:no",
    )
    parser.add_argument("--x", metavar="COLUMN", help="column of the file to predict from")
    parser.add_argument("--y", metavar="COLUMN", help="column of the file to predict")
    parser.add_argument("--every", metavar="K", help="print every K-th record, and the last (default: 1)")
    parser.add_argument("--format", choices=("csv", "json", "text"), default="csv", help="default: csv")
    parser.add_argument(
        "--versus",
        action="append",
        default=[],
        metavar="FIELD:VALUE,...",
        help="train a variant with these values as well, and print of which run a record is "
        f"(may be repeated, at most {MOST_VARIANTS} times); an empty value empties a field",
    )
    sweep = parser.add_argument_group(
        "sweep", "Train at many values of one field, and print the last record of each: without --every and --versus."
    )
    sweep.add_argument("--sweep", metavar="FIELD", help=f"one of {', '.join(NUMERIC)}")
    sweep.add_argument("--values", metavar="A,B,C", help="its values, with decimal points; or else:")
    sweep.add_argument("--from", metavar="A", dest="start", help="its first value (default: it depends on the field)")
    sweep.add_argument("--to", metavar="B", dest="stop", help="its last value (default: it depends on the field)")
    sweep.add_argument(
        "--count",
        metavar="K",
        help=f"how many values, at most {MOST_VALUES}, of n and batch_size {most_values('n')}: learning rates the same "
        "factor apart, others the same distance (default: it depends on the field)",
    )
    return parser


def joined(arguments: Sequence[str]) -> list[str]:
    """The same with `--name -1e-05` as `--name=-1e-05`, and `--x -log10(p)` so: to argparse these look like options."""
    words: list[str] = []
    for word in arguments:
        number = words and re.fullmatch(r"--[a-z-]+", words[-1]) and re.match(r"-[0-9.]", word)
        if number or (words and words[-1] in ("--x", "--y") and re.match(r"-[^-]", word)):
            words[-1] += f"={word}"
        else:
            words.append(word)
    return words


def _metavar(parameter: Parameter) -> str:
    return "|".join(parameter.options) if isinstance(parameter, Choice) else "VALUE"


def read_experiment(arguments: argparse.Namespace, kind: type[Experiment] = Experiment) -> Experiment:
    """The experiment that the options of its fields describe."""
    given = {name: getattr(arguments, name) for name in PARAMETERS}
    values = {name: kind.PARAMETERS[name].read(name, text) for name, text in given.items() if text is not None}
    return kind(**values)  # type: ignore[arg-type]  # each is checked by its own parameter


def read_comparison(arguments: argparse.Namespace) -> Comparison:
    """The experiment and its variants."""
    return Comparison.read(read_experiment(arguments), arguments.versus)


@dataclass(frozen=True)
class GivenData:
    """Where the points come from: two columns of a table, or else the line that an experiment describes."""

    table: Table | None
    x: str | None
    y: str | None
    shipped: bool = False
    """Whether the table is one that comes along."""

    def of(self, experiment: Experiment) -> Dataset:
        """Those that this experiment trains on. Raises `ValueError` if they cannot be trained on."""
        return make_dataset(experiment) if self.table is None else self.table.dataset(self.x, self.y, experiment)

    def of_all(self, comparison: Comparison) -> Iterator[Dataset]:
        """Those of the base, then of each variant: the same where it changes nothing that they depend on.

        Raises `ValueError` as `of` and `require_fields` do, at the run that it is about.
        """
        base = self.of(comparison.base)
        yield base
        for change, variant in zip(comparison.changes, comparison.variants, strict=True):
            self.require_fields("--versus", *change)
            yield base if all(field in LEAVE_DATA_ALONE for field in change) else self.of(variant)

    def say_what_was_understood(self, file: TextIO) -> None:
        """Write which columns are taken where none is named, and the notices about them, a line each."""
        if self.table is None:
            return
        x, y = self.table.columns_for(self.x, self.y)
        chosen = (self.x is None or self.y is None) and len(self.table.numeric_columns()) > 2
        if chosen and not self.shipped:
            file.write(f"x is {shorten(x)}, y is {shorten(y)}: --x and --y take others.\n")
        file.writelines(f"{notice}\n" for notice in self.table.notices(x, y))
        file.writelines(f"{label}: --reading {reading}\n" for label, reading in self.table.others_for(x, y))

    def require_fields(self, option: str, *fields: str) -> None:
        """Raises `ValueError` if one of the fields that `option` changes means nothing to these points."""
        for field in fields:
            if self.table is not None and field in LINE_FIELDS:
                raise ValueError(
                    f"{field} describes the synthetic line, but --data gives other points: leave it out of {option}."
                )


def read_data(arguments: argparse.Namespace) -> GivenData:
    """Where the points come from. Raises `ValueError` for a file that cannot be read."""
    if arguments.data is None:
        if arguments.x is not None or arguments.y is not None:
            raise ValueError("x and y name columns of a file: give the file with --data.")
        if arguments.reading is not None:
            raise ValueError("reading says how a file is read: give the file with --data.")
        return GivenData(None, None, None)
    shipped = arguments.data in SHIPPED and not os.path.exists(arguments.data)
    reading = arguments.reading or ""
    table = (
        shipped_table(arguments.data)
        if shipped and not reading
        else read_table(SHIPPED[arguments.data] if shipped else arguments.data, reading=reading)
    )
    return GivenData(table, arguments.x, arguments.y, shipped)


def read_every(text: str | None, name: str = "every") -> int:
    """Once in how many records something is done. Raises `ValueError` for what is no whole number from 1 up."""
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise ValueError(f"{name} must be a whole number from 1 up, but got {text[:40]!r}.")
    return int(text)
