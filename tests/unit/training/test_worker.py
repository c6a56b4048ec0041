"""Runs in the background: shared, fair, cancellable, kept, and never the end of the worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

import core.training.worker
from core import Dataset, Experiment, Run, StopReason, Training, Worker, make_dataset, train
from core.training.four_steps.with_autograd import WithAutograd

SHORT = Experiment(n=20, epochs=10, method="numpy")
LONG = Experiment(n=20, epochs=100_000)
POINTS = make_dataset(SHORT)
BYTES_OF_SHORT = 11 * 7 * 8 + 20 * 2 * 8


def until(condition: Callable[[], object], deadline: float = 60.0) -> None:
    """Wait until `condition()` holds; fail if it has not within the deadline."""
    pause, end = threading.Event(), monotonic() + deadline
    while not condition():
        assert monotonic() < end, "it did not happen"
        pause.wait(0.002)


def ended(run: Run) -> Run:
    until(lambda: run.stop is not None)
    return run


def grows(run: Run) -> None:
    """Wait until `run` has trained more epochs than it has now: it is still going."""
    before = len(run.history)
    until(lambda: len(run.history) > before + 50)
    assert run.stop is None


@pytest.fixture
def make_worker() -> Iterator[Callable[..., Worker]]:
    """Makes workers with short turns; they are closed when the test ends."""
    workers: list[Worker] = []

    def make(**options) -> Worker:
        workers.append(Worker(**{"turn_seconds": 0.01, **options}))
        return workers[-1]

    yield make
    for worker in workers:
        worker.close()


class Clock:
    """The real time, and as much more as a test wants."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return monotonic() + self.ahead


@pytest.fixture
def gate(monkeypatch) -> Iterator[threading.Event]:
    """Runs of method `autograd` wait in their first step until this is set, and hold the thread meanwhile."""
    opened = threading.Event()
    forward = WithAutograd.forward

    def held(self, x):
        assert opened.wait(60)
        return forward(self, x)

    monkeypatch.setattr(WithAutograd, "forward", held)
    yield opened
    opened.set()


def test_a_run_in_the_background_has_the_records_of_train(make_worker):
    worker = make_worker()
    for experiment in (SHORT, Experiment(n=50, epochs=300), Experiment(n=50, epochs=20, batch_size=1)):
        dataset = make_dataset(experiment)
        run = ended(worker.watch(experiment, dataset, "ann"))
        assert list(run.history) == list(train(experiment))
        assert run.stop.reason is StopReason.FINISHED
        assert run.epochs_done == experiment.epochs
        assert (run.experiment, run.dataset) == (experiment, dataset)


def test_an_experiment_is_trained_once_however_many_watch(make_worker, gate):
    worker = make_worker()
    first = worker.watch(LONG, POINTS, "ann")
    assert worker.watch(LONG, POINTS, "bob") is first
    assert worker.watch(Experiment(n=20, epochs=100_000), make_dataset(SHORT), "eve") is first
    assert worker.runs == [first]


def test_other_points_or_another_experiment_are_another_run(make_worker, gate):
    worker = make_worker()
    other_points = Dataset(POINTS.x_train, POINTS.y_train, POINTS.x_val, POINTS.y_val, x_name="height")
    runs = [
        worker.watch(LONG, POINTS, "ann"),
        worker.watch(LONG, other_points, "ann"),
        worker.watch(SHORT, POINTS, "ann"),
    ]
    assert worker.runs == runs
    assert len({run.id for run in runs}) == 3


def test_a_short_run_that_comes_after_a_long_one_ends_first(make_worker):
    worker = make_worker()
    long = worker.watch(LONG, POINTS, "ann")
    until(lambda: long.started)
    short = ended(worker.watch(SHORT, POINTS, "bob"))
    assert short.stop.reason is StopReason.FINISHED
    assert long.stop is None
    grows(long)


