"""A learning rate above the limit: the same code, and every step makes it worse."""

# mypy: allow-untyped-defs

from __future__ import annotations

from core.experiment import Experiment
from core.mistakes.mistake import Attempt, Mistake, Outcome, landscape
from core.training import train

__all__ = ["LEARNING_RATE"]


def just_below(limit, show):
    experiment = Experiment(
        learning_rate=0.97 * limit,
        epochs=60,
    )
    run = train(experiment)
    for record in run:
        show(epoch=record.epoch, loss=record.loss)
    return run.stop


def at_the_limit(limit, show):
    experiment = Experiment(
        learning_rate=limit,
        epochs=60,
    )
    run = train(experiment)
    for record in run:
        show(epoch=record.epoch, loss=record.loss)
    return run.stop


def just_above(limit, show):
    experiment = Experiment(
        learning_rate=1.03 * limit,
        epochs=60,
    )
    run = train(experiment)
    for record in run:
        show(epoch=record.epoch, loss=record.loss)
    return run.stop


def findings(outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    valley = landscape()
    ends = " · ".join(f"{one.columns['loss'][-1]:.3g}" for one in outcomes)
    return (
        f"The steepest curvature of this data's bowl is λ = {valley.eigenvalues[1]:.4g}, so the limit is "
        f"2/λ = {valley.limit_in_digits}.",
        f"Loss in the last epoch: {ends}. The lowest possible is {valley.loss_min:.3g}.",
    )


LEARNING_RATE = Mistake(
    name="learning-rate",
    title="A learning rate above the limit",
    question="A larger step is faster, until it is not. Where is the edge, and how sharp is it?",
    look_for=(
        "Every step multiplies the distance to the minimum, in the steepest direction, by 1 − rate · λ. Below the "
        "limit that shrinks, at the limit it is −1 and the run jumps to and fro for ever, above it grows."
    ),
    cure=(
        "Stay below 2/λ, best well below. When a loss grows, try a tenth of the learning rate first. Features of "
        "similar scale make the bowl rounder and the limit larger."
    ),
    attempts=(
        Attempt("Just below the limit", just_below, right=True),
        Attempt("At the limit", at_the_limit),
        Attempt("Just above the limit", just_above),
    ),
    findings=findings,
)
