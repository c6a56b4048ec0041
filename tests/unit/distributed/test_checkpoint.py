"""The file from which a run goes on, and what is said of one from which it cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core import Experiment
from core.distributed.checkpoint import CONTENTS, Checkpoint

EXPERIMENT = Experiment(epochs=20, method="numpy", seed=7)
STANDING = Checkpoint(EXPERIMENT.to_json(), "", 5, 1e6, 0.5, 2.0, {})
IN_FILE = {name: getattr(STANDING, name) for name in CONTENTS}


def file_of(path: Path, contents: object) -> Path:
    torch.save(contents, path)
    return path


def test_torch_reads_the_file_without_running_anything_of_it(tmp_path):
    STANDING.save(tmp_path / "run.pt")
    contents = torch.load(tmp_path / "run.pt", weights_only=True)
    assert {name: contents[name] for name in ("epoch", "b", "w")} == {"epoch": 5, "b": 0.5, "w": 2.0}
    assert json.loads(contents["experiment"])["seed"] == 7
    assert Checkpoint.load(tmp_path / "run.pt") == STANDING
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


def test_a_file_that_cannot_be_finished_leaves_the_one_before(tmp_path, monkeypatch):
    path = tmp_path / "run.pt"
    STANDING.save(path)

    def full(contents, file):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space left"):
        replace(STANDING, epoch=6).save(path)
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]
    assert Checkpoint.load(path) == STANDING


def nothing(path: Path) -> None:
    """No file at all."""


NO_FILES = {
    "missing": (nothing, "cannot be read (No such file or directory)"),
    "a folder": (Path.mkdir, "cannot be read (Is a directory)"),
    "empty": (Path.touch, "is no checkpoint"),
    "a text": (lambda path: path.write_text("epoch,b,w\n0,1,2\n"), "is no checkpoint"),
    "something else of torch's": (lambda path: file_of(path, torch.zeros(3)), "is no checkpoint"),
    "other names": (lambda path: file_of(path, {"model": {}, "epoch": 3}), "is no checkpoint"),
    "a number for a text": (lambda path: file_of(path, IN_FILE | {"experiment": 3}), "is no checkpoint"),
    "code": (lambda path: file_of(path, {"epoch": print}), "is no checkpoint"),
}


@pytest.mark.parametrize(("make", "said"), NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_checkpoint_is_one_sentence(make, said, tmp_path):
    path = tmp_path / "a"
    make(path)
    with pytest.raises(ValueError, match="wrote") as error:
        Checkpoint.load(path)
    assert str(error.value).endswith(f" {said}: give a file that --checkpoint wrote.")


def test_a_file_cut_short_is_no_checkpoint(tmp_path):
    path = tmp_path / "run.pt"
    STANDING.save(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="is no checkpoint: give a file that --checkpoint wrote"):
        Checkpoint.load(path)


def test_how_far_and_where_a_run_goes_may_change():
    STANDING.require_fit(Path("run.pt"), replace(EXPERIMENT, epochs=500, tolerance=1e-3))


MISFITS = {
    "another seed": (
        STANDING,
        {"seed": 8},
        "'run.pt' is of a run with seed 7, and not 8: leave seed out, or --resume.",
    ),
    "another rate": (STANDING, {"learning_rate": 0.2}, "'run.pt' is of a run with learning_rate 0.1, and not 0.2: "),
    "its end": (replace(STANDING, epoch=20), {}, "'run.pt' has all 20 epochs already: raise the epochs to go on."),
    "no experiment": (replace(STANDING, experiment="{"), {}, "'run.pt' is no checkpoint: "),
    "an unheard-of experiment": (replace(STANDING, experiment='{"n": 3}'), {}, "'run.pt' is no checkpoint: "),
    "no optimizer": (
        replace(STANDING, experiment=Experiment(method="module", optimizer="adam").to_json()),
        {"method": "module", "optimizer": "adam", "seed": 42},
        "'run.pt' is no checkpoint: ",
    ),
}


@pytest.mark.parametrize(("checkpoint", "change", "said"), MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_is_one_sentence(checkpoint, change, said):
    with pytest.raises(ValueError, match="run") as error:
        checkpoint.require_fit(Path("run.pt"), replace(EXPERIMENT, **change))
    assert str(error.value).startswith(said)
