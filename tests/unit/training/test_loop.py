"""The loop: its records, the laws they obey, and the ways in which it ends."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from itertools import count, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noisy_line import noisy_line
from strategies import within

from core import (
    Dataset,
    Experiment,
    Landscape,
    Record,
    StopReason,
    Training,
    estimate_seconds,
    make_dataset,
    methods,
    train,
)
from core.training.four_steps import METHOD_CLASSES
from core.training.four_steps.with_autograd import WithAutograd


def finished(training: Training) -> list[Record]:
    return list(training)


def losses_of(b, w, x, y, reduction="mean"):
    """The loss of the line on points, in float64 and from the points themselves."""
    squares = (b + w * x - y) ** 2
    return squares.mean() if reduction == "mean" else squares.sum()


@pytest.mark.parametrize("method", methods)
def test_a_run_of_a_thousand_epochs_has_a_thousand_and_one_records(method):
    run = train(Experiment(method=method))
    records = finished(run)
    assert [record.epoch for record in records] == list(range(1001))
    assert run.stop.reason is StopReason.FINISHED
    assert (run.stop.epoch, run.stop.message) == (1000, "All 1000 epochs are trained.")
    assert run.epochs_done == 1000


def test_a_record_holds_plain_numbers():
    for experiment in (Experiment(method="numpy"), Experiment(), Experiment(method="numpy", batch_size=8)):
        record = next(train(experiment))
        assert record._fields == ("epoch", "b", "w", "loss", "val_loss", "b_grad", "w_grad")
        assert [type(value) for value in record] == [int] + [float] * 6


def test_the_default_run_finds_the_line_that_scikit_learn_finds():
    *_, last = train(Experiment())
    dataset = make_dataset(Experiment())
    slope, intercept = np.polyfit(dataset.x_train[:, 0], dataset.y_train[:, 0], 1)
    assert (last.b, last.w) == pytest.approx((intercept, slope), abs=1e-3)


def test_the_training_can_be_iterated_only_once_and_stays_ended():
    run = train(Experiment(epochs=3))
    assert len(list(run)) == 4
    assert list(run) == []
    with pytest.raises(StopIteration):
        run.advance()
    assert run.stop.reason is StopReason.FINISHED


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("method", methods)
def test_losses_and_gradients_are_those_of_the_points_at_b_and_w(method, batch_size, reduction):
    rate = 0.1 if reduction == "mean" else 0.004
    experiment = Experiment(
        method=method, batch_size=batch_size, reduction=reduction, learning_rate=rate, epochs=60, true_b=-4.0
    )
    x, y, x_val, y_val = noisy_line(true_b=-4.0)
    exact = method == "numpy" or batch_size is not None
    step = 1e-5
    for record in train(experiment):
        b, w = record.b, record.w
        assert record.loss == pytest.approx(losses_of(b, w, x, y, reduction), rel=1e-12 if exact else 1e-5)
        assert record.val_loss == pytest.approx(losses_of(b, w, x_val, y_val, reduction), rel=1e-12)
        b_grad = (losses_of(b + step, w, x, y, reduction) - losses_of(b - step, w, x, y, reduction)) / (2 * step)
        w_grad = (losses_of(b, w + step, x, y, reduction) - losses_of(b, w - step, x, y, reduction)) / (2 * step)
        size = 80 if reduction == "sum" else 1
        assert (record.b_grad, record.w_grad) == pytest.approx((b_grad, w_grad), rel=1e-5, abs=2e-6 * size)


@pytest.mark.parametrize("method", methods)
def test_the_same_experiment_gives_the_same_records(method):
    for batch_size in (None, 7):
        experiment = Experiment(method=method, batch_size=batch_size, epochs=40, n=60)
        assert list(train(experiment)) == list(train(replace(experiment)))


def test_more_epochs_only_add_records():
    for batch_size in (None, 16):
        short, long = (list(train(Experiment(epochs=epochs, batch_size=batch_size))) for epochs in (20, 50))
        assert long[:21] == short


@settings(max_examples=40)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(10, 200),
    within(0, 10),
    within(-100, 100),
    within(-100, 100),
    within(0.001, 0.999),
    st.sampled_from(["mean", "sum"]),
)
def test_the_loss_never_rises_below_the_limit_of_the_learning_rate(seed, n, noise, b, w, part, reduction):
    x, *_ = noisy_line(n, noise, b, w, seed)
    columns = np.hstack([np.ones_like(x), x])
    steepest = np.linalg.eigvalsh(2 * columns.T @ columns / (1 if reduction == "sum" else len(x)))[-1]
    experiment = Experiment(
        seed=seed, n=n, noise=noise, true_b=b, true_w=w, method="numpy", reduction=reduction, epochs=100,
        learning_rate=part * 2 / steepest,
    )  # fmt: skip
    losses = [record.loss for record in train(experiment)]
    assert len(losses) == 101
    rounding = 1e-13 * losses[0]
    assert all(later <= earlier + rounding for earlier, later in pairwise(losses))


def test_a_dataset_of_ones_own_is_trained_on():
    x = np.linspace(-1, 1, 20)
    dataset = Dataset(x, 5 - 3 * x, [0.0], [6.0])
    *_, last = train(Experiment(method="numpy", epochs=500), dataset)
    assert (last.b, last.w) == pytest.approx((5, -3), abs=1e-9)
    assert last.val_loss == pytest.approx(1.0)


def test_a_run_converges_only_if_a_tolerance_is_given():
    experiment = Experiment(method="numpy", epochs=5000, learning_rate=0.5)
    run = train(experiment)
    assert len(finished(run)) == 5001
    assert run.stop.reason is StopReason.FINISHED

    run = train(replace(experiment, tolerance=1e-3))
    records = finished(run)
    assert run.stop.reason is StopReason.CONVERGED
    assert run.stop.epoch == records[-1].epoch < 5000
    assert f"epoch {records[-1].epoch}" in run.stop.message
    small = [max(abs(record.b_grad), abs(record.w_grad)) <= 1e-3 for record in records]
    assert small == [False] * (len(records) - 1) + [True]


def test_a_run_that_starts_within_the_tolerance_has_one_record():
    run = train(Experiment(tolerance=1e6))
    assert [record.epoch for record in run] == [0]
    assert (run.stop.reason, run.stop.epoch) == (StopReason.CONVERGED, 0)


def test_a_tolerance_holds_for_mini_batches_too():
    run = train(Experiment(tolerance=0.5, batch_size=16))
    *_, last = run
    assert run.stop.reason is StopReason.CONVERGED
    assert max(abs(last.b_grad), abs(last.w_grad)) <= 0.5


def steepest_curvature(x, reduction):
    """λmax, from the eigenvalues that NumPy finds."""
    columns = np.hstack([np.ones_like(x), x])
    return np.linalg.eigvalsh(2 * columns.T @ columns / (1 if reduction == "sum" else len(x)))[1]


def rounded_down(value, digits):
    """As it is said: at the number that is read there nothing diverges."""
    digit = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    return f"{math.floor(value / digit) * digit:.{digits}g}"


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("method", methods)
def test_a_run_that_diverges_says_when_and_what_rate_the_data_would_have_borne(method, reduction):
    run = train(Experiment(method=method, reduction=reduction, learning_rate=2.0))
    records = finished(run)
    assert run.stop.reason is StopReason.DIVERGED
    assert run.stop.epoch == records[-1].epoch < 1000
    steepest = steepest_curvature(noisy_line()[0], reduction)
    assert run.stop.message == (
        f"Diverged at epoch {run.stop.epoch}: the loss has grown a millionfold. "
        f"This data bears a learning rate below {rounded_down(2 / steepest, 4)}; "
        f"{rounded_down(1 / steepest, 2)} lowers the loss at once."
    )
    bound = 1e6 * max(records[0].loss, losses_of(0, 0, *noisy_line()[:2], reduction))
    assert [record.loss > bound for record in records] == [False] * (len(records) - 1) + [True]


def test_with_momentum_a_diverged_run_says_its_own_limit():
    run = train(Experiment(method="optimizer", optimizer="momentum", learning_rate=10.0))
    finished(run)
    limit = float(rounded_down(3.8 / steepest_curvature(noisy_line()[0], "mean"), 4))
    assert f"below {limit:.3f};" in run.stop.message


@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(method="module", batch_size=16, learning_rate=5.0),
        Experiment(method="numpy", batch_size=1, learning_rate=5.0),
    ],
    ids=["mini-batches", "one point at a time"],
)
def test_where_no_limit_is_known_a_diverged_run_asks_for_a_smaller_rate(experiment):
    run = train(experiment)
    finished(run)
    assert run.stop.reason is StopReason.DIVERGED
    assert run.stop.message.startswith(f"Diverged at epoch {run.stop.epoch}: the loss ")
    assert run.stop.message.endswith(" Try a smaller learning rate.")


@settings(max_examples=40)
@given(
    st.sampled_from(methods),
    st.sampled_from([None, 1, 16]),
    st.sampled_from(["mean", "sum"]),
    st.floats(-2, 3).map(lambda power: 10.0**power),
    st.sampled_from(["sgd", "momentum", "rmsprop", "adam"]),
    st.integers(0, 100),
)
def test_every_record_is_finite_however_wild_the_run(method, batch_size, reduction, rate, optimizer, seed):
    if method in ("numpy", "autograd"):
        optimizer = "sgd"
    run = train(
        Experiment(
            method=method, batch_size=batch_size, reduction=reduction, learning_rate=rate, optimizer=optimizer,
            seed=seed, epochs=15, n=100, noise=5.0, true_w=100.0,
        )
    )  # fmt: skip
    records = finished(run)
    assert all(math.isfinite(value) for record in records for value in record)
    assert [record.epoch for record in records] == list(range(len(records)))
    assert run.stop.reason in (StopReason.FINISHED, StopReason.DIVERGED)
    assert run.stop.epoch in (len(records) - 1, len(records))


def test_a_loss_beyond_all_numbers_is_left_out_and_said():
    run = train(Experiment(method="numpy", n=1000, batch_size=1, learning_rate=1000.0))
    assert [record.epoch for record in run] == [0]
    assert (run.stop.reason, run.stop.epoch) == (StopReason.DIVERGED, 1)
    assert "the loss is no longer a finite number" in run.stop.message


def test_a_record_whose_validation_loss_is_beyond_all_numbers_is_left_out():
    x = np.linspace(0, 1, 50)
    dataset = Dataset(x, x, [1e9], [0.0])  # far out, where the line's error is a thousand million times larger

    def training_loss_after_one_epoch(rate):
        run = train(Experiment(method="numpy", batch_size=1, learning_rate=rate, epochs=1), dataset)
        return finished(run)[-1]

    low, high = 1.0, 1000.0
    for _ in range(60):  # the rate at which the only epoch ends just within the numbers there are
        rate = math.sqrt(low * high)
        low, high = (rate, high) if training_loss_after_one_epoch(rate).epoch == 1 else (low, rate)
    last = training_loss_after_one_epoch(low)
    assert all(map(math.isfinite, last))
    assert last.val_loss > 1e300


@pytest.mark.parametrize("batch_size", [None, 16, 1])
def test_a_cancelled_run_keeps_its_records_and_ends(batch_size):
    run = train(Experiment(batch_size=batch_size, n=1000))
    records = [next(run) for _ in range(6)]
    run.cancel()
    assert list(run) == []
    assert [record.epoch for record in records] == [0, 1, 2, 3, 4, 5]
    assert (run.stop.reason, run.stop.epoch) == (StopReason.CANCELLED, 5)
    assert run.stop.message == "Stopped. What was trained is kept."


def test_a_run_cancelled_before_it_began_has_no_records():
    run = train(Experiment())
    run.cancel()
    assert list(run) == []
    assert (run.stop.reason, run.stop.epoch) == (StopReason.CANCELLED, 0)


def test_a_run_can_be_cancelled_in_the_middle_of_an_epoch():
    run = train(Experiment(n=10_000, batch_size=1))
    assert run.advance().epoch == 0
    assert run.advance() is None
    assert 0 < run.epochs_done < 1
    run.cancel()
    with pytest.raises(StopIteration):
        run.advance()
    assert (run.stop.reason, run.stop.epoch) == (StopReason.CANCELLED, 0)


def test_progress_within_an_epoch_only_grows_and_the_pauses_change_no_record():
    experiment = Experiment(n=1000, batch_size=2, epochs=3)
    run, progress, records = train(experiment), [], []
    while run.stop is None:
        try:
            moment = run.advance()
        except StopIteration:
            break
        progress.append(run.epochs_done)
        if moment is not None:
            records.append(moment)
    assert progress == sorted(progress)
    assert len(progress) > len(records) == 4
    assert records == list(train(experiment))


def test_a_run_can_be_cancelled_from_another_thread():
    run = train(Experiment(epochs=100_000))
    next(run)
    threading.Thread(target=run.cancel).start()
    finished(run)
    assert run.stop.reason is StopReason.CANCELLED


@pytest.mark.parametrize("step", ["forward", "loss", "backward", "update"])
@pytest.mark.parametrize("batch_size", [None, 80 // 2])
def test_a_device_that_fails_in_the_middle_ends_the_run_and_keeps_its_records(monkeypatch, step, batch_size):
    original, calls = getattr(WithAutograd, step), []

    def failing(self, *arguments):
        calls.append(step)
        if len(calls) > 10:
            raise RuntimeError("CUDA error: device-side assert triggered. Compile with TORCH_USE_CUDA_DSA.\nmore")
        return original(self, *arguments)

    whole = list(train(Experiment(batch_size=batch_size, epochs=20)))
    monkeypatch.setattr(WithAutograd, step, failing)
    run = train(Experiment(batch_size=batch_size, epochs=20))
    records = finished(run)
    # The eleventh call fails. An update comes after its epoch was recorded, the other steps before; of two batches
    # an epoch, ten calls are five epochs.
    assert records == (whole[: 11 if step == "update" else 10] if batch_size is None else whole[:6])
    assert run.stop.reason is StopReason.FAILED
    assert run.stop.epoch == records[-1].epoch
    assert run.stop.message == (
        f"Device 'cpu' failed at epoch {records[-1].epoch}: CUDA error: device-side assert triggered. "
        "What was trained is kept. Try fewer points or another device."
    )


@pytest.mark.parametrize("error", [MemoryError(), OSError("the bus is gone"), RuntimeError("out of memory")])
@pytest.mark.parametrize("method", methods)
def test_a_device_that_fails_at_the_start_ends_the_run_without_records(monkeypatch, method, error):
    def failing(self, experiment, dataset):
        raise error

    monkeypatch.setattr(METHOD_CLASSES[method], "__init__", failing)
    run = train(Experiment(method=method))
    assert finished(run) == []
    assert (run.stop.reason, run.stop.epoch) == (StopReason.FAILED, 0)
    assert (str(error) or "MemoryError") in run.stop.message


def test_a_mistake_in_a_step_is_not_taken_for_a_failing_device(monkeypatch):
    def mistaken(self, loss):
        raise KeyError("b")

    monkeypatch.setattr(WithAutograd, "backward", mistaken)
    with pytest.raises(KeyError):
        finished(train(Experiment()))


def test_a_device_that_is_not_there_is_refused_before_anything_is_trained():
    with pytest.raises(ValueError, match=r"^device 'xpu:77' cannot train on this machine: .+\. Choose 'cpu'"):
        train(Experiment(device="xpu:77"))


def test_a_million_points_train():
    *_, last = train(Experiment(n=1_000_000, epochs=3))
    x, y, _, _ = noisy_line(n=1_000_000)
    assert last.epoch == 3
    assert last.loss == pytest.approx(losses_of(last.b, last.w, x, y), rel=1e-4)


def test_the_landscape_of_a_run_is_that_of_its_training_points():
    run = train(Experiment(reduction="sum"))
    x, y, _, _ = noisy_line()
    assert run.landscape == Landscape.of(x, y, "sum")


@pytest.mark.parametrize("epochs", [50, 1000, 100_000])
@pytest.mark.parametrize("batch_size", [None, 40])
def test_the_estimate_is_the_time_of_an_epoch_times_their_number(monkeypatch, batch_size, epochs):
    milliseconds = count()
    monkeypatch.setattr("core.training.loop.perf_counter", lambda: next(milliseconds) / 1000)
    experiment = Experiment(batch_size=batch_size, epochs=epochs)
    assert estimate_seconds(experiment, trial_seconds=0.02) == pytest.approx(epochs / 1000)


def test_a_part_of_an_epoch_is_enough_for_an_estimate(monkeypatch):
    milliseconds = count()
    monkeypatch.setattr("core.training.loop.perf_counter", lambda: next(milliseconds) / 1000)
    # 8000 batches, looked at every 50: an epoch is 160 looks.
    experiment = Experiment(n=10_000, batch_size=1, epochs=10)
    assert estimate_seconds(experiment, trial_seconds=0.02) == pytest.approx(10 * 0.160)


@pytest.mark.parametrize("batch_size", [1, 400])
def test_an_estimate_does_not_need_a_whole_epoch(batch_size):
    experiment = Experiment(n=100_000, batch_size=batch_size, epochs=1000)
    assert estimate_seconds(experiment, trial_seconds=0.0) > 0


@pytest.mark.parametrize(
    "experiment",
    [Experiment(epochs=1), Experiment(tolerance=1e6), Experiment(learning_rate=1000.0)],
    ids=["one epoch", "converged at once", "diverges at once"],
)
def test_a_run_that_ends_within_the_trial_has_an_estimate_too(experiment):
    assert 0 < estimate_seconds(experiment, trial_seconds=60.0) < 60


def test_a_run_that_fails_at_the_start_has_an_estimate_too(monkeypatch):
    def failing(self, experiment, dataset):
        raise MemoryError

    monkeypatch.setattr(WithAutograd, "__init__", failing)
    assert estimate_seconds(Experiment()) > 0
