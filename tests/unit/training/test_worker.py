"""Runs in the background: shared, fair, cancellable, kept, and never the end of the worker."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from time import monotonic

import pytest
import torch

from core import Dataset, Experiment, Run, StopReason, TooManyRuns, Worker, make_dataset, train
from core.training.four_steps.with_autograd import WithAutograd
from core.training.history import History
from core.training.joint import Group, kind_of
from core.training.joint.check import has_the_same_bits
from core.training.joint.steps import TorchJointly
from core.training.room import LARGE_SHARE
from core.training.turns import JointLot, Turns

SHORT = Experiment(n=20, epochs=10, method="numpy")
LONG = Experiment(n=20, epochs=100_000)
POINTS = make_dataset(SHORT)
BYTES_OF_SHORT = 11 * 7 * 8


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
    """Runs of PyTorch's methods wait in their first step until this is set, and hold the thread meanwhile."""
    opened = threading.Event()
    backward = TorchJointly.backward

    def held(self, batch):
        assert opened.wait(60)
        backward(self, batch)

    has_the_same_bits(kind_of(SHORT, POINTS))
    has_the_same_bits(kind_of(LONG, POINTS))
    monkeypatch.setattr(TorchJointly, "backward", held)
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
        assert run.experiment is experiment


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


def test_a_run_that_waits_for_room_knows_how_many_come_before_it(make_worker, gate):
    worker = make_worker(active_bytes=1)
    running = worker.watch(LONG, POINTS, "ann")
    until(lambda: running.started)
    waiting = [worker.watch(Experiment(n=20, seed=seed), POINTS, "ann") for seed in range(3)]
    assert [worker.waiting_before(run) for run in [running, *waiting]] == [None, 0, 1, 2]
    assert [run.started for run in waiting] == [False] * 3


def test_runs_of_one_kind_share_their_steps_and_know_with_how_many(make_worker, gate):
    worker = make_worker()
    runs = [worker.watch(Experiment(n=20, epochs=50, learning_rate=rate), POINTS, "ann") for rate in (0.1, 0.2, 0.3)]
    other = worker.watch(SHORT, POINTS, "ann")
    gate.set()
    for run in [*runs, other]:
        assert list(ended(run).history) == list(train(run.experiment, POINTS))
    assert runs[2].together >= 2
    assert other.together == 1


def test_no_run_is_left_at_its_start_while_others_train(make_worker):
    worker = make_worker(most_per_viewer=100)
    experiments = [Experiment(n=20 + number, epochs=100_000) for number in range(40)]
    runs = [worker.watch(experiment, make_dataset(experiment), "ann") for experiment in experiments]
    for run in runs:
        until(lambda run=run: len(run.history) > 5)
        assert run.stop is None


def test_runs_that_come_in_numbers_are_gathered_and_begin_together(make_worker, gate):
    worker = make_worker(gather_seconds=1e6, most_per_viewer=100)
    first = [worker.watch(Experiment(n=20, epochs=20, seed=seed), POINTS, "ann") for seed in range(3)]
    until(lambda: first[0].started)
    crowd = [worker.watch(Experiment(n=20, epochs=20, seed=seed), POINTS, "ann") for seed in range(3, 13)]
    gate.set()
    for run in first:
        ended(run)
    assert not any(run.started for run in crowd)


def test_crowd_that_was_gathered_trains_in_one_step(make_worker):
    clock = Clock()
    worker = make_worker(gather_seconds=1000.0, most_per_viewer=100, clock=clock, lease_seconds=1e6)
    crowd = [worker.watch(Experiment(n=20, epochs=20, seed=seed), POINTS, "ann") for seed in range(20)]
    assert [run.started for run in crowd[4:]] == [False] * 16
    clock.ahead += 1000.0
    worker.watch(Experiment(n=20, epochs=20, seed=99), POINTS, "bob")
    for run in crowd:
        assert list(ended(run).history) == list(train(run.experiment, POINTS))
    assert crowd[-1].together >= 16


