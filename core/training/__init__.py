"""The training loop over the four steps, what it records, and runs in the background."""

from core.training.ending import Stop, StopReason
from core.training.loop import Record, Training, batch_order, estimate_seconds, train

__all__ = ["Record", "Stop", "StopReason", "Training", "batch_order", "estimate_seconds", "train"]
