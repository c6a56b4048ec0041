"""Many runs in one tensor operation per step, each with the bits that it has when it is trained alone."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset, make_dataset
from core.experiment import Experiment
from core.geometry.landscape import landscapes_of
from core.training.ending import Stop
from core.training.history import History
from core.training.joint.check import has_the_same_bits
from core.training.joint.group import MOST_EPOCHS, Group, Member
from core.training.joint.kind import Kind, kind_of, most_members
from core.training.loop import DEVICE_ERRORS, Record, Training
from core.training.start import require_start

__all__ = ["MOST_EPOCHS", "Group", "JointRun", "Kind", "Member", "joint_kind", "most_members", "train_jointly"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class JointRun:
    """A run that has ended: iterate over it for its records, which are made when they are asked for."""

    experiment: Experiment
    dataset: Dataset
    stop: Stop
    history: History

    @property
    def columns(self) -> dict[str, NDArray[np.float64]]:
        """The records as columns by field name, float64 of shape (records,)."""
        return self.history.columns()

    def __iter__(self) -> Iterator[Record]:
        return iter(self.history)

    def __len__(self) -> int:
        return len(self.history)


def joint_kind(experiment: Experiment, dataset: Dataset) -> Kind | None:
    """The kind of runs that this one can be trained with here, to the same last bit as alone; None if there is none."""
    kind = kind_of(experiment, dataset)
    return kind if kind is not None and has_the_same_bits(kind) else None


def train_jointly(experiments: Sequence[Experiment], datasets: Sequence[Dataset] | None = None) -> list[JointRun]:
    """Train them all to their ends: in their order, one run each, equal to that of `train` to the last bit.

    Runs that differ in numbers alone share every step. What can share none with others is trained alone.

    Args:
        datasets: the points of each; those that the experiments describe if left out.

    Raises:
        ValueError: if an experiment's device cannot train on this machine, or its start is too far from the points; or
            for another number of datasets.
    """
    if datasets is None:
        datasets = [make_dataset(experiment) for experiment in experiments]
    if len(datasets) != len(experiments):
        raise ValueError(f"There are {len(experiments)} experiments, but {len(datasets)} datasets: give one for each.")
    found: dict[int, JointRun] = {}
    together: dict[Kind, list[int]] = defaultdict(list)
    for place, (experiment, dataset) in enumerate(zip(experiments, datasets, strict=True)):
        require_start(experiment, landscapes_of(dataset, experiment.reduction)[0])
        kind = joint_kind(experiment, dataset)
        if kind is None:
            found[place] = _alone(experiment, dataset)
        else:
            together[kind].append(place)
    for kind, places in together.items():
        most = most_members(kind)
        for begin in range(0, len(places), most):
            members = {
                place: Member(experiments[place], datasets[place], History()) for place in places[begin : begin + most]
            }
            group = Group(kind)
            try:
                group.add(list(members.values()))
                while group.members:
                    group.advance(MOST_EPOCHS)
            except DEVICE_ERRORS:
                log.exception("Runs could not be trained jointly; each is trained alone")
            for place, member in members.items():
                found[place] = (
                    _alone(member.experiment, member.dataset)
                    if member.stop is None
                    else JointRun(member.experiment, member.dataset, member.stop, member.history)
                )
    return [found[place] for place in range(len(found))]


def _alone(experiment: Experiment, dataset: Dataset) -> JointRun:
    training, history = Training(experiment, dataset), History()
    for record in training:
        history.append(record, training.state)
    assert training.stop is not None
    return JointRun(experiment, dataset, training.stop, history)