def test_viewer_has_no_more_runs_in_progress_than_one_may(make_worker, gate):
    worker = make_worker(most_per_viewer=3)
    runs = [worker.watch(Experiment(n=20, seed=seed), POINTS, "ann") for seed in range(3)]
    with pytest.raises(TooManyRuns, match=r"^3 runs of yours are in progress"):
        worker.watch(Experiment(n=20, seed=3), POINTS, "ann")
    assert worker.watch(Experiment(n=20, seed=0), POINTS, "ann") is runs[0]
    others = worker.watch(Experiment(n=20, seed=3), POINTS, "bob")
    assert others in worker.runs
    worker.leave(runs[0], "ann")
    gate.set()
    ended(runs[0])
    assert ended(worker.watch(Experiment(n=20, seed=4), POINTS, "ann")).stop.reason is StopReason.FINISHED


def test_who_waits_for_a_short_run_has_all_of_it_and_for_a_long_one_its_first_records(make_worker, gate):
    worker = make_worker()
    short = worker.watch(Experiment(n=20, epochs=50), POINTS, "ann")
    long = worker.watch(LONG, POINTS, "ann")
    short.wait(0.0, soon=60.0)
    assert len(short.history) == 0
    gate.set()
    short.wait(60.0, soon=60.0)
    assert len(short.history) == 51
    long.wait(60.0, soon=0.0)
    assert len(long.history) > 0
    assert long.stop is None


def test_who_waits_for_a_run_that_never_begins_is_told_of_its_end(make_worker, gate):
    worker = make_worker(active_bytes=1)
    worker.watch(LONG, POINTS, "ann")
    waiting = worker.watch(SHORT, POINTS, "bob")
    worker.leave(waiting, "bob")
    waiting.wait(60.0, soon=60.0)
    assert waiting.stop.reason is StopReason.CANCELLED


def test_training_gives_way_to_who_answers_and_gets_on_all_the_same(make_worker):
    worker = make_worker()
    run = worker.watch(LONG, POINTS, "ann")
    grows(run)
    with worker.answering(), worker.answering():
        grows(run)
    grows(run)


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
    worker = make_worker(clock=clock, lease_seconds=1000.0, active_bytes=1)
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
    worker = make_worker(active_bytes=1)
    running = worker.watch(LONG, POINTS, "ann")
    until(lambda: running.started)
    waiting = worker.watch(SHORT, POINTS, "ann")
    behind = worker.watch(Experiment(n=20, seed=1, method="numpy"), POINTS, "ann")
    worker.stop(waiting)
    assert (waiting.stop.reason, waiting.stop.epoch) == (StopReason.CANCELLED, 0)
    assert worker.waiting_before(behind) == 0
    gate.set()
    worker.stop(running)
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
    assert len(runs[1].history) == 0  # whoever still holds it
    assert runs[1].stop.reason is StopReason.CANCELLED
    anew = ended(worker.watch(second, POINTS, "ann"))
    assert anew is not runs[1]
    assert len(anew.history) == 11


def test_what_a_hall_of_runs_that_end_together_takes_is_summed_once(make_worker, gate):
    looks = 0

    class Weighed(History):
        @property
        def nbytes(self) -> int:
            nonlocal looks
            looks += 1
            return super().nbytes

    worker = make_worker(keep_bytes=200 * BYTES_OF_SHORT, most_per_viewer=300, history=lambda _: Weighed())
    crowd = [Experiment(n=20, epochs=10, learning_rate=0.001 * (number + 1)) for number in range(300)]
    runs = worker.watch_together([(experiment, POINTS) for experiment in crowd], "hall")
    gate.set()
    until(lambda: all(run.has_ended.is_set() for run in runs))
    until(lambda: len(worker.runs) == 200)
    assert looks <= 2 * len(runs)  # one as it ends, one as it is dropped


def test_run_that_took_the_place_of_a_stopped_one_counts_alone(make_worker):
    class Heavy(History):
        nbytes = 60

    worker = make_worker(keep_bytes=100, history=lambda _: Heavy())
    for _ in range(3):
        run = worker.watch(LONG, POINTS, "ann")
        grows(run)
        worker.stop(run)
        until(run.has_ended.is_set)
        assert worker.runs == [run]
        assert len(run.history)


def test_renewing_counts_as_looking(make_worker):
    worker = make_worker(keep_bytes=2 * BYTES_OF_SHORT)
    first, second, third = (Experiment(n=20, epochs=10, method="numpy", seed=seed) for seed in range(3))
    oldest = ended(worker.watch(first, POINTS, "ann"))
    other = ended(worker.watch(second, POINTS, "ann"))
    worker.renew(oldest, "ann")
    newest = ended(worker.watch(third, POINTS, "ann"))
    until(lambda: worker.runs == [oldest, newest])
    assert other not in worker.runs


