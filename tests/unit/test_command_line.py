"""`python -m core`: what it prints, where, and with which exit status."""

from __future__ import annotations

import io
import json
import os
import re
import runpy
import subprocess
import sys
from itertools import count

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression

from core import Experiment, Record, StopReason, shipped_table, train
from core.__main__ import main
from core.data.tables import SHIPPED, read_table
from core.training.four_steps.with_autograd import WithAutograd

HEADER = "epoch,b,w,loss,val_loss,b_grad,w_grad"


def shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, shell=True, capture_output=True, text=True, timeout=120, check=False)


def records_of(out: str) -> list[Record]:
    header, *lines = out.splitlines()
    assert header == HEADER
    return [Record(int(epoch), *map(float, rest)) for epoch, *rest in (line.split(",") for line in lines)]


def how_it_ends(experiment: Experiment) -> str:
    for _ in (run := train(experiment)):
        pass
    assert run.stop.message.startswith(f"All {experiment.epochs} epochs are trained. ")
    return run.stop.message


def test_a_torch_that_was_built_without_distributed_is_enough(monkeypatch, capsys):
    monkeypatch.delattr("torch.distributed.is_torchelastic_launched")
    assert runpy.run_path(main.__code__.co_filename)["main"](["--epochs", "1"]) == 0
    assert [record.epoch for record in records_of(capsys.readouterr().out)] == [0, 1]


def test_a_run_from_the_shell_prints_the_records_of_train_in_full():
    done = shell(f'"{sys.executable}" -m core --n 50 --learning-rate 0.05 --epochs 25 --method module --optimizer adam')
    experiment = Experiment(n=50, learning_rate=0.05, epochs=25, method="module", optimizer="adam")
    lines = [",".join(repr(value) for value in record) for record in train(experiment)]
    assert done.stdout == "\n".join([HEADER, *lines]) + "\n"
    assert done.stderr == f"{how_it_ends(experiment)}\n"
    assert done.returncode == 0


def test_a_bad_value_from_the_shell_is_one_line_on_standard_error():
    done = shell(f'"{sys.executable}" -m core --n ten')
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "python -m core: n must be a whole number from 10 to 1000000, but got 'ten'.\n"


def test_a_reader_who_has_seen_enough_gets_no_traceback():
    done = shell(f'"{sys.executable}" -m core --epochs 100000 | head -2')
    header, first = done.stdout.splitlines()
    assert header == HEADER
    assert first.startswith("0,")
    assert done.stderr == ""


EVERY_FLAG = {
    "--n": "60",
    "--noise": "0.5",
    "--true-b": "-3",
    "--true-w": "-1e-1",
    "--seed": "9",
    "--method": "loss_fn",
    "--optimizer": "momentum",
    "--loss": "mse",
    "--reduction": "sum",
    "--learning-rate": "1e-3",
    "--epochs": "8",
    "--batch-size": "16",
    "--device": "cpu",
    "--tolerance": "1e-9",
}


def test_every_field_has_a_flag(call):
    status, out, _ = call(*(word for pair in EVERY_FLAG.items() for word in pair))
    experiment = Experiment(
        n=60,
        noise=0.5,
        true_b=-3,
        true_w=-0.1,
        seed=9,
        method="loss_fn",
        optimizer="momentum",
        loss="mse",
        reduction="sum",
        learning_rate=1e-3,
        epochs=8,
        batch_size=16,
        device="cpu",
        tolerance=1e-9,
    )
    assert status == 0
    assert records_of(out) == list(train(experiment))
    assert call(*(f"{name}={value}" for name, value in EVERY_FLAG.items()))[1] == out


@pytest.mark.parametrize("value", ["-1e-05", "-.5", "-5", "-1E1"])
def test_a_negative_number_is_not_taken_for_a_flag(call, value):
    status, out, _ = call("--true-b", value, "--epochs", "2")
    assert status == 0
    assert records_of(out) == list(train(Experiment(true_b=float(value), epochs=2)))


