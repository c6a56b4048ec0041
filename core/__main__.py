"""`python -m core`: runs without a browser. Records go to standard output, everything else to standard error."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from core.command_line.options import joined, make_parser
from core.command_line.runs import Runs
from core.command_line.swept import Swept, refuse_without_sweep

__all__ = ["main"]


def _prepared(given: argparse.Namespace) -> Runs | Swept:
    """What is asked for, ready to train. Raises `ValueError` for a bad value, in one sentence."""
    if given.sweep is not None:
        return Swept(given)
    refuse_without_sweep(given)
    return Runs(given)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit status: 0, 1 for a run whose device failed, 2 for a bad value."""
    parser = make_parser()
    given = parser.parse_args(joined(sys.argv[1:] if arguments is None else arguments))
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
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered has nowhere to go
        if not isinstance(error, BrokenPipeError):  # that one is a reader who has seen enough: `… | head`
            sys.stderr.write(f"{parser.prog}: the records cannot be written ({error.strerror}).\n")
            return 1
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
