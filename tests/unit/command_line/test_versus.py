"""`python -m core --versus …`: several runs, one after the other."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from sklearn.linear_model import LinearRegression

from core import Dataset, Experiment, make_dataset, shipped_table, train, train_jointly
from core.training.four_steps.by_hand import ByHand

RUNS = [Experiment(epochs=6), Experiment(epochs=6, learning_rate=0.5), Experiment(epochs=4, seed=7)]
VERSUS = ("--epochs", "6", "--versus", "learning_rate:0.5", "--versus", "seed:7,epochs:4")


def expected(runs: list[Experiment], every: int = 1, data=make_dataset) -> list[list[str]]:
    """What csv is to say: every `every`-th record of each run, and its last."""
    rows = []
    for number, experiment in enumerate(runs):
        records = list(train(experiment, data(experiment)))
        kept = [record for record in records if record.epoch % every == 0 or record is records[-1]]
        rows += [[str(number), *map(repr, record)] for record in kept]
    return rows


def rows_of(out: str) -> list[list[str]]:
    header, *rows = csv.reader(io.StringIO(out))
    assert header == ["run", "epoch", "b", "w", "loss", "val_loss", "b_grad", "w_grad"]
    return rows


def test_csv_says_in_its_first_column_which_run_and_has_all_of_the_base_first(call):
    status, out, err = call(*VERSUS)
    assert status == 0
    assert rows_of(out) == expected(RUNS)
    names = ("Run 0 (seed 42, learning rate 0.1, epochs 6)", "Run 1 (learning rate 0.5)", "Run 2 (seed 7, epochs 4)")
    endings = [run.stop.message for run in train_jointly(RUNS)]
    assert [ending[:24] for ending in endings] == [f"All {n} epochs are trained" for n in (6, 6, 4)]
    assert err.splitlines() == [f"{name}: {ending}" for name, ending in zip(names, endings, strict=True)]


def test_json_says_with_its_first_key_which_run(call):
    status, out, _ = call(*VERSUS, "--format", "json")
    assert status == 0
    objects = json.loads(out)
    assert [list(one)[:2] for one in objects] == [["run", "epoch"]] * len(objects)
    assert [[repr(value) for value in one.values()] for one in objects] == expected(RUNS)


def test_text_has_a_heading_and_the_line_of_scikit_learn_for_every_run(call):
    status, out, _ = call(*VERSUS, "--format", "text")
    assert status == 0
    parts = out.split("\n\n")
    headings = ["Run 0: seed 42, learning rate 0.1, epochs 6", "Run 1: learning rate 0.5", "Run 2: seed 7, epochs 4"]
    assert [part.splitlines()[0] for part in parts] == headings
    for part, experiment in zip(parts, RUNS, strict=True):
        _, header, *rows, _ = (line.split() for line in part.splitlines())
        reference = part.splitlines()[-1]
        assert header == ["epoch", "b", "w", "loss", "val_loss", "b_grad", "w_grad"]
        assert [int(row[0]) for row in rows] == list(range(experiment.epochs + 1))
        dataset = make_dataset(experiment)
        line = LinearRegression().fit(dataset.x_train, dataset.y_train)
        assert reference.startswith("scikit-learn, 80 of 100 points ")
        assert reference.split()[-2:] == [f"{line.intercept_[0]:.6g}", f"{line.coef_[0, 0]:.6g}"]


@pytest.mark.parametrize("every", [2, 4, 100])
def test_every_k_th_record_and_the_last_are_printed_of_each_run(call, every):
    assert rows_of(call(*VERSUS, "--every", str(every))[1]) == expected(RUNS, every)


def test_without_variants_nothing_speaks_of_runs(call):
    _, out, err = call("--epochs", "3")
    assert out.startswith("epoch,b,")
    assert err.startswith("All 3 epochs are trained. ")
    assert len(err.splitlines()) == 1


def test_method_that_goes_along_is_told(call):
    status, out, err = call("--epochs", "3", "--versus", "optimizer:adam")
    assert status == 0
    assert err.splitlines()[0] == "Adam needs the method 'optimizer', which goes along."
    assert rows_of(out) == expected([Experiment(epochs=3), Experiment(epochs=3, optimizer="adam", method="optimizer")])


def test_table_is_split_by_the_seed_of_each_variant(call):
    def data(experiment: Experiment) -> Dataset:
        return shipped_table("iris").dataset("petal_width", "petal_length", experiment)

    table = ("--data", "iris", "--x", "petal_width", "--y", "petal_length")
    status, out, _ = call("--epochs", "5", *table, "--versus", "seed:7", "--versus", "batch_size:16")
    assert status == 0
    runs = [Experiment(epochs=5), Experiment(epochs=5, seed=7), Experiment(epochs=5, batch_size=16)]
    assert rows_of(out) == expected(runs, data=data)


def test_run_that_diverges_ends_alone_and_is_no_error(call):
    status, out, err = call("--epochs", "50", "--versus", "learning_rate:5", "--versus", "learning_rate:0.2")
    assert status == 0
    assert rows_of(out) == expected([Experiment(epochs=50, learning_rate=rate) for rate in (0.1, 5, 0.2)])
    assert [re.sub(r" epoch.*", "", line) for line in err.splitlines()] == [
        "Run 0 (learning rate 0.1): All 50",
        "Run 1 (learning rate 5): Diverged at",
        "Run 2 (learning rate 0.2): All 50",
    ]


def test_run_whose_device_fails_has_status_1_and_the_others_go_on(call, monkeypatch):
    def failing(self):
        raise RuntimeError("the device is gone")

    monkeypatch.setattr(ByHand, "update", failing)
    status, out, err = call("--epochs", "3", "--versus", "method:numpy", "--versus", "method:module")
    assert status == 1
    assert [row[0] for row in rows_of(out)] == ["0"] * 4 + ["1"] + ["2"] * 4
    assert "Run 1 (method by hand): Device 'cpu' failed at epoch 0: the device is gone." in err


def test_one_run_is_printed_before_the_next_begins(call, monkeypatch):
    """However long they are: what is printed is not held."""

    def interrupted(self, experiment, dataset):
        raise KeyboardInterrupt

    monkeypatch.setattr(ByHand, "__init__", interrupted)
    status, out, _ = call("--epochs", "3", "--versus", "method:numpy")
    assert status == 130
    assert rows_of(out) == expected([Experiment(epochs=3)])


BAD = {
    "no field": (["--versus", "0.5"], "A variant must be written as FIELD:VALUE, but got '0.5': the fields are n, "),
    "nothing": (["--versus", ""], "A variant must be written as FIELD:VALUE, but got '': the fields are n, "),
    "misspelt": (["--versus", "learningrate:1"], "A variant must be written as FIELD:VALUE, but got 'learningrate:1'"),
    "out of bounds": (["--versus", "n:5"], "n must be a whole number from 10 to 1000000, but got '5'."),
    "decimal comma": (
        ["--versus", "noise:0,5"],
        "noise must be a number from 0 to 10, but got '0,5': write a decimal point, and nothing between thousands.",
    ),
    "equal to the base": (["--versus", "seed:42"], "The variant 'seed:42' is equal to the base"),
    "twice": (["--versus", "n:50", "--versus", "n:50"], "The variant 'n:50' is there twice"),
    "six": ([f"--versus=seed:{seed}" for seed in range(6)], "There may be at most 5 variants beside the base"),
    "a combination": (["--versus", "method:numpy,optimizer:adam"], "method 'numpy' writes its update by hand"),
    "no such device": (["--versus", "device:xpu:77"], "device 'xpu:77' cannot train on this machine: "),
    "no value": (["--versus"], "argument --versus: expected one argument"),
    "a line for a table": (
        ["--data", "iris", "--versus", "seed:1,noise:0.5"],
        "noise describes the synthetic line, but --data gives other points: leave it out of --versus.",
    ),
    "with a sweep": (
        ["--sweep", "noise", "--versus", "seed:1"],
        "--sweep and --versus cannot be combined: leave one of them out.",
    ),
    "a table that a seed cannot split": (
        ["--data", "SPLIT", "--seed", "1", "--versus", "seed:0"],
        "Column 'a' of split.csv varies, but not in the rows that train: the split with seed 0 ",
    ),
}


@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=BAD)
def test_bad_variant_is_one_line_on_standard_error_and_status_2(call, arguments, words, one_of_a_kind):
    status, out, err = call(*(str(one_of_a_kind) if word == "SPLIT" else word for word in arguments))
    assert (status, out) == (2, "")
    assert err.startswith(f"python -m core: {words}")
    assert len(err.splitlines()) == 1
