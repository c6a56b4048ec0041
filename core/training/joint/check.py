"""Whether joint training has the bits of training alone on this machine, found out by doing both.

It does wherever it was tried; but which instructions a sum or a product is made of is for the machine and for the
build of PyTorch to choose. So each kind is tried once in a process before it is relied on.
"""

from __future__ import annotations

from functools import cache
from itertools import chain

from core.data import make_dataset
from core.experiment import Experiment
from core.training.history import History
from core.training.joint.group import Group, Member
from core.training.joint.kind import Kind, kind_of
from core.training.loop import Training

__all__ = ["has_the_same_bits"]

RUNS = 37
"""Enough for whole vectors of any width that processors have, and for a rest."""

SIZES = (10, 100, 1001)
"""Points, of which 8, 80 and 800 are trained on."""

EPOCHS = 6


def has_the_same_bits(kind: Kind) -> bool:
    """Whether runs that differ from this kind at most in their points can be trained jointly here."""
    return _tried(kind.method, kind.optimizer, kind.reduction, kind.batch_size is not None)


@cache
def _tried(method: str, optimizer: str, reduction: str, batches: bool) -> bool:
    return all(_try(method, optimizer, reduction, n, 3 + n // 8 if batches else None) for n in SIZES)


def _try(method: str, optimizer: str, reduction: str, n: int, batch_size: int | None) -> bool:
    experiments = [
        Experiment(
            n=n,
            seed=number,
            noise=0.3,
            method=method,
            optimizer=optimizer,
            reduction=reduction,
            learning_rate=0.4 * 0.8**number / (n if reduction == "sum" else 1),
            epochs=EPOCHS,
            batch_size=batch_size,
            start_b=1.5 if number % 3 == 1 else None,
            schedule=((1, 0.1 / n), (4, 0.01)) if number % 3 else (),
        )
        for number in range(RUNS)
    ]
    members = [Member(experiment, make_dataset(experiment), History()) for experiment in experiments]
    kind = kind_of(experiments[0], members[0].dataset)
    assert kind is not None
    group = Group(kind)
    group.add(members[:-3])
    group.advance(2)
    group.add(members[-3:])  # runs at other epochs beside them change nothing
    while group.members:
        group.advance(EPOCHS)
    alone = chain.from_iterable(Training(member.experiment, member.dataset) for member in members[::6])
    together = chain.from_iterable(iter(member.history) for member in members[::6])
    return all(one == other for one, other in zip(alone, together, strict=True))
