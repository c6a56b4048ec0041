"""The ways to write the four steps of an epoch, one file each, in the order in which a course climbs them."""

from core.data import Dataset
from core.experiment import METHODS, Experiment
from core.training.four_steps.by_hand import ByHand
from core.training.four_steps.method import STEPS, Method, TorchMethod, Values
from core.training.four_steps.optimizer_state import STATE_KEYS, read_state, write_state
from core.training.four_steps.with_autograd import WithAutograd
from core.training.four_steps.with_loss_fn import WithLossFn
from core.training.four_steps.with_module import WithModule
from core.training.four_steps.with_optimizer import WithOptimizer

__all__ = [
    "METHOD_CLASSES",
    "STATE_KEYS",
    "STEPS",
    "Method",
    "TorchMethod",
    "Values",
    "make_method",
    "read_state",
    "write_state",
]

METHOD_CLASSES: dict[str, type[ByHand] | type[TorchMethod]] = dict(
    zip(METHODS, (ByHand, WithAutograd, WithOptimizer, WithLossFn, WithModule), strict=True)
)
"""The class of each method by the name that an experiment gives it."""


def make_method(experiment: Experiment, dataset: Dataset) -> Method:
    """The experiment's method, at its start on the data."""
    return METHOD_CLASSES[experiment.method](experiment, dataset)
