"""The engine of Gradient Descent Lab: real training runs of a real line, recorded epoch by epoch.

It knows nothing of the page that shows it, and works alone in a notebook or as `python -m core`.
"""

from core.comparison import Comparison
from core.data import Dataset, make_dataset
from core.data.tables import Table, read_table, shipped_table
from core.experiment import METHODS, OPTIMIZERS, Experiment, InvalidCombination
from core.geometry.landscape import Landscape, Surface
from core.geometry.reference import least_squares
from core.insight.epoch import Epoch, repeat_epoch
from core.insight.graph import AutogradGraph, GraphNode, autograd_dot, autograd_graph
from core.insight.look_back import LookBack, look_back
from core.takeaway.notebook import experiment_notebook
from core.takeaway.program import Program, make_program
from core.training import Record, Stop, StopReason, Training, estimate_seconds, train
from core.training.devices import Device, find_devices
from core.training.history import History
from core.training.joint import JointRun, train_jointly
from core.training.run import Points, Run
from core.training.sweep import Sweep, Sweeping, sweep, sweep_values
from core.training.worker import TooManyRuns, Worker

methods = METHODS
optimizers = OPTIMIZERS

__all__ = [
    "AutogradGraph",
    "Comparison",
    "Dataset",
    "Device",
    "Epoch",
    "Experiment",
    "GraphNode",
    "History",
    "InvalidCombination",
    "JointRun",
    "Landscape",
    "LookBack",
    "Points",
    "Program",
    "Record",
    "Run",
    "Stop",
    "StopReason",
    "Surface",
    "Sweep",
    "Sweeping",
    "Table",
    "TooManyRuns",
    "Training",
    "Worker",
    "autograd_dot",
    "autograd_graph",
    "estimate_seconds",
    "experiment_notebook",
    "find_devices",
    "least_squares",
    "look_back",
    "make_dataset",
    "make_program",
    "methods",
    "optimizers",
    "read_table",
    "repeat_epoch",
    "shipped_table",
    "sweep",
    "sweep_values",
    "train",
    "train_jointly",
]
