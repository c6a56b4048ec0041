"""What a run recorded: columns that only ever grow."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.training.loop import Record

__all__ = ["COLUMNS", "History"]

COLUMNS = Record._fields
_WIDTH = len(COLUMNS)


class History:
    """Records 0 … n-1 of a run. One thread may append while others read.

    The numbers lie row after row in one `array`, whose `extend` and slicing are each a single step under
    the interpreter's lock: a reader sees whole records, and needs no lock of its own.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._rows = array("d")
        self._states = array("d")
        self._state_width = 0
        for record in records:
            self.append(record)

    def append(self, record: Record, state: Sequence[float] = ()) -> None:
        """Add the record of the next epoch, and what the optimizer remembers there: equally many numbers each time."""
        self._state_width = len(state)
        self._states.extend(state)  # first, so that whoever sees the record finds its state
        self._rows.extend(record)

    def extend(self, records: NDArray[np.float64], states: NDArray[np.float64]) -> None:
        """Add the next records, as rows of shape (epochs, 7), and what the optimizer remembers at each of them."""
        self._state_width = states.shape[1]
        self._states.frombytes(states.tobytes())
        self._rows.frombytes(records.tobytes())

    def state(self, index: int) -> list[float]:
        """What the optimizer remembered at record `index` (from 0); empty where it keeps nothing."""
        width = self._state_width
        return self._states[index * width : (index + 1) * width].tolist()

    def __len__(self) -> int:
        return len(self._rows) // _WIDTH

    def __getitem__(self, index: int) -> Record:
        """Record `index`, from the end if negative. Raises `IndexError` beyond the last."""
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"There are {count} records, so none has index {index}.")
        start = index % count * _WIDTH
        epoch, *values = self._rows[start : start + _WIDTH]
        return Record(int(epoch), *values)

    def __iter__(self) -> Iterator[Record]:
        return (self[index] for index in range(len(self)))

    @property
    def nbytes(self) -> int:
        """The memory that the numbers take."""
        return (len(self._rows) + len(self._states)) * self._rows.itemsize

    def columns(self, start: int = 0, stop: int | None = None) -> dict[str, NDArray[np.float64]]:
        """The columns of records `start` to `stop` (exclusive) by name, float64 of shape (stop - start,)."""
        stop = len(self) if stop is None else min(stop, len(self))
        rows = np.frombuffer(self._rows[start * _WIDTH : max(start, stop) * _WIDTH], dtype=np.float64)
        return dict(zip(COLUMNS, rows.reshape(-1, _WIDTH).T, strict=True))

    def arrow(self, start: int = 0, stop: int | None = None) -> pa.Table:
        """The same as an Arrow table, without `epoch`, which is each row's number."""
        columns = self.columns(start, stop)
        return pa.table({name: np.ascontiguousarray(columns[name]) for name in COLUMNS if name != "epoch"})

    def write_csv(self, file: TextIO) -> None:
        """A header of the column names, then a line per record, floats in full."""
        file.write(",".join(COLUMNS) + "\n")
        file.writelines(",".join(map(repr, record)) + "\n" for record in self)
