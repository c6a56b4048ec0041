"""What the tests of single epochs share: a finished run, and what the browser is told of one of its epochs."""

from __future__ import annotations

import json
from typing import Any

from core import Dataset, Experiment, History, make_dataset, train
from dashboard.stage.moments import moments


def recorded(experiment: Experiment) -> tuple[Dataset, History]:
    """The experiment's run with all that its optimizer remembered."""
    dataset, history = make_dataset(experiment), History()
    training = train(experiment, dataset)
    for record in training:
        history.append(record, training.state)
    return dataset, history


def shown(experiment: Experiment, epoch: int, **choices: Any) -> tuple[Any, Dataset, History]:
    """What the browser is told of `epoch`, with the run that it comes from."""
    dataset, history = recorded(experiment)
    return json.loads(moments(experiment, dataset, history, epoch, **choices))["epochs"][str(epoch)], dataset, history
