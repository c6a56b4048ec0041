"""`python -m core.training.devices`: times on standard output, all else on standard error."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.command_line.devices import main
from core.training.devices.ways import find_ways

NAMES = [way.name for way in find_ways()]


def test_csv_has_a_row_for_each_way_and_number_of_points(capsys):
    assert main(["--points", "30", "--format", "csv"]) == 0
    out, _ = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["points"], row["way"]) for row in rows] == [
        (points, name) for points in ("10", "30") for name in NAMES
    ]
    for row in rows:
        parts = sum(float(row[part]) for part in ("computing", "copying", "waiting"))
        assert float(row["seconds"]) == pytest.approx(parts)


def test_json_says_the_same(capsys):
    assert main(["--points", "10", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["way"] for row in rows] == NAMES
    assert all(row["seconds"] > 0 for row in rows)


def test_text_is_a_table_and_says_who_beats_whom(capsys):
    assert main(["--points", "30"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["points", "seconds", "computing", "copying", "waiting"]
    assert len([line for line in lines if line.startswith("NumPy ")]) == 2
    assert lines[-1].startswith("PyTorch ")
    assert lines[-1].endswith(".")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--points", "many"], "points must be a whole number from 10 to 10000000, but got 'many'."),
        (["--points", "9"], "points must be a whole number from 10 to 10000000, but got '9'."),
        (["--seconds", "0"], "seconds must be a whole number from 1 to 600, but got '0'."),
    ],
)
def test_a_bad_value_is_one_line_on_standard_error(capsys, arguments, complaint):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"python -m core.training.devices: {complaint}\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no disk that is always full.")
def test_a_full_disk_is_one_line_on_standard_error_and_status_1():
    command = [sys.executable, "-m", "core.training.devices", "--points", "10", "--format", "csv"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "python -m core.training.devices: the times cannot be written (No space left on device).\n"
    )