def test_a_run_that_has_ended_holds_its_records_and_no_points(make_worker):
    worker = make_worker()
    run = ended(worker.watch(SHORT, POINTS, "ann"))
    until(lambda: run.points is None)
    assert worker.watch(SHORT, POINTS, "bob") is run
    assert len(run.history) == 11


def test_a_run_that_is_still_going_is_never_dropped(make_worker):
    worker = make_worker(keep_bytes=0)
    long = worker.watch(LONG, POINTS, "ann")
    short = ended(worker.watch(SHORT, POINTS, "ann"))
    until(lambda: short not in worker.runs)
    assert worker.runs == [long]
    grows(long)


def test_a_run_whose_device_fails_keeps_its_records_and_can_be_tried_again(make_worker, monkeypatch):
    worker = make_worker()
    experiment = Experiment(n=400, epochs=10, batch_size=1)
    points = make_dataset(experiment)
    backward, calls = torch.Tensor.backward, []

    def failing(self, *given, **named):
        calls.append(1)
        if len(calls) == 1000:
            raise RuntimeError("the device is gone")
        backward(self, *given, **named)

    with monkeypatch.context() as broken:
        broken.setattr(torch.Tensor, "backward", failing)
        failed = ended(worker.watch(experiment, points, "ann"))
    assert failed.stop.reason is StopReason.FAILED
    assert re.match(r"Device 'cpu' failed at epoch 3: the device is gone\.", failed.stop.message)
    assert list(failed.history) == list(train(experiment))[:4]
    again = ended(worker.watch(experiment, points, "ann"))
    assert again is not failed
    assert again.stop.reason is StopReason.FINISHED


@pytest.mark.parametrize("error", [KeyError("b\nc"), RuntimeError("no memory left")], ids=repr)
def test_what_goes_wrong_among_runs_that_share_their_steps_ends_none_of_them(make_worker, monkeypatch, caplog, error):
    worker = make_worker()
    advance = Group.advance

    def mistaken(self, epochs):
        if len(self.members) == 3 and max(member.next_epoch for member in self.members) > 5:
            raise error
        return advance(self, min(epochs, 3))

    monkeypatch.setattr(Group, "advance", mistaken)
    runs = [worker.watch(Experiment(n=20, epochs=400, seed=seed), POINTS, "ann") for seed in range(3)]
    for run in runs:
        assert ended(run).stop.reason is StopReason.FINISHED
        assert list(run.history) == list(train(run.experiment, POINTS))
    if any(run.together == 3 for run in runs):
        assert "each goes on alone" in caplog.text


def test_a_mistake_in_a_run_ends_that_run_and_no_other(make_worker, monkeypatch, caplog):
    worker = make_worker()
    alone = Experiment(n=400, epochs=10, batch_size=1)

    def mistaken(self, loss):
        raise KeyError("b\nc")

    long = worker.watch(LONG, POINTS, "ann")
    grows(long)
    with monkeypatch.context() as broken:
        broken.setattr(WithAutograd, "backward", mistaken)
        run = ended(worker.watch(alone, make_dataset(alone), "ann"))
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


def test_a_thousand_calls_from_many_threads_make_one_run_per_experiment(make_worker):
    worker = make_worker(turn_seconds=0.001)
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
    worker = make_worker()
    before = monotonic()
    run = worker.watch(LONG, POINTS, "ann")
    until(lambda: run.epochs_done > 1000)
    epochs, took = run.epochs_done, monotonic() - before
    assert run.epochs_per_second >= epochs / took
    assert 0 < run.seconds_left < LONG.epochs * took / epochs
    worker.stop(run)
    assert ended(run).seconds_left == 0.0


def test_before_the_first_turn_speed_is_0_and_the_time_left_unknown(make_worker, gate):
    worker = make_worker()
    run = worker.watch(LONG, POINTS, "ann")
    assert (run.epochs_done, run.epochs_per_second, run.seconds_left, run.stop) == (0.0, 0.0, None, None)


def test_a_clock_too_coarse_to_see_a_turn_leaves_the_time_unknown():
    run = Run(LONG, POINTS, id="run", key=(LONG, POINTS.digest), epochs_done=5.0, busy_seconds=0.0)
    assert run.seconds_left is None