def test_long_runs_take_turns(make_worker):
    worker = make_worker()
    runs = [worker.watch(Experiment(n=20, epochs=100_000, seed=seed), POINTS, "ann") for seed in range(4)]
    for _ in range(3):
        for run in runs:
            grows(run)


def test_a_waiting_run_knows_how_many_come_before_it(make_worker, gate):
    worker = make_worker()
    running = worker.watch(LONG, POINTS, "ann")
    until(lambda: running.started)
    waiting = [worker.watch(Experiment(n=20, seed=seed), POINTS, "ann") for seed in range(3)]
    assert [worker.waiting_before(run) for run in [running, *waiting]] == [0, 0, 1, 2]
    assert [run.started for run in waiting] == [False] * 3


def test_two_threads_train_two_runs_at_once(make_worker, gate):
    worker = make_worker(threads=2)
    held = worker.watch(LONG, POINTS, "ann")
    until(lambda: held.started)
    assert ended(worker.watch(SHORT, POINTS, "ann")).stop.reason is StopReason.FINISHED
    assert held.stop is None


def test_a_run_goes_on_while_one_viewer_is_left_and_is_cancelled_with_the_last(make_worker):
    worker = make_worker()
    run = worker.watch(LONG, POINTS, "ann")
    worker.watch(LONG, POINTS, "bob")
    worker.leave(run, "ann")
    grows(run)
    worker.leave(run, "bob")
    ended(run)
    assert run.stop.reason is StopReason.CANCELLED
    assert run.stop.epoch == len(run.history) - 1 > 0
    assert list(run.history)[:50] == list(train(Experiment(n=20, epochs=49)))


def test_who_does_not_watch_can_leave_without_harm(make_worker):
    worker = make_worker()
    run = worker.watch(LONG, POINTS, "ann")
    worker.leave(run, "stranger")
    grows(run)
    worker.leave(run, "ann")
    worker.leave(ended(run), "ann")
    assert run.stop.reason is StopReason.CANCELLED


def test_a_run_that_nobody_asks_for_any_more_is_cancelled_when_every_lease_has_run_out(make_worker):
    clock = Clock()
    worker = make_worker(clock=clock, lease_seconds=1000.0)
    run = worker.watch(LONG, POINTS, "ann")
    worker.watch(LONG, POINTS, "bob")
    clock.ahead += 600
    worker.renew(run, "bob")
    grows(run)
    clock.ahead += 600  # ann's lease has run out, bob's has not
    grows(run)
    worker.watch(LONG, POINTS, "bob")
    clock.ahead += 900
    grows(run)
    clock.ahead += 200
    assert ended(run).stop.reason is StopReason.CANCELLED


def test_a_run_whose_leases_ran_out_while_it_waited_is_never_begun(make_worker, gate):
    clock = Clock()
    worker = make_worker(clock=clock, lease_seconds=1000.0)
    running = worker.watch(LONG, POINTS, "ann")
    until(lambda: running.started)
    waiting = worker.watch(SHORT, POINTS, "bob")
    clock.ahead += 2000
    worker.renew(running, "ann")
    gate.set()
    assert ended(waiting).stop.reason is StopReason.CANCELLED
    assert len(waiting.history) == 0


def test_a_cancelled_run_that_is_asked_for_again_starts_anew(make_worker):
    worker = make_worker()
    first = worker.watch(LONG, POINTS, "ann")
    grows(first)
    worker.leave(first, "ann")
    second = worker.watch(LONG, POINTS, "ann")  # perhaps before the first has ended
    assert second is not first
    assert second.id != first.id
    grows(second)
    assert ended(first).stop.reason is StopReason.CANCELLED
    assert list(second.history)[:50] == list(train(Experiment(n=20, epochs=49)))


def test_renewing_starts_nothing_anew(make_worker):
    worker = make_worker()
    run = worker.watch(LONG, POINTS, "ann")
    grows(run)
    worker.stop(run)
    worker.renew(ended(run), "ann")
    assert worker.runs == [run]
    assert run.stop.reason is StopReason.CANCELLED


