"""What the bowl says of the learning rate before anything is trained: where descent goes smoothly, swings and diverges.

In the direction of a curvature λ, a step of plain full-batch descent multiplies the distance to the minimum by
1 - rate·λ. Up to 1/λmax that has no sign to change; up to 2/λmax it changes sides and shrinks all the same; beyond that
it grows. With momentum β a distance follows d' = (1 + β - rate·λ)·d - β·(the d before): it swings from (1 - √β)²/λ on,
and grows from 2·(1 + β)/λ on (Polyak, 1964). Of Adam and RMSprop no such limit is known: they move a parameter by about
the rate in each step, whatever the gradient. And where each update sees some of the points only, every batch has a bowl
of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, inf, log, log1p, sqrt

from core.experiment import PARAMETERS, Experiment
from core.geometry.landscape import Landscape, rounded_down
from core.parameters import Real, Whole

__all__ = [
    "MOMENTUM",
    "MOST_EPOCHS",
    "NEARER",
    "STEADY",
    "Zones",
    "advised_rate",
    "condition_in_words",
    "epochs_for_steps",
]
__all__ += [
    "epochs_needed",
    "epochs_to_come_nearer",
    "is_long_valley",
    "needs_scaling",
    "roughly",
    "standardized_in_words",
    "zones_of",
]

MOMENTUM = 0.9
"""The β of optimizer `momentum`."""

STEADY = ("rmsprop", "adam")
"""The optimizers that move a parameter by about the learning rate in each step."""

NEARER = 1000
"""How much nearer to the minimum than at its start a run has to come in the epochs that are estimated."""

LONG_VALLEY = 100.0
"""Condition number from which on it decides how long a run takes: a valley ten times longer than wide."""

_EPOCHS = PARAMETERS["epochs"]
assert isinstance(_EPOCHS, Whole)
MOST_EPOCHS = _EPOCHS.high
"""What takes more than these at a learning rate cannot be learnt at it."""

USUAL_RATE = 0.1
"""The learning rate that a run has unless it is told another, for which a round bowl's epochs are given."""

THIN = "\u202f"


@dataclass(frozen=True)
class Zones:
    """Learning rates up to `smooth` go straight down, up to `limit` to and fro, and above that the loss grows."""

    smooth: float
    limit: float


def zones_of(landscape: Landscape, optimizer: str = "sgd") -> Zones | None:
    """Those of full-batch descent by this optimizer; None where no limit is known."""
    if optimizer in STEADY:
        return None
    steepest = landscape.eigenvalues[1]
    if optimizer == "momentum":
        return Zones((1 - sqrt(MOMENTUM)) ** 2 / steepest, 2 * (1 + MOMENTUM) / steepest)
    return Zones(1 / steepest, landscape.max_learning_rate)


def advised_rate(landscape: Landscape, optimizer: str = "sgd") -> float | None:
    """1/λmax in two digits, rounded down: from any start, full-batch descent lowers the loss with its first step.

    Plain descent then goes on without swinging. With momentum the first step is the same, and the limit is almost four
    times as far.

    Returns:
        None where nothing is known (`STEADY`), or where an experiment takes no rate that is as small.
    """
    if optimizer in STEADY:
        return None
    bounds = PARAMETERS["learning_rate"]
    assert isinstance(bounds, Real)
    rate = rounded_down(1 / landscape.eigenvalues[1], 2)
    return rate if rate >= bounds.low else None


def epochs_to_come_nearer(landscape: Landscape, rate: float, times: float = NEARER) -> float:
    """Epochs of plain full-batch descent after which, from any start, the minimum is `times` nearer in (b, w).

    Infinite at a rate that does not get there, and where all points have one x.
    """
    slowest = max(abs(1 - rate * curvature) for curvature in landscape.eigenvalues)
    if slowest >= 1:
        return inf
    if slowest == 0:
        return 1
    # 1 - rate·λmin is written so that a long valley's digits are not lost.
    flattest = rate * landscape.eigenvalues[0]
    shrinks = log1p(-flattest) if 1 - flattest == slowest else log(slowest)
    return max(1, ceil(log(times) / -shrinks)) if shrinks else inf


def epochs_needed(experiment: Experiment, landscape: Landscape) -> float:
    """About how many epochs it takes before a run shows where it is going: ten times nearer to the minimum.

    Of plain descent it is exact for full batches, and taken for smaller ones as well; with momentum it is the same at
    the rate that its steps add up to; of `STEADY` it is the way over the length of an update. Infinite where the loss
    grows.
    """
    if experiment.optimizer in STEADY:
        return epochs_for_steps(experiment, landscape)
    rate, zones = experiment.learning_rate, zones_of(landscape, experiment.optimizer)
    if zones is None or rate >= zones.limit:
        return inf
    if experiment.optimizer == "momentum":
        rate = min(rate / (1 - MOMENTUM), 1 / landscape.eigenvalues[1])
    return epochs_to_come_nearer(landscape, rate, 10)


def needs_scaling(experiment: Experiment, landscape: Landscape) -> bool:
    """Whether even at the advised rate no permitted number of epochs would do: x has to be standardised."""
    rate = advised_rate(landscape, experiment.optimizer)
    if rate is None:
        return experiment.optimizer not in STEADY
    return epochs_needed(replace(experiment, learning_rate=rate), landscape) > MOST_EPOCHS


def is_long_valley(landscape: Landscape) -> bool:
    """Whether the condition number, and not the learning rate, decides how long a run takes."""
    return landscape.condition_number >= LONG_VALLEY


def condition_in_words(landscape: Landscape) -> str:
    """The condition number κ, the shape of the valley (√κ), and the epochs at the advised rate, as one phrase.

    The epochs are those of plain full-batch descent that bring any start `NEARER` times nearer to the minimum.
    """
    condition = landscape.condition_number
    if condition == inf:
        return "κ = ∞: a valley without end"
    shape = f"a valley {roughly(sqrt(condition), 3)} times longer than wide"
    rate = advised_rate(landscape)
    epochs = inf if rate is None else epochs_to_come_nearer(landscape, rate)
    taken = f", about {roughly(epochs)} epochs" if epochs < inf else ""
    return f"κ = {roughly(condition)}: {shape}{taken}"


def standardized_in_words(landscape: Landscape) -> str:
    """The same for these points with x standardised: mean 0, variance 1, and so a round bowl."""
    n = landscape.n
    round_bowl = Landscape(n, 0.0, landscape.y_mean, 1.0, 1.0, landscape.lowest_mean, landscape.reduction)
    rate = rounded_down(USUAL_RATE / round_bowl.scale, 2)
    return f"standardised: κ = 1, about {roughly(epochs_to_come_nearer(round_bowl, rate))} at {rate:g}"


def epochs_for_steps(experiment: Experiment, landscape: Landscape) -> float:
    """Epochs in which updates as long as the learning rate, which those of `STEADY` are, lead from 0 to the minimum.

    Runs start near 0. It is the farther of b and w that decides.
    """
    size = experiment.batch_size
    updates = 1 if size is None else max(1, ceil(landscape.n / size))
    return max(abs(landscape.b_min), abs(landscape.w_min)) / (experiment.learning_rate * updates)


def roughly(value: float, digits: int = 2) -> str:
    """A number from 0 on in so many digits, the rest of them zeros, with a narrow space between thousands."""
    rounded = float(f"{value:.{digits - 1}e}")
    if rounded >= 1e12:
        return f"{rounded:g}".replace("e+", "e")
    return f"{rounded:g}" if rounded < 1000 else f"{rounded:,.0f}".replace(",", THIN)
