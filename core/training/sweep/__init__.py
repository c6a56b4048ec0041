"""Sweeps: an experiment at many values of one field, thinned to what a picture and a table need."""

from core.training.sweep.sweeper import Sweeper, SweepJob
from core.training.sweep.sweeping import Sweep, Sweeping, sweep
from core.training.sweep.thinned import kept_epochs
from core.training.sweep.values import (
    MOST_VALUES,
    NUMERIC,
    Span,
    most_values,
    read_sweep,
    sweep_values,
    with_value,
    write_sweep,
)

__all__ = ["MOST_VALUES", "NUMERIC", "Span", "Sweep", "SweepJob", "Sweeper", "Sweeping", "kept_epochs"]
__all__ += ["most_values", "read_sweep", "sweep", "sweep_values", "with_value", "write_sweep"]
