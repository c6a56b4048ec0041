"""A sweep: one field and its values, the last record of each."""

from __future__ import annotations

import argparse
from typing import TextIO

from core.command_line.options import GivenData, read_data, read_experiment
from core.command_line.printing import print_rows
from core.command_line.progress import progress
from core.experiment import Experiment
from core.geometry.landscape import landscapes_of
from core.parameters import shorten
from core.training import StopReason
from core.training.sweep import Span, Sweep, Sweeping, sweep_values
from core.training.sweep.values import read_count, read_end, require_numeric

__all__ = ["Swept", "read_span", "read_swept", "refuse_without_sweep", "trained"]

NAMES = ("value", "epoch", "b", "w", "loss", "val_loss", "reason")

SWEEP_ALONE = {"values": "--values", "start": "--from", "stop": "--to", "count": "--count"}
"""The options that say something only beside `--sweep`, by the name of what they set."""


class Swept:
    """The sweep that is asked for, ready to train.

    Raises:
        ValueError: for anything that would end in an error later.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        if given.versus:
            raise ValueError("--sweep and --versus cannot be combined: leave one of them out.")
        if given.every is not None:
            raise ValueError(
                "--every means nothing to a sweep, which prints the last record of each run: leave it out."
            )
        data = self._data = read_data(given)
        self._form: str = given.format
        self._sweeping = read_swept(given, read_experiment(given), data)

    def __call__(self, out: TextIO, err: TextIO) -> bool:
        """Train all runs, then print the last record of each. Returns whether all devices held.

        Raises:
            ValueError: where a table cannot be trained on as one of the seeds splits it; nothing is printed then.
        """
        self._data.say_what_was_understood(err)
        swept = trained(self._sweeping, err)
        rows = (
            (value, last.epoch, last.b, last.w, last.loss, last.val_loss, reason.value)
            for value, last, reason in zip(swept.values, swept.last, swept.reasons, strict=True)
        )
        print_rows(NAMES, rows, self._form, out)
        by_reason = {reason.value: swept.reasons.count(reason) for reason in StopReason if reason in swept.reasons}
        err.write(f"{len(swept.values)} runs: {', '.join(f'{many} {reason}' for reason, many in by_reason.items())}.\n")
        return StopReason.FAILED not in swept.reasons


def read_swept(given: argparse.Namespace, experiment: Experiment, data: GivenData) -> Sweeping:
    """The sweep that is asked for around this experiment, ready to train. Raises `ValueError` for a bad value."""
    field = _field(given)
    data.require_fields("--sweep", field)
    values = _values(given, experiment, field, data)
    return Sweeping(experiment, field, values, None if data.table is None else data.of)


def read_span(given: argparse.Namespace) -> Span:
    """The field, the ends and how many values, as far as they are given. Raises `ValueError` for a bad value."""
    field = _field(given)
    start = None if given.start is None else read_end(field, given.start)
    stop = None if given.stop is None else read_end(field, given.stop)
    return Span(field, start, stop, None if given.count is None else read_count(field, given.count))


def _field(given: argparse.Namespace) -> str:
    field: str = given.sweep.strip().replace("-", "_")
    require_numeric(field)
    return field


def trained(sweeping: Sweeping, err: TextIO) -> Sweep:
    """Train all runs to their ends, while `err` says how far they are. Raises `ValueError` as `Sweeping.advance`."""
    with progress(100, err, f"{{n}} % of {len(sweeping.values)} runs") as told:
        while sweeping.advance():
            told.at(int(100 * sweeping.share))
    return sweeping.result


def refuse_without_sweep(given: argparse.Namespace) -> None:
    """Raises `ValueError` for an option that says something only beside `--sweep`."""
    for name, option in SWEEP_ALONE.items():
        if given.sweep is None and getattr(given, name) is not None:
            raise ValueError(f"{option} belongs to a sweep: name its field with --sweep.")


def _values(given: argparse.Namespace, experiment: Experiment, field: str, data: GivenData) -> tuple[float, ...]:
    """Those that are listed, or those from an end to another."""
    if given.values is None:
        span = read_span(given)
        landscape = None
        if data.table is not None:
            landscape, _ = landscapes_of(data.of(experiment), experiment.reduction)
        return sweep_values(experiment, *span, landscape)
    beside = [SWEEP_ALONE[name] for name in ("start", "stop", "count") if getattr(given, name) is not None]
    if beside:
        raise ValueError(f"--values says which values there are, and {beside[0]} too: leave one of them out.")
    texts = given.values.split(",")
    if any(";" in text or len(text.split()) > 1 for text in texts):
        raise ValueError(
            f"--values takes decimal points, and commas between numbers, as 0.5,0.7, but got {shorten(given.values)}."
        )
    return tuple(read_end(field, text) for text in texts)
