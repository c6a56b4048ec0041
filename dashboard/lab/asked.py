"""From the fields to the runs that they describe, or to the sentences that say why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core import Comparison, Experiment, Points
from core.comparison import Change, in_words, varied
from core.experiment import LINE_FIELDS, PARAMETERS
from core.training.devices import require_device
from core.training.start import require_start
from dashboard.lab.fields import LINE, sentence_of
from dashboard.lab.points import landscape_of, line_points, table_points
from dashboard.stage.watching import Asked

__all__ = ["AskedRuns", "asked_of", "base_of", "read_runs", "variant_of"]


@dataclass(frozen=True)
class AskedRuns:
    """What the fields describe."""

    runs: tuple[Asked, ...]
    """The base and those of its variants that can be shown; empty where the base cannot."""
    comparison: Comparison | None
    """The same, in words."""
    numbers: tuple[int, ...]
    """The number of each run: 0 for the base, 1 for the first variant. Those that cannot be shown are left out."""
    problems: tuple[str, ...]

    def place_of(self, number: int) -> int:
        """Where among `runs` the one of this number is; 0, the base's, where it cannot be shown."""
        return self.numbers.index(number) if number in self.numbers else 0


def read_runs(fields: dict[str, Any], changes: list[dict[str, Any]], problems: Sequence[str] = ()) -> AskedRuns:
    """All that are asked for, and what there is to complain of, after `problems` that are known already."""
    problems = [*problems]
    try:
        base = asked_of(base_of(fields), fields)
    except ValueError as error:
        return AskedRuns((), None, (), (*problems, sentence_of(error)))
    runs, numbers, shown = [base], [0], list[Change]()
    for number, change in enumerate(changes, start=1):
        try:
            experiment = variant_of(base[0], change, fields)
            if experiment == base[0]:
                raise ValueError(
                    f"The run with {in_words(change)} is equal to the base: give one of them another value."
                )
            if experiment in [other for other, _ in runs]:
                raise ValueError(f"The run with {in_words(change)} is there twice: give one of them another value.")
            runs.append(asked_of(experiment, fields))
        except ValueError as error:
            problems.append(sentence_of(error))
        else:
            numbers.append(number)
            shown.append(change)
    return AskedRuns(tuple(runs), Comparison(base[0], tuple(shown)), tuple(numbers), tuple(problems))


def base_of(fields: dict[str, Any]) -> Experiment:
    """The experiment that the fields describe. Raises `ValueError` where there is none, or its device is not there."""
    # Of a table nothing is drawn, so what describes the line must not tell equal runs apart.
    used = [name for name in PARAMETERS if fields["data"] == LINE or name not in LINE_FIELDS]
    experiment = Experiment(**{name: fields[name] for name in used})
    require_device(experiment.device)
    return experiment


def variant_of(base: Experiment, change: Change, fields: dict[str, Any]) -> Experiment:
    """The base with this change. Raises `ValueError` where it means nothing for the data, or cannot be trained here."""
    idle = [name for name in change if name in LINE_FIELDS and fields["data"] != LINE]
    if idle:
        raise ValueError(f"{idle[0]} describes the noisy line, and means nothing for a table: compare something else.")
    experiment = varied(base, change)
    require_device(experiment.device)
    return experiment


def asked_of(experiment: Experiment, fields: dict[str, Any]) -> Asked:
    """The experiment with its points. Raises `ValueError` where these are not to be had, or cannot be trained on."""
    points = _points(experiment, fields)
    if experiment.start_b is not None or experiment.start_w is not None:
        require_start(experiment, landscape_of(points, experiment.reduction))
    return experiment, points


def _points(experiment: Experiment, fields: dict[str, Any]) -> Points:
    if fields["data"] == LINE:
        return line_points(experiment)
    points = table_points(fields["data"], fields["x"], fields["y"], experiment, fields["reading"] or "")
    if points is None:
        raise ValueError("The CSV file is no longer on this server: choose it again under More.")
    return points
