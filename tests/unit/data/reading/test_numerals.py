"""Numbers: what a column says of its own decimal sign, what the file says for it, and what nobody can know."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core import Table, read_table


def table_of(cells: list[str], beside: list[str] | None = None, separator: str = ";") -> Table:
    """A table with a column y of these cells."""
    beside = beside or [str(number) for number in range(7, 7 + len(cells))]
    lines = (separator.join(pair) for pair in zip(beside, cells, strict=True))
    return read_table(("\n".join([f"x{separator}y", *lines]) + "\n").encode())


def read(cells: list[str], **given) -> list[float]:
    return table_of(cells, **given).column("y").ravel().tolist()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,250", "2,5", "3,125"], [1.25, 2.5, 3.125]),
        (["1.250", "2.5", "3.125"], [1.25, 2.5, 3.125]),
        (["1,250", "1,234,567", "3,125"], [1250, 1234567, 3125]),
        (["1.250", "1.234.567", "3.125"], [1250, 1234567, 3125]),
        (["1,250.5", "2,000", "3,125"], [1250.5, 2000, 3125]),
        (["1.250,5", "2.000", "3.125"], [1250.5, 2000, 3125]),
        (["0,250", "0,125", "1,125"], [0.25, 0.125, 1.125]),
        (["1250,125", "2,125", "3,125"], [1250.125, 2.125, 3.125]),
        (["1,23,456", "12,34,567", "3,125"], [123456, 1234567, 3125]),
        (["1 250,125", "2,125", "12 003,125"], [1250.125, 2.125, 12003.125]),
        (["1'250.125", "2.125", "12’003.125"], [1250.125, 2.125, 12003.125]),
        (["1,25e3", "2,125", "3,125"], [1250, 2.125, 3.125]),
    ],
)
def test_one_cell_that_can_be_read_in_one_way_alone_decides_for_its_column(cells, numbers):
    table = table_of(cells)
    assert table.column("y").ravel().tolist() == numbers
    assert not any("could be" in notice for notice in table.notices("x", "y"))
    assert table.others == ()


def test_another_column_decides_for_one_that_does_not_say():
    assert read(["1,250", "2,125", "3,750"], beside=["0.5", "1.5", "2.5"]) == [1250, 2125, 3750]
    assert read(["1.250", "2.125", "3.750"], beside=["0,5", "1,5", "2,5"]) == [1250, 2125, 3750]
    assert read(["1,250", "2,125", "3,750"], beside=["0,5", "1,5", "2,5"]) == [1.25, 2.125, 3.75]


@pytest.mark.parametrize(
    ("sign", "separator"), [(",", ";"), (".", ";"), (",", "\t"), (".", ","), (".", " "), (",", "|")]
)
def test_what_can_be_read_in_two_ways_is_told_and_can_be_read_in_the_other(sign, separator):
    cells = [f"1{sign}250", f"2{sign}125", f"3{sign}750", f"40{sign}500"]
    table = table_of(cells, separator=separator)
    small, large = [1.25, 2.125, 3.75, 40.5], [1250.0, 2125.0, 3750.0, 40500.0]
    values = table.column("y").ravel().tolist()
    assert values in (small, large)
    other, word = (large, "1250") if values == small else (small, "1.25")
    assert any(
        f"1{sign}250 is read as" in notice and f"could be {word}" in notice for notice in table.notices("x", "y")
    )
    [(label, reading)] = table.others
    assert label == f"Read 1{sign}250 as {word}"
    assert table.read_as(reading).column("y").ravel().tolist() == other
    assert table.read_as(reading).read_as(table.reading).column("y").ravel().tolist() == values


def test_thousands_are_likely_beside_smaller_numbers_without_decimals():
    assert read(["950", "1,250", "2,125", "800"]) == [950, 1250, 2125, 800]
    assert read(["950", "1.250", "2.125", "800"], separator=",") == [950, 1250, 2125, 800]


def test_three_decimals_in_every_column_are_likelier_than_thousands_in_every_column():
    assert read(["45.000", "50.500"], beside=["1.500", "2.250"]) == [45, 50.5]
    assert read(["45,000", "50,500"], beside=["1,500", "2,250"]) == [45, 50.5]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["-$5", "$6.5", "$7"], [-5, 6.5, 7]),
        (["$-5", "$6.5", "7"], [-5, 6.5, 7]),
        (["($5)", "$6.5", "$7"], [-5, 6.5, 7]),
        (["(5)", "6.5", "7"], [-5, 6.5, 7]),
        (["−5", "–6.5", "-7"], [-5, -6.5, -7]),
        (["5-", "6.5", "7-"], [-5, 6.5, -7]),
        (["5,0 €", "6,5 €", "-7 €"], [5, 6.5, -7]),
        (["EUR 5", "EUR 6.5", "EUR 7"], [5, 6.5, 7]),
        (["₹1,23,456", "₹2,34,567", "₹3"], [123456, 234567, 3]),
        (["5 %", "6,5 %", "7 %"], [5, 6.5, 7]),
        (["5°C", "6.5°C", "-7°C"], [5, 6.5, -7]),
        (["5 m²", "6.5 m²", "7 m²"], [5, 6.5, 7]),
        ([".5", "6.", "+7"], [0.5, 6, 7]),
    ],
)
def test_signs_and_units_beside_numbers_are_no_part_of_them(cells, numbers):
    assert read(cells) == numbers


def test_what_stands_beside_some_numbers_alone_may_change_what_they_mean():
    """A percent sign is a factor of 100, K one of 1000."""
    for sign in ("%", "K"):
        table = table_of([f"{number}{sign if number % 2 else ''}" for number in range(20)])
        assert table.columns["y"].reason == "holds words"


@pytest.mark.parametrize("cell", ["2020_01", "1,2,3", "1'2", "0x10", "1 2", "٣", "five", "5 or 6", "inf"])
def test_what_is_no_number_among_numbers_is_left_out_and_said(cell):
    table = table_of([*(f"{number},000.5" for number in range(1, 20)), cell])
    xs, ys = table.points("x", "y")
    assert ys.ravel().tolist() == [1000 * number + 0.5 for number in range(1, 20)]
    assert len(xs) == 19
    assert table.notices("x", "y")[-1] == f"1 of 20 rows has no 'y' (one says {cell!r}) and is left out."


MIXED = "In 'y', commas as well as points are decimal signs."


@pytest.mark.parametrize(
    ("cells", "doubtful"),
    [
        (["1.5", "2.25", "1,250", "3,5", "1.250"], "1,250"),
        (["1.5", "2.25", "1.250", "3,5", "1,250"], "1.250"),
        ([*["2.5"] * 5000, "1,250", "3,5"], "1,250"),
    ],
)
def test_where_commas_as_well_as_points_are_decimal_signs_neither_groups_and_the_doubt_is_told(cells, doubtful):
    table = table_of(cells)
    assert table.column("y").ravel().tolist() == [float(cell.replace(",", ".")) for cell in cells]
    assert table.notices("x", "y")[1:] == (MIXED, f"In 'y', {doubtful} is read as 1.25, and could be 1250.")
    assert table.others == ()  # with one decimal sign for all, others of its cells are no numbers


@pytest.mark.parametrize(("group", "point"), [(",", "."), (".", ",")])
@pytest.mark.parametrize("sure", ["1{group}234{point}5", "1{group}234{group}567"])
def test_a_sign_that_groups_digits_for_certain_is_the_decimal_sign_of_no_other_cell(group, point, sure):
    sure = sure.format(group=group, point=point)
    table = table_of([sure, f"1{group}250", *[f"2{point}5"] * 8, f"3{group}5"])
    values = table.column("y").ravel()
    assert values[:3].tolist() == [float(sure.replace(group, "").replace(point, ".")), 1250, 2.5]
    assert np.isnan(values[-1])
    assert table.notices("x", "y")[-1] == f"1 of 11 rows has no 'y' (one says '3{group}5') and is left out."


@pytest.mark.parametrize(
    "word", ["", "NA", "N/A", "n/a", "NaN", "nan", "null", "None", "-", "–", ".", "?", "#N/A", "\\N"]
)
def test_missing_values_are_known_by_their_names(word):
    table = table_of(["1.5", "2.5", word, "4.5"])
    assert table.columns["y"].missing == 1
    assert np.isnan(table.column("y")[2, 0])
    assert table.notices("x", "y")[-1] == "1 of 4 rows has no 'y' and is left out."
    assert table.head(3)[2] == ["9", ""]


def test_a_number_that_some_use_for_missing_is_a_number():
    assert read(["1", "-999", "3"]) == [1, -999, 3]


# A number of up to three decimals, as a person may write it in many ways.
NUMBERS = st.decimals(-999_999, 999_999, places=3)


def written(number: Decimal, decimal: str, group: str, places: int | None) -> str:
    text = f"{number:,.{places}f}" if places is not None else f"{number.normalize():,f}"
    return text.replace(",", "\0").replace(".", decimal).replace("\0", group)


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=6, max_size=30),
    st.sampled_from([";", "\t", "|", ","]),
    st.sampled_from([".", ","]),
    st.sampled_from(["", ",", ".", " ", "'", "\u00a0", "\u202f", "’"]),
    st.sampled_from([None, 0, 1, 2, 3]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_a_table_is_read_back_exactly_or_it_is_told_that_there_is_another_reading(
    pairs, separator, decimal, group, places, encoding, end, quoted
):
    assume(group != decimal)
    quoted = quoted or separator in (decimal, group)
    pairs = [tuple(round(number, places) if places is not None else number for number in pair) for pair in pairs]
    cell = '"{}"' if quoted else "{}"
    lines = [separator.join(cell.format(written(number, decimal, group, places)) for number in pair) for pair in pairs]
    table = read_table(end.join(["x" + separator + "y", *lines, ""]).encode(encoding))
    for name, expected in zip("xy", zip(*pairs, strict=True), strict=True):
        values, wanted = table.column(name).ravel(), np.array([float(number) for number in expected])
        if not np.array_equal(values, wanted):
            notices = table.notices("x", "y")
            assert any(f"In {name!r}, " in notice and "could be" in notice for notice in notices), (lines, notices)
            assert any(
                np.array_equal(table.read_as(reading).column(name).ravel(), wanted) for _, reading in table.others
            )
