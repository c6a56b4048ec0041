"""A sweep has the numbers of `train` at every value, keeps few of them, and can be made piece by piece."""

from __future__ import annotations

import struct
from dataclasses import replace
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import (
    Dataset,
    Experiment,
    Landscape,
    Record,
    StopReason,
    Sweep,
    Sweeping,
    make_dataset,
    shipped_table,
    sweep,
    sweep_values,
    train,
)
from core.training.four_steps.with_autograd import WithAutograd
from core.training.joint import Group
from core.training.sweep import NUMERIC, kept_epochs, most_values, read_sweep, write_sweep

GEOMETRIC_RATES = np.geomspace(1e-3, 3.0, 23)


def bits(record: Record) -> bytes:
    return struct.pack("<7d", *record)


def assert_as_train(result: Sweep, data=None) -> None:
    """Every run of it is that of `train`: its last record to the last bit, its kept losses as float32, its end."""
    assert result.loss.shape == (len(result.values), len(result.epochs))
    assert result.loss.dtype == np.float32
    for place, value in enumerate(result.values):
        experiment = replace(result.experiment, **{result.field: value})
        run = train(experiment, data(experiment) if callable(data) else data)
        records = list(run)
        assert bits(result.last[place]) == bits(records[-1])
        assert type(result.last[place].epoch) is int
        assert result.reasons[place] is run.stop.reason
        losses = np.full(len(result.epochs), np.nan)
        there = result.epochs < len(records)
        losses[there] = [records[epoch].loss for epoch in result.epochs[there]]
        with np.errstate(over="ignore"):
            assert np.array_equal(result.loss[place], losses.astype(np.float32), equal_nan=True)


@pytest.mark.parametrize("method", ["numpy", "autograd", "module"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_learning_rates_have_the_numbers_of_train_also_where_they_diverge(method, reduction):
    rates = GEOMETRIC_RATES if reduction == "mean" else GEOMETRIC_RATES / 80
    result = sweep(Experiment(method=method, reduction=reduction, epochs=300), "learning_rate", rates)
    assert {StopReason.FINISHED, StopReason.DIVERGED} == set(result.reasons)
    assert_as_train(result)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("batch_size", [1, 16, 7, 79, 80, 81, 500]),
        ("n", [10, 1000, 57, 100]),
        ("seed", [0, 42, 2**32 - 1, 7]),
        ("noise", [0.0, 0.1, 5.0]),
        ("tolerance", [0.0, 1e-3, 0.1, 10.0]),
        ("epochs", [1, 7, 60, 3]),
        ("true_b", [-100.0, 0.0, 3.5]),
        ("true_w", [-2.0, 2.0]),
        ("validation", [0.0, 0.2, 0.5]),
        ("start_b", [-3.0, 0.0, 40.0]),
        ("start_w", [-3.0, 2.0]),
    ],
)
@pytest.mark.parametrize("batch_size", [None, 16])
def test_every_numeric_field_can_be_swept_over(field, values, batch_size):
    base = Experiment(epochs=40, method="optimizer", optimizer="adam", batch_size=batch_size)
    result = sweep(base, field, values)
    assert result.values == tuple(values)
    assert (result.experiment, result.field) == (base, field)
    assert_as_train(result)


def test_every_field_that_is_a_number_is_tried_above():
    assert set(NUMERIC) == {
        "learning_rate", "batch_size", "n", "seed", "noise", "tolerance", "epochs", "true_b", "true_w",
        "validation", "start_b", "start_w",
    }  # fmt: skip


def test_losses_beyond_float32_are_infinite_and_the_last_record_is_exact():
    x, y = np.linspace(0, 1, 100_000), np.full(100_000, 1e9)
    points = Dataset(x[:-9], y[:-9], x[-9:], y[-9:])
    result = sweep(Experiment(method="numpy", reduction="sum"), "learning_rate", [900.0, 1000.0], points)
    assert np.isposinf(result.loss[:, 1]).all()
    assert all(1e39 < record.loss < inf for record in result.last)
    assert_as_train(result, points)


def test_more_points_than_are_trained_jointly_have_the_numbers_of_train():
    assert_as_train(sweep(Experiment(n=200_000, epochs=3), "learning_rate", [0.1, 0.5]))


