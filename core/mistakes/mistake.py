"""What a mistake is, and how an attempt at it is run: for real, within bounds, with all that it says caught.

An attempt is a plain function, shown as it stands. It names as its parameters what it needs of what is given:

    x, y                the training points of `Experiment()`, as tensors, shape (80, 1)
    x_train, y_train    the same points as they come from NumPy, float64
    b, w                the parameters at that run's start, leaves that ask for gradients
    lr                  that run's learning rate
    limit               the learning rate above which it diverges
    device              an accelerator of this machine, or "cpu" where it has none
    show                takes values by name, in place of `print`, which everybody in the process shares

Nothing else is touched, and PyTorch's random numbers go on afterwards as if none had been drawn.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from core.data import make_dataset
from core.experiment import Experiment
from core.geometry.landscape import Landscape
from core.listening import warnings_from
from core.source import source_of
from core.training import Stop, StopReason
from core.training.devices import find_devices
from core.training.four_steps.with_autograd import WithAutograd

__all__ = ["Attempt", "Mistake", "Option", "Outcome", "landscape"]


@dataclass(frozen=True)
class Outcome:
    """What came of running an attempt."""

    printed: tuple[str, ...]
    """What it showed, a line for each time."""

    columns: Mapping[str, tuple[float, ...]]
    """The single numbers that it showed, by name, in order."""

    warned: tuple[str, ...] = ()
    """Warnings, in the library's own words."""

    error: str | None = None
    """The error that ended it, as Python writes it: its type and the library's own words."""

    stop: Stop | None = None
    """The end of the training run, where the attempt was one."""

    failed_at: int | None = None
    """The epoch in which it failed or diverged."""

    failed_line: int | None = None
    """The line of the attempt's source that raised the error, counted from 1."""


@dataclass(frozen=True)
class Attempt:
    """One way to write it, wrong or right."""

    label: str
    function: Callable[..., Stop | None]
    right: bool = False

    @property
    def source(self) -> str:
        """The code that runs."""
        return source_of(self.function)

    def run(self, **chosen: int) -> Outcome:
        """Run it from the start, with `chosen` given as well. Takes a fraction of a second."""
        notes = _Notes()
        given = _given() | {"show": notes.show} | chosen
        arguments = {name: given[name] for name in inspect.signature(self.function).parameters}
        stop, error, failed_at, failed_line = None, None, None, None
        with warnings_from(self.function.__code__.co_filename) as warned, torch.random.fork_rng(devices=[]):
            try:
                stop = self.function(**arguments)
            except (AttributeError, RuntimeError) as raised:
                error = f"{type(raised).__name__}: {raised}"
                failed_at, failed_line = self._place(raised)
        if stop is not None and stop.reason is StopReason.DIVERGED:
            failed_at = stop.epoch
        columns = {name: tuple(numbers) for name, numbers in notes.columns.items()}
        return Outcome(tuple(notes.printed), columns, tuple(warned), error, stop, failed_at, failed_line)

    def _place(self, raised: Exception) -> tuple[int | None, int | None]:
        """The epoch and the line in which the attempt raised."""
        code = self.function.__code__
        for frame, line in traceback.walk_tb(raised.__traceback__):
            if frame.f_code is code:
                return frame.f_locals.get("epoch"), line - code.co_firstlineno + 1
        return None, None


@dataclass(frozen=True)
class Option:
    """A whole number that the visitor chooses: given to the attempts as `name`."""

    name: str
    label: str
    low: int
    high: int
    default: int


def _no_findings(outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A mistake and its cure. The texts are Markdown; `name` is what a link calls it."""

    name: str
    title: str
    question: str
    look_for: str
    cure: str
    attempts: tuple[Attempt, ...]
    option: Option | None = None
    findings: Callable[[tuple[Outcome, ...]], tuple[str, ...]] = field(default=_no_findings)
    """What the outcomes show in numbers, as sentences."""

    def run(self, chosen: int | None = None) -> tuple[Outcome, ...]:
        """Run every attempt.

        Args:
            chosen: the value of `option`; its default if left out.

        Raises:
            ValueError: for a value that is out of the option's bounds, or for one where there is no option.
        """
        option = self.option
        if option is None:
            if chosen is not None:
                raise ValueError(f"{self.name} has nothing to choose, but got {chosen}.")
            return tuple(attempt.run() for attempt in self.attempts)
        value = option.default if chosen is None else chosen
        if not option.low <= value <= option.high:
            raise ValueError(f"{option.name} must be from {option.low} to {option.high}, but got {value}.")
        return tuple(attempt.run(**{option.name: value}) for attempt in self.attempts)


def landscape(reduction: str = "mean") -> Landscape:
    """The loss over the points that the attempts train on."""
    dataset = make_dataset(Experiment())
    return Landscape.of(dataset.x_train, dataset.y_train, reduction)


def _given() -> dict[str, Any]:
    """What an attempt may ask for, made anew, so that none finds what another left."""
    experiment = Experiment()
    dataset = make_dataset(experiment)
    start = WithAutograd(experiment, dataset)
    others = [device.name for device in find_devices() if device.available and device.name != "cpu"]
    return {
        "x": start.x,
        "y": start.y,
        # Copies, because PyTorch warns of arrays that cannot be written to.
        "x_train": dataset.x_train.copy(),
        "y_train": dataset.y_train.copy(),
        "b": start.b,
        "w": start.w,
        "lr": start.lr,
        "limit": landscape().max_learning_rate,
        "device": others[0] if others else "cpu",
    }


class _Notes:
    """Keeps what is shown, as text and, where it is one number, as that."""

    def __init__(self) -> None:
        self.printed: list[str] = []
        self.columns: dict[str, list[float]] = {}

    def show(self, **values: object) -> None:
        texts = (f"{value:.6g}" if isinstance(value, float) else str(value) for value in values.values())
        self.printed.append("  ".join(f"{name}={text}" for name, text in zip(values, texts, strict=True)))
        for name, value in values.items():
            # Read now: a tensor may change in place later.
            number = value.item() if isinstance(value, Tensor) and value.numel() == 1 else value
            if isinstance(number, int | float):
                self.columns.setdefault(name, []).append(float(number))
