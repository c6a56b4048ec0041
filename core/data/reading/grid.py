"""A table as it was found: rows of text, and what stood above them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from core.data.reading.cells import bytes_in
from core.data.reading.choices import Choices
from core.data.reading.header import names_of

__all__ = ["Grid"]


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows of text in columns that have no names yet, and what was settled on the way there."""

    rows: pa.Table
    """Strings, one column for each cell of a row."""
    header: tuple[str, ...] | None
    settled: Choices
    """How it was read so far."""
    doubtful: bool = False
    """Whether the header, or the first row, could as well be the other."""
    page: str = ""
    """The code page, if it is one."""
    marked_separator: bool = False
    skipped: int = 0
    """How many lines above the header hold something else."""
    ragged: int = 0
    """How many rows are left out because they have more or fewer cells."""
    typed: bool = False
    """Whether numbers came as numbers, so that the point is their decimal sign."""

    @cached_property
    def names(self) -> tuple[list[str], list[str], list[str]]:
        """A name for each column; those that had none; those that were there twice."""
        return names_of(self.header, len(self.empty), self.empty)

    @cached_property
    def empty(self) -> list[bool]:
        """Of each column, whether it has no name and holds nothing, as separators at the end of lines make them."""
        header = self.header or ("",) * self.rows.num_columns
        return [
            not name and not bytes_in(column).strip() for name, column in zip(header, self.rows.columns, strict=True)
        ]

    @cached_property
    def columns(self) -> dict[str, pa.ChunkedArray]:
        """The columns that hold something, or have a name, by name."""
        columns = zip(self.names[0], self.rows.columns, self.empty, strict=True)
        return {name: column for name, column, empty in columns if not empty}

    def with_header(self, header: str) -> Grid:
        """The same with its first row as the header, or its header as the first row."""
        settled = replace(self.settled, header=header, units="")
        if header == "no" and self.header is not None:
            first = pa.table([pa.array([cell]) for cell in self.header], names=self.rows.column_names)
            rows = pa.concat_tables([first, self.rows])
            return replace(self, rows=rows, header=None, settled=settled)
        if header == "yes" and self.header is None:
            cells = tuple((column[0].as_py() or "").strip() for column in self.rows.columns)
            return replace(self, rows=self.rows.slice(1), header=cells, settled=settled)
        return self