def test_more_runs_than_are_trained_at_once_have_the_numbers_of_train():
    """Of 80 000 points each: five are trained together, then the others."""
    assert_as_train(sweep(Experiment(n=100_000, epochs=2), "learning_rate", np.linspace(0.1, 1.0, 7)))


def test_points_given_are_trained_on_as_they_are_whatever_the_seed():
    points = make_dataset(Experiment(n=30, true_w=-7))
    assert_as_train(sweep(Experiment(epochs=20), "seed", [1, 2, 3], points), points)
    assert_as_train(sweep(Experiment(epochs=20), "learning_rate", [0.1, 0.2], points), points)


def test_table_is_split_by_each_seed_of_a_sweep_and_by_the_only_one_of_others():
    asked = []

    def data(experiment: Experiment) -> Dataset:
        asked.append(experiment.seed)
        return shipped_table("iris").dataset(None, None, experiment)

    result = sweep(Experiment(epochs=20, seed=5), "learning_rate", [0.1, 0.2, 0.3], data)
    assert asked == [5]
    assert_as_train(result, data)
    asked.clear()
    result = sweep(Experiment(epochs=20), "seed", [3, 1, 2], data)
    assert asked == [3, 1, 2]
    assert_as_train(result, data)


@pytest.mark.parametrize("field", ["n", "noise", "true_b", "true_w"])
def test_what_describes_the_line_is_not_swept_over_on_other_points(field):
    with pytest.raises(ValueError, match=f"^{field} describes the synthetic line, and not the data given: sweep over"):
        Sweeping(Experiment(), field, sweep_values(Experiment(), field), make_dataset(Experiment()))


@pytest.mark.parametrize(
    ("field", "values", "sentence"),
    [
        ("learning_rate", [0.1], "A sweep over learning_rate takes from 2 to 1000 different values, but got 1."),
        ("learning_rate", [], "A sweep over learning_rate takes from 2 to 1000 different values, but got 0."),
        ("learning_rate", [0.1, 0.1], "A sweep over learning_rate takes from 2 to 1000 different values, but got 1."),
        ("epochs", [7.2, 6.8], "A sweep over epochs takes from 2 to 1000 different values, but got 1."),
        (
            "noise",
            np.linspace(0, 1, 10_000),
            "A sweep over noise takes from 2 to 1000 different values, but got 10000.",
        ),
        ("n", range(10, 61), "A sweep over n takes from 2 to 50 different values, but got 51."),
        ("batch_size", range(1, 60), "A sweep over batch_size takes from 2 to 50 different values, but got 59."),
        ("learning_rate", [0.1, 0.0], "learning_rate must be a number from 1e-15 to 1000, but got 0.0."),
        ("noise", [0.1, float("nan")], "noise must be a number from 0 to 10, but got nan."),
        ("epochs", [5, 100_001], "epochs must be a whole number from 1 to 100000, but got 100001."),
        ("epochs", [5, inf], "epochs must be a whole number from 1 to 100000, but got inf."),
        ("seed", [5, True], "seed must be a whole number from 0 to 4294967295, but got True."),
        ("seed", [5, "6"], "seed must be a whole number from 0 to 4294967295, but got '6'."),
        ("batch_size", [5, None], "batch_size is swept over numbers, and 'full' is none: leave it out."),
        ("tolerance", [None, 0.1], "tolerance is swept over numbers, and 'off' is none: leave it out."),
        ("method", ["numpy", "module"], "'method' has no numbers: sweep over one of n, noise, true_b, true_w, seed, "),
        ("rate", [0.1, 0.2], "'rate' is no field of an experiment: sweep over one of n, noise, true_b, true_w, seed, "),
    ],
)
def test_what_cannot_be_swept_over_is_one_sentence(field, values, sentence):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the whole sentence is compared
        sweep(Experiment(), field, values)
    assert str(caught.value).startswith(sentence)
    assert len(str(caught.value).splitlines()) == 1


def test_device_that_is_not_there_is_refused_at_once():
    with pytest.raises(ValueError, match=r"^device 'xpu:77' cannot train on this machine: "):
        Sweeping(Experiment(device="xpu:77"), "seed", [1, 2])


