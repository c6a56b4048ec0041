"""The process that measures: one at a time, its outcome kept, gone with whoever started it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.training.devices.apart import COMMAND, FAILED, TOO_LONG, Measuring

WAYS = {"ways": [{"name": "numpy", "label": "NumPy"}], "total": 2}
TIMING = {"timing": {"way": "numpy", "points": 10, "computing": 1.0, "copying": 2.0, "waiting": 3.0}}


def saying(*messages: dict[str, object], then: str = "") -> tuple[str, ...]:
    """A process that says this, and then does something."""
    lines = [f"print({json.dumps(message)!r}, flush=True)" for message in messages]
    return sys.executable, "-c", "\n".join(["import os, sys, signal", *lines, then])


@pytest.fixture
def measuring():
    """Makes one, and closes it."""
    made = []

    def make(*given, **more) -> Measuring:
        made.append(Measuring(*given, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()
        assert one._process is None or one._process.poll() is not None


def test_nothing_runs_before_somebody_asks(measuring):
    one = measuring()
    assert one._process is None
    assert (one.told.running, one.told.timings) == (False, ())


def test_what_the_process_says_is_told_and_kept(measuring):
    one = measuring(saying(WAYS, TIMING, {"notes": ["A sentence."]}))
    one.start()
    one.wait()
    assert not one.told.running
    assert one.told.total == 2
    assert [way.label for way in one.told.ways] == ["NumPy"]
    assert [timing.seconds for timing in one.told.timings] == [6.0]
    assert one.told.notes == ("A sentence.",)


def test_one_that_is_going_on_is_not_begun_again(measuring):
    one = measuring(saying(WAYS, TIMING, then="sys.stdin.read()"))
    one.start()
    first = one._process
    one.start()
    assert one._process is first
    assert one.told.running


@pytest.mark.parametrize(
    "then", ["sys.exit(3)", "sys.stdout.write('{\"timing'); sys.exit(3)", "os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_a_process_that_dies_costs_nothing_that_was_measured_and_says_so(measuring, then):
    one = measuring(saying(WAYS, TIMING, then=then))
    one.start()
    one.wait()
    assert not one.told.running
    assert len(one.told.timings) == 1
    assert one.told.notes == (FAILED,)
    failed = one._process
    assert one.start() == 0.0  # at once
    assert one._process is not failed


@pytest.mark.parametrize("line", ["A driver warns.", '{"timing', "[1]", "7", '{"warning": "of something"}'])
def test_a_line_that_is_no_message_is_skipped(measuring, line):
    one = measuring(saying(WAYS, then=f"print({line!r})\nprint({json.dumps(TIMING)!r})"))
    one.start()
    one.wait()
    assert not one.told.running
    assert len(one.told.timings) == 1
    assert one.told.notes == ()


def test_bytes_that_are_no_text_are_skipped(measuring):
    one = measuring(saying(WAYS, then=f"os.write(1, bytes([255, 10]))\nprint({json.dumps(TIMING)!r})"))
    one.start()
    one.wait()
    assert (one.told.running, len(one.told.timings), one.told.notes) == (False, 1, ())


def test_a_process_that_says_nothing_of_use_has_failed(measuring):
    one = measuring(saying(then="print('Illegal instruction')"))
    one.start()
    one.wait()
    assert (one.told.running, one.told.notes) == (False, (FAILED,))
    assert one.start() == 0.0


def test_a_message_that_nobody_understands_ends_the_measurement_and_the_next_can_begin(measuring, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    one = measuring(saying({"timing": {"unheard": 1}}))
    one.start()
    one.wait()
    assert (one.told.running, one.told.notes) == (False, (FAILED,))
    failed = one._process
    one.start()
    assert one._process is not failed
    one.wait()


# --- the next one -----------------------------------------------------------------------------------------


def alternating(tmp_path: Path, *thens: str) -> tuple[str, ...]:
    """A process that says one timing more each time it runs, and then does the next of these."""
    count = f"""
path = {str(tmp_path / "runs")!r}
open(path, "a").write("x")
runs = os.path.getsize(path)
for _ in range(runs): print({json.dumps(TIMING)!r}, flush=True)
exec({thens!r}[runs - 1])
"""
    return saying(WAYS, then=count)


def test_outcome_stays_until_the_next_one_is_complete(measuring, tmp_path):
    one = measuring(alternating(tmp_path, "", "sys.stdin.read(1)"), pause_seconds=0.0)
    one.start()
    one.wait()
    first = one.told
    one.start()
    assert one.told.running
    assert one.told.outcome == first
    one._process.stdin.write("x")
    one._process.stdin.flush()
    one.wait()
    assert len(one.told.outcome.timings) == 2
    assert one.told.before is None


def test_outcome_outlives_next_ones_that_fail(measuring, tmp_path):
    one = measuring(alternating(tmp_path, "", "sys.exit(3)", "sys.exit(3)"), pause_seconds=0.0)
    one.start()
    one.wait()
    first = one.told
    for _ in range(2):
        one.start()
        one.wait()
        assert one.told.outcome == first
        assert one.told.notes == (FAILED,)
    one._command = ("/nowhere/at/all",)
    one.start()
    assert one.told.outcome == first
    assert one.told.notes == (FAILED,)


def test_after_a_complete_one_the_next_has_to_wait_and_is_told_how_long(measuring):
    one = measuring(saying(WAYS, TIMING), pause_seconds=1000.0)
    assert one.start() == 0.0
    one.wait()
    first, told = one._process, one.told
    assert 0.0 < one.start() <= 1000.0
    assert one._process is first
    assert one.told is told


def test_a_process_that_hangs_is_ended_with_a_sentence(measuring):
    one = measuring(saying(WAYS, then="sys.stdin.read()"), most_seconds=1.0)
    one.start()
    one.wait()
    assert one.told.notes == (TOO_LONG,)


def test_a_process_that_cannot_be_started_is_said(measuring):
    one = measuring(("/nowhere/at/all",))
    one.start()
    assert (one.told.running, one.told.notes) == (False, (FAILED,))


def test_closed_it_ends_its_process_and_begins_none(measuring):
    one = measuring(saying(WAYS, then="sys.stdin.read()"))
    one.start()
    process = one._process
    one.close()
    assert process.poll() is not None
    assert not one.told.running
    one.start()
    assert one._process is process


def test_the_process_measures_and_ends_when_whoever_started_it_is_gone():
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        first = json.loads(process.stdout.readline())
        assert {"numpy", "one-core", "float64"} <= {way["name"] for way in first["ways"]}
        assert first["total"] == 13 * len(first["ways"])
        timing = json.loads(process.stdout.readline())["timing"]
        assert (timing["way"], timing["points"]) == ("numpy", 10)
        process.stdin.close()  # as it is when the server is killed
        process.stdout.read()
        assert process.wait() != 0
