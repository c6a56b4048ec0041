"""How far ways to compute the same thing agree: four to find a gradient, and the five methods in what they learn.

Distances are counted in steps of float32: how many times one goes on to the next number that float32 has. A number of
float64 is rounded to float32 first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite, log2

import numpy as np

from core.data import Column, Dataset
from core.experiment import BY_HAND, METHODS, Experiment
from core.geometry.landscape import landscapes_of
from core.training.four_steps import Method, make_method
from core.training.loop import Record
from core.training.threads import one_thread

__all__ = ["GRADIENT_WAYS", "Digits", "Gradients", "MethodDigits", "compare_methods", "float32_steps"]
__all__ += ["four_gradients", "other_ways", "ways_of"]

Pair = tuple[float, float]

GRADIENT_WAYS = ("by hand", "autograd", "differences", "closed form")
"""The ways to find a gradient; the last is what the others are measured by."""

SHOWN = ("b", "w", "loss")
"""What the methods are compared in."""


def float32_steps(value: float, reference: float) -> int | None:
    """How many steps of float32 lie between two numbers, both rounded to it; None where one of them is not finite."""
    with np.errstate(over="ignore"):
        pair = np.array([value, reference], dtype=np.float32)
    if not np.isfinite(pair).all():
        return None
    # The bits of floats of one sign are in the order of their size: as numbers they count the floats from 0 on.
    bits = pair.view(np.int32).astype(np.int64)
    places = np.where(bits >= 0, bits, np.iinfo(np.int32).min - bits)
    return int(abs(places[0] - places[1]))


@dataclass(frozen=True)
class Gradients:
    """A gradient found in four ways. Pairs are for b and for w."""

    ways: Mapping[str, Pair]
    """By the names of `GRADIENT_WAYS`. NaN and infinities where numbers have run away."""
    step: Pair
    """How far finite differences went to either side."""
    largest_term: Pair
    """The largest of the points' terms, |2·error| and |2·x·error|."""

    def steps(self, way: str) -> tuple[int | None, int | None]:
        """How many steps of float32 a way is from the closed form."""
        (b, w), (b_exact, w_exact) = self.ways[way], self.ways["closed form"]
        return float32_steps(b, b_exact), float32_steps(w, w_exact)


@one_thread()
def four_gradients(experiment: Experiment, dataset: Dataset, b: float, w: float) -> Gradients:
    """The gradient of the loss over all training points at (b, w), found in four ways.

    By hand: NumPy's means (or sums) over the points, float64. By autograd: that of the experiment's own method, or of
    method `autograd` where it has none; float32, on its device. By finite differences: of the loss over the points,
    float64. In closed form: from the six numbers of the bowl, float64.
    """
    x, y = dataset.x_train, dataset.y_train
    landscape, _ = landscapes_of(dataset, experiment.reduction)
    by_hand = replace(experiment, method="numpy", optimizer="sgd", device="cpu")
    by_torch = replace(experiment, method="autograd") if experiment.method == "numpy" else experiment
    with np.errstate(over="ignore", invalid="ignore"):
        error = b + w * x - y
        step = difference_steps(x, error, b, w)
        ways = (
            gradient_of(make_method(by_hand, dataset), b, w),
            gradient_of(make_method(by_torch, dataset), float(np.float32(b)), float(np.float32(w))),
            central_differences(x, y, b, w, step, landscape.scale),
            landscape.gradient(b, w),
        )
        largest = 2 * float(np.abs(error).max()), 2 * float(np.abs(x * error).max())
    return Gradients(dict(zip(GRADIENT_WAYS, ways, strict=True)), step, largest)


def gradient_of(method: Method, b: float, w: float) -> Pair:
    """The gradient that the first three of the method's steps find over all its points."""
    method.place(b, w)
    loss = method.loss(method.forward(method.x), method.y)
    method.backward(loss)
    *_, b_grad, w_grad = method.values(loss)
    return b_grad, w_grad


