"""The whole way of the course: which lines of a method the next one replaces, read from their real source."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from core.experiment import METHODS
from core.source import body_of
from core.training.four_steps import METHOD_CLASSES, STEPS, TorchMethod

__all__ = ["Change", "Rung", "find_way"]


@dataclass(frozen=True)
class Change:
    """Lines of one step that took the place of others; either may be none."""

    step: str
    """`forward`, `loss`, `backward`, `update`, or what the steps need first: `start` or a class's name."""
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class Rung:
    """A method, and how it differs from the one before."""

    method: str
    summary: str
    changes: tuple[Change, ...]


def find_way() -> tuple[Rung, ...]:
    """The methods in their order. The first one's changes are all of its lines."""
    former: dict[str, list[str]] = {}
    rungs = []
    for method in METHODS:
        lines = _lines(method)
        changes = [
            Change(step, tuple(removed), tuple(added))
            for step in dict.fromkeys([*lines, *former])
            for removed, added in _differences(former.get(step, []), lines.get(step, []))
        ]
        rungs.append(Rung(method, METHOD_CLASSES[method].summary, tuple(changes)))
        former = lines
    return tuple(rungs)


def _lines(method: str) -> dict[str, list[str]]:
    """The lines of each part, without the signatures, which only say where a part begins."""
    found = METHOD_CLASSES[method]
    source = found.source()
    parts = {step: body_of(getattr(found, step)).splitlines() for step in STEPS}
    parts |= {name: text.splitlines() for name, text in source.items() if name not in STEPS}
    if issubclass(found, TorchMethod) and "start" in vars(found):
        # The data and the first b and w are in the base class, to which the first line hands them.
        parts = {"start": body_of(found.start).splitlines()[1:]} | parts
    return parts


def _differences(old: list[str], new: list[str]) -> list[tuple[list[str], list[str]]]:
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    return [(old[i:j], new[k:m]) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]
