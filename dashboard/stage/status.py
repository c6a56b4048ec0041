"""What a stage is told of a run beside its records: its device, and how it has ended."""

from __future__ import annotations

from typing import Any

from core import Stop, find_devices

__all__ = ["device_label", "stop_told"]


def stop_told(stop: Stop | None) -> dict[str, Any] | None:
    """The end of a run as JSON takes it; None for one that goes on."""
    return None if stop is None else {"reason": stop.reason.value, "epoch": stop.epoch, "message": stop.message}


def device_label(name: str) -> str:
    """What the device is called: `CPU`, or what is known of it and its name."""
    labels = {device.name: device.label for device in find_devices()}
    return f"{labels.get(name, '')} ({name})" if name != "cpu" else "CPU"
