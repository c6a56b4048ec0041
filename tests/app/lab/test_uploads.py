"""Uploaded tables: found again while there is room, kept while in use, refused in words."""

from __future__ import annotations

import gc

import pytest

from dashboard.lab.uploads import Uploads

CSV = b"time,speed,colour\n" + b"\n".join(b"%d,%d,red" % (i, 3 * i + i % 2) for i in range(12))


def file(number: int) -> bytes:
    return CSV.replace(b"time", b"tim%d" % number)


def bytes_of_one() -> int:
    uploads = Uploads()
    return uploads.get(uploads.add(file(0), "own.csv", "ann")).nbytes


def test_upload_is_found_again_by_its_digest():
    uploads = Uploads()
    digest = uploads.add(CSV, "own.csv", "ann")
    assert uploads.get(digest).numeric_columns() == ["time", "speed"]
    assert uploads.add(CSV, "again.csv", "bob") == digest
    assert uploads.get("0" * 16) is None


def test_the_one_used_least_recently_makes_room():
    uploads = Uploads(3 * bytes_of_one())
    digests = [uploads.add(file(i), f"{i}.csv", f"visitor {i}") for i in range(3)]
    assert uploads.get(digests[0]) is not None
    digests += [uploads.add(file(i), f"{i}.csv", f"visitor {i}") for i in (3, 4)]
    gc.collect()
    assert [uploads.get(digest) is not None for digest in digests] == [True, False, False, True, True]


def test_what_is_in_use_is_never_thrown_out_by_others():
    uploads = Uploads(3 * bytes_of_one())
    lecturers = uploads.add(CSV, "lecture.csv", "lecturer")
    in_use = uploads.get(lecturers)
    for number in range(9):
        uploads.add(file(number), f"{number}.csv", f"visitor {number}")
    assert uploads.get(lecturers) is in_use
    kept = [
        number
        for number in range(9)
        if uploads.get(uploads.add(file(number), "x.csv", f"visitor {number}")) is not None
    ]
    assert len(kept) == 9  # each in its turn


def test_visitor_who_uploads_again_and_again_takes_nothing_from_others():
    uploads = Uploads(3 * bytes_of_one())
    lecturers = uploads.add(CSV, "lecture.csv", "lecturer")
    digests = [uploads.add(file(number), f"{number}.csv", "ann") for number in range(9)]
    gc.collect()
    assert [uploads.get(digest) is not None for digest in digests] == [False] * 8 + [True]
    assert uploads.get(lecturers) is not None


def test_table_that_can_never_fit_is_refused_at_once_and_costs_nobody_theirs():
    uploads = Uploads(2 * bytes_of_one())
    digest = uploads.add(file(1), "1.csv", "ann")
    with pytest.raises(ValueError, match=r"^large\.csv has too many cells"):
        uploads.add(CSV + b"\n1,2,red" * 50, "large.csv", "bob")
    assert uploads.get(digest) is not None


def test_where_all_room_is_in_use_another_is_refused_in_words_and_nothing_is_lost():
    uploads = Uploads(2 * bytes_of_one())
    digests = [uploads.add(file(number), f"{number}.csv", f"visitor {number}") for number in range(2)]
    in_use = [uploads.get(digest) for digest in digests]
    with pytest.raises(ValueError, match=r"^third\.csv does not fit: .* Try again later"):
        uploads.add(file(3), "third.csv", "eve")
    assert [uploads.get(digest) for digest in digests] == in_use
    in_use.pop()
    gc.collect()
    assert uploads.get(uploads.add(file(3), "third.csv", "eve")) is not None


def test_what_cannot_be_read_is_refused_and_nothing_of_it_is_kept():
    uploads = Uploads()
    good = uploads.add(CSV, "own.csv", "ann")
    for contents in (b"", b"\0", b"<html>"):
        with pytest.raises(ValueError, match=r"^own\.csv"):
            uploads.add(contents, "own.csv", "ann")
    assert uploads.get(good) is not None