def test_json_is_a_list_of_the_records(call):
    status, out, err = call("--format", "json", "--epochs", "30")
    assert status == 0
    assert [Record(**values) for values in json.loads(out)] == list(train(Experiment(epochs=30)))
    assert len(out.splitlines()) == 31 + 2
    assert err == f"{how_it_ends(Experiment(epochs=30))}\n"


def test_json_of_no_records_is_an_empty_list(call, monkeypatch):
    def failing(self, experiment, dataset):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(WithAutograd, "__init__", failing)
    status, out, err = call("--format", "json")
    assert (status, json.loads(out)) == (1, [])
    assert "failed at epoch 0: out of memory." in err


def test_text_is_a_table_that_ends_with_the_line_of_scikit_learn(call):
    status, out, _ = call("--format", "text", "--data", "iris", "--x", "petal_width", "--y", "petal_length")
    header, *rows, _ = (line.split() for line in out.splitlines())
    reference = out.splitlines()[-1]
    assert status == 0
    assert header == HEADER.split(",")
    assert len(rows) == 1001
    dataset = shipped_table("iris").dataset("petal_width", "petal_length", Experiment())
    line = LinearRegression().fit(dataset.x_train, dataset.y_train)
    assert reference.startswith("scikit-learn, 120 of 150 points ")
    assert reference.split()[-2:] == [f"{line.intercept_[0]:.6g}", f"{line.coef_[0, 0]:.6g}"]
    assert rows[-1][0] == "1000"
    assert [float(value) for value in rows[-1][1:3]] == pytest.approx([line.intercept_[0], line.coef_[0, 0]], rel=1e-2)


@pytest.mark.parametrize("standardize", ["none", "x", "xy"])
def test_line_of_scikit_learn_is_in_the_units_of_the_data_and_over_all_points_that_train(call, standardize):
    iris = ("--data", "iris", "--x", "petal_width", "--y", "petal_length", "--validation", "0", "--epochs", "1")
    out = call("--format", "text", *iris, "--standardize", standardize)[1]
    points = load_iris().data
    slope, intercept = np.polyfit(points[:, 3], points[:, 2], 1)
    assert out.splitlines()[-1].startswith("scikit-learn, 150 of 150 points ")
    assert out.split()[-2:] == [f"{intercept:.6g}", f"{slope:.6g}"]


def test_last_line_of_a_run_on_scaled_data_is_told_in_the_units_of_the_data_too(call):
    *_, own, _ = call("--format", "text", "--standardize", "xy", "--true-w", "30", "--noise", "0")[1].splitlines()
    assert own.startswith("in units of the data ")
    assert [float(number) for number in own.split()[-2:]] == pytest.approx([1, 30], rel=1e-3)
    assert "in units of the data" not in call("--format", "text", "--epochs", "1")[1]


def test_loss_on_no_points_is_nan_in_csv_and_null_in_json(call):
    _, csv, _ = call("--validation", "0", "--epochs", "2")
    assert [line.split(",")[4] for line in csv.splitlines()] == ["val_loss", "nan", "nan", "nan"]
    _, text, _ = call("--validation", "0", "--epochs", "2", "--format", "json")
    assert [record["val_loss"] for record in json.loads(text)] == [None] * 3


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_data_is_called_by_its_name_and_its_first_two_columns_are_taken(call, name):
    status, out, _ = call("--format", "text", "--data", name, "--learning-rate", "1e-7", "--epochs", "1")
    table = read_table(SHIPPED[name])
    dataset = table.dataset(*list(table.columns)[:2], Experiment())
    w, b = np.polyfit(dataset.x_train[:, 0], dataset.y_train[:, 0], 1)
    assert status == 0
    assert [float(number) for number in out.split()[-2:]] == pytest.approx([b, w], rel=1e-5)


