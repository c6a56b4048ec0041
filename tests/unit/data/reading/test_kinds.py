"""Tables as people bring them: each kind gives the line that its points lie on, and says what was understood of it."""

from __future__ import annotations

import pytest
from written import LINE, X, Y, comma, grouped, line_of, rows, said

from core import read_table

SEMICOLONS = "Columns are separated by semicolons."
COMMAS = "Columns are separated by semicolons, and the comma is the decimal sign."
BLANKS = "In 'y', blanks group the digits."
APOSTROPHES = "In 'y', apostrophes group the digits."
POINTS = "In 'y', 22.700 is read as 22700, and could be 22.7."

KINDS: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "plain": (f"x,y\n{rows()}", ()),
    "quoted": ('"x","y"\n' + rows(x='"{}"'.format, y='"{}"'.format), ()),
    "quoted by apostrophes": ("'x','y'\n" + rows(x="'{}'".format, y="'{}'".format), ()),
    "blanks before quotes": ('"x", "y"\n' + rows(", ", x='"{}"'.format, y='"{}"'.format), ()),
    "blanks after quotes": ('"x" ,"y"\n' + rows(" ,", x='"{}"'.format, y='"{}"'.format), ()),
    "as formulas": ("x,y\n" + rows(x='="{}"'.format, y='="{}"'.format), ()),
    "CR": (f"x,y\n{rows()}".replace("\n", "\r"), ()),
    "CRLF": (f"x,y\n{rows()}".replace("\n", "\r\n"), ()),
    "blank lines": (f"\n\nx,y\n\n{rows()}\n   \n", ()),
    "end of file of DOS": (f"x,y\n{rows()}\x1a", ()),
    "semicolons": (f"x;y\n{rows(';')}", (SEMICOLONS,)),
    "tabs": (f"x\ty\n{rows(chr(9))}", ("Columns are separated by tabs.",)),
    "pipes": (f"x|y\n{rows('|')}", ("Columns are separated by vertical bars.",)),
    "blanks": (
        "   x        y\n" + rows(x="{:>6}".format, y="{:>8}".format, separator="  "),
        ("Columns are separated by blanks.",),
    ),
    "words with blanks, columns further apart": (
        f"name        x    y\n{rows('   ', before='New York {}'.format)}",
        ("Columns are separated by two or more blanks.",),
    ),
    "blanks, but for one tab in a line": (
        "".join(f'{x}   {y}  7   8\t"car {y}"\n' for x, y in zip(X, Y, strict=True)),
        (
            "Columns are separated by blanks.",
            "There is no header: the columns are called column 1, column 2 and so on.",
        ),
    ),
    "a table in Markdown": (
        "| x | y |\n|---|---|\n" + "".join(f"| {x} | {y} |\n" for x, y in zip(X, Y, strict=True)),
        ("Columns are separated by vertical bars.", "The units below the header are left out."),
    ),
    "Excel's sep=": (f"sep=;\r\nx;y\r\n{rows(';', comma, end=chr(13) + chr(10))}", (COMMAS,)),
    "Excel's sep= with a mark": (f"\ufeffsep=\t\nx\ty\n{rows(chr(9))}", ("Columns are separated by tabs.",)),
    "decimal commas": (f"x;y\n{rows(';', comma)}", (COMMAS,)),
    "decimal commas in quotes": ("x,y\n" + rows(x=lambda x: f'"{comma(x)}"'), ("The comma is the decimal sign.",)),
    "decimal commas and tabs": (
        f"x\ty\n{rows(chr(9), comma)}",
        ("Columns are separated by tabs, and the comma is the decimal sign.",),
    ),
    "decimal commas and points in one column": (
        "x;y\n" + rows(";", x=lambda x: comma(x) if x > 5 else str(x)),
        (SEMICOLONS, "In 'x', commas as well as points are decimal signs."),
    ),
    "thousands as in America": (
        f"x;y\n{rows(';', y=grouped(','))}",
        (SEMICOLONS, "In 'y', 22,700 is read as 22700, and could be 22.7."),
    ),
    "thousands as in Germany": (f"x;y\n{rows(';', comma, grouped('.'))}", (COMMAS, POINTS)),
    "thousands as in France": (f"x;y\n{rows(';', comma, grouped(chr(0x202F)))}", (COMMAS, BLANKS)),
    "thousands with blanks": (f"x;y\n{rows(';', comma, grouped(' '))}", (COMMAS, BLANKS)),
    "thousands with blanks that do not break": (
        f"x;y\n{rows(';', comma, grouped(chr(0xA0)))}",
        (COMMAS, BLANKS),
    ),
    "thousands as in Switzerland": (f"x;y\n{rows(';', y=grouped('’'))}", (SEMICOLONS, APOSTROPHES)),
    "thousands with apostrophes": (f"x;y\n{rows(';', y=grouped(chr(39)))}", (SEMICOLONS, APOSTROPHES)),
    "thousands and cents": (f"x;y\n{rows(';', y='{:,}.00'.format)}", (SEMICOLONS, "In 'y', commas group the digits.")),
    "dollars": (
        "x,y\n" + rows(y='"${:,}"'.format),
        ("'y' is read without $.", "In 'y', 22,700 is read as 22700, and could be 22.7."),
    ),
    "euros": (f"x;y\n{rows(';', comma, lambda y: f'{y},00 €')}", (COMMAS, "'y' is read without €.")),
    "francs": (f"x;y\n{rows(';', y='CHF {}.00'.format)}", (SEMICOLONS, "'y' is read without CHF.")),
    "percent": (f"x,y\n{rows(y='{}%'.format)}", ("'y' is in percent: 2 % is read as 2.",)),
    "units in cells": (f"x,y\n{rows(y='{} kg'.format)}", ("'y' is read without kg.",)),
    "powers of ten": (f"x,y\n{rows(x='{:e}'.format, y='{:.4E}'.format)}", ()),
    "powers of ten of Fortran": (f"x,y\n{rows(x='{:.3E}'.format, y='{:.4E}'.format).replace('E', 'D')}", ()),
    "powers of ten and decimal commas": ("x;y\n" + comma(rows(";", "{:e}".format, "{:.4E}".format)), (COMMAS,)),
    "plus signs": (f"x,y\n{rows(y='+{}'.format)}", ()),
    "a title": (f"Measured on 3 May, by me\n\nx,y\n{rows()}", ("The line above the table is left out.",)),
    "a title of a spreadsheet": (f"Table 1,\n,\nx,y\n{rows()}", ("The line above the table is left out.",)),
    "a block above": (
        f"Station;5;\nFrom;01.01.2004;\n\nx;y;z\n{rows(';', comma, end=';w' + chr(10))}",
        (COMMAS, "The 2 lines above the table are left out."),
    ),
    "comments": (f"# one, two\n# three\nx,y\n{rows()}# end\n", ("The 2 lines above the table are left out.",)),
    "comments of TeX": (
        f"% made today\nx y\n{rows(' ')}",
        ("Columns are separated by blanks.", "The line above the table is left out."),
    ),
    "comments of C": (f"// made; today\nx;y\n{rows(';')}", (SEMICOLONS, "The line above the table is left out.")),
    "a header in a comment": (f"# x y\n{rows(' ')}", ("Columns are separated by blanks.",)),
    "units below the header": (f"x,y\ncm,kg\n{rows()}", ("The units below the header are left out.",)),
    "units in brackets": (f"x;y\n[s];[m/s²]\n{rows(';')}", (SEMICOLONS, "The units below the header are left out.")),
    "units above the header": (f"cm,kg\nx,y\n{rows()}", ("The line above the table is left out.",)),
    "a source below": (
        f"x,y\n{rows()}\nSource: somebody\n",
        ("1 row has more or fewer cells than the others and is left out.",),
    ),
    "ragged rows": (
        f"x,y\n{rows()}7\n7,8,9\n",
        ("2 rows have more or fewer cells than the others and are left out.",),
    ),
    "separators at the ends": (
        f"x;y;;\n{rows(';', comma, end=';;' + chr(10))};;;\n;;;\n",
        (COMMAS, "2 of 11 rows have neither 'x' nor 'y' and are left out."),
    ),
    "separators at the ends of rows alone": (f"x,y\n{rows(end=',' + chr(10))}", ()),
    "rows named by R": (
        '"x" "y"\n' + rows(" ", before='"{}"'.format),
        ("Columns are separated by blanks.",),
    ),
    "rows named by R, in words": (
        '"x" "y"\n' + rows(" ", before='"Row {}"'.format),
        ("Columns are separated by blanks.",),
    ),
    "no header": (rows(), ("There is no header: the columns are called x and y.",)),
    "no header, decimal commas": (rows(";", comma), (COMMAS, "There is no header: the columns are called x and y.")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_table_gives_the_line_of_its_points_and_says_what_was_understood(kind):
    contents, notices = KINDS[kind]
    assert line_of(contents) == pytest.approx(LINE, rel=1e-6)
    assert said(contents) == notices


@pytest.mark.parametrize("kind", KINDS)
def test_table_is_read_in_the_same_way_by_its_reading(kind):
    contents = KINDS[kind][0]
    contents = contents.encode() if isinstance(contents, str) else contents
    table = read_table(contents)
    again = read_table(contents, reading=table.reading)
    assert again.reading == table.reading
    assert again.head(20) == table.head(20)
    assert again.others == table.others
    assert again.notices(*again.columns_for(None, None)) == table.notices(*table.columns_for(None, None))


@pytest.mark.parametrize("kind", KINDS)
def test_other_readings_are_the_same_from_the_table_as_from_its_file(kind):
    contents = KINDS[kind][0]
    contents = contents.encode() if isinstance(contents, str) else contents
    table = read_table(contents)
    for _, reading in table.others:
        other = table.read_as(reading)
        assert other.head(20) != table.head(20) or list(other.columns) != list(table.columns)
        assert other.head(20) == read_table(contents, reading=reading).head(20)
        assert other.reading == reading
