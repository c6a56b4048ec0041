"""A table out of an Excel file (.xlsx): the first sheet that holds one."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from itertools import islice

import pyarrow as pa

from core.data.reading.choices import Choices
from core.data.reading.grid import Grid
from core.data.reading.header import layout_of

__all__ = ["is_spreadsheet", "read_spreadsheet"]

MOST_BYTES = 300_000_000
"""Of a file unpacked. A file of 20 MB could unpack to a thousand times as much."""
MOST_CELLS = 20_000_000
"""Between the first and the last of a sheet, empty ones too: the reader makes room for all of them."""
MOST_LINES = 200
_CHUNK = 10_000

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PLACE = re.compile(rb'\br="([A-Z]{0,3})([0-9]{1,7})"')


def is_spreadsheet(contents: bytes) -> bool:
    """Whether these are the contents of an Excel file, old or new."""
    return contents.startswith((_ZIP, _OLE))


def read_spreadsheet(contents: bytes, name: str, choices: Choices) -> Grid:
    """The rows of the first sheet that has a table, or of the one that is chosen.

    Raises:
        ValueError: if there is none, saying why and what to do.
    """
    if contents.startswith(_OLE):
        raise ValueError(
            f"{name} is an old Excel file (.xls) or one with a password: save it as .xlsx without one, or as CSV."
        )
    import python_calamine as calamine  # only for those who bring one

    _require_bounded(contents, name)
    try:
        book = calamine.load_workbook(io.BytesIO(contents))
        for number in [int(choices.sheet)] if choices.sheet else range(1, len(book.sheet_names) + 1):
            if number > len(book.sheet_names) or number < 1:
                raise ValueError(f"{name} has {len(book.sheet_names)} sheets: choose another than {number}.")
            grid = _table(book.get_sheet_by_index(number - 1), number, choices)
            if grid is not None:
                return grid
    except (calamine.CalamineError, OSError) as error:
        raise ValueError(f"{name} cannot be read as an Excel file: save it as .xlsx again, or as CSV.") from error
    raise ValueError(f"{name} has no sheet with two columns: put a header and two columns of numbers on the first one.")


def _table(sheet: object, number: int, choices: Choices) -> Grid | None:
    rows: Iterator[list[object]] = sheet.iter_rows()  # type: ignore[attr-defined]
    texts = ([_text(cell) for cell in row] for row in rows)
    filled = (cells for cells in texts if any(cells))
    start = list(islice(filled, MOST_LINES))
    if not start:
        return None
    # Beside the table there may be notes, and columns that hold nothing.
    lines = [tuple(cell.strip() for cell in cells) for cells in start]
    layout = layout_of(lines, choices)
    if layout.width < 2 or layout.body >= len(lines):
        return None
    chunks = [_columns(start[layout.body :])]
    while chunk := list(islice(filled, _CHUNK)):
        chunks.append(_columns(chunk))
    names = [str(place) for place in range(layout.width)]
    columns = [pa.chunked_array([chunk[place] for chunk in chunks]) for place in range(layout.width)]
    settled = Choices(
        sheet=str(number) if number > 1 or choices.sheet else "",
        skip=str(layout.skip),
        header="no" if layout.header is None else "yes",
        units=str(layout.units or ""),
    )
    return Grid(
        pa.table(columns, names=names), layout.header, settled, layout.doubtful, skipped=layout.skip, typed=True
    )


def _columns(rows: list[list[str]]) -> list[pa.Array]:
    return [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]


def _text(cell: object) -> str:
    """The cell in the one way of writing that leaves nothing open."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime.datetime():
            return cell.isoformat(" ") if cell.time() != datetime.time() else cell.date().isoformat()
        case datetime.timedelta():
            return repr(cell / datetime.timedelta(days=1))
        case _:
            return str(cell)


def _require_bounded(contents: bytes, name: str) -> None:
    """Raises `ValueError` for a file that unpacks to more than can be read, or that is damaged."""
    too_large = ValueError(f"{name} unpacks to too many cells: keep fewer rows, or only the two columns.")
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(contents)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise ValueError(f"{name} is a ZIP file without an Excel table: unpack it and give the table itself.")
            for entry in archive.infolist():
                entry.file_size = 2 * MOST_BYTES  # what it claims may be less than what it unpacks to
                width = height = 1
                rest = b""
                with archive.open(entry) as file:
                    while piece := file.read(1 << 20):
                        total += len(piece)
                        if total > MOST_BYTES:
                            raise too_large
                        if entry.filename.startswith("xl/worksheets/"):
                            for letters, digits in _PLACE.findall(rest + piece):
                                height = max(height, int(digits))
                                width = max(width, _number_of(letters))
                            if width * height > MOST_CELLS:
                                raise too_large
                            rest = piece[-30:]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise ValueError(f"{name} cannot be read as an Excel file: save it as .xlsx again, or as CSV.") from error


def _number_of(letters: bytes) -> int:
    """Of a column by its letters: A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
