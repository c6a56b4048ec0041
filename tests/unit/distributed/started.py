"""Starts processes as torchrun does, without the seconds that it takes itself, and with each at hand."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a process that finds this checkout, and says nothing of its own threads."""
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | more


def free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


@contextmanager
def started(size: int, *arguments: str, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many processes of one run, by rank; what each writes goes to `out-RANK` and `err-RANK` in the folder."""
    port = free_port()
    processes = []
    try:
        for rank in map(str, range(size)):
            told = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": str(size), "LOCAL_WORLD_SIZE": str(size)}
            told |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "TORCHELASTIC_RUN_ID": "test"}
            with (folder / f"out-{rank}").open("wb") as out, (folder / f"err-{rank}").open("wb") as err:
                processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "core", "--", *arguments],
                        env=surroundings(**told),
                        stdout=out,
                        stderr=err,
                    )
                )
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def written(what: str, size: int, folder: Path) -> list[str]:
    return [(folder / f"{what}-{rank}").read_text(encoding="utf-8") for rank in range(size)]
