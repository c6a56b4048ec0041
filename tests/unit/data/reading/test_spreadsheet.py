"""Excel files: the first sheet that holds a table, and the one sentence that each unusable file gets."""

from __future__ import annotations

import io
import zipfile

import pytest
from written import LINE, X, Y, line, workbook

from core import read_table
from core.data.reading import spreadsheet

TABLE = [["x", "y"], *zip(X, Y, strict=True)]


def test_numbers_are_numbers_whatever_their_decimals():
    table = read_table(workbook([["x", "y"], [1.125, 2.5], [2.25, 1250], [3.375, 4]]), "own.xlsx")
    assert table.column("x").ravel().tolist() == [1.125, 2.25, 3.375]
    assert table.column("y").ravel().tolist() == [2.5, 1250, 4]
    assert table.notices("x", "y") == ()


def test_the_first_sheet_with_a_table_is_taken_and_said():
    contents = workbook([["Notes"], ["by me"]], [["My table", None, None], *([None, *row] for row in TABLE)], TABLE)
    table = read_table(contents, "own.xlsx")
    assert line(table, "x", "y") == pytest.approx(LINE, rel=1e-6)
    assert table.notices("x", "y") == ("The table is on sheet 2.", "The line above the table is left out.")
    assert read_table(contents, "own.xlsx", "sheet:3").reading == "sheet:3,skip:0,header:yes,decimal:point"


def test_dates_are_dates():
    table = read_table(workbook([["when", "y"], *([("date", 38000 + day), 3 * day] for day in range(6))]), "own.xlsx")
    assert table.column("when").ravel().tolist() == [0, 1, 2, 3, 4, 5]
    assert table.notices("when", "y") == ("'when' holds dates and is read as days since 2004-01-14.",)


def test_numbers_that_are_text_in_a_spreadsheet_are_read_as_text_is():
    table = read_table(workbook([["x", "y"], *([number, f"{number},250"] for number in range(3, 9))]), "own.xlsx")
    assert table.column("y").ravel().tolist() == [3250, 4250, 5250, 6250, 7250, 8250]
    assert table.notices("x", "y") == ("In 'y', 3,250 is read as 3250, and could be 3.25.",)


def zipped(name: str, text: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return kept.getvalue()


FAR = '<worksheet><sheetData><row r="1"><c r="A1"/></row><row r="99999"><c r="XFD99999"/></row></sheetData></worksheet>'


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (b"PK\x03\x04\x14\x00\x08\x00", "own.xlsx cannot be read as an Excel file: save it as .xlsx again, or as CSV"),
        (workbook(TABLE)[:-400], "own.xlsx cannot be read as an Excel file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
            "own.xlsx is an old Excel file (.xls) or one with a password",
        ),
        (zipped("x.csv", "x,y\n1,2\n"), "own.xlsx is a ZIP file without an Excel table: unpack it and give the table"),
        (workbook([["Notes"], ["by me"]]), "own.xlsx has no sheet with two columns"),
        (workbook(TABLE, files=[("xl/worksheets/sheet9.xml", FAR)]), "own.xlsx unpacks to too many cells: keep fewer"),
    ],
    ids=["no archive", "cut off", "old", "no workbook", "no table", "a cell far away"],
)
def test_a_file_without_a_table_is_refused_in_a_sentence(contents, words):
    with pytest.raises(ValueError) as raised:  # noqa: PT011  the words are looked at
        read_table(contents, "own.xlsx")
    assert str(raised.value).startswith(words)
    assert str(raised.value).endswith(".")


def test_a_file_that_unpacks_to_far_more_than_it_takes_is_refused_whatever_it_claims(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MOST_BYTES", 1_000_000)
    contents = workbook(TABLE, files=[("xl/media/empty", "0" * 2_000_000)])
    size = (2_000_000).to_bytes(4, "little")
    assert size in contents
    for claimed in (contents, contents.replace(size, (5).to_bytes(4, "little"))):
        with pytest.raises(ValueError, match=r"^own\.xlsx unpacks to too many cells"):
            read_table(claimed, "own.xlsx")
