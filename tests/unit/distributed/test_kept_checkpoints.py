"""The file that follows a run: what is kept of it, and when."""

from __future__ import annotations

import pytest

from core.distributed.checkpoint import Checkpoint
from core.distributed.training import ShardTraining

WORDS = ("--n", "50", "--epochs", "25", "--method", "module", "--optimizer", "adam", "--format", "csv")


@pytest.fixture
def saved(monkeypatch) -> list[int]:
    """The epochs of which a file was written."""
    epochs: list[int] = []
    save = Checkpoint.save

    def noted(checkpoint, path):
        epochs.append(checkpoint.epoch)
        save(checkpoint, path)

    monkeypatch.setattr(Checkpoint, "save", noted)
    return epochs


def test_a_checkpoint_is_made_only_where_one_is_written(saved, torchrun_here, monkeypatch, tmp_path):
    made = []
    make = ShardTraining.checkpoint

    def noted(*told):
        made.append(told)
        return make(*told)

    monkeypatch.setattr(ShardTraining, "checkpoint", noted)
    status, _, _ = torchrun_here(*WORDS, "--checkpoint", str(tmp_path / "run.pt"), "--checkpoint-every", "10")
    assert status == 0
    assert saved == [0, 10, 20, 25]
    assert len(made) == 4


def test_the_records_that_follow_are_printed_from_the_file_on(torchrun_here, tmp_path):
    path = str(tmp_path / "run.pt")
    _, whole, _ = torchrun_here(*WORDS)
    _, before, _ = torchrun_here(*WORDS[:3], "11", *WORDS[4:], "--checkpoint", path)
    status, after, _ = torchrun_here("--resume", path, "--epochs", "25")
    assert status == 0
    header, *records = after.splitlines(keepends=True)
    assert whole.startswith(header)
    assert before + "".join(records) == whole


def test_a_file_that_cannot_be_written_is_told_once(torchrun_here, monkeypatch, tmp_path):
    def full(checkpoint, path):
        raise OSError(28, "No space left on device")

    _, records, end = torchrun_here(*WORDS)
    monkeypatch.setattr(Checkpoint, "save", full)
    monkeypatch.chdir(tmp_path)
    status, out, err = torchrun_here(*WORDS, "--checkpoint", "run.pt", "--checkpoint-every", "1")
    assert (status, out) == (0, records)
    assert err == f"'run.pt' cannot be written (No space left on device): the run goes on without.\n{end}"
