"""Several runs side by side: a base, and variants of it that change one or more fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from core.data.scaling import in_words as scaled_in_words
from core.experiment import BY_HAND, METHODS, OPTIMIZERS, PARAMETERS, SHAPES, Experiment
from core.parameters import shorten

__all__ = ["MOST_VARIANTS", "Change", "Comparison", "change_between", "completed"]
__all__ += ["in_words", "read_change", "varied", "write_change"]

MOST_VARIANTS = 5
"""More lines than six cannot be told apart from the back row."""

Change = Mapping[str, Any]
"""New values by field of `Experiment`."""

_KNOWS_OPTIMIZERS = "optimizer"
"""The method that goes along where an optimizer needs another one: the first of the way that knows any."""

NAMES: dict[str, dict[Any, str]] = {
    "method": dict(zip(METHODS, ("by hand", "autograd", "optimizer", "loss function", "module"), strict=True)),
    "optimizer": dict(zip(OPTIMIZERS, ("SGD", "momentum", "RMSprop", "Adam"), strict=True)),
    "reduction": {"mean": "mean", "sum": "sum"},
    "batch_size": {None: "full"},
    "tolerance": {None: "off"},
    "standardize": {"none": "raw", "x": "scaled x", "xy": "scaled x, y"},
    "shape": {shape: shape for shape in SHAPES},
    "start_b": {None: "drawn"},
    "start_w": {None: "drawn"},
}
"""What values are called that are no numbers."""

SHORT = {"n": "N", "learning_rate": "lr", "batch_size": "batch", "method": "", "optimizer": "", "tolerance": "tol"}
SHORT |= {"standardize": "", "shape": "", "schedule": "", "moved": ""}
"""What fields are called where there is little room."""


@dataclass(frozen=True)
class Comparison:
    """A base and up to five variants of it.

    Args:
        base: the run that the others are compared with.
        changes: for each variant the fields in which it differs from the base, with its values.

    Raises:
        ValueError: for too many variants, a variant that is equal to the base or to one before it, an unknown field, a
            value out of bounds, or values that do not go together.
    """

    base: Experiment
    changes: tuple[Change, ...] = ()
    variants: tuple[Experiment, ...] = field(init=False)
    """The variants as experiments, in the order of `changes`."""

    def __post_init__(self) -> None:
        changes = tuple(MappingProxyType(dict(change)) for change in self.changes)
        if len(changes) > MOST_VARIANTS:
            raise ValueError(f"There may be at most {MOST_VARIANTS} variants beside the base, but got {len(changes)}.")
        variants: list[Experiment] = []
        for change in changes:
            variant = varied(self.base, change)
            if variant == self.base:
                raise ValueError(f"The variant {write_change(change)!r} is equal to the base: give it another value.")
            if variant in variants:
                raise ValueError(f"The variant {write_change(change)!r} is there twice: leave one of them out.")
            variants.append(variant)
        object.__setattr__(self, "changes", changes)
        object.__setattr__(self, "variants", tuple(variants))

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The base, then the variants."""
        return (self.base, *self.variants)

    @property
    def names(self) -> tuple[str, ...]:
        """In words what each run has that others have not: `learning rate 0.5`."""
        differing = [name for name in PARAMETERS if any(name in change for change in self.changes)]
        base = {name: getattr(self.base, name) for name in differing}
        return (in_words(base), *map(in_words, self.changes))

    @property
    def short_names(self) -> tuple[str, ...]:
        """The same in a word or two: the value alone where all variants change one and the same field."""
        fields = {name for change in self.changes for name in change}
        if len(fields) != 1:
            return ("base", *map(_in_short, self.changes))
        (name,) = fields
        return tuple(_value(name, getattr(one, name)) for one in self.experiments)

    @property
    def goes_along(self) -> str:
        """A sentence where variants have another method because of their optimizer; else empty."""
        names = [
            NAMES["optimizer"][variant.optimizer]
            for change, variant in zip(self.changes, self.variants, strict=True)
            if "method" not in change and variant.method != self.base.method
        ]
        if not names:
            return ""
        *others, last = dict.fromkeys(names)
        known = f"{', '.join(others)} and {last}" if others else last
        verb = "need" if others else "needs"
        return f"{known} {verb} the method {_KNOWS_OPTIMIZERS!r}, which goes along."

    @classmethod
    def read(cls, base: Experiment, texts: Sequence[str]) -> Comparison:
        """The comparison that `texts` describe, each as `read_change` takes it.

        Raises:
            ValueError: as `read_change` and `Comparison` do.
        """
        return cls(base, tuple(map(read_change, texts)))