def test_close_ends_every_run_and_the_thread(make_worker):
    before = set(threading.enumerate())
    worker = make_worker()
    threads = set(threading.enumerate()) - before
    assert len(threads) == 1
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


def test_what_runs_in_progress_take_in_memory_is_bounded_and_who_waits_comes_in_turn(make_worker):
    experiments = [Experiment(n=20, epochs=100_000, seed=seed) for seed in range(4)]
    records = 100_001 * 7 * 8
    worker = make_worker(active_bytes=int(2 * records / LARGE_SHARE) + 10_000)
    runs = [worker.watch(experiment, POINTS, "ann") for experiment in experiments]
    until(lambda: len(runs[0].history) > 500 and len(runs[1].history) > 500)
    assert [run.stop for run in runs[:2]] == [None, None]
    assert not runs[2].started
    assert [worker.waiting_before(run) for run in runs] == [None, None, 0, 1]
    worker.stop(runs[0])
    until(lambda: runs[2].started)
    assert not runs[3].started
    assert worker.waiting_before(runs[3]) == 0


def test_large_runs_wait_for_room_and_keep_no_small_one_waiting(make_worker):
    large = [Experiment(n=20, epochs=100_000, seed=seed) for seed in range(4)]
    worker = make_worker(active_bytes=3 * 100_001 * 7 * 8)
    runs = [worker.watch(experiment, POINTS, f"viewer {experiment.seed}") for experiment in large]
    grows(runs[0])
    small = ended(worker.watch(SHORT, POINTS, "ann"))
    assert small.stop.reason is StopReason.FINISHED
    assert [run.started for run in runs] == [True, True, False, False]
    assert [worker.waiting_before(run) for run in runs] == [None, None, 0, 1]


def test_run_that_ended_in_a_turn_that_then_failed_is_told_of_its_end_all_the_same():
    turns = Turns(1000.0, lambda: None, monotonic)
    short = Run(SHORT, POINTS, id="short", key=(SHORT, POINTS.digest))
    broken = Run(Experiment(n=20, epochs=9000, method="numpy"), POINTS, id="broken", key=(SHORT, POINTS.digest))
    turns.enter(short)
    turns.enter(broken)
    lot = turns._fresh[0]
    block = lot.block

    def fails_later(seconds, clock):
        if short.stop is not None:
            raise KeyError
        return block(seconds, clock)

    lot.block = fails_later
    lot.parted = None  # that fails, too
    with pytest.raises(TypeError):
        turns.take()
    assert turns.give_up() == [short, broken]
    assert not turns


def test_first_block_of_runs_that_have_just_come_together_is_one_epoch(monkeypatch):
    """Nobody knows yet how long it takes."""
    asked = []
    advance = Group.advance
    monkeypatch.setattr(Group, "advance", lambda self, epochs: asked.append(epochs) or advance(self, epochs))
    lot = JointLot(kind_of(LONG, POINTS))
    lot.add(Run(LONG, POINTS, id="first", key=(LONG, POINTS.digest)), POINTS)
    lot.block(1e6, monotonic)
    lot.block(1e6, monotonic)
    lot.add(Run(LONG, POINTS, id="second", key=(LONG, POINTS.digest)), POINTS)
    lot.block(1e6, monotonic)
    assert (asked[0], asked[2]) == (1, 1)
    assert asked[1] > 1


def test_forty_viewers_with_a_million_points_each_wait_for_their_points_too(make_worker):
    """What waits holds no points: they are loaded when there is room for them, and let go afterwards."""
    loaded: list[int] = []
    most = 0

    class Recipe:
        nbytes = 16_000_000

        def __init__(self, number: int) -> None:
            self.digest = f"recipe {number}"

        def load(self) -> Dataset:
            nonlocal most
            loaded.append(1)
            most = max(most, len(loaded) - sum(run.stop is not None for run in runs))
            return POINTS

    worker = make_worker(active_bytes=200_000_000)
    runs: list[Run] = []
    runs += [worker.watch(SHORT, Recipe(number), f"viewer {number}") for number in range(40)]
    for run in runs:
        assert ended(run).stop.reason is StopReason.FINISHED
    assert len(loaded) == 40
    assert most <= 3
