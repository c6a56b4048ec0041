"""The text that says how a table is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import read_table
from core.data.reading import Choices, read_columns

TEXTS = st.fixed_dictionaries(
    {},
    optional={
        "sheet": st.sampled_from("123"),
        "encoding": st.sampled_from(["utf-16-le", "cp1252"]),
        "separator": st.sampled_from(["comma", "blanks"]),
        "skip": st.sampled_from(["0", "17"]),
        "header": st.sampled_from(["yes", "no"]),
        "decimal": st.sampled_from(["point", "comma"]),
        "dates": st.sampled_from(["day", "month"]),
    },
)


@given(TEXTS)
def test_a_reading_is_written_as_it_is_read(chosen):
    text = ",".join(f"{key}:{value}" for key, value in chosen.items())
    assert Choices.read(text) == Choices(**chosen)
    assert Choices.read(str(Choices(**chosen))) == Choices(**chosen)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("decimal:dot", "reading: decimal must be point or comma, but got 'dot'."),
        ("dates:first", "reading: dates must be day or month, but got 'first'."),
        (
            "comma",
            "reading has no 'comma': it takes sheet, encoding, separator, skip, header, units, decimal, dates, as",
        ),
        ("skip:-1", "reading: skip must be a whole number, as skip:1, but got '-1'."),
        ("header:no,header:yes", "reading says header twice: leave one of them out."),
        ("separator:x" * 1000, "reading: separator must be comma, semicolon, tab, blanks, wide or pipe, but got 'xsep"),
    ],
)
def test_a_text_that_is_no_reading_is_refused_in_a_sentence(text, words):
    with pytest.raises(ValueError) as raised:  # noqa: PT011  the words are looked at
        read_table(b"x,y\n1,2\n", reading=text)
    assert str(raised.value).startswith(words)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize("text", ["separator:tab", "encoding:cp1252", "skip:2", "sheet:2", "skip:0,units:3"])
def test_what_needs_the_file_again_is_refused_of_a_table_and_it_is_said_what_to_do(text):
    table = read_table(b"x,y\n1,2\n3,4\n5,6\n7,8\n", "own.csv")
    piece = text.removeprefix("skip:0,")
    with pytest.raises(ValueError) as raised:  # noqa: PT011  the words are looked at
        table.read_as(text)
    assert str(raised.value) == (
        f"reading: {piece} is not how own.csv was read: leave {piece.partition(':')[0]} out of the link, or "
        "save the file in another way and upload it again."
    )


@pytest.mark.parametrize("text", ["", "encoding:utf-8", "sheet:1", "units:0", "separator:comma,skip:0"])
def test_what_a_table_is_already_needs_no_file(text):
    table = read_table(b"x,y\n1,2\n3,4\n", "own.csv")
    assert table.read_as(text).head() == table.head()


def test_units_that_were_found_may_be_named():
    table = read_table(b"x,y\nm,s\n1.5,2\n3,4\n")
    assert "units:1" in table.reading
    assert table.read_as("units:1,decimal:point").head() == table.head()


def test_a_table_read_back_as_it_was_first_is_the_table_itself():
    table = read_table(b"1,2\n3,4\n5,6\n")
    assert table.read_as(table.reading) is table
    other = table.read_as("header:yes")
    assert other.read_as(table.reading) is table
    assert other.read_as("decimal:point,header:yes").origin is table


def test_another_reading_that_nobody_holds_is_there_again_without_its_columns_being_read_again(monkeypatch):
    table, read = read_table(b"1.5,2\n3,4\n5,6\n"), []
    assert table.columns
    monkeypatch.setattr("core.data.tables.read_columns", lambda *given: read.append(1) or read_columns(*given))
    in_full = table.read_as("header:yes").reading
    assert [*table.read_as("header:yes").columns] == [*table.read_as(in_full).columns] == ["1.5", "2"]
    assert read == [1]
