"""`python -m core --sweep …`: the last record of the run at each value."""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from core import Dataset, Experiment, Landscape, make_dataset, shipped_table, train
from core.training.four_steps.by_hand import ByHand
from core.training.four_steps.with_autograd import WithAutograd

NAMES = ["value", "epoch", "b", "w", "loss", "val_loss", "reason"]


def expected(base: Experiment, field: str, values, data=make_dataset) -> list[list[str]]:
    """What csv is to say."""
    rows = []
    for value in values:
        experiment = replace(base, **{field: value})
        run = train(experiment, data(experiment))
        *_, last = run
        numbers = [value, last.epoch, last.b, last.w, last.loss, last.val_loss]
        rows.append([*map(repr, numbers), run.stop.reason.value])
    return rows


def rows_of(out: str) -> list[list[str]]:
    header, *rows = csv.reader(io.StringIO(out))
    assert header == NAMES
    return rows


def test_csv_has_the_last_record_of_every_value_in_full(call):
    status, out, err = call("--epochs", "40", "--sweep", "learning_rate", "--values", "0.1,5,1e-3, 0.25")
    assert status == 0
    assert rows_of(out) == expected(Experiment(epochs=40), "learning_rate", [0.1, 5.0, 0.001, 0.25])
    assert [row[-1] for row in rows_of(out)] == ["finished", "diverged", "finished", "finished"]
    assert err == "4 runs: 3 finished, 1 diverged.\n"


def test_whole_numbers_are_printed_as_such(call):
    _, out, _ = call("--epochs", "4", "--sweep", "batch-size", "--values", "16,7,1")
    assert rows_of(out) == expected(Experiment(epochs=4), "batch_size", [16, 7, 1])


def test_json_is_a_list_of_the_same_under_the_same_names(call):
    status, out, _ = call("--epochs", "4", "--sweep", "seed", "--values", "3,1", "--format", "json")
    assert status == 0
    objects = json.loads(out)
    assert [list(one) for one in objects] == [NAMES, NAMES]
    rows = [[value if isinstance(value, str) else repr(value) for value in one.values()] for one in objects]
    assert rows == expected(Experiment(epochs=4), "seed", [3, 1])


def test_text_is_a_table_of_the_same_in_six_digits(call):
    status, out, _ = call("--epochs", "4", "--sweep", "seed", "--values", "4294967295,1", "--format", "text")
    header, *rows = (line.split() for line in out.splitlines())
    assert status == 0
    assert header == NAMES
    for row, (value, epoch, *numbers, reason) in zip(
        rows, expected(Experiment(epochs=4), "seed", [4294967295, 1]), strict=True
    ):
        assert row == [value, epoch, *(f"{float(number):.6g}" for number in numbers), reason]


@pytest.mark.usefixtures("kinds_known")
def test_numbers_that_are_none_are_nan_in_csv_and_null_in_json(call, monkeypatch):
    def failing(self, experiment, dataset):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(WithAutograd, "__init__", failing)
    sweep = ("--sweep", "n", "--values", "10,20")
    status, out, err = call(*sweep)
    assert status == 1
    assert rows_of(out) == [[n, "0", "nan", "nan", "nan", "nan", "failed"] for n in ("10", "20")]
    assert err == "2 runs: 2 failed.\n"
    status, out, _ = call(*sweep, "--format", "json")
    assert status == 1
    assert json.loads(out)[0] == {
        "value": 10,
        "epoch": 0,
        "b": None,
        "w": None,
        "loss": None,
        "val_loss": None,
        "reason": "failed",
    }


