"""What the ways to write the four steps differ in, as a student writes it.

It is read from the methods' source. The program that is taken away is made of it, and the page shows it.
"""

from __future__ import annotations

from core.data.scaling import standardized as standardized_columns
from core.experiment import Experiment
from core.takeaway.plain import Plain, without_annotations
from core.training.four_steps import METHOD_CLASSES, STEPS, Method

__all__ = ["BATCH", "BEFORE", "plain_batch", "plain_classes", "plain_parts", "plain_placing", "plain_scaling"]
__all__ += ["plain_schedule", "plain_start", "plain_steps"]

BEFORE, BATCH = "before", "batch"
"""What comes before the loop, and which points a step sees: the parts beside the four steps, by name."""


def plain_parts(experiment: Experiment, *, full_batch: bool = True) -> dict[str, list[str]]:
    """The lines that are particular to the method, by part, in the order in which they run.

    `before` has what standardises the data, and the classes and objects that the steps use; it is missing where they
    use none but the data, b and w;
    `batch` is missing for a full batch; then come the four steps.
    """
    _, own = plain_start(experiment)
    # What validates has no part in the four steps, nor has the case of equal values.
    shown = (line for line in plain_scaling(experiment.standardize) if "_val" not in line)
    scaling = [line for line in shown if not line.startswith(("if ", " "))]
    blocks = (scaling, *plain_classes(experiment), own)
    before = [line for block in blocks if block for line in ("", *block)][1:]
    batch = [] if full_batch else plain_batch(experiment)
    steps = plain_steps(experiment, full_batch=full_batch)
    steps["update"] = [*plain_schedule(experiment), *steps["update"]]
    beside = {name: lines for name, lines in ((BEFORE, before), (BATCH, batch)) if lines}
    return beside | steps


def plain_schedule(experiment: Experiment) -> list[str]:
    """The lines that change the learning rate after the record of an epoch, from a dictionary `schedule` on."""
    if not experiment.schedule:
        return []
    plain = Plain(experiment, {"rate": "schedule[epoch]"})
    # What is only given another value has no line in the engine's sense: `lr` is then a name for the argument.
    changed = plain.lines(METHOD_CLASSES[experiment.method].change_rate) or ["lr = schedule[epoch]"]
    return ["if epoch in schedule:", *(f"    {line}" for line in changed)]


def plain_placing(experiment: Experiment) -> list[str]:
    """The lines that put b, w or both where the run is told to start, from `start_b` and `start_w` on."""
    given = [name for name in "bw" if getattr(experiment, f"start_{name}") is not None]
    plain = Plain(experiment, {name: f"start_{name}" for name in given})
    lines = plain.lines(METHOD_CLASSES[experiment.method].place) if given else []
    # The other one stays as it was drawn.
    return [line for line in lines if "start_" in line or line.endswith(":")]


def plain_scaling(standardized: str) -> list[str]:
    """The lines that standardise x, y or both, from x_train, x_val, y_train and y_val on."""
    lines = Plain(Experiment(), {}).lines(standardized_columns)
    # What is done to x is done to y.
    return [line.replace("x_", f"{letter}_") for letter in "xy" if letter in standardized for line in lines]


def plain_classes(experiment: Experiment) -> list[list[str]]:
    """The classes that a reader needs to see to follow the steps."""
    return [without_annotations(shown) for shown in METHOD_CLASSES[experiment.method].also_shown]


def plain_start(experiment: Experiment) -> tuple[list[str], list[str]]:
    """What comes before the loop: the data, b and w; and what this way of writing the steps needs besides."""
    plain = Plain(experiment, {})
    owners = [
        owner
        for owner in reversed(METHOD_CLASSES[experiment.method].__mro__)
        if "start" in vars(owner) and owner is not Method
    ]
    given, *own = (plain.lines(vars(owner)["start"]) for owner in owners)
    return given, [line for lines in own for line in lines]


def plain_batch(experiment: Experiment) -> list[str]:
    """The points of one batch of an epoch's `order`, which is drawn anew for every epoch."""
    kind = METHOD_CLASSES[experiment.method]
    plain = Plain(experiment, {"order": "order[start:start + batch_size]"})
    return [f"batch = {plain.returned(kind.index)}"]


def plain_steps(experiment: Experiment, *, full_batch: bool = True) -> dict[str, list[str]]:
    """The four steps, which leave `loss` and the gradients and change b and w."""
    kind = METHOD_CLASSES[experiment.method]
    plain = Plain(experiment, {} if full_batch else {"x": "x[batch]", "y": "y[batch]"})
    steps = {step: plain.lines(getattr(kind, step)) for step in STEPS}
    steps["forward"].append(f"yhat = {plain.returned(kind.forward)}")
    steps["loss"].append(f"loss = {plain.returned(kind.loss)}")
    return steps
