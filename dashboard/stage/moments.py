"""Epochs under the magnifying glass as the stage shows them: the four beats in numbers, and the graph's values."""

from __future__ import annotations

import json
from typing import Any

from core import Dataset, Experiment, History, repeat_epoch
from core.training.devices import reason_of
from core.training.four_steps import STEPS
from dashboard.stage.agreement import gradients_told
from dashboard.stage.beats import beats
from dashboard.stage.lines import in_json, line
from dashboard.stage.living_graph import graph

__all__ = ["moment_at", "moments"]

AHEAD = 3
"""Epochs in one answer, so that slow play finds the next ones there."""

FEW_POINTS = 20_000
"""Up to here an epoch under the glass takes a millisecond or two; with more points they come one at a time."""


def moments(
    experiment: Experiment,
    dataset: Dataset,
    history: History,
    epoch: int,
    root: str = "loss",
    requires: str = "both",
    scene: str = "",
    agreement: bool = False,
) -> str:
    """What there is to see at `epoch` and at a few after it, as JSON. `scene` names the run.

    With `agreement` the gradient comes in four ways, too: who does not look at them need not have them computed.
    `root` and `requires` may be anything: what `look_back` cannot do is said in words in place of the graph.
    """
    count = AHEAD if len(dataset.x_train) <= FEW_POINTS else 1
    layouts: dict[str, Any] = {}
    found: dict[int, Any] = {}
    for k in range(max(epoch, 0), min(epoch + count, len(history))):
        found[k] = moment_at(experiment, dataset, history, k, root, requires, layouts, agreement)
    answer = {"scene": scene, "root": root, "requires": requires, "agreement": agreement}
    answer |= {"layouts": layouts, "epochs": found}
    return json.dumps(answer, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def moment_at(
    experiment: Experiment,
    dataset: Dataset,
    history: History,
    epoch: int,
    root: str,
    requires: str,
    layouts: dict[str, Any],
    agreement: bool,
) -> dict[str, Any]:
    """What there is to see at one epoch, as JSON takes it. The graph's places are added to `layouts`, by their name."""
    try:
        repeated = repeat_epoch(experiment, dataset, history, epoch)
        return {
            "beats": beats(repeated, experiment, history),
            "columns": dict(zip(("batch_b_grad", "batch_w_grad"), map(in_json, repeated.gradient), strict=True)),
            "graph": graph(experiment, dataset, history, epoch, root, requires, layouts),
            "agreement": gradients_told(experiment, dataset, history[epoch]) if agreement else None,
        }
    except (RuntimeError, MemoryError) as error:
        # What drivers and allocators raise when a device is gone or full.
        sentence = f"This epoch cannot be repeated on {experiment.device!r} now: {reason_of(error)}"
        return {"beats": {step: [line("muted", sentence)] for step in STEPS}, "graph": {"message": sentence}}
