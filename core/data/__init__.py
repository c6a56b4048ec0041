"""The data of a run: points on a noisy line, or two columns of a table, split into training and validation."""

from core.data.dataset import MAX_MAGNITUDE, Column, Dataset
from core.data.line import make_dataset
from core.data.split import TRAINING_SHARE, split

__all__ = ["MAX_MAGNITUDE", "TRAINING_SHARE", "Column", "Dataset", "make_dataset", "split"]