def test_values_keep_their_order_and_whole_numbers_are_rounded_and_there_once():
    result = sweep(Experiment(epochs=2), "seed", np.array([9.4, 2.0, 8.6, 9.0, 1.0]))
    assert result.values == (9, 2, 1)
    assert all(type(value) is int for value in result.values)
    rates = sweep(Experiment(epochs=2), "learning_rate", np.float32([0.5, 0.25, 0.5])).values
    assert rates == (0.5, 0.25)
    assert all(type(value) is float for value in rates)


def test_thousand_values_and_fifty_sizes_are_taken():
    assert len(sweep(Experiment(n=10, epochs=1), "seed", range(1000)).last) == 1000
    assert len(sweep(Experiment(epochs=1), "n", range(10, 60)).last) == 50
    assert (most_values("learning_rate"), most_values("batch_size"), most_values("n")) == (1000, 50, 50)


@given(st.integers(1, 100_000))
def test_kept_epochs_are_all_of_the_early_ones_then_ever_sparser_and_the_last(epochs):
    kept = kept_epochs(epochs)
    assert (kept[0], kept[-1]) == (0, epochs)
    assert len(kept) <= 201
    gaps = np.diff(kept)
    assert (gaps >= 1).all()
    assert (gaps[:49] == 1).all()
    # Rounding to whole epochs moves a gap by one at most.
    assert (gaps[1:] >= gaps[:-1] - 1)[:-1].all()
    # A curve drawn through them over the logarithm of the epoch has no hole: no gap is more than a tenth of its place.
    assert (gaps <= np.maximum(1, kept[1:] / 10)).all()


@pytest.mark.parametrize("epochs", [1, 60, 199])
def test_every_epoch_of_a_short_run_is_kept(epochs):
    assert kept_epochs(epochs).tolist() == list(range(epochs + 1))


def test_all_values_keep_the_same_epochs_up_to_the_longest_run():
    result = sweep(Experiment(), "epochs", [3, 900, 20])
    assert result.epochs.tolist() == kept_epochs(900).tolist()
    assert [np.isfinite(row).sum() for row in result.loss] == [4, len(result.epochs), 21]


def test_memory_does_not_grow_with_the_epochs():
    """Beyond the kept epochs, of which there are about 200, nothing is added."""
    sizes = {}
    for epochs in (1000, 20_000):
        sweeping = Sweeping(Experiment(n=10, epochs=epochs), "learning_rate", [0.001, 0.01])
        while sweeping.advance(inf):
            pass
        sizes[epochs] = sweeping.result.nbytes
        kept = len(kept_epochs(epochs))
        assert sizes[epochs] == 8 * kept + 4 * 2 * kept + 8 * 2 * (2 + 7)
    assert sizes[20_000] < 1.1 * sizes[1000]


def test_piece_by_piece_comes_out_as_at_once():
    base = Experiment(epochs=120)
    sweeping, shares = Sweeping(base, "learning_rate", GEOMETRIC_RATES), [0.0]
    while sweeping.advance(0.0):  # the smallest steps that there are
        shares.append(sweeping.share)
    assert sweeping.share == 1.0
    assert len(shares) > 20
    assert shares == sorted(shares)
    whole, pieces = sweep(base, "learning_rate", GEOMETRIC_RATES), sweeping.result
    assert np.array_equal(pieces.loss, whole.loss, equal_nan=True)
    assert (pieces.last, pieces.reasons) == (whole.last, whole.reasons)
    assert not sweeping.advance()  # there is no more


@pytest.mark.parametrize("field", ["n", "seed"])
def test_block_is_short_also_where_data_are_made_or_runs_are_trained_alone(field):
    sweeping, blocks = Sweeping(Experiment(epochs=100), field, range(10, 22)), 1
    while sweeping.advance(0.0):
        blocks += 1
    assert blocks > 100
    assert_as_train(sweeping.result)


def test_losses_so_far_can_be_seen_and_the_result_only_at_the_end():
    sweeping = Sweeping(Experiment(epochs=5000), "learning_rate", [0.01, 0.02])
    while not np.isfinite(sweeping.loss[:, :3]).all():
        assert sweeping.advance(0.0)
    assert np.isnan(sweeping.loss[:, -1]).all()
    assert 0 < sweeping.share < 1
    with pytest.raises(RuntimeError, match="has not ended"):
        _ = sweeping.result


