"""Sweeps in the background: trained once for all who watch, in turns, given up with the last one, kept a while."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from time import monotonic

import numpy as np
import pytest

from core import Dataset, Experiment, StopReason, make_dataset, shipped_table, sweep
from core.training.sweep import Sweeper, Sweeping, SweepJob, sweeper

BASE = Experiment(n=20, epochs=30)
RATES = (0.01, 0.1, 5.0)
ENDLESS = Experiment(n=20, epochs=100_000)
MANY = tuple(np.geomspace(1e-6, 1e-2, 400).tolist())


def until(condition: Callable[[], object]) -> None:
    """Wait until `condition()` holds; fail if it has not within a minute."""
    pause, end = threading.Event(), monotonic() + 60
    while not condition():
        assert monotonic() < end, "it did not happen"
        pause.wait(0.002)


def ended(job: SweepJob) -> SweepJob:
    assert job.has_ended.wait(60)
    return job


def threads() -> int:
    """How many sweepers are at work."""
    return sum(thread.name == "sweeping" for thread in threading.enumerate())


class Turnstile:
    """Lets the sweeper through to one block at a time."""

    def __init__(self) -> None:
        self._passes = threading.Semaphore(0)
        self.waits = threading.Event()
        """Set while the sweeper waits for being let through."""

    def __call__(self) -> None:
        self.waits.set()
        assert self._passes.acquire(timeout=60)

    def let_through(self, blocks: int = 1) -> None:
        """One block, and until it is over, `blocks` times."""
        for _ in range(blocks):
            assert self.waits.wait(60)
            self.waits.clear()
            self._passes.release()
        assert self.waits.wait(60)

    def open(self) -> None:
        self._passes.release(10**6)


class Clock:
    """A time that passes as a test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def make_sweeper() -> Iterator[Callable[..., Sweeper]]:
    """Makes sweepers, which are closed when the test ends."""
    sweepers: list[Sweeper] = []
    stiles: list[Turnstile] = []

    def make(give_way: Callable[[], None] = lambda: None, **options) -> Sweeper:
        if isinstance(give_way, Turnstile):
            stiles.append(give_way)
        sweepers.append(Sweeper(give_way, **options))
        return sweepers[-1]

    yield make
    for stile in stiles:
        stile.open()
    for one in sweepers:
        one.close()


def test_a_sweep_in_the_background_is_that_of_sweep(make_sweeper):
    job = ended(make_sweeper().watch(BASE, "learning_rate", RATES, "ann"))
    expected = sweep(BASE, "learning_rate", RATES)
    assert (job.field, job.values, job.share, job.problem) == ("learning_rate", RATES, 1.0, "")
    assert job.sweep.last == expected.last
    assert np.array_equal(job.sweep.loss, expected.loss, equal_nan=True)
    assert StopReason.DIVERGED in job.sweep.reasons


def test_a_sweep_is_trained_once_however_many_watch(make_sweeper, monkeypatch):
    begun = []
    monkeypatch.setattr(sweeper, "Sweeping", lambda *given: begun.append(given) or Sweeping(*given))
    stile = Turnstile()
    made = make_sweeper(stile)
    first = made.watch(BASE, "learning_rate", RATES, "ann")
    assert made.watch(BASE, "learning_rate", RATES, "bob") is first
    # What the swept field itself says changes nothing.
    assert made.watch(Experiment(n=20, epochs=30, learning_rate=0.7), "learning_rate", RATES, "eve") is first
    stile.open()
    ended(first)
    assert made.watch(BASE, "learning_rate", RATES, "late") is first
    assert len(begun) == 1


@pytest.mark.parametrize(
    ("experiment", "field", "values", "digest"),
    [
        (BASE, "learning_rate", (0.01, 0.1), ""),
        (BASE, "noise", RATES, ""),
        (Experiment(n=20, epochs=31), "learning_rate", RATES, ""),
        (BASE, "learning_rate", RATES, "another table"),
    ],
)
def test_another_experiment_field_value_or_table_is_another_sweep(make_sweeper, experiment, field, values, digest):
    made = make_sweeper()
    one = made.watch(BASE, "learning_rate", RATES, "ann")
    other = made.watch(experiment, field, values, "bob", digest=digest)
    assert other is not one
    assert other.id != one.id


def test_points_are_those_of_the_table_and_made_when_the_sweep_begins(make_sweeper):
    table, made = shipped_table("iris"), []

    def points() -> Dataset:
        made.append(threading.current_thread().name)
        return table.dataset("petal_length", "petal_width", Experiment())

    stile = Turnstile()
    job = make_sweeper(stile).watch(Experiment(epochs=20), "learning_rate", (0.001, 0.01), "ann", points, "iris")
    assert made == []
    stile.open()
    ended(job)
    assert made == ["sweeping"]
    assert job.sweep.last == sweep(Experiment(epochs=20), "learning_rate", (0.001, 0.01), points()).last


def test_each_gets_a_block_in_turn_and_a_short_one_does_not_wait_for_a_long_one(make_sweeper):
    made = make_sweeper()
    long = made.watch(ENDLESS, "learning_rate", MANY, "ann")
    until(lambda: long.share > 0)
    short = ended(made.watch(BASE, "learning_rate", RATES, "bob"))
    assert short.sweep is not None
    before = long.share
    until(lambda: long.share > before)
    assert not long.has_ended.is_set()


