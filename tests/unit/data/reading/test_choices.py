"""The text that says how a table is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import read_table
from core.data.reading import Choices

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


def test_what_needs_the_file_again_is_refused_of_a_table():
    table = read_table(b"x,y\n1,2\n3,4\n")
    with pytest.raises(ValueError, match="another separator needs the file itself"):
        table.read_as("separator:tab")
