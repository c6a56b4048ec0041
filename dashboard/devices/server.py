"""The measurement of this server: one at a time, its outcome kept for all visitors."""

from __future__ import annotations

import atexit

from core.training.devices.apart import Measuring

__all__ = ["shared_measuring"]

shared_measuring = Measuring()
"""Nothing runs until somebody asks for it."""

atexit.register(shared_measuring.close)
