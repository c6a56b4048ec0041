"""What a visitor asks for, which runs they watch, and when others begin."""

from __future__ import annotations

from collections.abc import Sequence
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
from core.data.scaling import in_words

__all__ = ["Asked", "Request", "Watched", "Watching", "leave", "next_watching", "recovered", "resumed", "seconds_of"]
__all__ += ["stopped"]

ANNOUNCED_SECONDS = 180
"""Runs that would take longer than this are not started without being asked for twice."""

READY = "Press Train to start."

_plays = count(1)

Asked = tuple[Experiment, Points]
"""A run that is asked for."""


@dataclass(frozen=True)
class Request:
    """What the visitor asks for. Without any run, `problems` say why there is none."""

    runs: tuple[Asked, ...]
    """The base, then its variants."""
    problems: tuple[str, ...]
    train: bool
    """`Train` was pressed."""
    opened: bool
    """A link that describes an experiment was opened."""
    remark: str = ""
    """What there is to say of these runs beside what they are."""
    ghost: Asked | None = None
    """The course that the run in front would have taken without its last change of the learning rate."""


@dataclass(frozen=True)
class Watched:
    """One run on the stage, or the start of one that has not been asked for yet."""

    experiment: Experiment
    points: Points
    run: Run | None
    preview: History
    """Epoch 0, for as long as there is no run."""
    stop: Stop | None = None
    """This visitor's own end of the run, which may go on for others."""

    @property
    def key(self) -> tuple[Experiment, str]:
        """What tells it from other runs."""
        return self.experiment, self.points.digest

    @property
    def dataset(self) -> Dataset:
        """The points themselves, made anew where they are not at hand."""
        return self.points.load()

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


@dataclass(frozen=True)
class Watching:
    """What the stage shows: one run, or several."""

    runs: tuple[Watched, ...]
    """The base, then its variants, and last the ghost, if there is one."""
    message: str
    play: int
    """Another number means: play from the start."""
    armed: bool
    """Whether a change of the controls starts the new run at once: so it is after the first `Train` or link."""
    ghost: bool = False
    """Whether the last of `runs` is there as the ghost of the run in front alone."""

    @property
    def shown(self) -> tuple[Watched, ...]:
        """The runs that are on the stage for their own sake."""
        return self.runs[: len(self.runs) - self.ghost]

    @property
    def id(self) -> str:
        """A name for these very runs: what `stopped` is asked for."""
        return " ".join(watched.run.id if watched.run else f"preview-{self.play}" for watched in self.runs)

    @property
    def started(self) -> bool:
        """Whether they train or have trained."""
        return all(watched.run is not None for watched in self.runs)


def next_watching(current: Watching | None, request: Request, worker: Worker, viewer: str) -> Watching | None:
    """What the visitor watches after `request`; `current` itself where nothing changes.

    Before the first `Train` (or the first link) a change of the controls shows where the runs would start; after
    it, it starts what is new. Runs that would take long are only announced. Where some leave the stage and none comes,
    the others play on.
    """
    if not request.runs:
        return current
    known = {watched.key: watched for watched in current.runs} if current else {}
    asked = (*request.runs, *([request.ghost] if request.ghost else []))
    ghost = request.ghost is not None
    keys = [(experiment, points.digest) for experiment, points in asked]
    if current is not None and not request.train and keys == list(known) and ghost == current.ghost:
        return current
    for watched in set(known) - set(keys):
        if (run := known[watched].run) is not None:
            worker.leave(run, viewer)
    words = " ".join(filter(None, (describe(request.runs), request.remark)))
    if current is not None and not request.train and set(keys) <= set(known):
        message = words if current.started else current.message
        return replace(current, runs=tuple(known[key] for key in keys), message=message, ghost=ghost)
    armed = request.train or request.opened or (current is not None and current.armed)
    new = [one for one, key in zip(asked, keys, strict=True) if key not in known or known[key].run is None]
    why_not = "" if request.train else announcement(new)
    if armed and not why_not:
        try:
            found = worker.watch_together(asked, viewer)
        except TooManyRuns as error:
            why_not = str(error)
        else:
            runs = tuple(
                # What they have stopped stays stopped until they ask for it anew.
                known[key] if key in known and known[key].stop and not request.train else Watched(*one, run, History())
                for one, key, run in zip(asked, keys, found, strict=True)
            )
            return Watching(runs, words, next(_plays), armed, ghost)
    previews = tuple(Watched(*one, None, first_record(*one)) for one in asked)
    return Watching(previews, why_not or READY, next(_plays), armed, ghost)


def leave(current: Watching, worker: Worker, viewer: str) -> None:
    """The visitor watches none of them any longer."""
    for watched in current.runs:
        if watched.run is not None:
            worker.leave(watched.run, viewer)


def stopped(current: Watching, worker: Worker, viewer: str) -> Watching:
    """The visitor has seen enough: the runs end here for them, and for good if nobody else watches them."""
    runs = []
    for watched in current.runs:
        if watched.run is None or watched.end is not None:
            runs.append(watched)
            continue
        worker.leave(watched.run, viewer)
        runs.append(replace(watched, stop=_stop_at(max(len(watched.run.history) - 1, 0))))
    return current if runs == list(current.runs) else replace(current, runs=tuple(runs))


