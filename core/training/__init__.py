"""The training loop over the four steps, what it records, and runs in the background."""

from core.training.loop import Record, Stop, StopReason, Training, batch_order, estimate_seconds, train

__all__ = ["Record", "Stop", "StopReason", "Training", "batch_order", "estimate_seconds", "train"]
