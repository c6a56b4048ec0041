"""Many processes: what the chapter says of all-reduce is so, and its processes never outlive their cell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core import Experiment, make_dataset
from core.course import Chapter, end_pairs, is_kept, run_cell
from core.course import running as course_running
from core.course.chapters.c11_processes import CHAPTER
from core.course.children import Children
from core.course.two_processes import PROCESS, TWO_PROCESSES, in_two_processes

CELLS = {cell.name: cell for cell in CHAPTER.cells}
POINTS = make_dataset(Experiment())
X, Y = POINTS.x_train[:, 0], POINTS.y_train[:, 0]


def run(name: str, **chosen):
    return run_cell(CHAPTER, CELLS[name], chosen)


def is_of_a_pair(process: int) -> bool:
    """Whether there is that process, and it is one of two that work together."""
    try:
        return PROCESS in Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:  # it has ended meanwhile
        return False


def parent_of(process: int) -> int:
    """The process that started it; 0 where it has ended."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def pair_of(parent: int) -> set[int]:
    """The processes that this one has started as a pair, and that have not ended: other tests have pairs as well."""
    everybody = (int(one.name) for one in Path("/proc").glob("[0-9]*"))
    return {process for process in everybody if parent_of(process) == parent and is_of_a_pair(process)}


def until(condition: Callable[[], object]) -> None:
    """Wait, a minute at most."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def descended(shares: list[tuple[np.ndarray, np.ndarray]], rate: float, factor: float) -> tuple[float, float]:
    """b and w after 200 steps against `factor` times the mean of the shares' gradients, from 0, in float64."""
    b = w = 0.0
    for _ in range(200):
        errors = [(b + w * x - y, x) for x, y in shares]
        b_grad = np.mean([2 * error.mean() for error, _ in errors]) * factor
        w_grad = np.mean([2 * (error * x).mean() for error, x in errors]) * factor
        b, w = b - rate * b_grad, w - rate * w_grad
    return b, w


# --- what it says -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("together", "held"),
    [
        ("dist.all_reduce(t)", [3, 30]),
        ("dist.all_reduce(t, dist.ReduceOp.MAX)", [2, 20]),
        ("dist.broadcast(t, 0)", [1, 10]),
    ],
)
def test_both_hold_the_same_afterwards(together, held):
    outcome = run("all-reduce", together=together)
    assert outcome.names["held"] == [held, held]
    assert outcome.answer == f"{held[0]} and {held[1]}"
    assert outcome.printed.splitlines()[0] == "0 | before: tensor([ 1., 10.])"
    assert outcome.printed.splitlines()[2] == "1 | before: tensor([ 2., 20.])"


def test_mean_of_equal_shares_is_the_gradient_of_all_points_and_that_of_unequal_ones_is_not():
    equal, unequal = run("shares"), run("shares", shares="points.split([60, 20])")
    assert equal.names["means"] == pytest.approx([-2 * Y.mean()] * 2)
    assert unequal.names["means"] == pytest.approx([-Y[:60].mean() - Y[60:].mean()] * 2)
    assert (equal.answer, unequal.answer) == ("yes", "no")
    assert abs(unequal.names["means"][0] - unequal.names["whole"]) > 0.05


def test_loop_with_the_line_is_that_of_one_process_with_all_points_and_without_it_each_has_its_own():
    halves = [(X[:40], Y[:40]), (X[40:], Y[40:])]
    together, alone = run("loop"), run("loop", line="pass")
    whole = descended([(X, Y)], 0.5, 1)
    for end in together.names["ends"]:
        assert end == pytest.approx(whole, abs=1e-5)
    for end, half in zip(alone.names["ends"], halves, strict=True):
        assert end == pytest.approx(descended([half], 0.5, 1), abs=1e-5)
    assert (together.answer, alone.answer) == ("at one line", "each at its own")
    slope, intercept = np.polyfit(X, Y, 1)
    assert f"«b» = {intercept:.4f} and «w» = {slope:.4f}" in together.conclusion


@pytest.mark.parametrize(("rate", "each", "answer"), [(0.3, "p.grad", "it arrives"), (0.5, "p.grad", "it diverges")])
def test_steps_without_dividing_are_twice_as_long(rate, each, answer):
    outcome = run("averaging", each=each, lr=rate)
    expected = descended([(X[:40], Y[:40]), (X[40:], Y[40:])], rate, 2)
    assert outcome.names["ends"][0] == pytest.approx(expected, rel=1e-3)
    assert outcome.answer == answer


def test_divided_the_run_arrives():
    assert run("averaging", each="p.grad.div_(2)").answer == "it arrives"