def resumed(current: Watching, worker: Worker, viewer: str) -> Watching:
    """The same, still watched. A run that was given up while the visitor was away trains anew, to be played on."""
    runs = tuple(_resumed(watched, worker, viewer) for watched in current.runs)
    return current if runs == current.runs else replace(current, runs=runs)


def _resumed(watched: Watched, worker: Worker, viewer: str) -> Watched:
    run = watched.run
    if run is None:
        return watched
    if watched.stop is not None:
        # After `recovered` it may still have to get to where it was stopped.
        if len(run.history) > watched.stop.epoch:
            worker.leave(run, viewer)
        else:
            worker.renew(run, viewer)
        return watched
    if run.stop is not None and run.stop.reason is StopReason.CANCELLED:
        return replace(watched, run=worker.watch(watched.experiment, watched.points, viewer))
    worker.renew(run, viewer)
    return watched


def recovered(current: Watching, was: object, worker: Worker, viewer: str) -> Watching:
    """The same as it was before the server lost the visitor's session, of which their link alone was left.

    `was` is what their browser says, and may be anything: whether the runs had been `started`, and for each the epoch
    at which the visitor had `stopped` it, or None.
    """
    if not isinstance(was, dict):
        return current
    if not was.get("started"):
        if not current.started:
            return current
        leave(current, worker, viewer)
        previews = tuple(
            replace(watched, run=None, preview=first_record(watched.experiment, watched.points))
            for watched in current.runs
        )
        return replace(current, runs=previews, message=READY, armed=False)
    if not current.started:
        asked = [(watched.experiment, watched.points) for watched in current.runs]
        found = worker.watch_together(asked, viewer)
        runs = tuple(replace(watched, run=run) for watched, run in zip(current.runs, found, strict=True))
        current = replace(current, runs=runs, message=describe(asked[: len(current.shown)]), armed=True)
    epochs = was.get("stopped")
    if isinstance(epochs, list) and len(epochs) == len(current.runs):
        runs = tuple(
            replace(watched, stop=_stop_at(epoch))
            if type(epoch) is int and 0 <= epoch <= watched.experiment.epochs
            else watched
            for watched, epoch in zip(current.runs, epochs, strict=True)
        )
        return current if runs == current.runs else replace(current, runs=runs)
    return current


def _stop_at(epoch: int) -> Stop:
    return Stop(StopReason.CANCELLED, epoch, f"Stopped at epoch {epoch}. What was trained is kept.")


def describe(asked: Sequence[Asked]) -> str:
    """The runs in a few words, for the back row: what they have in common, where there are several."""
    (experiment, points), *others = asked
    if others:
        counts = {len(one.load()) for _, one in asked}
        same = f" on {counts.pop():_} points" if len(counts) == 1 else ""
        return f"{len(asked)} runs{same}.".replace("_", "\u202f")
    dataset = points.load()
    full = experiment.is_full_batch(len(dataset.x_train))
    batch = "" if full else f"batches of {experiment.batch_size}"
    rule = "" if experiment.optimizer == "sgd" else experiment.optimizer
    words = (f"{len(dataset):_} points", in_words(dataset.standardized), batch, rule)
    rates = f"learning rate {experiment.learning_rate:g}"
    if experiment.schedule:
        rates += "".join(f", {rate:g} from epoch {epoch} on" for epoch, rate in experiment.schedule[:3])
        rates += ", …" if len(experiment.schedule) > 3 else ""
    told = ", ".join(filter(None, (*words, rates)))
    return told.replace("_", "\u202f")


def announcement(asked: Sequence[Asked]) -> str:
    """A sentence with the estimate for runs that would take long; empty for others."""
    seconds = seconds_of(asked, ANNOUNCED_SECONDS)
    if seconds < ANNOUNCED_SECONDS:
        return ""
    time = f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
    what, them = ("This run", "it") if len(asked) == 1 else ("These runs", "them")
    return f"{what} would take about {time} here. Press Train to start {them} all the same."


def seconds_of(asked: Sequence[Asked], enough: float) -> float:
    """How long they would take on this machine, in seconds; 0 for those that surely take less than `enough`."""
    # What no machine that runs the lab needs longer for need not be tried.
    short = enough / (3 * max(len(asked), 1))
    return sum(_seconds(experiment, points.load(), short) for experiment, points in asked)


def _seconds(experiment: Experiment, dataset: Dataset, short: float) -> float:
    """How long a run takes; 0 for one that surely takes less than `short`."""
    points = len(dataset.x_train)
    batch = min(experiment.batch_size or points, points)
    updates = experiment.epochs * (points / batch)
    if experiment.device == "cpu" and updates * (300e-6 + batch * 50e-9) < short:
        return 0.0
    return estimate_seconds(experiment, dataset)


def first_record(experiment: Experiment, points: Points) -> History:
    """Epoch 0, to show where a run would start."""
    record = next(train(experiment, points.load()), None)
    return History([record] if record else [])