def test_stop_ends_a_run_that_is_under_way_and_keeps_its_records(make_worker):
    worker = make_worker()
    run = worker.watch(LONG, POINTS, "ann")
    worker.watch(LONG, POINTS, "bob")
    grows(run)
    worker.stop(run)
    assert ended(run).stop.reason is StopReason.CANCELLED
    assert run.stop.epoch == len(run.history) - 1
    assert run in worker.runs


def test_a_run_that_waits_is_stopped_at_once_whatever_runs_before_it(make_worker, gate):
    worker = make_worker()
    running = worker.watch(LONG, POINTS, "ann")
    until(lambda: running.started)
    waiting = worker.watch(SHORT, POINTS, "ann")
    behind = worker.watch(Experiment(n=20, seed=1, method="numpy"), POINTS, "ann")
    worker.stop(waiting)
    assert (waiting.stop.reason, waiting.stop.epoch) == (StopReason.CANCELLED, 0)
    assert worker.waiting_before(behind) == 0
    gate.set()
    assert ended(behind).stop.reason is StopReason.FINISHED
    assert len(waiting.history) == 0


def test_stopping_a_run_that_has_ended_changes_nothing(make_worker):
    worker = make_worker()
    run = ended(worker.watch(SHORT, POINTS, "ann"))
    stop = run.stop
    worker.stop(run)
    worker.leave(run, "ann")
    assert run.stop is stop
    assert worker.watch(SHORT, POINTS, "ann") is run


def test_a_finished_run_is_kept_for_whoever_asks_next(make_worker):
    clock = Clock()
    worker = make_worker(clock=clock)
    run = ended(worker.watch(SHORT, POINTS, "ann"))
    worker.leave(run, "ann")
    clock.ahead += 1e6
    assert worker.watch(SHORT, POINTS, "bob") is run
    assert len(run.history) == 11


def test_the_runs_that_nobody_looked_at_for_longest_are_dropped_first(make_worker):
    worker = make_worker(keep_bytes=2 * BYTES_OF_SHORT)
    first, second, third = (Experiment(n=20, epochs=10, method="numpy", seed=seed) for seed in range(3))
    runs = [ended(worker.watch(experiment, POINTS, "ann")) for experiment in (first, second)]
    assert worker.watch(first, POINTS, "bob") is runs[0]
    newest = ended(worker.watch(third, POINTS, "ann"))
    until(lambda: worker.runs == [runs[0], newest])
    assert worker.watch(first, POINTS, "ann") is runs[0]
    assert worker.watch(second, POINTS, "ann") is not runs[1]
    assert len(runs[1].history) == 11  # who still holds it can still read it


def test_renewing_counts_as_looking(make_worker):
    worker = make_worker(keep_bytes=2 * BYTES_OF_SHORT)
    first, second, third = (Experiment(n=20, epochs=10, method="numpy", seed=seed) for seed in range(3))
    oldest = ended(worker.watch(first, POINTS, "ann"))
    other = ended(worker.watch(second, POINTS, "ann"))
    worker.renew(oldest, "ann")
    newest = ended(worker.watch(third, POINTS, "ann"))
    until(lambda: worker.runs == [oldest, newest])
    assert other not in worker.runs


def test_the_points_of_a_run_count_as_its_memory(make_worker):
    large = Experiment(n=10_000, epochs=1, method="numpy")
    worker = make_worker(keep_bytes=100_000)
    run = ended(worker.watch(large, make_dataset(large), "ann"))
    assert run.dataset.nbytes == 10_000 * 2 * 8
    until(lambda: worker.runs == [])


