"""What is asked for on the command line of torchrun, before anything is trained."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from thread_group import together

import core
from core import Experiment, make_dataset, shipped_table
from core.distributed import memory
from core.distributed.checkpoint import Checkpoint
from core.distributed.command_line import Plan, make_distributed_parser
from core.distributed.group import are_equal
from core.distributed.large import LargeExperiment
from core.training.four_steps import make_method, write_state


def plan(*words: str, rank: int = 0, size: int = 2) -> Plan:
    plan = Plan(make_distributed_parser().parse_args(words))
    plan.require_memory(size)
    plan.make_points(rank, size)
    return plan


def test_each_process_has_its_part_of_the_notes_points_in_float32():
    dataset = make_dataset(Experiment(n=50))
    halves = [plan("--n", "50", rank=rank).shard for rank in range(2)]
    assert np.array_equal(np.concatenate([half.x for half in halves]), dataset.x_train.astype(np.float32))
    assert np.array_equal(np.concatenate([half.y for half in halves]), dataset.y_train.astype(np.float32))
    assert [half.first for half in halves] == [0, 20]


def test_method_numpy_keeps_float64():
    assert plan("--method", "numpy").shard.x.dtype == np.float64


def test_a_table_is_shared_out_as_well():
    expected = shipped_table("iris").dataset("petal_width", "petal_length", Experiment(seed=3))
    words = ("--data", "iris", "--x", "petal_width", "--y", "petal_length", "--seed", "3", "--method", "numpy")
    parts = [plan(*words, rank=rank, size=3).shard for rank in range(3)]
    assert np.array_equal(np.concatenate([part.x for part in parts]), expected.x_train)
    assert np.array_equal(np.concatenate([part.y for part in parts]), expected.y_train)


def test_points_that_nobody_has_all_of_wait_for_the_others():
    waiting = plan("--n", "10000001")
    assert waiting.shard is None
    assert waiting.experiment == LargeExperiment(n=10_000_001)


def test_scikit_learn_is_asked_by_the_first_process_where_it_is_printed_and_all_points_are_here():
    dataset = make_dataset(Experiment(n=50))
    line = LinearRegression().fit(dataset.x_train, dataset.y_train.ravel())
    label, b, w = plan("--n", "50", "--format", "text").reference
    assert label == "scikit-learn, 40 of 50 points"
    assert (b, w) == pytest.approx((line.intercept_, line.coef_[0]))
    for words in (("--n", "50"), ("--n", "10000001", "--format", "text")):
        assert plan(*words).reference is None
    assert plan("--n", "50", "--format", "text", rank=1).reference is None


BAD = {
    "several runs": (
        ["--versus", "seed:1"],
        "--versus trains several runs, torchrun a single one: leave --versus out.",
    ),
    "a sweep": (["--sweep", "seed"], "--sweep trains several runs, torchrun a single one: leave --sweep out."),
    "too many": (["--n", "2e9"], "n must be a whole number from 10 to 1000000000, but got '2e9'."),
    "a file nowhere": (["--checkpoint", "/nowhere/run.pt"], "--checkpoint must name a file in a folder that can be "),
    "a folder": (["--checkpoint", "/tmp"], "--checkpoint must name a file in a folder that can be written to, but "),
    "no file": (["--checkpoint-every", "3"], "--checkpoint-every says nothing without --checkpoint: name the file"),
    "every none": (["--checkpoint", "a.pt", "--checkpoint-every", "0"], "checkpoint_every must be a whole number"),
    "nothing to go on from": (["--resume", "/nowhere.pt"], "'/nowhere.pt' cannot be read (No such file or directory)"),
    "another machine's GPU": (["--device", "cuda:1"], "device 'cuda:1' cannot train on this machine: "),
    "a table and many": (["--data", "iris", "--n", "1e8"], "n says how many points are drawn, but --data gives other"),
    "no such column": (["--data", "iris", "--x", "tail"], "iris has no column 'tail'"),
}


@pytest.mark.parametrize(("words", "said"), BAD.values(), ids=BAD)
def test_a_bad_value_is_one_sentence(words, said):
    with pytest.raises(ValueError, match=" ") as error:
        plan(*words)
    assert str(error.value).startswith(said)


def test_a_start_too_far_is_one_sentence(tmp_path):
    table = tmp_path / "far.csv"
    table.write_text("x,y\n" + "".join(f"{row}e8,{row}\n" for row in range(10)))
    with pytest.raises(ValueError, match=r"^From start_w 1e\+12 the line is so far from the points"):
        plan("--data", str(table), "--start-w", "1e12")


def test_too_little_memory_is_told_before_anything_is_made(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 3_000_000_000)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    with pytest.raises(ValueError, match="more machines") as error:
        plan("--n", "1000000000", size=4)
    # 8e8 points train, x and y in 4 bytes each, in four parts; and what a process takes without any.
    assert str(error.value) == (
        "Each of the 4 processes needs about 2.0 GB, 2 of them here, but this machine has 3.0 GB left: take fewer "
        "points, or more machines."
    )


def are_told_the_same(*of_each: tuple[str, ...]) -> list[bool]:
    plans = [plan(*words, rank=rank, size=len(of_each)) for rank, words in enumerate(of_each)]
    return together(len(of_each), lambda group: are_equal(group, plans[group.rank].told))


def test_processes_that_were_told_different_things_hear_of_it(tmp_path):
    tables = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for end, table in enumerate(tables):
        table.write_text("x,y\n" + "".join(f"{row},{row}\n" for row in range(10 + end)))
    assert are_told_the_same(("--seed", "1"), ("--seed", "1")) == [True, True]
    assert are_told_the_same(("--seed", "1"), ("--seed", "1"), ("--seed", "2")) == [False] * 3
    assert are_told_the_same(*(("--data", str(table)) for table in tables)) == [False, False]


def test_processes_that_go_on_from_files_with_one_digit_between_them_hear_of_it(tmp_path):
    experiment = Experiment(n=50, method="module", optimizer="momentum", epochs=9)
    remembered = {"mine": 0.12345678, "copied": 0.12345678, "theirs": 0.12345679}
    for name, value in remembered.items():
        method = make_method(experiment, make_dataset(experiment))
        write_state(method, ("momentum_buffer",), (value, 0.5), 6)
        optimizer = method.optimizer.state_dict()
        Checkpoint(experiment.to_json(), "", 6, 1e6, 0.5, 2.0, optimizer).save(tmp_path / name)
    mine, copied, theirs = (("--resume", str(tmp_path / name)) for name in remembered)
    assert are_told_the_same(mine, copied) == [True, True]
    assert are_told_the_same(mine, theirs) == [False, False]


def test_nothing_but_the_command_line_imports_what_is_for_many_processes():
    root = Path(core.__file__).parent
    importing = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "import" in path.read_text(encoding="utf-8") and "core.distributed" in path.read_text(encoding="utf-8")
    }
    assert {name for name in importing if not name.startswith("distributed/")} == {"__main__.py"}


def test_options_left_out_are_those_of_the_run_that_goes_on(tmp_path):
    path = str(tmp_path / "run.pt")
    before = Experiment(n=70, method="numpy", schedule=((4, 0.5),), epochs=9)
    Checkpoint(before.to_json(), "", 6, 1e6, 0.5, 2.0, {}).save(tmp_path / "run.pt")
    assert plan("--resume", path).experiment == LargeExperiment(**before.to_dict())
    assert plan("--resume", path, "--epochs", "20").experiment.epochs == 20
    with pytest.raises(ValueError, match="is of a run with n 70, and not 80"):
        plan("--resume", path, "--n", "80")
    with pytest.raises(ValueError, match="is of a run on other points: give --data, --x and --y as that had them"):
        plan("--resume", path, "--data", "iris")


@pytest.mark.parametrize("option", ["--checkpoint", "--checkpoint-every=3", "--resume"])
def test_alone_the_options_of_torchrun_are_refused_with_what_to_write(call, option):
    status, out, err = call(option, "run.pt")
    name = option.partition("=")[0]
    assert (status, out) == (2, "")
    assert (
        err == f"python -m core: {name} is for torchrun: torchrun --standalone --nproc-per-node 1 -m core -- {name} …\n"
    )
    assert not os.path.exists("run.pt")
