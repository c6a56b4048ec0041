"""Headers: those that are there, those that are not, and what columns are called."""

from __future__ import annotations

import pytest
from written import X, Y, rows, said

from core import read_table


def names(contents: str, reading: str = "") -> list[str]:
    return list(read_table(contents.encode(), reading=reading).columns)


def test_years_above_a_column_of_words_are_a_header():
    contents = "land,1950,1975,2000\n" + rows(before="l{}".format, end=",3.5\n")
    assert names(contents) == ["land", "1950", "1975", "2000"]
    assert said(contents)[0] == (
        "The first row, though it holds numbers, is taken for the header: 'land', '1950', '1975', '2000'."
    )
    assert len(read_table(contents.encode())) == len(X)


def test_a_first_row_like_the_others_is_a_row():
    contents = rows(end=",kind-a\n")
    table = read_table(contents.encode())
    assert list(table.columns) == ["column 1", "column 2", "column 3"]
    assert table.points("column 1", "column 2")[0].ravel().tolist() == list(X)
    assert said(contents) == ("There is no header: the columns are called column 1, column 2 and so on.",)


def test_counts_in_the_header_as_pandas_writes_them_are_names():
    assert names(",0,1\n" + rows(before="{}".format)) == ["column 1", "0", "1"]


@pytest.mark.parametrize(
    ("header", "called"),
    [
        ("x,x", ["x", "x (2)"]),
        ("x,", ["x", "column 2"]),
        (" x ,y", ["x", "y"]),
        ("a&b=c,-log10(p)", ["a&b=c", "-log10(p)"]),
        ("<b>x</b>,100%", ["<b>x</b>", "100%"]),
        ('"Height, cm","say ""y"""', ["Height, cm", 'say "y"']),
        ('"x\n(cm)",y', ["x\n(cm)", "y"]),
        ("größe,重さ", ["größe", "重さ"]),
        ("x" * 1000 + "," + "y" * 3000, ["x" * 1000, "y" * 3000]),
    ],
)
def test_columns_keep_their_names_and_have_each_its_own(header, called):
    assert names(f"{header}\n{rows()}") == called


def test_three_columns_of_one_name_are_told_apart_even_from_one_that_is_called_so():
    assert names("x,x,x (2)\n1,2,3\n2,3,5\n") == ["x", "x (3)", "x (2)"]


def test_of_nameless_columns_and_of_names_that_are_there_twice_it_is_said_what_they_are_called():
    contents = "x,,x\n" + rows(end=",7\n")
    assert said(contents, "x", "column 2") == ("A column without a name is called column 2.",)
    assert said(contents, "x (2)", "x") == ("There are several columns of one name: this one is called 'x (2)'.",)


def test_a_header_may_be_taken_for_a_row_and_a_row_for_a_header():
    table = read_table(rows().encode())
    [(label, reading)] = table.others
    assert label == "Take the first row as the header"
    other = table.read_as(reading)
    assert list(other.columns) == [str(X[0]), str(Y[0])]
    assert len(other) == len(X) - 1
    assert other.read_as("header:no").head(20) == table.head(20)
    assert names(f"x,y\n{rows()}", "header:no") == ["x", "y"]  # so they are called
    assert len(read_table(f"x,y\n{rows()}".encode(), reading="header:no")) == len(X) + 1


@pytest.mark.parametrize("missing", ["NA,NA\n" * 7, "NaN,NaN\n", ".,NA\n"])
def test_rows_without_a_number_above_the_first_that_has_one_are_no_header(missing):
    assert names(f"x,y\n{missing}{rows()}") == ["x", "y"]
    count = missing.count("\n")
    verbs = ("has", "is") if count == 1 else ("have", "are")
    assert said(f"x,y\n{missing}{rows()}") == (
        f"{count} of {count + len(X)} rows {verbs[0]} neither 'x' nor 'y' and {verbs[1]} left out.",
    )


@pytest.mark.parametrize("sign", ["#", "%"])
def test_the_sign_of_a_comment_may_be_the_name_of_a_column(sign):
    assert names(f"{sign},x,y\n{rows(before=str)}") == [sign, "x", "y"]


def test_numbers_that_the_comma_cuts_in_two_are_refused():
    contents = "x,y\n" + rows(x=lambda x: str(x).replace(".", ","), y="{},5".format)
    with pytest.raises(
        ValueError, match=r"^d\.csv has 2 names above rows of 4 cells, as where the comma separates and"
    ):
        read_table(contents.encode(), "d.csv")
