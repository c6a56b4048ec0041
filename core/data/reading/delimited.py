"""A table out of a text file: which bytes are text, where its table begins, and its rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv

from core.data.reading.choices import SEPARATORS, Choices
from core.data.reading.dialect import Dialect, lines_of
from core.data.reading.encoding import PIECE, Text
from core.data.reading.grid import Grid
from core.data.reading.header import layout_of

__all__ = ["read_delimited"]

SAMPLE = 1 << 16
"""Bytes from which dialect and header are told."""
FEWEST_LINES = 20
"""If there are fewer in so many bytes, as where there are thousands of columns, more bytes are looked at."""
MOST_LINES = 200

_NAMES = {separator: name for name, separator in SEPARATORS.items()}


def read_delimited(contents: bytes, name: str, choices: Choices) -> Grid:
    """The rows of a text file, and what is above them.

    Raises:
        ValueError: if there is no table, saying why and what to do.
    """
    try:
        text = Text.of(contents, choices.encoding)
    except ValueError:
        raise ValueError(f"{name} is not a text file: save the table as CSV (UTF-8) and try again.") from None
    start = next(text.pieces(), b"")
    sample = _whole_lines(start)
    if sample.lstrip().lower().startswith(("<!doctype", "<html", "<?xml")):
        raise ValueError(f"{name} is a web page, not a table: download the CSV file itself.")
    if re.match(r'\s*(\[\s*[\[{]|\{\s*")', sample):
        raise ValueError(f"{name} is JSON, not a table: save the table as CSV and try again.")
    if not sample.strip(" \t\r\n,;|\"'"):
        raise ValueError(f"{name} is empty: give a CSV file with a header and two columns of numbers.")
    marked = re.match(r'\s*"?sep=(.)"?[^\S\r\n]*(?:\r\n|\r|\n)', sample, re.IGNORECASE)
    above = len(marked[0].encode()) if marked else 0
    below = sample[len(marked[0]) :] if marked else sample
    try:
        dialect = Dialect.of(below, _separator(choices, marked))
        lines = lines_of(below, dialect)[:MOST_LINES]
    except csv.Error as error:
        raise ValueError(f"{name} cannot be read as CSV ({error}): save the table as CSV and try again.") from error
    try:
        layout = layout_of([line.cells for line in lines], choices)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
    if layout.width < 2 and re.search(r"[,;\t|]", sample):
        raise ValueError(
            f"{name} has lines of different lengths, whatever separates their cells: give every row a cell for each "
            "column, and separate them by another sign than decimals."
        )
    if layout.width < 2:
        raise ValueError(f"{name} has one column: give a CSV file with a header and two columns of numbers.")
    if layout.body >= len(lines):
        raise ValueError(f"{name} has a header but no rows: add at least 5.")
    first = lines[layout.body]
    rows, ragged = _rows(text, name, dialect, above + first.start, layout.width)
    settled = Choices(
        encoding="" if text.encoding == "utf-8" else text.encoding,
        separator=_NAMES[dialect.separator],
        skip=str(layout.skip),
        header="no" if layout.header is None else "yes",
        units=str(layout.units or ""),
    )
    return Grid(
        rows,
        layout.header,
        settled,
        layout.doubtful,
        text.page,
        marked is not None,
        layout.skip,
        ragged,
    )


def _separator(choices: Choices, marked: re.Match[str] | None) -> str:
    if choices.separator:
        return SEPARATORS[choices.separator]
    return marked[1] if marked and marked[1] in _NAMES else ""


def _whole_lines(start: bytes) -> str:
    """The first lines of a text, none of them cut off."""
    most = SAMPLE if start.count(b"\n", 0, SAMPLE) + start.count(b"\r", 0, SAMPLE) >= FEWEST_LINES else PIECE
    if len(start) > most:
        start = start[: max(start.rfind(b"\n", 0, most), start.rfind(b"\r", 0, most)) + 1] or start[:most]
    return start.decode(errors="ignore")


def _rows(text: Text, name: str, dialect: Dialect, start: int, width: int) -> tuple[pa.Table, int]:
    """The rows from byte `start` on as strings, and how many are left out for their number of cells."""
    names = [str(place) for place in range(width)]
    ragged: list[int] = []

    def leave_out(row: pyarrow.csv.InvalidRow) -> str:
        if row.text.strip(" \t\r\n\x1a" + dialect.separator) and not re.match(r"\s*(#|%|//)", row.text):
            ragged.append(row.actual_columns)
        return "skip"

    try:
        rows = pyarrow.csv.read_csv(
            _source(text, dialect, start),
            pyarrow.csv.ReadOptions(column_names=names, use_threads=False),
            pyarrow.csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote,
                newlines_in_values=dialect.quote.encode() in text.contents,
                invalid_row_handler=leave_out,
            ),
            pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
            memory_pool=pa.system_memory_pool(),  # with threads, or the default pool, memory grows by twice as much
        )
    except pa.ArrowInvalid as error:
        reason = str(error).partition("\n")[0][:80]
        raise ValueError(f"{name} cannot be read as CSV ({reason}): save the table as CSV and try again.") from error
    lost = len(ragged)
    if lost > rows.num_rows:
        cells = ragged[0]
        raise ValueError(
            f"{name} has rows of {width} and of {cells} cells: give every row a cell for each column, "
            "and choose a separator that is no decimal sign."
        )
    return rows, lost


def _source(text: Text, dialect: Dialect, start: int) -> Any:
    """The text from byte `start` on, as the parser takes it; where nothing has to be changed, without a copy."""
    if text.is_utf8 and dialect.separator.strip(" ") and not dialect.spaced:
        return pa.BufferReader(pa.py_buffer(text.contents).slice(text.mark + start))
    return io.BufferedReader(_Pieces(_plain(text, dialect, start)), PIECE)


def _plain(text: Text, dialect: Dialect, start: int) -> Iterator[bytes]:
    """Pieces of whole lines, as the parser can read them."""
    rest = b""
    for piece in text.pieces(start):
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r", 0, -1)) + 1
        if end:
            yield dialect.plain(rest + piece[:end])
            rest = piece[end:]
        else:
            rest += piece
    yield dialect.plain(rest)


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = memoryview(piece)
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count
