"""Dates: days since the first, whichever way they are written."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from core import Table, read_table

DAYS = [date(2004, 1, 1), date(2004, 1, 3), date(2004, 1, 17), date(2004, 2, 29), date(2004, 12, 31), date(2005, 3, 1)]
SINCE = [0, 2, 16, 59, 365, 425]


def table_of(texts: list[str], separator: str = ";") -> Table:
    lines = (f"{text}{separator}{number}" for number, text in enumerate(texts, 5))
    return read_table("\n".join([f"when{separator}y", *lines, ""]).encode())


@pytest.mark.parametrize(
    "form",
    [
        *("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%y", "%m/%d/%y"),
        *("%d %b %Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p"),
    ],
)
def test_dates_are_days_since_the_first(form):
    table = table_of([datetime.combine(day, datetime.min.time()).strftime(form) for day in DAYS])
    assert table.column("when").ravel().tolist() == SINCE
    assert "'when' holds dates and is read as days since 2004-01-01." in table.notices("when", "y")
    assert table.head(2)[1] == ["2004-01-03", "6"]


def test_times_are_parts_of_a_day():
    table = table_of([f"2004-01-0{day} {hour}" for day in (1, 2, 3) for hour in ("06:00", "18:00")])
    assert table.column("when").ravel().tolist() == [0.25, 0.75, 1.25, 1.75, 2.25, 2.75]


def test_the_first_date_need_not_stand_first():
    assert table_of(["2004-01-05", "2004-01-01", "2004-01-03"]).column("when").ravel().tolist() == [4, 0, 2]


def test_a_day_that_is_on_no_calendar_is_left_out_and_said():
    table = table_of([*(day.isoformat() for day in DAYS), "2004-02-30"])
    assert len(table.points("when", "y")[0]) == 6
    assert table.notices("when", "y")[-1] == "1 of 7 rows has no 'when' (one says '2004-02-30') and is left out."


def test_day_and_month_that_can_be_either_are_told_and_can_be_the_other():
    table = table_of(["01/02/2004", "02/02/2004", "03/02/2004", "04/02/2004", "05/02/2004"])
    assert table.column("when").ravel().tolist() == [0, 1, 2, 3, 4]  # from day to day
    assert "In 'when', 01/02/2004 is read as 2004-02-01, and could be 2004-01-02." in table.notices("when", "y")
    [(label, reading)] = table.others
    assert label == "Read 01/02/2004 as 2004-01-02"
    assert table.read_as(reading).column("when").ravel().tolist() == [0, 31, 60, 91, 121]


def test_another_column_of_dates_decides_for_one_that_does_not_say():
    lines = [f"0{day}/02/2004;{day + 12}/03/2004;{day}" for day in range(1, 7)]
    table = read_table("\n".join(["a;b;y", *lines, ""]).encode())
    assert table.column("a").ravel().tolist() == [0, 1, 2, 3, 4, 5]
    lines = [f"0{day}/02/2004;03/{day + 12}/2004;{day}" for day in range(1, 7)]
    table = read_table("\n".join(["a;b;y", *lines, ""]).encode())
    assert table.column("a").ravel().tolist() == [0, 31, 60, 91, 121, 152]


def test_years_with_decimals_are_numbers():
    assert table_of(["1958.21", "1958.29", "1958.38"], ",").column("when").ravel().tolist() == [
        1958.21,
        1958.29,
        1958.38,
    ]
