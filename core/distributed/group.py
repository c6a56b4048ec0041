"""The processes that share a run, and what they tell one another."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol
from zlib import crc32

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray

__all__ = ["Group", "ProcessLost", "TorchGroup", "are_equal", "joined_group"]

PATIENCE_AT_START = timedelta(minutes=2)
"""How long the others may need to be heard for the first time, and to understand what they are told."""

PATIENCE = timedelta(days=1)
"""How long they may need, from then on, for what one has done already: longer than anybody looks at a page of
`… | less`, while the first process waits in its write. One that ends is noticed at once, by its closed line."""


class ProcessLost(RuntimeError):
    """Another process has ended, or cannot be heard."""


class Group(Protocol):
    """Processes that all do the same steps, in the same order."""

    rank: int
    """The number of this process, from 0."""
    size: int
    """How many processes there are."""
    leaving: bool
    """Whether this process wants the run to end."""

    def gather(self, numbers: Sequence[float]) -> NDArray[np.float64]:
        """Everybody's numbers, as many of each: a row a process, in the order of the ranks. Raises `ProcessLost`.

        What is added up from these is the same to the last bit in every process and in every run: an `all_reduce` may
        add in an order of its own.
        """


class TorchGroup:
    """The processes that torchrun started: gloo between CPUs, nccl between GPUs."""

    def __init__(self) -> None:
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self.leaving = False
        self.device = torch.device("cpu")
        """Where what is told is put: nccl carries numbers from GPU to GPU only."""
        self._patient: dist.ProcessGroup | None = None

    def leave(self) -> None:
        """Want the run to end, when all take the next step together."""
        self.leaving = True

    def begin(self, device: torch.device) -> None:
        """Have numbers gathered by way of this device, with all patience, from now on. Raises `ProcessLost`."""
        self.device = device
        with _lost():
            self._patient = dist.new_group(timeout=PATIENCE)

    def gather(self, numbers: Sequence[float]) -> NDArray[np.float64]:
        own = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        rows = [torch.empty_like(own) for _ in range(self.size)]
        with _lost():
            dist.all_gather(rows, own, group=self._patient)
        return torch.stack(rows).cpu().numpy()

    def first_text(self, text: str) -> str:
        """The first text by rank that is not empty, the same for everybody. Raises `ProcessLost`."""
        texts: list[str] = [""] * self.size
        with _lost():
            dist.all_gather_object(texts, text)
        return next(filter(None, texts), "")


def are_equal(group: Group, text: str) -> bool:
    """Whether all have the same text. Raises `ProcessLost`."""
    sums = group.gather((crc32(text.encode()),))
    return bool((sums == sums[0]).all())


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # gloo's and nccl's own, and those of a time that is over
        raise ProcessLost(str(error)) from error


@contextmanager
def joined_group() -> Iterator[TorchGroup]:
    """This process among those that torchrun started, until the end of the block."""
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
    with _lost():
        dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo", timeout=PATIENCE_AT_START)
    try:
        yield TorchGroup()
    finally:
        dist.destroy_process_group()
