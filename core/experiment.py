"""An experiment: everything that decides what a training run computes.

The same experiment gives the same records, so it is what a link carries, what a run is kept under, and what
a second server needs in order to repeat it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, ClassVar

from core.parameters import MAX_MAGNITUDE, Choice, DeviceName, Parameter, Real, Rows, Whole, shorten

__all__ = ["BY_HAND", "LEAVE_DATA_ALONE", "LINE_FIELDS", "METHODS", "OPTIMIZERS", "PARAMETERS"]
__all__ += ["SHAPES", "STANDARDIZE", "Experiment", "InvalidCombination"]

METHODS = ("numpy", "autograd", "optimizer", "loss_fn", "module")
"""The ways to write the four steps of an epoch, from all by hand to all by PyTorch."""

OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")
"""The update rules of `torch.optim` on offer; `momentum` is SGD with momentum 0.9."""

SHAPES = ("line", "curve", "outliers", "fan", "groups")
"""What the synthetic points lie around."""

STANDARDIZE = ("none", "x", "xy")
"""Which columns are standardised before a run sees them."""

BY_HAND = ("numpy", "autograd")
"""The methods that know no optimizer: they write plain gradient descent out."""

_LEARNING_RATE = Real("size of the step along the gradient", 1e-15, 1000.0)
# In tables of large numbers the minimum lies as far away.
_START_B = Real("b before the first epoch; 'drawn' leaves it to the seed", -1e12, 1e12, none="drawn")
_COORDINATE = Real("", -MAX_MAGNITUDE, MAX_MAGNITUDE)

PARAMETERS: dict[str, Parameter] = {
    "n": Whole("number of points of the synthetic line", 10, 1_000_000),
    "noise": Real("standard deviation of the noise on y", 0.0, 10.0),
    "true_b": Real("intercept of the line the points are drawn from", -100.0, 100.0),
    "true_w": Real("slope of the line the points are drawn from", -100.0, 100.0),
    "seed": Whole("seed of the data, the split, the start and the batches", 0, 2**32 - 1),
    "method": Choice("way to write the four steps", METHODS),
    "optimizer": Choice("update rule", OPTIMIZERS),
    "loss": Choice("loss function", ("mse",)),
    "reduction": Choice("how the squared errors become one number", ("mean", "sum")),
    "learning_rate": _LEARNING_RATE,
    "epochs": Whole("number of passes over the training data", 1, 100_000),
    "batch_size": Whole("points per update; 'full' takes all of them", 1, 1_000_000, none="full"),
    "device": DeviceName("device to train on"),
    "tolerance": Real("stop once both gradients are this small; 'off' never does", 0.0, 1e6, none="off"),
    "validation": Real("share of the points held out for validation; 0 trains on all", 0.0, 0.5),
    "standardize": Choice("which columns are scaled to mean 0 and standard deviation 1", STANDARDIZE),
    "shape": Choice("what the points are drawn from: a line, or something that no line can learn", SHAPES),
    "start_b": _START_B,
    "start_w": replace(_START_B, help=_START_B.help.replace("b ", "w ", 1)),
    "schedule": Rows(
        "learning rates that hold from an epoch on",
        {"EPOCH": Whole("", 1, 99_999), "RATE": _LEARNING_RATE},
        100,
        "50:0.5,200:0.1",
        rising=True,
    ),
    "moved": Rows(
        "points put elsewhere by hand, counted from 0, and points added behind the last",
        {"INDEX": Whole("", 0, 1_000_099), "X": _COORDINATE, "Y": _COORDINATE},
        100,
        "17:0.5:3.2",
    ),
}
"""Every field of `Experiment` with its bounds, in the order in which forms and links list them."""

LINE_FIELDS = ("n", "noise", "true_b", "true_w", "shape")
"""The fields that describe the synthetic points, and mean nothing where a run trains on a table."""

LEAVE_DATA_ALONE = (
    "method",
    "optimizer",
    "loss",
    "reduction",
    "learning_rate",
    "epochs",
    "batch_size",
    "device",
    "tolerance",
    "start_b",
    "start_w",
    "schedule",
)
"""The fields that say nothing of the points: runs that differ in these alone have the same data."""


class InvalidCombination(ValueError):
    """Values that are fine alone but not together. `fields` names those that would have to change."""

    def __init__(self, message: str, *fields: str) -> None:
        super().__init__(message)
        self.fields = fields


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One training run, described. Immutable and hashable.

    Raises:
        ValueError: for a value out of bounds, naming the field, its bounds and the value.
        InvalidCombination: (a `ValueError`) where a method cannot honour another choice.
    """

    PARAMETERS: ClassVar[Mapping[str, Parameter]] = PARAMETERS
    """The bounds of the fields: a kind of experiment for larger data has others."""

    n: int = 100
    noise: float = 0.1
    true_b: float = 1.0
    true_w: float = 2.0
    seed: int = 42
    method: str = "autograd"
    optimizer: str = "sgd"
    loss: str = "mse"
    reduction: str = "mean"
    learning_rate: float = 0.1
    epochs: int = 1000
    batch_size: int | None = None
    device: str = "cpu"
    tolerance: float | None = None
    validation: float = 0.2
    standardize: str = "none"
    shape: str = "line"
    start_b: float | None = None
    start_w: float | None = None
    schedule: tuple[tuple[int, float], ...] = ()
    moved: tuple[tuple[int, float, float], ...] = ()

    def __post_init__(self) -> None:
        for name, parameter in self.PARAMETERS.items():
            object.__setattr__(self, name, parameter.check(name, getattr(self, name)))
        if self.method in BY_HAND and self.optimizer != "sgd":
            raise InvalidCombination(
                f"method {self.method!r} writes its update by hand, as plain gradient descent, and cannot use "
                f"optimizer {self.optimizer!r}: choose optimizer 'sgd', or method 'optimizer', 'loss_fn' or 'module'.",
                "optimizer",
            )
        if self.method == "numpy" and self.device != "cpu":
            raise InvalidCombination(
                f"method 'numpy' computes on the CPU only and cannot use device {self.device!r}: "
                "choose device 'cpu', or another method.",
                "device",
            )
        if self.schedule and self.schedule[-1][0] >= self.epochs:
            raise InvalidCombination(
                f"schedule changes the learning rate at epoch {self.schedule[-1][0]}, but the last update comes before "
                f"epoch {self.epochs}: raise the epochs, or leave that change out.",
                "schedule",
            )

    def rate_at(self, epoch: int) -> float:
        """The learning rate of the update that follows record `epoch`."""
        return next((rate for since, rate in reversed(self.schedule) if since <= epoch), self.learning_rate)

    def is_full_batch(self, points: int) -> bool:
        """Whether every update sees all of `points` training points. A larger batch is all of them."""
        return self.batch_size is None or self.batch_size >= points

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, as plain JSON values."""
        return asdict(self)

    def to_json(self) -> str:
        """The experiment as one line of JSON that `from_json` reads back."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Experiment:
        """The experiment that `to_json` wrote; fields left out take their defaults.

        Raises:
            ValueError: if the text is not such an object.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:  # ValueError: no JSON, or a number of thousands of digits
            raise ValueError(f"An experiment must be written as JSON, but got {shorten(text)}.") from error
        if not isinstance(values, dict):
            raise ValueError(f"An experiment must be a JSON object, but got {shorten(text)}.")
        unknown = sorted(set(values) - set(PARAMETERS))
        if unknown:
            raise ValueError(
                f"An experiment has no field {shorten(unknown[0])}; its fields are {', '.join(PARAMETERS)}."
            )
        return cls(**values)

    def to_query(self) -> dict[str, str]:
        """The fields that differ from their defaults as text, for the query of a link; `from_query` reads it back.

        Where none does it names the learning rate: a link to a run is not empty.
        """
        differing = [name for name in PARAMETERS if getattr(self, name) != _DEFAULTS[name]]
        return {name: PARAMETERS[name].write(getattr(self, name)) for name in differing or ["learning_rate"]}

    @classmethod
    def from_query(cls, query: Mapping[str, str | Sequence[str]]) -> tuple[Experiment, list[str]]:
        """The experiment that a link's query describes, and a sentence for each value that could not be taken.

        A bad value is replaced by the field's default, so that any link opens something. Names that are
        not fields are left alone, unless one looks like a misspelt field.

        Args:
            query: text by name; a name given more than once has a sequence of texts.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for name, given in query.items():
            texts = [given] if isinstance(given, str) else list(given)
            parameter = PARAMETERS.get(name)
            if parameter is None:
                meant = get_close_matches(name[:40].lower().replace("-", "_"), PARAMETERS, n=1, cutoff=0.75)
                if meant:
                    problems.append(f"There is no parameter {shorten(name)}; did you mean {meant[0]}?")
                continue
            kept = f"Using {parameter.write(_DEFAULTS[name])} instead."
            if len(texts) != 1:
                problems.append(f"{name} must be given once, but was given {len(texts)} times. {kept}")
                continue
            try:
                values[name] = parameter.read(name, texts[0])
            except ValueError as error:
                problems.append(f"{error} {kept}")
        while True:
            try:
                return cls(**values), problems
            except InvalidCombination as error:
                for name in error.fields:
                    values.pop(name, None)
                kept = " and ".join(f"{name} {PARAMETERS[name].write(_DEFAULTS[name])}" for name in error.fields)
                problems.append(f"{str(error)[:1].upper()}{str(error)[1:]} Using {kept} instead.")


_DEFAULTS = {field.name: field.default for field in fields(Experiment)}