def test_learning_rates_go_by_a_factor_and_other_values_by_a_distance(call):
    span = ("--epochs", "2", "--from", "0.01", "--to", "1", "--count", "5")
    rates = [float(row[0]) for row in rows_of(call("--sweep", "learning_rate", *span)[1])]
    assert rates == pytest.approx([0.01, 0.1**1.5, 0.1, 0.1**0.5, 1])
    assert (rates[0], rates[-1]) == (0.01, 1.0)
    noise = [float(row[0]) for row in rows_of(call("--sweep", "noise", *span)[1])]
    assert noise == pytest.approx([0.01, 0.2575, 0.505, 0.7525, 1])
    lines = [float(row[0]) for row in rows_of(call("--sweep=true_b", "--from", "-1e-1", "--to=1", "--count=3")[1])]
    assert lines == pytest.approx([-0.1, 0.45, 1])


def test_values_that_nobody_names_depend_on_the_data(call):
    dataset = shipped_table("iris").dataset(None, None, Experiment())
    limit = Landscape.of(dataset.x_train, dataset.y_train).max_learning_rate
    rows = rows_of(call("--epochs", "300", "--sweep", "learning_rate", "--data", "iris", "--count", "50")[1])
    rates = np.array([float(row[0]) for row in rows])
    assert (len(rates), rates[0], rates[-1]) == pytest.approx((50, limit / 1000, 3 * limit))
    diverged = np.array([row[-1] == "diverged" for row in rows])
    assert diverged[rates > 1.2 * limit].all()
    assert not diverged[rates < limit].any()


@pytest.mark.parametrize(("field", "values"), [("seed", [1, 5, 3]), ("learning_rate", [0.01, 0.02])])
def test_table_is_split_by_the_seed_of_each_run(call, field, values):
    def data(experiment: Experiment) -> Dataset:
        return shipped_table("iris").dataset("petal_width", "petal_length", experiment)

    table = ("--data", "iris", "--x", "petal_width", "--y", "petal_length", "--seed", "9", "--epochs", "5")
    status, out, _ = call(*table, "--sweep", field, "--values", ",".join(map(str, values)))
    assert status == 0
    assert rows_of(out) == expected(Experiment(seed=9, epochs=5), field, values, data)


@pytest.mark.usefixtures("kinds_known")
def test_failed_run_has_status_1_and_the_others_are_printed(call, monkeypatch):
    update, calls = ByHand.update, count()

    def failing(self):
        if next(calls) == 2:
            raise RuntimeError("the device is gone")
        update(self)

    monkeypatch.setattr(ByHand, "update", failing)
    status, out, err = call("--method", "numpy", "--epochs", "4", "--sweep", "n", "--values", "10,20")
    assert status == 1
    assert [(row[1], row[-1]) for row in rows_of(out)] == [("2", "failed"), ("4", "finished")]
    assert err == "2 runs: 1 finished, 1 failed.\n"


def test_what_is_no_terminal_gets_a_line_now_and_then(call, monkeypatch):
    clock = count(step=3)
    monkeypatch.setattr("core.command_line.progress.monotonic", lambda: float(next(clock)))
    _, out, err = call("--epochs", "3000", "--sweep", "n", "--values", "10,20,30")
    *lines, end = err.splitlines()
    shares = [int(line.removesuffix(" % of 3 runs")) for line in lines]
    assert shares
    assert shares == sorted(shares)
    assert all(0 <= share < 100 for share in shares)
    assert end == "3 runs: 3 finished."
    assert len(rows_of(out)) == 3