def test_sweeper_gives_way_before_every_block(make_sweeper):
    stile = Turnstile()
    job = make_sweeper(stile).watch(ENDLESS, "learning_rate", MANY, "ann")
    assert stile.waits.wait(60)
    assert job.share == 0
    shares = []
    for _ in range(3):
        stile.let_through()
        shares.append(job.share)
    assert shares == sorted(set(shares))
    assert 0 < shares[-1] < 1


def test_a_sweep_that_nobody_watches_any_more_is_given_up(make_sweeper):
    made = make_sweeper()
    job = made.watch(ENDLESS, "learning_rate", MANY, "ann")
    made.watch(ENDLESS, "learning_rate", MANY, "bob")
    made.leave("ann")
    before = job.share
    until(lambda: job.share > before)
    made.leave("bob")
    ended(job)
    assert (job.sweep, job.problem) == (None, "")
    assert made.watch(ENDLESS, "learning_rate", MANY, "ann") is not job


def test_whoever_watches_another_sweep_has_left_the_one_before(make_sweeper):
    made = make_sweeper()
    first = made.watch(ENDLESS, "learning_rate", MANY, "ann")
    second = made.watch(ENDLESS, "learning_rate", MANY[1:], "ann")
    ended(first)
    before = second.share
    until(lambda: second.share > before)
    assert first.sweep is None
    assert not second.has_ended.is_set()


def test_to_watch_again_is_to_go_on_watching(make_sweeper):
    clock, stile = Clock(), Turnstile()
    made = make_sweeper(stile, lease_seconds=10.0, clock=clock)
    job = made.watch(ENDLESS, "learning_rate", MANY, "ann")
    for _ in range(4):
        stile.let_through()
        clock.now += 9
        assert made.watch(ENDLESS, "learning_rate", MANY, "ann") is job
    clock.now += 11
    stile.open()
    ended(job)
    assert job.sweep is None


def test_a_field_that_does_not_belong_to_the_points_is_one_sentence_and_the_next_sweep_is_trained(make_sweeper):
    made = make_sweeper()
    dataset = make_dataset(BASE)
    wrong = ended(made.watch(BASE, "noise", (0.1, 0.2), "ann", lambda: dataset, "mine"))
    assert wrong.sweep is None
    assert wrong.problem.startswith("noise describes the synthetic line")
    assert ended(made.watch(BASE, "learning_rate", RATES, "ann")).sweep is not None


def test_whatever_goes_wrong_is_said_and_the_next_sweep_is_trained(make_sweeper, caplog):
    def gone() -> Dataset:
        raise MemoryError("no room")

    made = make_sweeper()
    wrong = ended(made.watch(BASE, "learning_rate", RATES, "ann", gone, "gone"))
    assert wrong.problem.startswith("The sweep failed: ")
    assert "no room" in wrong.problem
    assert "A sweep failed" in caplog.text
    assert ended(made.watch(BASE, "learning_rate", RATES, "ann")).sweep is not None


def test_of_those_that_have_ended_the_ones_looked_at_last_are_kept(make_sweeper):
    room = 2 * sweep(BASE, "learning_rate", RATES).nbytes
    made = make_sweeper(keep_bytes=room)
    experiments = [Experiment(n=20, epochs=30, seed=seed) for seed in range(3)]
    first, second = (ended(made.watch(one, "learning_rate", RATES, "ann")) for one in experiments[:2])
    assert made.watch(experiments[0], "learning_rate", RATES, "ann") is first
    third = ended(made.watch(experiments[2], "learning_rate", RATES, "ann"))
    assert made.watch(experiments[1], "learning_rate", RATES, "ann") is not second
    assert second.sweep is not None, "who has it may go on looking at it"
    assert made.watch(experiments[2], "learning_rate", RATES, "ann") is third


def test_what_failed_is_not_kept_for_ever(make_sweeper):
    made = make_sweeper(keep_bytes=100)
    dataset = make_dataset(BASE)
    values = tuple(np.linspace(0, 1, 100).tolist())
    wrong = ended(made.watch(BASE, "noise", values, "ann", lambda: dataset, "mine"))
    assert made.watch(BASE, "noise", values, "ann", lambda: dataset, "mine") is not wrong


def test_closed_sweeper_gives_everything_up_and_takes_nothing(make_sweeper):
    before = threads()
    made = make_sweeper()
    jobs = [made.watch(ENDLESS, "learning_rate", MANY[skipped:], f"viewer {skipped}") for skipped in range(3)]
    made.close()
    assert all(job.has_ended.is_set() and job.sweep is None for job in jobs)
    assert threads() == before
    with pytest.raises(RuntimeError, match="closed"):
        made.watch(BASE, "learning_rate", RATES, "ann")


def test_points_of_a_sweep_are_let_go_with_its_end(make_sweeper):
    made, held = make_sweeper(), []

    def points():
        dataset = make_dataset(BASE)
        held.append(weakref.ref(dataset))
        return dataset

    ended(made.watch(BASE, "learning_rate", RATES, "ann", points))
    until(lambda: held[0]() is None)
