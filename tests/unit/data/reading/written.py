"""Tables on a known line, written as people and programs write them, and the line that is read back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from xml.sax.saxutils import escape

import numpy as np

from core import Table, read_table

X = (1.2, 1.6, 2.4, 3.2, 4.4, 5.2, 6.4, 7.6, 8.8)
LINE = (14000.0, 7250.0)
"""Intercept and slope; with them y is a whole number of five digits for each x."""
Y = tuple(round(14000 + 7250 * x) for x in X)


def rows(
    separator: str = ",",
    x: Callable[[float], str] = str,
    y: Callable[[int], str] = str,
    end: str = "\n",
    before: Callable[[int], str] | None = None,
) -> str:
    """The points of the line, a row each."""
    return "".join(
        (f"{before(index)}{separator}" if before else "") + x(one) + separator + y(other) + end
        for index, (one, other) in enumerate(zip(X, Y, strict=True), 1)
    )


def comma(number: float | str) -> str:
    """With decimal commas."""
    return str(number).replace(".", ",")


def grouped(sign: str) -> Callable[[float], str]:
    return lambda number: f"{number:,.0f}".replace(",", sign)


def line_of(contents: bytes | str, x: str | None = None, y: str | None = None) -> tuple[float, float]:
    """Intercept and slope of least squares over all rows."""
    table = read_table(contents.encode() if isinstance(contents, str) else contents)
    return line(table, *table.columns_for(x, y))


def line(table: Table, x: str, y: str) -> tuple[float, float]:
    xs, ys = table.points(x, y)
    b, w = np.linalg.lstsq(np.hstack([np.ones_like(xs), xs]), ys, rcond=None)[0].ravel()
    return float(b), float(w)


def said(contents: bytes | str, x: str | None = None, y: str | None = None, reading: str = "") -> tuple[str, ...]:
    """The notices about two columns."""
    table = read_table(contents.encode() if isinstance(contents, str) else contents, reading=reading)
    return table.notices(*table.columns_for(x, y))


def workbook(*sheets: Sequence[Sequence[object]], files: Iterable[tuple[str, str]] = ()) -> bytes:
    """An Excel file: numbers as numbers, `("date", serial)` as a date, the rest as text."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (*_frame(len(sheets)), *files):
            archive.writestr(name, text)
        for number, sheet in enumerate(sheets, 1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(sheet))
    return kept.getvalue()


_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _sheet(lines: Sequence[Sequence[object]]) -> str:
    written = "".join(f'<row r="{row}">{"".join(map(_cell, cells))}</row>' for row, cells in enumerate(lines, 1))
    return f"<worksheet {_MAIN}><sheetData>{written}</sheetData></worksheet>"


def _cell(value: object) -> str:
    match value:
        case None:
            return "<c/>"
        case ("date", serial):
            return f'<c s="1"><v>{serial}</v></c>'
        case int() | float():
            return f"<c><v>{value!r}</v></c>"
        case _:
            return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def _frame(sheets: int) -> Iterable[tuple[str, str]]:
    numbers = range(1, sheets + 1)
    names = "".join(f'<sheet name="Sheet{one}" sheetId="{one}" r:id="rId{one}"/>' for one in numbers)
    related = "".join(
        f'<Relationship Id="rId{one}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{one}.xml"/>'
        for one in numbers
    )
    yield "[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types"/>'
    yield "xl/workbook.xml", f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>'
    yield (
        "xl/_rels/workbook.xml.rels",
        f'<Relationships xmlns="{_PACKAGE}/relationships">{related}'
        f'<Relationship Id="styles" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    )
    yield (
        "_rels/.rels",
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    yield (
        "xl/styles.xml",
        f'<styleSheet {_MAIN}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    )
