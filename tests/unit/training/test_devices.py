"""Devices are found by trying them, and those that fail say why."""

from __future__ import annotations

import pytest
import torch

from core import Device, find_devices
from core.training.devices import reason_of, require_device
from core.training.devices.found import try_device


@pytest.fixture
def afresh():
    """Devices are looked for anew in this test and after it."""
    find_devices.cache_clear()
    yield
    find_devices.cache_clear()


def test_the_cpu_comes_first_and_can_always_train():
    first = find_devices()[0]
    assert (first.name, first.label, first.available, first.reason) == ("cpu", "CPU", True, "")


def test_every_device_that_cannot_train_says_why_in_one_sentence():
    names = [device.name for device in find_devices()]
    assert set(names) >= {"cpu", "cuda", "mps", "xpu"}
    assert len(names) == len(set(names))
    for device in find_devices():
        assert device.available is (device.reason == "")
        if not device.available:
            assert device.reason.endswith((".", "…"))
            assert len(device.reason.splitlines()) == 1
            assert len(device.reason) < 200


def test_no_accelerator_is_found_where_torch_has_none(afresh):
    if torch.accelerator.current_accelerator(check_available=True) is None:
        assert [device.name for device in find_devices() if device.available] == ["cpu"]
    else:
        assert sum(device.available for device in find_devices()) > 1


def test_the_cpu_needs_no_trial():
    require_device("cpu")
    assert try_device("cpu") == ""


@pytest.mark.parametrize("name", ["xpu:98", "cuda:98"])
def test_a_device_that_is_not_there_is_refused_with_the_reason_and_what_can_be_used(name):
    with pytest.raises(
        ValueError, match=rf"^device '{name}' cannot train on this machine: .+[.…] Choose 'cpu'"
    ) as refusal:
        require_device(name)
    assert len(str(refusal.value).splitlines()) == 1


def test_a_device_that_computes_a_wrong_gradient_is_not_used(monkeypatch):
    monkeypatch.setattr(torch.Tensor, "item", lambda self: 3.0)
    assert try_device("cpu") == "It computed a wrong gradient."


def test_several_gpus_are_each_tried_by_their_own_name(monkeypatch, afresh):
    tried = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"GPU {index}")
    monkeypatch.setattr(
        "core.training.devices.found.try_device", lambda name: tried.append(name) or ("" if "cuda" in name else "No.")
    )
    found = {device.name: device.label for device in find_devices() if device.available}
    assert found == {"cpu": "CPU", "cuda": "GPU 0", "cuda:1": "GPU 1", "cuda:2": "GPU 2"}
    assert tried == ["cuda", "cuda:1", "cuda:2", "mps", "xpu"]
    find_devices()
    assert len(tried) == 5  # each is tried once per process
    require_device("cuda:2")
    with pytest.raises(ValueError, match="Choose 'cpu' or 'cuda' or 'cuda:1' or 'cuda:2'"):
        require_device("mps")


def test_a_driver_that_cannot_even_name_its_gpus_does_not_hide_the_cpu(monkeypatch, afresh):
    def broken(index):
        raise RuntimeError("CUDA driver initialization failed, you might not have a CUDA gpu.")

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", broken)
    monkeypatch.setattr("core.training.devices.found.try_device", lambda name: "The driver is broken.")
    assert find_devices()[:2] == (Device("cpu", "CPU"), Device("cuda", "NVIDIA GPU", "The driver is broken."))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("Out of memory"), "Out of memory."),
        (RuntimeError("No device. Set XYZ=1 and try again."), "No device."),
        (RuntimeError("First line.\nSecond line."), "First line."),
        (RuntimeError("\n  Out of memory (2.5 GB wanted)\n"), "Out of memory (2.5 GB wanted)."),
        (AssertionError(), "AssertionError."),
        (MemoryError("  "), "MemoryError."),
        (RuntimeError("x" * 500), "x" * 160 + "…"),
    ],
)
def test_a_reason_is_the_first_sentence_of_what_was_raised(error, reason):
    assert reason_of(error) == reason
