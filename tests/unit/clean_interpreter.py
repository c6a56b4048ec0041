"""Runs code in a Python of its own, which sees nothing of this project, the way somebody does who was given it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence

RUNNER = """
import contextlib, io, json, sys
sys.modules["core"] = sys.modules["dashboard"] = None  # to import them is an ImportError from now on
printed = {}
for name, cells in json.load(sys.stdin).items():
    names, out = {"__name__": "__main__"}, io.StringIO()
    with contextlib.redirect_stdout(out):
        for cell in cells:
            exec(compile(cell, name, "exec"), names)
    printed[name] = out.getvalue()
json.dump(printed, sys.stdout)
"""


def printed_by(programs: Mapping[str, Sequence[str]], folder) -> dict[str, str]:
    """What each program printed, whose cells are run one after the other; every program has its own names.

    All are run in one process, because it takes seconds to import torch.
    """
    # NumPy warns of numbers that run away, as it should.
    command = [sys.executable, "-I", "-W", "ignore::RuntimeWarning", "-c", RUNNER]
    ran = subprocess.run(
        command, input=json.dumps(programs), cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


def numbers(printed: str) -> dict[str, float]:
    """The lines `name = number` by name."""
    pairs = (line.split(" = ") for line in printed.splitlines())
    return {name: float(number) for name, number in pairs}