def varied(base: Experiment, change: Change) -> Experiment:
    """`base` with these values. Where the optimizer needs another method, and none is named, the method goes along.

    Raises:
        ValueError: for an unknown field, a value out of bounds, or values that do not go together.
    """
    for name in change:
        if name not in PARAMETERS:
            raise ValueError(f"An experiment has no field {shorten(name)}; its fields are {', '.join(PARAMETERS)}.")
    return replace(base, **completed(base.to_dict(), change))


def completed(base: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """`change` with the method that goes along, for a base with these values by field."""
    if "method" in change or base["method"] not in BY_HAND or change.get("optimizer", base["optimizer"]) == "sgd":
        return dict(change)
    return {"method": _KNOWS_OPTIMIZERS, **change}


def change_between(base: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in which `other` differs from `base`, both values by field, in the order of `PARAMETERS`."""
    return {name: other[name] for name in PARAMETERS if other[name] != base[name]}


def read_change(text: str) -> dict[str, Any]:
    """`learning_rate:0.5,epochs:300` as values by field. An empty value empties a field, where that is possible.

    A piece between commas that does not begin with a field's name and a colon belongs to the value before it.

    Raises:
        ValueError: if there is no field at the beginning, a field is there twice, or a value is out of its bounds.
    """
    texts: dict[str, str] = {}
    last = ""
    for piece in text.split(","):
        found = re.match(r"\s*([A-Za-z_-]+)\s*:(.*)", piece, re.DOTALL)
        name = found[1].replace("-", "_") if found else ""
        if found and name in PARAMETERS:
            if name in texts:
                raise ValueError(f"{name} must be changed once, but {shorten(text)} changes it twice.")
            last, texts[name] = name, found[2]
        elif last:
            texts[last] += f",{piece}"
        else:
            raise ValueError(_no_field(text, name or piece))
    return {name: _read(name, value) for name, value in texts.items()}


def write_change(change: Change) -> str:
    """The text that `read_change` reads back."""
    texts = {name: "" if value in (None, ()) else PARAMETERS[name].write(value) for name, value in change.items()}
    return ",".join(f"{name}:{text}" for name, text in texts.items())


def in_words(change: Change) -> str:
    """`learning rate 0.5, epochs 300`. Values that say themselves what they are stand alone."""
    return ", ".join(_words(name, value) for name, value in change.items())


def _words(name: str, value: Any) -> str:
    if name == "batch_size" and value is None:
        return "full batch"
    if name == "optimizer":
        return _value(name, value)
    if name == "standardize":
        return scaled_in_words(value) or "raw data"
    if name == "schedule":
        return (
            ", ".join(f"learning rate {rate:g} from epoch {epoch} on" for epoch, rate in value) or "one learning rate"
        )
    if name == "moved":
        return _value(name, value)
    return f"{'N' if name == 'n' else name.replace('_', ' ')} {_value(name, value)}"


def _in_short(change: Change) -> str:
    """`lr 0.5, Adam`."""
    labels = {name: SHORT.get(name, name.replace("_", " ")) for name in change}
    return ", ".join(f"{label} {_value(name, change[name])}".strip() for name, label in labels.items())


def _value(name: str, value: Any) -> str:
    known = NAMES.get(name, {}).get(value)
    if known is not None:
        return known
    if name == "schedule":
        return ", ".join(f"lr {rate:g} from {epoch}" for epoch, rate in value) or "one lr"
    if name == "moved":
        return f"{len(value)} {'point' if len(value) == 1 else 'points'} moved" if value else "no point moved"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _read(name: str, text: str) -> Any:
    parameter = PARAMETERS[name]
    none = getattr(parameter, "none", None)
    return parameter.read(name, none if none and not text.strip() else text)


def _no_field(text: str, name: str) -> str:
    meant = get_close_matches(name.strip()[:40].lower(), PARAMETERS, n=1, cutoff=0.75)
    hint = f"did you mean {meant[0]}?" if meant else f"the fields are {', '.join(PARAMETERS)}."
    return f"A variant must be written as FIELD:VALUE, but got {shorten(text)}: {hint}"
