"""`torchrun -m core -- …`: one run over several processes, of which the first writes what `python -m core` would."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import torch

from core.command_line.options import BAD_VALUE, joined, make_parser, read_data, read_every, read_experiment
from core.command_line.printing import PrintedRun, by_scikit_learn, print_runs, unwritten
from core.command_line.progress import with_progress
from core.command_line.runs import thinned
from core.command_line.swept import refuse_without_sweep
from core.distributed.checkpoint import Checkpoint
from core.distributed.group import ProcessLost, TorchGroup, are_equal, joined_group
from core.distributed.large import LargeExperiment, is_streamed
from core.distributed.memory import require_memory
from core.distributed.shard import Shard, stream_shard, whole_shard
from core.distributed.training import ShardTraining
from core.parameters import shorten
from core.training import Record, StopReason
from core.training.devices import require_device
from core.training.start import require_start

__all__ = ["main", "make_distributed_parser"]

TORCHRUN = "torchrun -m core --"
"""What messages begin with."""

EVERY_EPOCHS = 100
"""How many epochs apart checkpoints are, unless it is said."""


def make_distributed_parser() -> argparse.ArgumentParser:
    """The options of `python -m core`, and those of checkpoints."""
    parser = make_parser(
        TORCHRUN,
        "Train one run over the processes that torchrun starts, each with its part of the points, and print one "
        "record per epoch.",
        LargeExperiment,
    )
    files = parser.add_argument_group("checkpoints", "Files from which a run goes on where it stood.")
    files.add_argument("--checkpoint", metavar="FILE", help="keep there where the run stands, at its end as well")
    files.add_argument("--checkpoint-every", metavar="K", help=f"how many epochs apart (default: {EVERY_EPOCHS})")
    files.add_argument(
        "--resume",
        metavar="FILE",
        help="go on from a checkpoint, with the records that follow it; options left out are those of its run",
    )
    return parser


class Plan:
    """What is asked for, as each process understands it for itself.

    Raises, as its methods do:
        ValueError: for anything that would end in an error later.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        for option in ("versus", "sweep"):
            if getattr(given, option):
                raise ValueError(f"--{option} trains several runs, torchrun a single one: leave --{option} out.")
        refuse_without_sweep(given)
        if given.checkpoint_every is not None and given.checkpoint is None:
            raise ValueError("--checkpoint-every says nothing without --checkpoint: name the file there.")
        self.every = read_every(given.every)
        self.form: str = given.format
        self.checkpoint_file = None if given.checkpoint is None else _writable(given.checkpoint)
        self.checkpoint_every = read_every(given.checkpoint_every or str(EVERY_EPOCHS), "checkpoint_every")
        self.resumed = None
        if given.resume is not None:
            path = Path(given.resume)
            self.resumed = Checkpoint.load(path)
            for name, text in self.resumed.asked_for(path).to_query().items():
                if getattr(given, name) is None:
                    setattr(given, name, text)
        self.experiment = read_experiment(given, LargeExperiment)
        if self.resumed is not None:
            self.resumed.require_fit(path, self.experiment)
        self.device = _own_device(self.experiment.device)
        self.data = read_data(given)
        if self.data.table is not None and is_streamed(self.experiment):
            raise ValueError("n says how many points are drawn, but --data gives other points: leave one of them out.")
        self.points = self.experiment.n if self.data.table is None else len(self.data.table)
        self.digest = ""
        """That of a table's points, once they are made."""
        self.shard: Shard | None = None
        """This process's part, where the points are such that each makes all of them."""
        self.reference: tuple[str, float, float] | None = None
        """What scikit-learn finds, if it is printed and all points are here."""
        self._resume = given.resume

    def require_memory(self, size: int) -> None:
        """That which so many processes need for the points."""
        require_memory(self.experiment, self.points, size, int(os.environ.get("LOCAL_WORLD_SIZE", size)))

    def make_points(self, rank: int, size: int) -> None:
        """Those of this process, where they are such that each makes all of them."""
        if is_streamed(self.experiment):
            return
        dataset = self.data.of(self.experiment)
        self.points = len(dataset)
        if self.data.table is not None:
            self.digest = dataset.digest
        if self.resumed is not None and self.resumed.digest != self.digest:
            raise ValueError(
                f"{shorten(self._resume)} is of a run on other points: give --data, --x and --y as that had them."
            )
        self.shard = whole_shard(self.experiment, dataset, rank, size, self.digest)
        require_start(self.experiment, self.shard.landscape)
        if self.form == "text" and rank == 0:
            self.reference = by_scikit_learn(dataset)

    @property
    def told(self) -> str:
        """All that the run depends on, in words."""
        return repr((self.experiment, self.digest, self.resumed))


