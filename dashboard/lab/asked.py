"""From the fields to the run that they describe, or to the sentences that say why there is none."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import Experiment, Points
from core.experiment import PARAMETERS
from core.training.devices import require_device
from dashboard.lab.fields import LINE, SYNTHETIC_FIELDS, sentence_of
from dashboard.lab.points import line_points, table_points

__all__ = ["read_fields"]


def read_fields(fields: dict[str, Any]) -> tuple[Experiment | None, Points | None, list[str]]:
    """The experiment and its points, both None where the fields describe none, and what there is to complain of."""
    problems = list(st.session_state["link_problems"])
    if upload_problem := st.session_state.get("upload_problem"):
        problems.append(upload_problem)
    # Of a table nothing is drawn, so what describes the line must not tell equal runs apart.
    used = [name for name in PARAMETERS if fields["data"] == LINE or name not in SYNTHETIC_FIELDS]
    try:
        experiment = Experiment(**{name: fields[name] for name in used})
        require_device(experiment.device)
    except ValueError as error:
        return None, None, [*problems, sentence_of(error)]
    if fields["data"] == LINE:
        return experiment, line_points(experiment), problems
    try:
        points = table_points(fields["data"], fields["x"], fields["y"], experiment.seed)
    except ValueError as error:
        return None, None, [*problems, sentence_of(error)]
    if points is None:
        return None, None, [*problems, "The CSV file is no longer on this server: choose it again under More."]
    return experiment, points, problems
