"""What can train on this machine, and where the time of an epoch goes on each of it."""

from core.training.devices.found import Device, find_devices, reason_of, require_device

__all__ = ["Device", "find_devices", "reason_of", "require_device"]
