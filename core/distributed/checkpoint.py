"""Where a run stands, in a file from which it goes on: torch's own format, of plain numbers and tensors."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import torch

from core.distributed.large import LargeExperiment
from core.distributed.shard import ONE_POINT
from core.experiment import PARAMETERS, Experiment
from core.parameters import shorten
from core.training.four_steps import Method, make_method
from core.training.four_steps.with_optimizer import OptimizerMethod

__all__ = ["Checkpoint"]

MAY_DIFFER = ("epochs", "tolerance", "device")
"""The fields that say how far a run goes and where it is computed, and not what it computes."""

CONTENTS = {
    "experiment": str,
    "digest": str,
    "epoch": int,
    "bound": float,
    "b": float,
    "w": float,
    "optimizer": dict,
}
"""What is in the file, by name."""


@dataclass(frozen=True)
class Checkpoint:
    """A run at one of its records."""

    experiment: str
    """As `Experiment.to_json` writes it."""
    digest: str
    """That of a table's points; empty where the experiment describes them."""
    epoch: int
    bound: float
    """The loss above which it has diverged."""
    b: float
    w: float
    optimizer: dict[str, Any]
    """What `state_dict` gives; empty where the update is written out."""
    source: str = field(default="", compare=False)
    """The digest of the file that it was read from: in words, torch rounds tensors to four digits."""

    def save(self, path: Path) -> None:
        """Write the file, which is there in full or as it was before. Raises `OSError`."""
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                torch.save({name: getattr(self, name) for name in CONTENTS}, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except BaseException:
            os.unlink(unfinished)
            raise

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """The one in the file. Raises `ValueError`, in one sentence, if there is none."""
        try:
            file = path.read_bytes()
            contents = torch.load(BytesIO(file), map_location="cpu", weights_only=True)
        except OSError as error:
            raise ValueError(
                f"{shorten(str(path))} cannot be read ({error.strerror}): give a file that --checkpoint wrote."
            ) from error
        except Exception as error:  # whatever torch makes of a file that is none of its own
            raise _no_checkpoint(path) from error
        if not isinstance(contents, dict) or {name: type(value) for name, value in contents.items()} != CONTENTS:
            raise _no_checkpoint(path)
        return cls(**contents, source=sha256(file).hexdigest())

    def asked_for(self, path: Path) -> Experiment:
        """The experiment of the run. Raises `ValueError` where the file does not hold one."""
        try:
            return LargeExperiment.from_json(self.experiment)
        except (ValueError, TypeError) as error:
            raise _no_checkpoint(path) from error

    def require_fit(self, path: Path, experiment: Experiment) -> None:
        """Raises `ValueError` if the run of the file is not the start of this one."""
        before = self.asked_for(path)
        for name in PARAMETERS:
            was, wanted = getattr(before, name), getattr(experiment, name)
            if name not in MAY_DIFFER and was != wanted:
                write = PARAMETERS[name].write
                raise ValueError(
                    f"{shorten(str(path))} is of a run with {name} {write(was)}, and not {write(wanted)}: leave "
                    f"{name} out, or --resume."
                )
        try:
            self.restore(make_method(replace(experiment, device="cpu"), ONE_POINT))
        except (ValueError, KeyError) as error:
            raise _no_checkpoint(path) from error
        if self.epoch >= experiment.epochs:
            raise ValueError(f"{shorten(str(path))} has all {self.epoch} epochs already: raise the epochs to go on.")

    def restore(self, method: Method) -> None:
        """Put the method where the run stands. Raises `ValueError` or `KeyError` for an optimizer of another kind."""
        method.place(self.b, self.w)
        if isinstance(method, OptimizerMethod):
            method.optimizer.load_state_dict(self.optimizer)


def _no_checkpoint(path: Path) -> ValueError:
    return ValueError(f"{shorten(str(path))} is no checkpoint: give a file that --checkpoint wrote.")
