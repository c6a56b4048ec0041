"""The ways to train one and the same line whose time is measured: libraries, numbers of cores, types, devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from core.data import Dataset
from core.experiment import Experiment
from core.training.devices.found import Device, find_devices
from core.training.four_steps import Method
from core.training.four_steps.by_hand import ByHand
from core.training.four_steps.with_autograd import WithAutograd

__all__ = ["Way", "find_ways", "start"]

NUMPY, ONE_CORE, ALL_CORES, FLOAT64 = "numpy", "one-core", "all-cores", "float64"


@dataclass(frozen=True)
class Way:
    """A way to run the four steps: plain data, so that one process can tell it to another."""

    name: str
    label: str
    rival: str = ""
    """The name of the way that it is compared with, from which it differs in one respect; empty for the first."""
    device: str = "cpu"
    threads: int = 1
    """On how many of torch's threads it computes."""
    dtype: str = "float32"


class InFloat64(WithAutograd):
    """The same four steps in the type that NumPy has."""

    def start(self, experiment: Experiment, dataset: Dataset) -> None:
        self.x = torch.tensor(dataset.x_train).to(self.device)
        self.y = torch.tensor(dataset.y_train).to(self.device)
        random = torch.Generator().manual_seed(experiment.seed)
        self.b = torch.randn(1, generator=random).double().to(self.device).requires_grad_()
        self.w = torch.randn(1, generator=random).double().to(self.device).requires_grad_()


def find_ways(devices: Sequence[Device] | None = None, cores: int | None = None) -> tuple[Way, ...]:
    """Those that this machine has.

    Args:
        devices: what can train; found out by trying if left out.
        cores: on how many threads torch computes by itself; asked of torch if left out.
    """
    devices = find_devices() if devices is None else devices
    cores = torch.get_num_threads() if cores is None else cores
    ways = [Way(NUMPY, "NumPy", dtype="float64"), Way(ONE_CORE, "PyTorch on one core", NUMPY)]
    if cores > 1:
        ways.append(Way(ALL_CORES, "PyTorch on all cores", ONE_CORE, threads=cores))
    best = ways[-1]
    ways.append(Way(FLOAT64, "PyTorch in float64", ONE_CORE, dtype="float64"))
    ways += [
        Way(device.name, f"PyTorch on {device.label}", best.name, device=device.name)
        for device in devices
        if device.available and device.name != "cpu"
    ]
    return tuple(ways)


def start(way: Way, dataset: Dataset) -> Method:
    """The notes' run on these points, at its start: plain gradient descent, all points in every step."""
    experiment = replace(Experiment(), device=way.device)
    if way.name == NUMPY:
        return ByHand(experiment, dataset)
    return (InFloat64 if way.dtype == "float64" else WithAutograd)(experiment, dataset)
