"""What is slow only the first time, done before the first visitor asks for it."""

from __future__ import annotations

import gc

import torch

from core import Experiment, make_dataset, train
from core.experiment import METHODS
from core.training.joint import joint_kind
from dashboard.stage.scene import make_scene

__all__ = ["warm_up"]


def warm_up() -> None:
    """Train a little, for torch loads its optimizers at their first use, and get each method ready."""
    experiment = Experiment(method="module", optimizer="adam", epochs=2, n=10)
    for _ in train(experiment):
        pass
    dataset = make_dataset(Experiment())
    for method in METHODS:
        make_scene(Experiment(method=method), dataset)
        joint_kind(Experiment(method=method), dataset)  # tries whether runs of this kind can be trained jointly here
    # The first computation with tensors that have no numbers makes PyTorch import its compiler.
    torch.ones(1, device="meta").mul(torch.ones(1, device="meta"))
    # What is loaded now stays for good. A full collection that went through all of it would stop the server
    # for a third of a second every time.
    gc.collect()
    gc.freeze()
