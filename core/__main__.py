"""`python -m core`: runs without a browser. Records go to standard output, everything else to standard error."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from core.command_line.options import joined, make_parser
from core.command_line.printing import unwritten
from core.command_line.runs import Runs
from core.command_line.swept import Swept, refuse_without_sweep

__all__ = ["main"]

FOR_TORCHRUN = ("--checkpoint", "--checkpoint-every", "--resume")
"""The options of `core.distributed` alone."""


def _prepared(given: argparse.Namespace) -> Runs | Swept:
    """What is asked for, ready to train. Raises `ValueError` for a bad value, in one sentence."""
    if given.sweep is not None:
        return Swept(given)
    refuse_without_sweep(given)
    return Runs(given)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit status: 0, 1 for a run whose device failed, 2 for a bad value."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if "TORCHELASTIC_RUN_ID" in os.environ:  # torch's own question is missing where it is built without distributed
        from core.distributed.command_line import main as main_of_one_process

        return main_of_one_process(arguments)
    parser = make_parser()
    for option in FOR_TORCHRUN:
        if any(word.partition("=")[0] == option for word in arguments):
            parser.error(f"{option} is for torchrun: torchrun --standalone --nproc-per-node 1 -m core -- {option} …")
    given = parser.parse_args(joined(arguments))
    try:
        train_and_print = _prepared(given)
    except ValueError as error:
        parser.error(str(error))
    try:
        held = train_and_print(sys.stdout, sys.stderr)
        sys.stdout.flush()
    except ValueError as error:  # a sweep makes its points on the way, and prints at the end
        parser.error(str(error))
    except OSError as error:
        return unwritten(error, parser.prog, sys.stderr)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
