"""The whole way of the course: which lines of a method the next one replaces, as a student writes them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from core.experiment import METHODS, Experiment
from core.takeaway.steps import plain_parts
from core.training.four_steps import METHOD_CLASSES

__all__ = ["Change", "Rung", "find_way"]


@dataclass(frozen=True)
class Change:
    """Lines of one step that took the place of others; either may be none."""

    step: str
    """`forward`, `loss`, `backward`, `update`, or `before`: what the steps need first."""
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class Rung:
    """A method, and how it differs from the one before."""

    method: str
    title: str
    summary: str
    changes: tuple[Change, ...]


def find_way() -> tuple[Rung, ...]:
    """The methods in their order. The first one's changes are all of its lines."""
    former: dict[str, list[str]] = {}
    rungs = []
    for method in METHODS:
        lines = plain_parts(Experiment(method=method))
        changes = [
            Change(step, tuple(removed), tuple(added))
            for step in dict.fromkeys([*lines, *former])
            for removed, added in _differences(former.get(step, []), lines.get(step, []))
        ]
        rungs.append(Rung(method, METHOD_CLASSES[method].title, METHOD_CLASSES[method].summary, tuple(changes)))
        former = lines
    return tuple(rungs)


def _differences(old: list[str], new: list[str]) -> list[tuple[list[str], list[str]]]:
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    return [(old[i:j], new[k:m]) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]
