"""What a run says when its epochs are over: nothing more if it has arrived, and otherwise why not and what helps."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import Dataset, Experiment, Landscape, StopReason, make_dataset, methods, train, train_jointly
from core.training.arrival import arrival_loss

YEARS = np.arange(1970.0, 2010.0).reshape(-1, 1)
ANOMALY = 0.018 * (YEARS - 1990) + 0.05 * np.sin(YEARS)


def ending(experiment: Experiment, dataset: Dataset | None = None) -> str:
    """The sentence at the end, the same for a run that is trained alone and beside another."""
    for _ in (run := train(experiment, dataset)):
        pass
    assert run.stop.reason is StopReason.FINISHED
    dataset = dataset or make_dataset(experiment)
    beside = replace(experiment, learning_rate=0.9 * experiment.learning_rate)
    assert train_jointly([experiment, beside], [dataset, dataset])[0].stop == run.stop
    return run.stop.message


def table_of(x, y) -> Dataset:
    return replace(make_dataset(Experiment()), x_train=x, y_train=y, x_val=x[:2], y_val=y[:2], order=None)


def lowest_loss(dataset: Dataset) -> float:
    x, y = dataset.x_train[:, 0], dataset.y_train[:, 0]
    return float(((np.polyval(np.polyfit(x, y, 1), x) - y) ** 2).mean())


@pytest.mark.parametrize("method", methods)
def test_a_run_that_has_arrived_says_no_more_than_that_its_epochs_are_over(method):
    assert ending(Experiment(method=method)) == "All 1000 epochs are trained."


@pytest.mark.parametrize(
    "line",
    [
        {"noise": 0.0},
        {"noise": 0.0, "true_b": 0.0, "true_w": 0.0},
        {"noise": 0.0, "true_b": 50.0, "true_w": 0.0},
        {"noise": 10.0},
    ],
    ids=["no noise", "all zeros", "a constant", "noise alone"],
)
def test_so_it_is_where_nothing_scatters_and_where_all_does(line):
    assert ending(Experiment(**line, epochs=3000)) == "All 3000 epochs are trained."


@pytest.mark.parametrize("method", methods)
@pytest.mark.parametrize("epochs", [1, 25, 100])
def test_a_run_with_few_epochs_names_its_loss_and_the_lowest_and_what_helps(method, epochs):
    experiment = Experiment(method=method, epochs=epochs)
    *_, last = train(experiment)
    assert ending(experiment).startswith(
        f"All {epochs} epochs are trained. Not arrived: loss {last.loss:.3g}, lowest possible "
        f"{lowest_loss(make_dataset(experiment)):.3g}. What helps is a learning rate of 0.4 or about "
    )


def test_a_rate_beyond_the_limit_swings_though_what_is_left_lies_along_the_valley_still():
    line = Experiment(seed=204, true_w=-1, noise=1, learning_rate=0.75625, epochs=5, method="numpy")
    assert "It swings across the valley: take a rate of 0.37." in ending(line)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    share=st.floats(0.05, 0.95),
    true_w=st.floats(-5, 5),
    noise=st.floats(0.01, 1),
    reduction=st.sampled_from(["mean", "sum"]),
)
def test_with_as_many_more_epochs_as_it_names_the_run_has_arrived(seed, share, true_w, noise, reduction):
    rate = share / (1.25 * (80 if reduction == "sum" else 1))
    line = Experiment(
        seed=seed, true_w=true_w, noise=noise, reduction=reduction, learning_rate=rate, epochs=5, method="numpy"
    )
    said = ending(line)
    more = re.search(r"about (\d+) epochs more", said.replace("\u202f", ""))
    if more is None:
        assert said == "All 5 epochs are trained." or "It swings across the valley" in said
        return
    # The number is said in two digits.
    epochs = 5 + int(1.06 * int(more[1])) + 1
    assert ending(replace(line, epochs=epochs)) == f"All {epochs} epochs are trained."


def test_epochs_that_a_run_lacks_are_whole_ones():
    said = ending(Experiment(seed=64, true_w=0.0, noise=1.0, learning_rate=0.6, epochs=5, method="numpy"))
    assert said.endswith("lowest possible 1.19. What helps is about 9 epochs more.")


def test_a_run_that_swings_close_to_the_limit_is_sent_to_a_smaller_rate_which_arrives():
    experiment = Experiment(learning_rate=0.8, epochs=130)
    said = ending(experiment)
    smaller = re.search(r"It swings across the valley: take a rate of (.*)\.$", said)
    assert smaller[1] == "0.4"
    assert ending(replace(experiment, learning_rate=0.4)) == "All 130 epochs are trained."


def test_a_run_whose_steps_float32_cannot_add_says_that_it_stands_still_and_what_cures_it():
    dataset = table_of(YEARS, ANOMALY)
    experiment = Experiment(learning_rate=1e-7, epochs=1000)
    *_, before, last = train(experiment, dataset)
    assert (before.b, before.w) == (last.b, last.w)
    assert last.loss > 2 * lowest_loss(dataset)
    assert ending(experiment, dataset) == (
        "All 1000 epochs are trained. It stands still: its steps are smaller than float32 can add to b and w. "
        "What helps is standardising x."
    )
    scaled = table_of((YEARS - YEARS.mean()) / YEARS.std(), ANOMALY)
    assert ending(replace(experiment, learning_rate=0.1), scaled) == "All 1000 epochs are trained."


def test_in_float64_the_same_run_still_moves_and_is_only_told_that_it_has_not_arrived():
    said = ending(Experiment(learning_rate=1e-7, method="numpy"), table_of(YEARS, ANOMALY))
    assert " Not arrived: loss " in said
    assert said.endswith("What helps is standardising x.")


def test_a_rate_too_small_to_move_anything_is_to_be_larger():
    assert ending(Experiment(learning_rate=1e-12)).endswith(
        "its steps are smaller than float32 can add to b and w. What helps is a learning rate of 0.4."
    )


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_adam_and_rmsprop_far_from_the_minimum_say_how_far_and_how_long_their_steps_are(optimizer):
    x = np.linspace(1.0, 10.0, 20).reshape(-1, 1)
    experiment = Experiment(method="module", optimizer=optimizer, learning_rate=0.1)
    said = ending(experiment, table_of(x, 26_000 + 9500 * x))
    assert re.search(r"b is 26\u202f000 away, in steps of about 0\.1: raise rate or epochs", said)


def test_rmsprop_that_swings_by_its_rate_is_sent_to_a_smaller_one():
    experiment = Experiment(method="module", optimizer="rmsprop", learning_rate=0.5)
    assert ending(experiment).endswith("It swings by about the learning rate: take a smaller one.")
    assert ending(replace(experiment, learning_rate=0.01)) == "All 1000 epochs are trained."


@pytest.mark.parametrize("batch_size", [1, 8, 32])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_what_the_scatter_of_batches_adds_is_not_held_against_a_run(batch_size, reduction):
    for seed in range(6):
        rate = 0.1 / (1 if reduction == "mean" else batch_size)
        experiment = Experiment(
            seed=seed, reduction=reduction, batch_size=batch_size, learning_rate=rate, epochs=150, method="numpy"
        )
        assert ending(experiment) == "All 150 epochs are trained."
        assert "Not arrived: " in ending(replace(experiment, epochs=1, learning_rate=rate / 50))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_losses_are_told_in_the_units_of_the_data_where_y_is_scaled(reduction):
    rate = 0.1 if reduction == "mean" else 0.1 / 80
    experiment = Experiment(
        standardize="xy", true_w=40, noise=3, epochs=3, method="numpy", reduction=reduction, learning_rate=rate
    )
    dataset, plain = make_dataset(experiment), make_dataset(replace(experiment, standardize="none"))
    *_, last = train(experiment)
    b, w = dataset.original(last.b, last.w)
    points = 80 if reduction == "sum" else 1
    loss = points * float(((b + w * plain.x_train - plain.y_train) ** 2).mean())
    lowest = points * lowest_loss(plain)
    found = re.search(
        r"loss ([\d.\u202f]+), lowest possible ([\d.\u202f]+), in units of the data\.", ending(experiment)
    )
    assert [float(part.replace("\u202f", "")) for part in found.groups()] == pytest.approx([loss, lowest], rel=0.01)


@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(learning_rate=0.4, epochs=200),
        Experiment(learning_rate=0.5, epochs=200, noise=0.0, method="numpy"),
        Experiment(learning_rate=0.05, epochs=400, method="optimizer", optimizer="momentum", seed=3),
    ],
)
def test_a_run_has_arrived_from_the_first_record_on_whose_loss_is_that_low(experiment):
    dataset = make_dataset(experiment)
    enough = arrival_loss(experiment, Landscape.of(dataset.x_train, dataset.y_train))
    first = next(record.epoch for record in train(experiment) if record.loss <= enough)
    assert 2 < first < experiment.epochs
    assert "Not arrived" in ending(replace(experiment, epochs=first - 1))
    assert ending(replace(experiment, epochs=first)) == f"All {first} epochs are trained."