def test_a_run_that_is_still_going_is_never_dropped(make_worker):
    worker = make_worker(keep_bytes=0)
    long = worker.watch(LONG, POINTS, "ann")
    short = ended(worker.watch(SHORT, POINTS, "ann"))
    until(lambda: short not in worker.runs)
    assert worker.runs == [long]
    grows(long)


def test_a_run_whose_device_fails_keeps_its_records_and_can_be_tried_again(make_worker, monkeypatch):
    worker = make_worker()
    experiment = Experiment(n=20, epochs=10)
    update, calls = WithAutograd.update, []

    def failing(self):
        calls.append(1)
        if len(calls) == 5:
            raise RuntimeError("the device is gone")
        update(self)

    with monkeypatch.context() as broken:
        broken.setattr(WithAutograd, "update", failing)
        failed = ended(worker.watch(experiment, POINTS, "ann"))
    assert failed.stop.reason is StopReason.FAILED
    assert "Device 'cpu' failed at epoch 4: the device is gone." in failed.stop.message
    assert list(failed.history) == list(train(experiment))[:5]
    again = ended(worker.watch(experiment, POINTS, "ann"))
    assert again is not failed
    assert again.stop.reason is StopReason.FINISHED


def test_a_mistake_in_a_run_ends_that_run_and_no_other(make_worker, monkeypatch, caplog):
    worker = make_worker()

    def mistaken(self, loss):
        raise KeyError("b\nc")

    long = worker.watch(Experiment(n=20, epochs=100_000, method="module"), POINTS, "ann")
    with monkeypatch.context() as broken:
        broken.setattr(WithAutograd, "backward", mistaken)
        run = ended(worker.watch(Experiment(n=20), POINTS, "ann"))
    assert run.stop.reason is StopReason.FAILED
    assert run.stop.message.startswith("The run failed: ")
    assert run.stop.message.endswith(" What was trained is kept.")
    assert "KeyError" in caplog.text
    assert ended(worker.watch(SHORT, POINTS, "ann")).stop.reason is StopReason.FINISHED
    grows(long)


def test_a_device_that_is_not_there_fails_the_run_in_words(make_worker):
    worker = make_worker()
    run = ended(worker.watch(Experiment(device="xpu:77"), POINTS, "ann"))
    assert run.stop.reason is StopReason.FAILED
    assert run.stop.message.startswith("device 'xpu:77' cannot train on this machine: ")
    assert len(run.history) == 0
    assert ended(worker.watch(SHORT, POINTS, "ann")).stop.reason is StopReason.FINISHED


def test_a_diverged_run_is_kept(make_worker):
    worker = make_worker()
    experiment = Experiment(n=20, learning_rate=10.0)
    run = ended(worker.watch(experiment, POINTS, "ann"))
    assert run.stop.reason is StopReason.DIVERGED
    assert worker.watch(experiment, POINTS, "bob") is run


