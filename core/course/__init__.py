"""The course: the notes' whole way from NumPy arrays to `nn.MSELoss`, as chapters whose cells really run."""

from core.course.cell import Cell, Control, Question
from core.course.chapter import Chapter
from core.course.chapters import BY_NAME, CHAPTERS
from core.course.memory import Memory, look_at, share
from core.course.plot import Plot, Series
from core.course.running import Outcome, end_pairs, is_kept, run_cell

__all__ = [
    "BY_NAME",
    "CHAPTERS",
    "Cell",
    "Chapter",
    "Control",
    "Memory",
    "Outcome",
    "Plot",
    "Question",
    "Series",
    "end_pairs",
    "is_kept",
    "look_at",
    "run_cell",
    "share",
]