def test_data_are_made_once_where_the_field_says_nothing_of_them(monkeypatch):
    made = []

    def counting(experiment: Experiment) -> Dataset:
        made.append(experiment)
        return make_dataset(experiment)

    monkeypatch.setattr("core.training.sweep.sweeping.make_dataset", counting)
    sweep(Experiment(epochs=1), "learning_rate", [0.1, 0.2, 0.3])
    assert len(made) == 1
    sweep(Experiment(epochs=1), "batch_size", [1, 2, 80, 90])
    assert len(made) == 2
    sweep(Experiment(epochs=1), "noise", [0.1, 0.2, 0.3])
    assert len(made) == 5


@pytest.mark.usefixtures("kinds_known")
def test_runs_that_cannot_be_trained_jointly_after_all_are_trained_alone(monkeypatch, caplog):
    advance, calls = Group.advance, []

    def failing(self, epochs):
        calls.append(epochs)
        if len(calls) == 2:
            raise MemoryError
        return advance(self, epochs)

    base = Experiment(epochs=600)
    monkeypatch.setattr(Group, "advance", failing)
    result = sweep(base, "learning_rate", GEOMETRIC_RATES)
    assert len(calls) == 2
    assert_as_train(result)
    assert "each is trained alone" in caplog.text


@pytest.mark.usefixtures("kinds_known")
def test_run_whose_device_fails_says_so_and_the_others_go_on(monkeypatch):
    def failing(self, experiment, dataset):
        if experiment.n == 20:
            raise RuntimeError("out of memory")
        start(self, experiment, dataset)

    start = WithAutograd.__init__
    monkeypatch.setattr(WithAutograd, "__init__", failing)
    result = sweep(Experiment(epochs=4), "n", [10, 20, 30])
    assert result.reasons == (StopReason.FINISHED, StopReason.FAILED, StopReason.FINISHED)
    assert [record.epoch for record in result.last] == [4, 0, 4]
    assert all(map(isnan, result.last[1][1:]))
    assert np.isnan(result.loss[1]).all()


def test_learning_rates_go_by_a_factor_until_well_beyond_the_limit_of_the_data():
    data = make_dataset(Experiment())
    limit = Landscape.of(data.x_train, data.y_train).max_learning_rate
    rates = sweep_values(Experiment(), "learning_rate")
    assert len(rates) == 1000
    assert (rates[0], rates[-1]) == pytest.approx((limit / 1000, 3 * limit))
    assert np.ptp(np.diff(np.log(rates))) < 1e-9
    wide = Landscape.of(100 * data.x_train, data.y_train)
    assert sweep_values(Experiment(), "learning_rate", landscape=wide)[-1] == pytest.approx(3 * wide.max_learning_rate)
    assert sweep_values(Experiment(), "learning_rate", 0.01, 1.0, 3) == pytest.approx((0.01, 0.1, 1.0))


def test_other_values_go_by_a_distance_between_ends_that_are_named():
    assert sweep_values(Experiment(), "noise", 0, 1, 5) == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert sweep_values(Experiment(), "n", 10, 100, 10) == tuple(range(10, 101, 10))
    assert sweep_values(Experiment(), "epochs", 1, 4, 50) == (1, 2, 3, 4)
    assert sweep_values(Experiment(), "batch_size", 2.6, 5.4, 3) == (3, 4, 5)


@pytest.mark.parametrize(
    ("field", "first", "last", "count"),
    [
        ("noise", 0.0, 2.0, 100),
        ("seed", 42, 141, 100),
        ("n", 10, 100_000, 50),
        ("true_b", -10.0, 10.0, 101),
        ("true_w", -10.0, 10.0, 101),
        ("tolerance", 1e-8, 0.1, 100),
    ],
)
def test_values_left_out_show_the_most(field, first, last, count):
    values = sweep_values(Experiment(), field)
    assert (values[0], values[-1], len(values)) == (first, last, count)
    assert list(values) == sorted(set(values))


def test_values_left_out_follow_the_experiment():
    assert sweep_values(Experiment(seed=2**32 - 1), "seed")[-1] == 2**32 - 1
    for n, points in ((10, 8), (100, 80), (100_000, 80_000)):
        sizes = sweep_values(Experiment(n=n), "batch_size")
        assert (sizes[0], sizes[-1]) == (1, points)
        assert len(sizes) <= 50
    epochs = sweep_values(Experiment(epochs=300), "epochs")
    assert (epochs[0], epochs[-1]) == (1, 300)


