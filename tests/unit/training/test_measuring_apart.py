"""The process that measures: one at a time, its outcome kept, gone with whoever started it."""

from __future__ import annotations

import json
import subprocess
import sys

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
    one.start()  # and one can try again
    assert one.told.running or one.told.notes == (FAILED,)


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
