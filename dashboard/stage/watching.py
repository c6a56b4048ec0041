"""What a visitor asks for, which run they watch, and when another one begins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

from core import (
    Dataset,
    Experiment,
    History,
    Points,
    Run,
    Stop,
    StopReason,
    TooManyRuns,
    Worker,
    estimate_seconds,
    train,
)

__all__ = ["Request", "Watching", "next_watching", "recovered", "resumed", "stopped"]

ANNOUNCED_SECONDS = 180
"""A run that would take longer than this is not started without being asked for twice."""

READY = "Press Train to start."

_plays = count(1)


@dataclass(frozen=True)
class Request:
    """What the visitor asks for. Without experiment and points, `problems` say why there are none."""

    experiment: Experiment | None
    points: Points | None
    problems: tuple[str, ...]
    train: bool
    """`Train` was pressed."""
    opened: bool
    """A link that describes an experiment was opened."""


@dataclass(frozen=True)
class Watching:
    """What the stage shows: a run, or the start of one that has not been asked for yet."""

    experiment: Experiment
    points: Points
    run: Run | None
    preview: History
    """Epoch 0, for as long as there is no run."""
    message: str
    play: int
    """Another number means: play from the start."""
    armed: bool
    """Whether a change of the controls starts the new run at once: so it is after the first `Train` or link."""
    stop: Stop | None = None
    """This visitor's own end of the run, which may go on for others."""

    @property
    def dataset(self) -> Dataset:
        """The points themselves, made anew where they are not at hand."""
        return self.points.load()

    @property
    def run_id(self) -> str:
        return self.run.id if self.run else f"preview-{self.play}"

    @property
    def history(self) -> History:
        return self.run.history if self.run else self.preview

    @property
    def count(self) -> int:
        """The records there are to see."""
        return min(self.stop.epoch + 1, len(self.history)) if self.stop else len(self.history)

    @property
    def end(self) -> Stop | None:
        return self.stop or (self.run.stop if self.run else None)


def next_watching(current: Watching | None, request: Request, worker: Worker, viewer: str) -> Watching | None:
    """What the visitor watches after `request`; `current` itself where nothing changes.

    Before the first `Train` (or the first link) a change of the controls shows where the run would start; after
    it, it starts the new run. A run that would take long is only announced.
    """
    experiment, points = request.experiment, request.points
    if experiment is None or points is None:
        return current
    same = current is not None and (current.experiment, current.points.digest) == (experiment, points.digest)
    if current is not None and same and not request.train:
        return current
    if current is not None and current.run is not None and not same:
        worker.leave(current.run, viewer)
    armed = request.train or request.opened or (current is not None and current.armed)
    dataset = points.load()
    why_not = "" if request.train else announcement(experiment, dataset)
    if armed and not why_not:
        try:
            run = worker.watch(experiment, points, viewer)
            return Watching(experiment, points, run, History(), describe(experiment, dataset), next(_plays), armed)
        except TooManyRuns as error:
            why_not = str(error)
    preview = first_record(experiment, dataset)
    return Watching(experiment, points, None, preview, why_not or READY, next(_plays), armed)


def stopped(current: Watching, worker: Worker, viewer: str) -> Watching:
    """The visitor has seen enough: the run ends here for them, and for good if nobody else watches it."""
    if current.run is None or current.end is not None:
        return current
    worker.leave(current.run, viewer)
    return replace(current, stop=_stop_at(max(len(current.run.history) - 1, 0)))


def resumed(current: Watching, worker: Worker, viewer: str) -> Watching:
    """The same, still watched. A run that was given up while the visitor was away trains anew, to be played on."""
    run = current.run
    if run is None:
        return current
    if current.stop is not None:
        # After `recovered` it may still have to get to where it was stopped.
        if len(run.history) > current.stop.epoch:
            worker.leave(run, viewer)
        else:
            worker.renew(run, viewer)
        return current
    if run.stop is not None and run.stop.reason is StopReason.CANCELLED:
        return replace(current, run=worker.watch(current.experiment, current.points, viewer))
    worker.renew(run, viewer)
    return current


def recovered(current: Watching, was: object, worker: Worker, viewer: str) -> Watching:
    """The same as it was before the server lost the visitor's session, of which their link alone was left.

    `was` is what their browser says, and may be anything: whether the run had been `started`, and the epoch at which
    the visitor had `stopped` it, or None.
    """
    if not isinstance(was, dict):
        return current
    experiment, points = current.experiment, current.points
    if not was.get("started"):
        if current.run is None:
            return current
        worker.leave(current.run, viewer)
        preview = first_record(experiment, points.load())
        return replace(current, run=None, preview=preview, message=READY, armed=False)
    if current.run is None:
        run = worker.watch(experiment, points, viewer)
        current = replace(current, run=run, message=describe(experiment, points.load()), armed=True)
    epoch = was.get("stopped")
    if type(epoch) is int and 0 <= epoch <= experiment.epochs:
        return replace(current, stop=_stop_at(epoch))
    return current


def _stop_at(epoch: int) -> Stop:
    return Stop(StopReason.CANCELLED, epoch, f"Stopped at epoch {epoch}. What was trained is kept.")


def describe(experiment: Experiment, dataset: Dataset) -> str:
    """The run in a few words, for the back row."""
    full = experiment.is_full_batch(len(dataset.x_train))
    batch = "" if full else f", batches of {experiment.batch_size}"
    rule = "" if experiment.optimizer == "sgd" else f", {experiment.optimizer}"
    return f"{len(dataset):_} points{batch}{rule}, learning rate {experiment.learning_rate:g}".replace("_", "\u202f")


def announcement(experiment: Experiment, dataset: Dataset) -> str:
    """A sentence with the estimate for a run that would take long; empty for others."""
    points = len(dataset.x_train)
    batch = min(experiment.batch_size or points, points)
    updates = experiment.epochs * (points / batch)
    # What no machine that runs the lab needs longer for need not be tried.
    if experiment.device == "cpu" and updates * (300e-6 + batch * 50e-9) < ANNOUNCED_SECONDS / 3:
        return ""
    seconds = estimate_seconds(experiment, dataset)
    if seconds < ANNOUNCED_SECONDS:
        return ""
    time = f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
    return f"This run would take about {time} here. Press Train to start it all the same."


def first_record(experiment: Experiment, dataset: Dataset) -> History:
    """Epoch 0, to show where a run would start."""
    record = next(train(experiment, dataset), None)
    return History([record] if record else [])
