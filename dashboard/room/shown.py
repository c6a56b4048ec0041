"""What the stages of a room's followers are told: the runs of the link that the lecturer shows, as far as they are.

A stage says which rows it has and is sent the ones after them, as in the lab (`stage/component.py`). Hundreds ask the
same in the same moment, so an answer is written and compressed once. `static/stage/sources/room.js` is the other half.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from cachetools import LRUCache

from core import Stop, Worker
from core.insight.look_back import REQUIRES
from core.training.history import COLUMNS
from dashboard.lab.arranged import arranged
from dashboard.lab.sweeps import sweep_for
from dashboard.room.shown_link import read_shown
from dashboard.stage.arrangement import Alignment, Arrangement
from dashboard.stage.figures.template import array
from dashboard.stage.moments import moments
from dashboard.stage.run_told import run_told
from dashboard.stage.scene import kept_scene, scene_id
from dashboard.stage.sweep import ShownSweep, place_in_sweep, sweep_told
from dashboard.stage.watching import Request, Watched, Watching, leave, next_watching, resumed

__all__ = ["Showing"]

MOST_ROWS = 50_000
"""Rows in one answer, of all runs together: a long run arrives in portions."""

KEPT_MOMENTS = 256
"""Epochs under the magnifying glass that are kept for others who look at the same ones; of about 5 KB each."""

KEPT_ANSWERS = 16
"""Answers that are kept for others who have as much."""

FIRST_SECONDS = 0.3
"""How long a run is waited for that has just begun: most are over by then, and one answer is enough."""

COMPRESSION = 1
"""Numbers that look like noise hardly shrink, however long one tries."""


class Showing:
    """One link after the other, for all followers of one room. To be asked from any thread."""

    def __init__(self, worker: Worker, viewer: str) -> None:
        """`viewer` is the room's name among those who watch runs."""
        self._worker = worker
        self._viewer = viewer
        self._lock = Lock()
        self._link: str | None = None
        self._watching: Watching | None = None
        self._arrangement = Arrangement()
        self._sweep: ShownSweep | None = None
        self._problems: tuple[str, ...] = ()
        self._request: Request | None = None
        self._answers: LRUCache[tuple[Any, ...], bytes] = LRUCache(KEPT_ANSWERS)
        self._moments: LRUCache[tuple[Any, ...], bytes] = LRUCache(KEPT_MOMENTS)

    def answer(self, link: str, begun: bool, have: Mapping[str, int], swept: str = "") -> bytes:
        """What a stage lacks of the runs of `link`, as JSON, compressed by gzip.

        Args:
            begun: whether the lecturer has started the runs: those that would take long are not trained before.
            have: by the name of a scene, how many of its run's records the stage has.
            swept: the id of the sweep that it has; empty for none.
        """
        with self._lock:
            with self._worker.answering():
                if link != self._link:
                    self._show(link)
                self._watch(begun)
            if self._watching is None:
                return _packed({"link": link, "runs": [], "problems": self._problems})
            for watched in self._watching.runs:
                if watched.run is not None and not watched.count:
                    watched.run.wait(FIRST_SECONDS, FIRST_SECONDS)
            with self._worker.answering():
                sweep = self._swept(swept)
                # The end before the records: a run that ends in between is told whole when it is asked for again.
                state = [(watched.end, watched.count) for watched in self._watching.runs]
                how_far = sweep and (sweep["id"], sweep.get("share"), "values" in sweep)
                key = (*sorted(have.items()), swept, how_far, self._watching.play, *state)
                if key not in self._answers:
                    self._answers[key] = _packed(self._told(have, sweep, state))
                return self._answers[key]

    def moment(self, scene: str, epoch: int, root: str, requires: str, agreement: bool) -> bytes | None:
        """An epoch under the magnifying glass, as JSON, compressed by gzip; None where the room shows no such epoch."""
        key = (scene, epoch, root, requires, agreement)
        with self._lock, self._worker.answering():
            if key in self._moments:
                return self._moments[key]
            for watched in self._watching.runs if self._watching else ():
                if scene_id(watched.experiment, watched.points) == scene:
                    break
            else:
                return None
            if not 0 <= epoch < watched.count or requires not in REQUIRES:
                return None
            text = moments(
                watched.experiment, watched.dataset, watched.history, epoch, root, requires, scene, agreement
            )
            self._moments[key] = gzip.compress(text.encode(), COMPRESSION, mtime=0)
            return self._moments[key]

    def _show(self, link: str) -> None:
        shown = read_shown(link)
        asked, state = shown.asked, shown.comparing
        self._arrangement = arranged(asked, state, shown.front)
        self._problems, self._sweep = asked.problems, None
        if asked.runs and state.sweep is not None:
            self._sweep, problem = sweep_for(asked.runs[shown.front], state.sweep, self._viewer)
            self._problems = (*self._problems, problem) if problem else self._problems
        if self._watching is not None and not asked.runs:
            leave(self._watching, self._worker, self._viewer)
            self._watching = None
        self._request = Request(asked.runs, asked.problems, train=False, opened=True) if asked.runs else None
        self._link = link
        self._answers.clear()

    def _watch(self, begun: bool) -> None:
        """The runs of the link, watched on by this room."""
        if self._request is None:
            return
        request, current = self._request, self._watching
        if begun and current is not None and not current.started:
            request = Request(request.runs, request.problems, train=True, opened=True)
        watching = next_watching(current, request, self._worker, self._viewer)
        self._watching = watching and resumed(watching, self._worker, self._viewer)

    def _swept(self, has: str) -> dict[str, Any] | None:
        """What there is to say of the sweep: once it has ended all of it, but to whoever `has` it its name alone."""
        if self._sweep is None or self._watching is None:
            return None
        job = self._sweep.watch()
        if job.id == has:
            return {"id": has}
        experiment, _ = self._sweep.around
        told: dict[str, Any] = {"id": job.id, "field": job.field, "share": job.share, "problem": job.problem}
        told["here"] = [
            place_in_sweep(watched.experiment, watched.points, watched.history, experiment, job.field)
            for watched in self._watching.shown
        ]
        if job.sweep is None:
            return told
        losses = {"losses": array(job.sweep.original_loss.ravel(), "f4")}
        return told | sweep_told(job.sweep, self._sweep.around) | losses

    def _told(
        self, have: Mapping[str, int], sweep: dict[str, Any] | None, state: Sequence[tuple[Stop | None, int]]
    ) -> dict[str, Any]:
        assert self._watching is not None
        runs = self._watching.runs
        align = self._arrangement.choices.align if len(runs) > 1 else "epoch"
        names = [scene_id(watched.experiment, watched.points) for watched in runs]
        most = MOST_ROWS // len(runs)
        return {
            "link": self._link,
            "runs": [
                _run(name, watched, end, count, have.get(name, 0), most, align)
                for name, watched, (end, count) in zip(names, runs, state, strict=True)
            ],
            "scenes": {
                name: kept_scene(name, watched.experiment, watched.points)
                for name, watched in zip(names, runs, strict=True)
                if name not in have
            },
            "arrangement": self._arrangement.to_dict() | {"hand": "off", "projector": ()},
            "message": self._watching.message,
            "started": self._watching.started,
            "problems": self._problems,
            "sweep": sweep,
        }


def _run(
    name: str, watched: Watched, end: Stop | None, count: int, has: int, most: int, align: Alignment
) -> dict[str, Any]:
    start = min(has, count)
    columns = watched.history.columns(start, min(start + most, count))
    return run_told(watched, name, align, end) | {
        "start": start,
        "count": count,
        "columns": {column: array(columns[column]) for column in COLUMNS if column != "epoch"},
    }


def _packed(told: Mapping[str, Any]) -> bytes:
    text = json.dumps(told, allow_nan=False, separators=(",", ":"))
    return gzip.compress(text.encode(), COMPRESSION, mtime=0)
