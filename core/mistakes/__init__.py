"""The mistakes that a first course in PyTorch makes, one file each, in the order in which it makes them.

Every one is run for real. The attempts are shown as they stand, the way students write them, so they bear no
annotations.
"""

from core.mistakes.backward_twice import BACKWARD_TWICE
from core.mistakes.broadcasting import BROADCASTING
from core.mistakes.data_type import DATA_TYPE
from core.mistakes.forgotten_zero import FORGOTTEN_ZERO
from core.mistakes.halved_loss import HALVED_LOSS
from core.mistakes.learning_rate import LEARNING_RATE
from core.mistakes.mistake import Attempt, Mistake, Option, Outcome, landscape
from core.mistakes.moved_parameter import MOVED_PARAMETER
from core.mistakes.sub_batches import SUB_BATCHES
from core.mistakes.sum_for_mean import SUM_FOR_MEAN
from core.mistakes.to_numpy import TO_NUMPY
from core.mistakes.unscaled import UNSCALED
from core.mistakes.update import UPDATE

__all__ = ["MISTAKES", "Attempt", "Mistake", "Option", "Outcome", "landscape"]

MISTAKES = (
    UPDATE,
    FORGOTTEN_ZERO,
    SUB_BATCHES,
    MOVED_PARAMETER,
    TO_NUMPY,
    DATA_TYPE,
    BACKWARD_TWICE,
    BROADCASTING,
    SUM_FOR_MEAN,
    HALVED_LOSS,
    LEARNING_RATE,
    UNSCALED,
)
"""All of them, in the order in which they are listed."""