@pytest.mark.usefixtures("kinds_known")
def test_interrupted_sweep_ends_with_a_word_and_the_shells_status(call, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(ByHand, "update", interrupted)
    assert call("--method", "numpy", "--sweep", "n", "--values", "10,20") == (130, "", "Interrupted.\n")


def test_full_disk_is_one_line_on_standard_error_and_status_1(call, monkeypatch):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        status, _, err = call("--epochs", "2", "--sweep", "seed", "--values", "1,2")
        assert status == 1
        assert err.endswith("python -m core: the records cannot be written (No space left on device).\n")


BAD = {
    "no such field": (["--sweep", "rate"], "'rate' is no field of an experiment: sweep over one of n, noise, "),
    "a field of words": (["--sweep", "method"], "'method' has no numbers: sweep over one of n, noise, "),
    "one value": (["--sweep", "noise", "--values", "1"], "A sweep over noise takes from 2 to 1000 different values"),
    "an empty list": (["--sweep", "noise", "--values", ""], "noise must be a number from 0 to 10, but got ''."),
    "a comma too many": (["--sweep", "noise", "--values", "1,2,"], "noise must be a number from 0 to 10, but got ''."),
    "out of bounds": (["--sweep", "noise", "--values", "1,-2"], "noise must be a number from 0 to 10, but got '-2'."),
    "no whole number": (["--sweep", "seed", "--values", "1,2.5"], "seed must be a whole number from 0 to 4294967295"),
    "a word": (
        ["--sweep", "batch_size", "--values", "5,full"],
        "batch_size is swept over numbers, and 'full' is none: give a number.",
    ),
    "decimal commas": (
        ["--sweep", "noise", "--values", "0,5;0,7"],
        "--values takes decimal points, and commas between numbers, as 0.5,0.7, but got '0,5;0,7'.",
    ),
    "decimal commas and blanks": (
        ["--sweep", "noise", "--values", "0,5 0,7"],
        "--values takes decimal points, and commas between numbers, as 0.5,0.7, but got '0,5 0,7'.",
    ),
    "a decimal comma at an end": (["--sweep", "noise", "--from", "0,5"], "noise must be a number from 0 to 10, but"),
    "51 sizes": (["--sweep", "n", "--count", "51"], "A sweep over n takes from 2 to 50 values, but got '51'."),
    "10 000 values": (["--sweep", "noise", "--count", "10000"], "A sweep over noise takes from 2 to 1000 values"),
    "ends that do not rise": (
        ["--sweep", "noise", "--from", "2", "--to", "1"],
        "A sweep must go from a smaller to a larger noise, but got 2 to 1.",
    ),
    "a list and an end": (
        ["--sweep", "noise", "--values", "1,2", "--from", "1"],
        "--values says which values there are, and --from too: leave one of them out.",
    ),
    "a list and a count": (
        ["--sweep", "noise", "--values", "1,2", "--count", "5"],
        "--values says which values there are, and --count too: leave one of them out.",
    ),
    "a list without a sweep": (["--values", "1,2"], "--values belongs to a sweep: name its field with --sweep."),
    "a beginning without a sweep": (["--from", "1"], "--from belongs to a sweep: name its field with --sweep."),
    "an end without a sweep": (["--to", "1"], "--to belongs to a sweep: name its field with --sweep."),
    "a count without a sweep": (["--count", "5"], "--count belongs to a sweep: name its field with --sweep."),
    "every": (["--sweep", "noise", "--every", "1"], "--every means nothing to a sweep, which prints the last record"),
    "a line for a table": (
        ["--data", "iris", "--sweep", "true_w"],
        "true_w describes the synthetic line, but --data gives other points: leave it out of --sweep.",
    ),
    "no such device": (["--sweep", "noise", "--device", "xpu:77"], "device 'xpu:77' cannot train on this machine: "),
    "no such column": (["--sweep", "seed", "--data", "iris", "--x", "petals"], "iris has no column 'petals'"),
    "a table that a seed cannot split": (
        ["--sweep", "seed", "--values", "1,0", "--data", "SPLIT"],
        "Column 'a' of split.csv varies, but not in the rows that train: the split with seed 0 ",
    ),
}


@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=BAD)
def test_bad_sweep_is_one_line_on_standard_error_and_status_2(call, arguments, words, one_of_a_kind):
    status, out, err = call(*(str(one_of_a_kind) if word == "SPLIT" else word for word in arguments))
    assert (status, out) == (2, "")
    assert err.startswith(f"python -m core: {words}")
    assert len(err.splitlines()) == 1
