"""The sum of the squared errors with the learning rate of their mean: a step that is N times too long."""

# mypy: allow-untyped-defs

from __future__ import annotations

from core.experiment import Experiment
from core.mistakes.mistake import Attempt, Mistake, Outcome, landscape
from core.training import train

__all__ = ["SUM_FOR_MEAN"]


def mean(lr, show):
    experiment = Experiment(
        reduction="mean",
        learning_rate=lr,
        epochs=60,
    )
    run = train(experiment)
    for record in run:
        show(epoch=record.epoch, loss=record.loss)
    return run.stop


def summed(lr, show):
    experiment = Experiment(
        reduction="sum",
        learning_rate=lr,
        epochs=60,
    )
    run = train(experiment)
    for record in run:
        show(epoch=record.epoch, loss=record.loss)
    return run.stop


def summed_with_a_smaller_rate(x, lr, show):
    experiment = Experiment(
        reduction="sum",
        learning_rate=lr / len(x),
        epochs=60,
    )
    run = train(experiment)
    for record in run:
        show(epoch=record.epoch, loss=record.loss)
    return run.stop


def findings(outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    of_mean, of_sum = landscape("mean"), landscape("sum")
    return (
        f"There are N = {of_mean.n} training points, so the sum and its gradients are {of_mean.n} times the mean's.",
        f"The mean tolerates learning rates below {of_mean.limit_in_digits}, the sum below "
        f"{of_sum.limit_in_digits}. These runs use {Experiment().learning_rate:g}, and in the last "
        f"{Experiment().learning_rate / of_mean.n:g}.",
    )


SUM_FOR_MEAN = Mistake(
    name="sum",
    title="Sum instead of mean",
    question="One word is another, and the same learning rate is too large. By how much?",
    look_for=(
        "The sum of N squared errors is N times their mean, and so are its gradients. With the same learning rate "
        "every step is N times as long, far beyond what the bowl bears."
    ),
    cure="Take the mean, whose gradients do not grow with the data; or divide the learning rate by N.",
    attempts=(
        Attempt("Mean", mean, right=True),
        Attempt("Sum, same learning rate", summed),
        Attempt("Sum, learning rate / N", summed_with_a_smaller_rate, right=True),
    ),
    findings=findings,
)
