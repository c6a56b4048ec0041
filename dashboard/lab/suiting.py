"""How an uploaded table opens: so that its first run learns, where that takes no more than scaling it."""

from __future__ import annotations

from dataclasses import replace

from core import Dataset, Experiment
from core.data.scaling import in_words
from core.data.tables import Table
from core.experiment import STANDARDIZE
from core.geometry.advice import MOST_EPOCHS, epochs_needed, roughly, zones_of
from core.geometry.landscape import landscapes_of

__all__ = ["suited"]


def suited(experiment: Experiment, table: Table, x: str, y: str) -> tuple[Experiment, tuple[str, ...]]:
    """The experiment for these columns, and a sentence for each field that is not as it was asked for.

    Raises:
        ValueError: if the columns cannot be trained on, as `Table.dataset` does.
    """
    said: list[str] = []
    dataset_of = table.datasets(x, y)
    try:
        dataset_of(experiment)
    except ValueError:  # the split may hold out the only rows with another x
        experiment = replace(experiment, validation=0.0)
        dataset_of(experiment)
        said.append("All rows train: the split would have held out the only rows with another x.")
    for standardize in STANDARDIZE[STANDARDIZE.index(experiment.standardize) :]:
        tried = replace(experiment, standardize=standardize)
        landscape, _ = landscapes_of(dataset_of(tried), experiment.reduction)
        if epochs_needed(tried, landscape) <= MOST_EPOCHS:
            if tried != experiment:
                said.append(_why(experiment, dataset_of(experiment), standardize))
            return tried, tuple(said)
    return experiment, tuple(said)


def _why(experiment: Experiment, dataset: Dataset, standardize: str) -> str:
    landscape, _ = landscapes_of(dataset, experiment.reduction)
    zones, rate = zones_of(landscape, experiment.optimizer), experiment.learning_rate
    if zones and rate >= zones.limit:
        why = f"a run on the raw data diverges at learning rate {rate:g}"
    else:
        epochs = roughly(epochs_needed(experiment, landscape))
        why = f"a run on the raw data would take about {epochs} epochs at learning rate {rate:g}"
    columns, _, verb = in_words(standardize).rpartition(" ")
    return f"{columns} {'are' if standardize == 'xy' else 'is'} {verb}, because {why}."
