"""The data of a run: points drawn at random, or two columns of a table, split into training and validation."""

from core.data.dataset import MAX_MAGNITUDE, Column, Dataset
from core.data.line import make_dataset
from core.data.scaling import scaled
from core.data.split import shuffled, split, training_points

__all__ = ["MAX_MAGNITUDE", "Column", "Dataset", "make_dataset", "scaled", "shuffled", "split", "training_points"]
