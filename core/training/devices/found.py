"""What can train on this machine, found by trying it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch

__all__ = ["Device", "find_devices", "reason_of", "require_device"]


@dataclass(frozen=True)
class Device:
    """A device by torch's name for it. `reason` says why it cannot train here, and is empty where it can."""

    name: str
    label: str
    reason: str = ""

    @property
    def available(self) -> bool:
        return not self.reason


def reason_of(error: Exception) -> str:
    """The first sentence of what a library raised, ended with a full stop: the rest is for its developers."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    sentence = line.split(". ")[0].rstrip(".")
    return f"{sentence[:160]}…" if len(sentence) > 160 else f"{sentence}."


def try_device(name: str) -> str:
    """Why a step of training fails on the device, in a sentence; empty if it succeeds."""
    try:
        x = torch.ones(2, device=name)
        w = torch.ones(1, device=name, requires_grad=True)
        (w * x).mean().backward()
        assert w.grad is not None
        if w.grad.item() != 1.0:  # reading the value also waits for the device
            return "It computed a wrong gradient."
    except Exception as error:  # noqa: BLE001  torch raises many types here, AssertionError among them
        return reason_of(error)
    return ""


def _candidates() -> list[tuple[str, str]]:
    try:
        cudas = [(f"cuda:{index}", torch.cuda.get_device_name(index)) for index in range(torch.cuda.device_count())]
    except Exception:  # noqa: BLE001  a driver that cannot even say this will say why when it is tried
        cudas = []
    # Under its short name the first GPU is found as `cuda`, as everyone writes it.
    cudas = [("cuda", cudas[0][1]), *cudas[1:]] if cudas else [("cuda", "NVIDIA GPU")]
    return [("cpu", "CPU"), *cudas, ("mps", "Apple GPU"), ("xpu", "Intel GPU")]


@cache
def find_devices() -> tuple[Device, ...]:
    """The CPU first, then every kind of accelerator that torch knows, each tried once per process."""
    return tuple(Device(name, label, "" if name == "cpu" else try_device(name)) for name, label in _candidates())


def require_device(name: str) -> None:
    """Do nothing if `name` can train here.

    Raises:
        ValueError: with the reason it cannot, and what can instead.
    """
    if name == "cpu":
        return
    known = {device.name: device.reason for device in find_devices()}
    reason = known[name] if name in known else try_device(name)
    if reason:
        able = " or ".join(repr(device.name) for device in find_devices() if device.available)
        raise ValueError(f"device {name!r} cannot train on this machine: {reason} Choose {able}.")
