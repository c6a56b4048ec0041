"""A tensor as it is shown: its shape, and the first few of its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

__all__ = ["SHOWN", "Entries"]

SHOWN = 3
"""Of a column of numbers the first few are shown."""


@dataclass(frozen=True)
class Entries:
    """A tensor's shape, and the first few of its numbers in full."""

    shape: tuple[int, ...]
    first: tuple[float, ...]

    @classmethod
    def of(cls, tensor: Any) -> Entries:
        """Of a tensor or an array of any shape."""
        shape = tuple(tensor.shape)
        flat = tensor.detach().reshape(-1) if isinstance(tensor, Tensor) else tensor.reshape(-1)
        return cls(shape, tuple(flat[:SHOWN].tolist()))