@pytest.mark.parametrize(
    ("every", "epochs", "expected"),
    [(1, 3, [0, 1, 2, 3]), (2, 4, [0, 2, 4]), (3, 10, [0, 3, 6, 9, 10]), (100, 7, [0, 7])],
)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_every_k_th_record_and_the_last_are_printed(call, every, epochs, expected, form):
    _, out, _ = call("--every", str(every), "--epochs", str(epochs), "--format", form)
    printed = records_of(out) if form == "csv" else [Record(**values) for values in json.loads(out)]
    whole = list(train(Experiment(epochs=epochs)))
    assert printed == [whole[epoch] for epoch in expected]


def test_a_file_is_trained_on(call, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("a;b;kind\n" + "".join(f"{i / 10!s};{2 - i / 10!s};k\n".replace(".", ",") for i in range(10)))
    status, out, _ = call("--data", str(path), "--x", "a", "--y", "b", "--method", "numpy", "--learning-rate", "0.8")
    last = records_of(out)[-1]
    assert status == 0
    assert (last.b, last.w, last.loss) == pytest.approx((2, -1, 0), abs=1e-4)
    assert call("--data", str(path), "--method", "numpy", "--learning-rate", "0.8")[1] == out


def test_what_was_understood_of_a_file_is_said_on_standard_error_once_the_run_starts(call, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("Preis;-log10(p)\n" + "".join(f"{i}.250;0,{i}\n" for i in range(1, 9)) + "NA;1\n")
    options = ("--data", str(path), "--x", "-log10(p)", "--y", "Preis", "--epochs", "1")
    status, out, err = call(*options)
    assert status == 0
    assert len(records_of(out)) == 2
    *notices, end = err.splitlines()
    assert end.startswith("All 1 epochs are trained. ")
    assert notices == [
        "Columns are separated by semicolons, and the comma is the decimal sign.",
        "In 'Preis', 1.250 is read as 1250, and could be 1.25.",
        "1 of 9 rows has no 'Preis' and is left out.",
        "Read 1.250 as 1.25: --reading separator:semicolon,skip:0,header:yes,decimal:point",
    ]
    other = call(*options, "--reading", "decimal:point")[2]
    assert "In 'Preis', 1.250 is read as 1.25, and could be 1250." in other.splitlines()
    assert call(*options, "--epochs", "x")[2].startswith("python -m core: epochs must be")


@pytest.mark.parametrize("name", ["-log10(p)", "a&b=c", "<b>x</b>", "100%", "größe", "-1", "x y"])
def test_a_column_of_any_name_can_be_chosen(call, tmp_path, name):
    path = tmp_path / "points.csv"
    path.write_text(f"first,{name},y\n" + "".join(f"{i % 3},{i},{2 * i}\n" for i in range(9)), encoding="utf-8")
    options = ("--data", str(path), "--y", "y", "--learning-rate", "0.01", "--method", "numpy")
    status, out, _ = call(*options, "--x", name)
    last = records_of(out)[-1]
    assert status == 0
    assert (last.b, last.w) == pytest.approx((0, 2), abs=0.1)
    assert call(*options, f"--x={name}")[1] == out


def test_a_diverged_run_says_so_and_is_no_error(call):
    status, out, err = call("--learning-rate", "5")
    assert status == 0
    last = records_of(out)[-1]
    assert err.startswith(f"Diverged at epoch {last.epoch}: ")
    assert len(err.splitlines()) == 1


def test_a_failed_run_prints_what_was_trained_and_has_status_1(call, monkeypatch):
    update, calls = WithAutograd.update, count()

    def failing(self):
        if next(calls) == 3:
            raise RuntimeError("the device is gone")
        update(self)

    whole = list(train(Experiment()))
    monkeypatch.setattr(WithAutograd, "update", failing)
    status, out, err = call()
    assert status == 1
    assert records_of(out) == whole[:4]
    assert err == (
        "Device 'cpu' failed at epoch 3: the device is gone. What was trained is kept. "
        "Try fewer points or another device.\n"
    )


BAD = {
    "a value out of bounds": (["--n", "9"], "n must be a whole number from 10 to 1000000, but got '9'."),
    "an empty value": (["--epochs", ""], "epochs must be a whole number from 1 to 100000, but got ''."),
    "not a number": (["--learning-rate", "nan"], "learning_rate must be a number from 1e-15 to 1000, but got 'nan'."),
    "a line break": (["--seed", "1\n2"], r"seed must be a whole number from 0 to 4294967295, but got '1\n2'."),
    "a long value": (["--noise", "1" * 10_000], "noise must be a number from 0 to 10, but got '111"),
    "a value that is not Unicode": (["--method", "\udcff"], r"method must be 'numpy', 'autograd'"),
    "a combination": (["--method", "numpy", "--optimizer", "adam"], "method 'numpy' writes its update by hand"),
    "a device that is not there": (["--device", "xpu:77"], "device 'xpu:77' cannot train on this machine: "),
    "an unknown flag": (["--learningrate", "1"], "unrecognized arguments: --learningrate 1"),
    "a shortened flag": (["--epoch", "1"], "unrecognized arguments: --epoch 1"),
    "a word too many": (["100"], "unrecognized arguments: 100"),
    "a missing value": (["--n"], "argument --n: expected one argument"),
    "no such format": (["--format", "xml"], "argument --format: invalid choice: 'xml'"),
    "every 0": (["--every", "0"], "every must be a whole number from 1 up, but got '0'."),
    "every -5": (["--every", "-5"], "every must be a whole number from 1 up, but got '-5'."),
    "every, empty": (["--every", ""], "every must be a whole number from 1 up, but got ''."),
    "every, in full-width digits": (["--every", "１"], "every must be a whole number from 1 up"),
    "every, without end": (["--every", "9" * 10_000], "every must be a whole number from 1 up"),
    "no such file": (["--data", "nowhere.csv"], "'nowhere.csv' cannot be read (No such file or directory)"),
    "a directory": (["--data", "."], "'.' cannot be read (Is a directory): give the path of a CSV file."),
    "no file name": (["--data", ""], "'' cannot be read (Is a directory)"),
    "no such column": (["--data", "iris", "--x", "petals"], "iris has no column 'petals'; it has 'petal_width'"),
    "a column of words": (["--data", "iris", "--y", "species"], "Column 'species' of iris holds 'setosa' in row 1"),
    "no reading": (["--data", "iris", "--reading", "decimal:dot"], "reading: decimal must be point or comma, but got"),
    "a reading without a file": (["--reading", "decimal:comma"], "reading says how a file is read: give the file with"),
    "a decimal comma": (
        ["--learning-rate", "0,1"],
        "learning_rate must be a number from 1e-15 to 1000, but got '0,1': write a decimal point, and nothing",
    ),
    "thousands": (["--n", "1,000"], "n must be a whole number from 10 to 1000000, but got '1,000': write a decimal po"),
    "a column without a file": (["--x", "a"], "x and y name columns of a file: give the file with --data."),
}


@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=BAD)
def test_a_bad_value_is_one_line_on_standard_error_and_status_2(call, arguments, words):
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(f"python -m core: {words}")
    assert err.endswith("\n")
    assert len(err.splitlines()) == 1


def test_a_bad_value_is_found_before_anything_is_printed_or_trained(call, monkeypatch):
    monkeypatch.setattr("core.command_line.runs.train", lambda *_: pytest.fail("it was trained"))
    assert call("--epochs", "5", "--every", "x")[:2] == (2, "")


def test_help_explains_every_flag_with_its_bounds(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = call("--help")
    assert (status, err) == (0, "")
    for name in (*EVERY_FLAG, "--data", "--reading", "--x", "--y", "--every", "--format"):
        assert f"  {name} " in out
    assert "a whole number from 10 to 1000000 (default: 100)" in out
    assert "a number from 1e-15 to 1000 (default: 0.1)" in out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch) -> Terminal:
    """A terminal for standard error, before which a second passes whenever somebody looks at the clock.

    To be called in the test itself: pytest puts its own standard error back between a fixture and the test.
    """
    terminal, seconds = Terminal(), count()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("tqdm.std.time", lambda: float(next(seconds)))
    return terminal


def test_a_terminal_shows_a_bar_that_is_cleared_at_the_end(call, monkeypatch):
    terminal = at_a_terminal(monkeypatch)
    status, out, _ = call("--epochs", "30")
    records = list(train(Experiment(epochs=30)))
    assert status == 0
    assert records_of(out) == records
    *bars, cleared, end = terminal.getvalue().split("\r")[1:]
    assert bars[0] == f"[{' ' * 30}] epoch 0 of 30"
    shown = [re.fullmatch(r"\[(#*) *\] epoch (\d+) of 30, loss (\S+) *", bar).groups() for bar in bars[1:]]
    # A thirtieth more is filled with every epoch.
    assert shown[-30:] == [("#" * r.epoch, str(r.epoch), f"{r.loss:.6g}") for r in records[1:]]
    assert cleared.isspace()
    assert end == f"{how_it_ends(Experiment(epochs=30))}\n"


def test_what_is_no_terminal_gets_a_line_now_and_then(call, monkeypatch):
    clock = count()
    monkeypatch.setattr("core.command_line.progress.monotonic", lambda: float(next(clock)))
    status, out, err = call("--epochs", "30")
    *lines, end = err.splitlines()
    records = list(train(Experiment(epochs=30)))
    assert status == 0
    assert records_of(out) == records
    assert 3 < len(lines) < 30
    for line in lines:
        epoch, loss = re.fullmatch(r"epoch (\d+) of 30, loss (\S+)", line).groups()
        assert loss == f"{records[int(epoch)].loss:.6g}"
    assert end == how_it_ends(Experiment(epochs=30))


class Pipe(io.TextIOWrapper):
    """Standard output that a reader has closed, that leads to a full disk, or before which somebody loses patience.

    It takes some lines before that happens.
    """

    def __init__(self, error: BaseException, lines: int = 0) -> None:
        super().__init__(os.fdopen(os.open(os.devnull, os.O_WRONLY), "wb"))
        self._error, self._lines = error, lines

    def write(self, text: str) -> int:
        self._lines -= 1
        if self._lines < 0:
            raise self._error
        return len(text)


def test_a_closed_pipe_ends_the_run_without_a_word(call, monkeypatch):
    with Pipe(BrokenPipeError(32, "Broken pipe")) as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        status, _, err = call("--epochs", "100000")
    assert (status, err) == (0, "")


def test_a_full_disk_is_one_line_on_standard_error_and_status_1(call, monkeypatch):
    with Pipe(OSError(28, "No space left on device")) as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        status, _, err = call("--epochs", "10")
    assert (status, err) == (1, "python -m core: the records cannot be written (No space left on device).\n")


def test_an_interrupted_run_ends_with_a_word_and_the_shells_status(call, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(WithAutograd, "update", interrupted)
    status, out, err = call()
    assert status == 130
    assert [record.epoch for record in records_of(out)] == [0]
    assert err == "Interrupted.\n"


@pytest.mark.parametrize(
    ("error", "last_words"),
    [
        (KeyboardInterrupt(), "Interrupted.\n"),
        (OSError(28, "No space left"), "python -m core: the records cannot be written (No space left).\n"),
        (BrokenPipeError(32, "Broken pipe"), ""),
    ],
    ids=["interrupted", "full disk", "closed pipe"],
)
def test_the_bar_is_cleared_before_the_last_words(call, monkeypatch, error, last_words):
    terminal = at_a_terminal(monkeypatch)
    with Pipe(error, lines=5) as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        call("--epochs", "10")
    *_, cleared, end = terminal.getvalue().split("\r")
    assert cleared.isspace()
    assert end == last_words


def test_a_converged_run_has_fewer_records(call):
    status, out, err = call("--tolerance", "0.01")
    run = train(Experiment(tolerance=0.01))
    assert records_of(out) == list(run)
    assert run.stop.reason is StopReason.CONVERGED
    assert (status, err) == (0, f"{run.stop.message}\n")
