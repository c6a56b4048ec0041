"""Uploaded tables: found again while there is room, kept while in use, refused in words."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

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


def test_a_table_that_is_used_in_another_reading_alone_is_never_thrown_out_by_others():
    uploads = Uploads(3 * bytes_of_one())
    lecturers = uploads.add(CSV, "lecture.csv", "lecturer")
    in_use = uploads.get(lecturers).read_as("header:no")
    for number in range(9):
        uploads.add(file(number), f"{number}.csv", f"visitor {number}")
    found = uploads.get(lecturers)
    assert found is not None
    assert found.read_as("header:no") is in_use
    assert list(in_use.columns) == ["column 1", "column 2", "column 3"]


def test_a_table_that_nobody_uses_in_any_reading_makes_room_at_once():
    uploads = Uploads(2 * bytes_of_one())
    gc.disable()  # a table that only the collector could take away would fill the memory until it comes
    try:
        for number in range(9):
            digest = uploads.add(file(number), f"{number}.csv", f"visitor {number}")
            assert len(uploads.get(digest).read_as("header:no")) == 13
    finally:
        gc.enable()


def test_another_reading_takes_no_memory_beside_the_table():
    uploads = Uploads()
    rows = b"\n".join(b"%d.5,%d.25,red" % (i, 3 * i) for i in range(10_000))
    table = uploads.get(uploads.add(b"time,speed,colour\n" + rows, "own.csv", "ann"))

    def buffers(one) -> set[int]:
        columns = one.grid.rows.columns
        return {chunk.buffers()[2].address for column in columns for chunk in column.chunks if len(chunk) > 1}

    assert buffers(table.read_as("decimal:comma")) == buffers(table)
    assert buffers(table.read_as("header:no")) == buffers(table)


def test_sessions_that_ask_for_one_reading_at_once_get_one_table():
    uploads = Uploads()
    digest = uploads.add(CSV, "own.csv", "ann")
    at_once = Barrier(8)

    def ask(_: int):
        at_once.wait()
        return uploads.get(digest).read_as("header:no,decimal:point")

    with ThreadPoolExecutor(8) as threads:
        first, *others = threads.map(ask, range(8))
    assert all(other is first for other in others)


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


def test_one_server_alone_imports_nothing_of_redis():
    environment = {name: value for name, value in os.environ.items() if name != "GDL_REDIS_URL"}
    program = "import sys, dashboard.app, dashboard.page; print('redis' in sys.modules, 'torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