def difference_steps(x: Column, error: Column, b: float, w: float) -> Pair:
    """The steps that finite differences lose the least by, as powers of two.

    The loss is a parabola along b and along w. A central difference of a parabola is exact whatever the step, so there
    is nothing to lose but digits: rounding the loss costs ε·(L + c·h²) on either side, divided by h, and that is least
    at h = √(L/c) with the curvature c. For b this is the root mean square of the errors, for w the same over that of x.
    """
    wrong, far = float(np.sqrt((error**2).mean())), float(np.sqrt((x**2).mean()))
    return power_of_two(wrong, b), power_of_two(wrong / far if far > 0 else wrong, w)


def power_of_two(step: float, place: float) -> float:
    """The nearest one: added to a number it costs no digits of its own. Never so small that it would get lost there."""
    step = max(step, abs(place) * float(np.cbrt(np.finfo(np.float64).eps)))
    if not isfinite(step):
        return step
    return 2.0 ** round(log2(step)) if step > 0 else 1.0


def central_differences(x: Column, y: Column, b: float, w: float, step: Pair, scale: float) -> Pair:
    def loss(b: float, w: float) -> float:
        return scale * float(((b + w * x - y) ** 2).mean())

    b_step, w_step = step
    # What was really gone, which rounding may have changed.
    up, down, right, left = b + b_step, b - b_step, w + w_step, w - w_step
    return float(np.divide(loss(up, w) - loss(down, w), up - down)), float(
        np.divide(loss(b, right) - loss(b, left), right - left)
    )


def ways_of(experiment: Experiment) -> dict[str, Experiment]:
    """The experiment in every method that can carry it out, by method.

    Those by hand know plain gradient descent only. NumPy computes on the CPU, the others on the experiment's device.
    """
    return {
        method: replace(experiment, method=method, device="cpu" if method == "numpy" else experiment.device)
        for method in METHODS
        if experiment.optimizer == "sgd" or method not in BY_HAND
    }


def other_ways(experiment: Experiment) -> dict[str, Experiment]:
    """The same without its own."""
    return {method: other for method, other in ways_of(experiment).items() if method != experiment.method}


@dataclass(frozen=True)
class Digits:
    """A number in full, compared with that of another run."""

    text: str
    """As many digits as its float type needs to be told from its neighbours, as Python writes them."""
    differs_from: int
    """The first place of the text with another digit than the other's; its length where there is none."""
    steps: int | None
    """How many steps of float32 it is from the other; None where one of them is not finite."""


@dataclass(frozen=True)
class MethodDigits:
    """What one method has learned: b, w and the loss."""

    method: str
    digits: tuple[Digits, ...]
    """In the order of `SHOWN`."""


def compare_methods(records: Mapping[str, Record], shown: str, full_batch: bool) -> list[MethodDigits]:
    """The records of several methods at the same epoch, digit by digit beside that of the method `shown`.

    Args:
        records: by method, among them that of `shown`.
        full_batch: whether the runs were on full batches: only then the losses of the torch methods are float32.
    """
    return [
        MethodDigits(
            method,
            tuple(
                _digits(
                    _text(getattr(record, name), _is_single(method, name, full_batch)),
                    _text(getattr(records[shown], name), _is_single(shown, name, full_batch)),
                    float32_steps(getattr(record, name), getattr(records[shown], name)),
                    mixed=_is_single(method, name, full_batch) != _is_single(shown, name, full_batch),
                )
                for name in SHOWN
            ),
        )
        for method, record in records.items()
    ]


def _is_single(method: str, name: str, full_batch: bool) -> bool:
    """Whether a number of this method is of float32. The loss of mini-batches is computed from b and w in float64."""
    return method != "numpy" and (full_batch or name != "loss")


def _text(value: float, is_single: bool) -> str:
    return str(np.float32(value)) if is_single else repr(value)


def _digits(text: str, other: str, steps: int | None, *, mixed: bool) -> Digits:
    """`mixed`: of two types, which are equal where float32 cannot tell them apart."""
    if mixed and steps == 0:
        return Digits(text, len(text), steps)
    # The digits that are left out at the end are zeros.
    pairs = zip(text, other.ljust(len(text), "0"), strict=False)
    return Digits(text, next((place for place, (one, another) in enumerate(pairs) if one != another), len(text)), steps)
