"""`torchrun -m core -- …` with real processes: what the first one writes, and what becomes of it when another dies."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import numpy as np
from started import ROOT, started, surroundings, written
from thread_group import ThreadGroup, together

from core import Experiment, Record, make_dataset, train
from core.distributed.checkpoint import Checkpoint
from core.distributed.shard import whole_shard
from core.distributed.training import ShardTraining

TORCHRUN = [
    str(Path(sys.executable).with_name("torchrun")),
    "--standalone",
    "--nproc-per-node",
    "2",
    "-m",
    "core",
    "--",
]
HEADER = "epoch,b,w,loss,val_loss,b_grad,w_grad\n"


def torchrun(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*TORCHRUN, *arguments]
    return subprocess.run(
        command, env=surroundings(), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_torchrun_writes_the_records_of_one_process_to_rounding():
    done = torchrun("--n", "1000", "--epochs", "8", "--batch-size", "100", "--format", "json")
    alone = train(Experiment(n=1000, epochs=8, batch_size=100))
    expected = list(alone)
    ours = [Record(**values) for values in json.loads(done.stdout)]
    assert [record.epoch for record in ours] == list(range(9))
    # float32 has seven digits; eighty updates cost the last two at most.
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)
    assert done.stderr == f"{alone.stop.message}\n"
    assert done.returncode == 0


def test_a_bad_value_is_one_line_of_ours_above_the_report_of_torchrun():
    done = torchrun("--n", "ten")
    said, *report = done.stderr.splitlines()
    assert said == "torchrun -m core --: n must be a whole number from 10 to 1000000000, but got 'ten'."
    assert not any("torchrun -m core" in line for line in report)
    assert done.stdout == ""
    assert "exitcode  : 2" in done.stderr
    assert done.returncode == 1  # torchrun's own


def test_more_than_ten_million_points_are_made_block_by_block(torchrun_here):
    status, out, _ = torchrun_here("--n", "10000100", "--epochs", "1", "--format", "text")
    assert status == 0
    *_, line = out.splitlines()
    label, b, w = line.rsplit(maxsplit=2)
    assert label == "least squares, 8000080 of 10000100 points"
    # Around y = 1 + 2·x with noise 0.1 the errors of b and w are 2 and 3.5 times 0.1/√8000080.
    assert abs(float(b) - 1) < 5 * 7.1e-5
    assert abs(float(w) - 2) < 5 * 1.3e-4


def test_a_process_that_dies_leaves_the_records_and_a_file_from_which_the_rest_follow(tmp_path):
    path = tmp_path / "run.pt"
    words = ("--n", "90", "--method", "module", "--optimizer", "adam", "--learning-rate", "0.001")
    with started(3, *words, "--epochs", "100000", "--checkpoint", str(path), folder=tmp_path) as processes:
        waited = monotonic()
        while (tmp_path / "out-0").read_bytes().count(b"\n") < 50:
            assert monotonic() - waited < 120
            assert processes[0].poll() is None
            sleep(0.01)
        processes[1].send_signal(signal.SIGKILL)
        statuses = [process.wait(timeout=60) for process in processes]
    assert statuses == [1, -signal.SIGKILL, 1]
    before, *others = written("out", 3, tmp_path)
    assert others == ["", ""]
    last = int(before.splitlines()[-1].partition(",")[0])
    said = f"A process has ended or cannot be heard, and the run ends after epoch {last}."
    assert written("err", 3, tmp_path)[0].splitlines()[-1].startswith(said)

    experiment = Experiment(n=90, method="module", optimizer="adam", learning_rate=0.001, epochs=last + 20)
    dataset = make_dataset(experiment)

    def records(group: ThreadGroup, checkpoint: Checkpoint | None = None) -> list[Record]:
        shard = whole_shard(experiment, dataset, group.rank, group.size)
        return list(ShardTraining(experiment, shard, group, checkpoint=checkpoint))

    # Threads add up what processes do, in the same order.
    whole, *_ = together(3, records)
    assert before == HEADER + "".join(",".join(map(repr, record)) + "\n" for record in whole[: last + 1])
    after, *_ = together(3, lambda group: records(group, Checkpoint.load(path)))
    assert after == whole[last:]


def test_a_reader_who_has_seen_enough_ends_all_in_peace():
    command = " ".join([*TORCHRUN, "--epochs", "100000", "|", "head", "-2"])
    done = subprocess.run(
        command, shell=True, env=surroundings(), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.startswith(f"{HEADER}0,")
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == ""
