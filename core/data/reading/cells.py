"""A column's cells, tidied: without blanks around them, missing where they say so, ASCII signs for typographic ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.reading.likeness import MISSING

__all__ = ["Cells", "bytes_in", "matches"]

HEAD = 1000
"""What so many cells show need not be looked for in a million."""

_MISSING = pa.array(sorted(MISSING))
_PIECE = 1 << 16
_PLAIN = {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "−": "-", "–": "-", "’": "'", "‘": "'"}
"""Blanks of various widths, the typographic minus (some write a dash for it), and the apostrophe of the Swiss."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one column as text, null where they are missing."""

    text: pa.ChunkedArray

    @staticmethod
    def of(column: pa.ChunkedArray) -> Cells:
        there = bytes_in(column)
        text = column
        if b" " in there or b"\t" in there or not there.isascii():
            text = pc.utf8_trim_whitespace(text)
        if b"=" in there and b'"' in there:  # ="5", with which some keep Excel from reading more into it
            text = pc.replace_substring_regex(text, r'^="(.*)"$', r"\1")
        missing = pc.is_in(text, value_set=_MISSING)
        if pc.any(missing).as_py():
            text = pc.if_else(missing, pa.scalar(None, pa.string()), text, memory_pool=pa.system_memory_pool())
        if not there.isascii():
            for sign, plain in _PLAIN.items():
                if not set(sign.encode()) - set(there):
                    text = pc.replace_substring(text, sign, plain)
        return Cells(text)

    @cached_property
    def there(self) -> bytes:
        """The bytes that occur in them, each once."""
        return bytes_in(self.text)

    @cached_property
    def filled(self) -> int:
        """How many are not missing."""
        return len(self.text) - int(self.text.null_count)

    @cached_property
    def head(self) -> pa.ChunkedArray:
        """The first that are not missing."""
        start = self.text.slice(0, 4 * HEAD).drop_null()
        return (start if len(start) or not self.filled else self.text.drop_null()).slice(0, HEAD)

    def any(self, pattern: str) -> bool:
        """Whether one of them matches."""
        return matches(self.head, pattern) or (self.filled > len(self.head) and matches(self.text, pattern))


def matches(text: pa.ChunkedArray, pattern: str) -> bool:
    """Whether one of the cells matches."""
    return bool(pc.any(pc.match_substring_regex(text, pattern)).as_py())


def bytes_in(column: pa.ChunkedArray) -> bytes:
    """The bytes that occur in a column's cells, each once; of a slice perhaps some more."""
    seen = np.zeros(256, dtype=bool)
    for chunk in column.chunks:
        data = chunk.buffers()[2]
        if data is not None:
            offsets = np.frombuffer(chunk.buffers()[1], dtype=np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
            characters = np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]] if len(offsets) else data
            for start in range(0, len(characters), _PIECE):
                seen[characters[start : start + _PIECE]] = True
    return bytes(np.flatnonzero(seen).astype(np.uint8))