def test_from_two_seeds_they_stay_as_far_apart_as_they_began():
    import torch

    starts = [torch.randn(1, generator=torch.Generator().manual_seed(rank)).item() for rank in (0, 1)]
    (b, _), (other, _) = run("seeds").names["ends"]
    assert b - other == pytest.approx(starts[0] - starts[1], abs=1e-4)
    assert run("seeds").answer == "as far as at first"
    assert run("seeds", seed="42").answer == "not at all"


# --- how it runs ------------------------------------------------------------------------------------------


def test_code_that_runs_is_the_code_that_is_shown_as_what_a_cell_starts_from():
    assert TWO_PROCESSES in CHAPTER.preparation
    compile(CHAPTER.preparation, "<preparation>", "exec")


def test_outcome_is_kept(monkeypatch):
    outcome = run("all-reduce")
    assert is_kept(CHAPTER, CELLS["all-reduce"])
    monkeypatch.setattr(course_running, "_run", lambda *_: pytest.fail("It ran once more."))
    assert run("all-reduce") is outcome


def test_nobody_else_waits_for_a_pair_and_pairs_take_turns(monkeypatch):
    begun, go_on, going = threading.Event(), threading.Event(), []
    in_turn, outcome = course_running._run, run("all-reduce")

    def slow(chapter, cell, chosen):
        if not cell.apart:
            return in_turn(chapter, cell, chosen)
        going.append(cell.name)
        begun.set()
        assert go_on.wait(60)
        return outcome

    monkeypatch.setattr(course_running, "_run", slow)
    monkeypatch.setattr(course_running, "_kept", {})
    first, second = (threading.Thread(target=run, args=(name,)) for name in ("loop", "seeds"))
    first.start()
    assert begun.wait(60)
    second.start()
    other = course_running.run_cell
    from core.course import BY_NAME

    assert other(BY_NAME["data"], BY_NAME["data"].cells[0]).printed  # while the pair is at it
    assert going == ["loop"]
    go_on.set()
    first.join()
    second.join()
    assert going == ["loop", "seeds"]


def test_no_process_is_left_over():
    assert in_two_processes(lambda rank: rank) == [0, 1]
    assert pair_of(os.getpid()) == set()


def dying(how: str) -> Chapter:
    """The chapter with a cell whose process 1 ends in the middle."""
    from dataclasses import replace

    def work_and_die():
        def work(rank):
            t = torch.ones(1)  # noqa: F821
            if rank == 1:
                HOW  # noqa: B018, F821
            dist.all_reduce(t)  # noqa: F821

        in_two_processes(work)

    from core.course import Control

    cell = replace(CELLS["loop"], code=work_and_die, controls=(Control("HOW", "How", (how, "pass"), how),))
    return replace(CHAPTER, cells=(cell,))


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("os.kill(os.getpid(), 9)", "it was stopped from outside"),
        ('raise ValueError("no points")', "ValueError: no points"),
    ],
)
def test_process_that_dies_is_a_sentence_and_leaves_none_over_and_nothing_is_kept(how, why):
    chapter = dying(how)
    with pytest.raises(ChildProcessError) as raised:
        run_cell(chapter, chapter.cells[0])
    assert str(raised.value) == f"Process 1 ended before its work was done: {why}. Run it again."
    assert pair_of(os.getpid()) == set()
    assert not is_kept(chapter, chapter.cells[0])


def test_running_pair_can_be_ended_and_none_starts_afterwards(monkeypatch):
    monkeypatch.setattr(course_running, "_children", Children())
    chapter, said = dying("__import__('time').sleep(600)"), []

    def fail() -> None:
        with pytest.raises(ChildProcessError) as raised:
            run_cell(chapter, chapter.cells[0])
        said.append(str(raised.value))

    running = threading.Thread(target=fail)
    running.start()
    until(lambda: len(pair_of(os.getpid())) == 2)
    end_pairs()
    running.join(60)
    fail()
    assert said[0].endswith("ended before its work was done: it was stopped from outside. Run it again.")
    assert said[1] == "Two processes cannot be started here: the server ends."
    assert pair_of(os.getpid()) == set()
    end_pairs()


WAITING = """
from core.course.two_processes import in_two_processes
def work(rank):
    import time
    time.sleep(600)
in_two_processes(work)
"""


def test_pair_ends_with_a_server_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", WAITING]) as server:
        try:
            until(lambda: len(pair_of(server.pid)) == 2)
            pair = pair_of(server.pid)
        finally:
            os.kill(server.pid, signal.SIGKILL)
    until(lambda: not any(map(is_of_a_pair, pair)))