def test_a_thousand_calls_from_many_threads_make_one_run_per_experiment(make_worker, monkeypatch):
    begun = []

    class Counted(Training):
        def __init__(self, experiment, dataset):
            begun.append(experiment.seed)
            super().__init__(experiment, dataset)

    monkeypatch.setattr(core.training.worker, "Training", Counted)
    worker = make_worker(threads=2, turn_seconds=0.001)
    experiments = [Experiment(n=20, epochs=200, method="numpy", seed=seed) for seed in range(5)]
    found: list[Run] = []
    start = threading.Barrier(20)

    def many(viewer: int) -> None:
        start.wait()
        for call in range(50):
            found.append(worker.watch(experiments[(viewer + call) % 5], POINTS, f"viewer {viewer}"))

    threads = [threading.Thread(target=many, args=(viewer,)) for viewer in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1000
    assert len(set(map(id, found))) == 5
    for run in set(found):
        assert list(ended(run).history) == list(train(run.experiment, POINTS))
    assert sorted(begun) == [0, 1, 2, 3, 4]


def test_viewers_who_come_and_go_in_many_threads_leave_the_worker_whole(make_worker):
    worker = make_worker(turn_seconds=0.001)
    errors = []

    def restless(viewer: str) -> None:
        try:
            for seed in range(25):
                run = worker.watch(Experiment(n=20, epochs=2000, seed=seed % 3), POINTS, viewer)
                worker.renew(run, viewer)
                worker.waiting_before(run)
                (worker.leave if seed % 2 else worker.renew)(run, viewer)
                if seed % 7 == 0:
                    worker.stop(run)
        except Exception as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=restless, args=(f"viewer {index}",)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert list(ended(worker.watch(SHORT, POINTS, "ann")).history) == list(train(SHORT))


def test_progress_speed_and_time_left_are_told(make_worker):
    ticks = iter(range(10**9))
    worker = make_worker(clock=lambda: float(next(ticks)), turn_seconds=10.0, lease_seconds=1e12)
    run = worker.watch(LONG, POINTS, "ann")
    until(lambda: run.epochs_done > 1000)
    # The clock goes on by one with every look at it, and there is a look before every epoch.
    assert run.epochs_per_second == pytest.approx(1.0, rel=0.3)
    # About two looks an epoch at the most, those between the turns included.
    assert 0 < run.seconds_left < 2 * LONG.epochs
    worker.stop(run)
    assert ended(run).seconds_left == 0.0


def test_before_the_first_turn_speed_is_0_and_the_time_left_unknown(make_worker, gate):
    worker = make_worker()
    run = worker.watch(LONG, POINTS, "ann")
    assert (run.epochs_done, run.epochs_per_second, run.seconds_left, run.stop) == (0.0, 0.0, None, None)


def test_a_clock_too_coarse_to_see_a_turn_leaves_the_time_unknown():
    run = Run(LONG, POINTS, id="run", epochs_done=5.0, busy_seconds=0.0)
    assert run.seconds_left is None


def test_close_ends_every_run_and_every_thread(make_worker):
    before = set(threading.enumerate())
    worker = make_worker(threads=2)
    threads = set(threading.enumerate()) - before
    assert len(threads) == 2
    runs = [worker.watch(Experiment(n=20, epochs=100_000, seed=seed), POINTS, "ann") for seed in range(6)]
    grows(runs[0])
    worker.close()
    assert not any(thread.is_alive() for thread in threads)
    assert [run.stop.reason for run in runs] == [StopReason.CANCELLED] * 6
    assert list(runs[0].history)[:50] == list(train(Experiment(n=20, epochs=49, seed=0), POINTS))
    worker.close()


def test_a_closed_worker_promises_nothing(make_worker):
    worker = make_worker()
    run = ended(worker.watch(SHORT, POINTS, "ann"))
    worker.close()
    assert run.stop.reason is StopReason.FINISHED
    with pytest.raises(RuntimeError, match="closed"):
        worker.watch(SHORT, POINTS, "ann")


def test_runs_that_share_their_points_count_them_once(make_worker):
    large = [Experiment(n=10_000, epochs=1, method="numpy", learning_rate=rate) for rate in (0.1, 0.2, 0.3)]
    points = make_dataset(large[0])
    worker = make_worker(keep_bytes=points.nbytes + 10_000)
    runs = [ended(worker.watch(experiment, points, "ann")) for experiment in large]
    until(lambda: not any(run._training for run in runs))
    assert worker.runs == runs


def test_no_more_runs_are_in_progress_than_are_allowed(make_worker):
    worker = make_worker(active=2, turn_seconds=0.01)
    experiments = [Experiment(n=20, epochs=100_000, seed=seed) for seed in range(4)]
    runs = [worker.watch(experiment, POINTS, "ann") for experiment in experiments]
    until(lambda: len(runs[0].history) > 500 and len(runs[1].history) > 500)
    assert not runs[2].started
    worker.stop(runs[0])
    until(lambda: runs[2].started)
    assert not runs[3].started
