"""Encodings: Unicode with and without a mark, and the code pages of before."""

from __future__ import annotations

import pytest
from written import LINE, comma, line_of, rows, said

from core import read_table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("names", ["x\ty", "Größe\tGewicht", "身長\t体重", "Ποσό\tΤιμή"])
def test_unicode_is_read_with_and_without_a_mark(encoding, names):
    contents = f"{names}\n{rows(chr(9), comma)}".encode(encoding)
    assert list(read_table(contents).columns) == names.split("\t")
    assert line_of(contents) == pytest.approx(LINE, rel=1e-6)


@pytest.mark.parametrize(
    ("names", "encoding", "called"),
    [
        ("Größe;Gewicht", "cp1252", "Windows-1252"),
        ("Temperatur °C;Weg", "cp1252", "Windows-1252"),
        ("año;tamaño", "cp1252", "Windows-1252"),
        ("рост;вес", "cp1251", "Windows-1251"),
        ("wysokość;ciężar", "cp1250", "Windows-1250"),
        ("ύψος;βάρος", "cp1253", "Windows-1253"),
        ("身長;体重", "cp932", "Shift JIS"),
        ("身高;体重", "gb18030", "GB 18030"),
    ],
)
def test_code_pages_are_told_by_the_words_in_them_and_named(names, encoding, called):
    contents = f"{names}\n{rows(';', comma)}".encode(encoding)
    assert list(read_table(contents).columns) == names.split(";")
    assert line_of(contents) == pytest.approx(LINE, rel=1e-6)
    assert said(contents)[0] == f"The text is read as {called}."


def test_a_letter_of_a_code_page_far_down_is_read_too():
    contents = ("x;y;who\n" + "1,5;2;me\n2,5;3;you\n" * 60_000).encode() + "3,5;4;Jörg\n".encode("cp1252")
    assert read_table(contents).grid.columns["who"][-1].as_py() == "Jörg"


@pytest.mark.parametrize(
    "contents", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"x,y\n\0\0\0\0\1\2\3\n", b"\xff\xfe\x00\xd8\x00\xd8"]
)
def test_what_is_no_text_is_refused(contents):
    with pytest.raises(ValueError, match=r"^data\.csv is not a text file: save the table as CSV \(UTF-8\)"):
        read_table(contents, "data.csv")