def main(arguments: Sequence[str]) -> int:
    """Run this process's part of the command line; returns its exit status, as `python -m core` has them."""
    arguments = arguments[1:] if arguments[:1] == ["--"] else arguments  # torchrun hands on the dashes it is given
    with open(os.devnull, "w") as nowhere:
        out, err = (sys.stdout, sys.stderr) if os.environ["RANK"] == "0" else (nowhere, nowhere)
        try:
            with joined_group() as group:
                # torchrun ends the others so where one has died, and all where it is ended itself.
                signal.signal(signal.SIGTERM, lambda *_: group.leave())
                return _run(arguments, group, out, err)
        except ProcessLost:
            err.write(f"{TORCHRUN}: a process has ended or cannot be heard, before the first epoch was trained.\n")
            return 1
        except KeyboardInterrupt:
            err.write("Interrupted.\n")
            return 130


def _run(arguments: Sequence[str], group: TorchGroup, out: TextIO, err: TextIO) -> int:
    try:
        with redirect_stdout(out), redirect_stderr(err):
            given = make_distributed_parser().parse_args(joined(arguments))
    except SystemExit as ended:
        group.first_text("")  # nobody leaves before all have said it: torchrun ends the others then
        raise ended
    try:
        with _agreed(group):
            plan = Plan(given)
        with _agreed(group):  # nobody takes memory for points while another still asks how much there is
            plan.require_memory(group.size)
        with _agreed(group):
            plan.make_points(group.rank, group.size)
        if not are_equal(group, plan.told):
            raise ValueError(
                "The processes were told different things: start each with the same options and the same files."
            )
    except ValueError as error:
        err.write(f"{TORCHRUN}: {error}\n")
        return BAD_VALUE
    group.begin(torch.device(plan.device))
    shard = plan.shard or stream_shard(plan.experiment, group)
    training = ShardTraining(plan.experiment, shard, group, plan.device, plan.resumed)
    if group.rank == 0:
        return _write(plan, training, out, err)
    for _ in training:
        pass
    if training.stop is not None and _status(training) and not training.lost:  # what the first one cannot know
        sys.stderr.write(f"Process {group.rank}: {training.stop.message}\n")
    return _status(training)


@contextmanager
def _agreed(group: TorchGroup) -> Iterator[None]:
    """Go on only if all do: one process may lack what the others have, a file or a GPU.

    Raises `ValueError` in all of them where one does, with the words of the first, and `ProcessLost`.
    """
    problem = ""
    try:
        yield
    except ValueError as error:
        problem = " ".join(str(error).split())
    problem = group.first_text(problem)
    if problem:
        raise ValueError(problem)


def _write(plan: Plan, training: ShardTraining, out: TextIO, err: TextIO) -> int:
    """Train, and write the records, each at once: what is written is there, whatever becomes of this process."""
    if isinstance(out, TextIOWrapper):
        out.reconfigure(line_buffering=True)
    plan.data.say_what_was_understood(err)
    if plan.resumed is not None:
        next(training, None)  # the record of the checkpoint, which was written before
    landscape = training.landscape
    by_its_sums = f"least squares, {landscape.n} of {plan.points} points", landscape.b_min, landscape.w_min
    try:
        with closing(thinned(_kept(with_progress(training, err), plan, training, err), plan.every)) as records:
            run = PrintedRun(records, training.shard.outline, reference=plan.reference or by_its_sums)
            print_runs([run], plan.form, out, several=False)
        out.flush()
    except OSError as error:
        training.cancel()
        for _ in training:  # until the others know
            pass
        return unwritten(error, TORCHRUN, err)
    return _status(training)


def _kept(records: Iterable[Record], plan: Plan, training: ShardTraining, err: TextIO) -> Generator[Record, None, None]:
    """The records, while the file of checkpoints follows them; it has the last one at the end, whatever the end is."""
    path = plan.checkpoint_file
    if path is None:
        yield from records
        return
    said = False

    def save(record: Record, state: Sequence[float]) -> None:
        nonlocal said
        try:
            training.checkpoint(record, state).save(path)
        except OSError as error:  # the run is worth more than the file
            if not said:
                err.write(f"{shorten(str(path))} cannot be written ({error.strerror}): the run goes on without.\n")
            said = True

    kept, last = None, None
    try:
        for record in records:
            last = record, training.state
            yield record
            if record.epoch % plan.checkpoint_every == 0:
                save(*last)
                kept = last
    finally:
        if last is not None and last is not kept:
            save(*last)


def _status(training: ShardTraining) -> int:
    return int(training.stop is None or training.stop.reason is StopReason.FAILED)


def _own_device(device: str) -> str:
    """The one that this process computes on. Raises `ValueError` if it cannot."""
    require_device(device)
    if device not in ("cpu", "cuda"):
        raise ValueError(
            f"device must be 'cpu' or 'cuda' under torchrun, which gives each process the GPU of its own number, but "
            f"got {device!r}."
        )
    if device == "cpu":
        return device
    own = f"{device}:{os.environ['LOCAL_RANK']}"
    require_device(own)
    return own


def _writable(name: str) -> Path:
    path = Path(name)
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise ValueError(f"--checkpoint must name a file in a folder that can be written to, but got {shorten(name)}.")
    return path