@pytest.mark.parametrize("field", sorted(NUMERIC))
@pytest.mark.parametrize(
    "base",
    [Experiment(), Experiment(n=10, epochs=1, seed=2**32 - 1, true_w=100, reduction="sum")],
    ids=["default", "odd"],
)
def test_values_left_out_can_be_swept_over(field, base):
    values = sweep_values(base, field)
    assert Sweeping(base, field, values).values == values


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("noise", 1.0, 0.5), "A sweep must go from a smaller to a larger noise, but got 1 to 0.5."),
        (("noise", 1.0, 1.0), "A sweep must go from a smaller to a larger noise, but got 1 to 1."),
        (("noise", -1.0), "noise must be a number from 0 to 10, but got -1.0."),
        (("epochs", 1, inf), "epochs must be a whole number from 1 to 100000, but got inf."),
        (("noise", 0.0, 1.0, 1), "A sweep over noise takes from 2 to 1000 values, but got 1."),
        (("noise", 0.0, 1.0, 10_000), "A sweep over noise takes from 2 to 1000 values, but got 10000."),
        (("n", 10, 1000, 51), "A sweep over n takes from 2 to 50 values, but got 51."),
        (("noise", 0.0, 1.0, 2.5), "A sweep over noise takes from 2 to 1000 values, but got 2.5."),
        (("loss",), "'loss' has no numbers: sweep over one of n, noise, "),
    ],
)
def test_values_that_make_no_sweep_are_refused_in_one_sentence(arguments, sentence):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the whole sentence is compared
        sweep_values(Experiment(), *arguments)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("learning_rate", ("learning_rate", None, None, None)),
        ("learning-rate:0.01:1:200", ("learning_rate", 0.01, 1.0, 200)),
        ("true_w:-1e-05:5:11", ("true_w", -1e-05, 5.0, 11)),
        ("n:10:1e3:50", ("n", 10, 1000, 50)),
    ],
)
def test_sweep_of_a_link_is_read_and_written(text, span):
    assert read_sweep(text) == span
    assert read_sweep(write_sweep(read_sweep(text))) == span


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "'' is no field of an experiment: sweep over one of n, noise, "),
        ("method", "'method' has no numbers: sweep over one of n, noise, "),
        ("noise:1", "A sweep must be written as FIELD or FIELD:FROM:TO:COUNT, but got 'noise:1'."),
        ("noise:0:1:5:6", "A sweep must be written as FIELD or FIELD:FROM:TO:COUNT, but got 'noise:0:1:5:6'."),
        ("noise::1:5", "noise must be a number from 0 to 10, but got ''."),
        ("noise:0:11:5", "noise must be a number from 0 to 10, but got '11'."),
        ("noise:0:1:1", "A sweep over noise takes from 2 to 1000 values, but got '1'."),
        ("noise:0:1:many", "A sweep over noise takes from 2 to 1000 values, but got 'many'."),
        ("n:10:1000:51", "A sweep over n takes from 2 to 50 values, but got '51'."),
        ("batch_size:1:full:5", "batch_size is swept over numbers, and 'full' is none: give a number."),
    ],
)
def test_sweep_of_a_link_that_makes_no_sense_is_one_sentence(text, sentence):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the whole sentence is compared
        read_sweep(text)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("field", "values"), [("noise", (0.1, 2.0, 8.0)), ("n", (20, 60)), ("learning_rate", (0.1, 0.2))]
)
def test_losses_of_runs_with_y_scaled_by_their_own_points_are_there_in_the_units_of_the_data(field, values):
    base = Experiment(standardize="xy", true_w=40, epochs=30, method="numpy")
    result = sweep(base, field, values)
    assert_as_train(result)
    for place, value in enumerate(values):
        plain = make_dataset(replace(base, standardize="none", **{field: value}))
        dataset = make_dataset(replace(base, **{field: value}))
        b, w = dataset.original(result.last[place].b, result.last[place].w)
        expected = ((b + w * plain.x_train - plain.y_train) ** 2).mean()
        assert result.original_loss[place, -1] == pytest.approx(expected, rel=1e-5)


def test_without_a_scaled_y_both_losses_are_the_same():
    result = sweep(Experiment(standardize="x", epochs=20), "learning_rate", (0.1, 0.5, 30.0))
    assert np.array_equal(result.original_loss, result.loss, equal_nan=True)
