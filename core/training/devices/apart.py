"""A measurement in a process of its own: nobody whom this one serves waits for it, and it cannot take this one along.

Both ends of it. The process that measures is told nothing; it writes a JSON object a line, first the ways and how many
timings there will be, then each timing, at last what there is to be said. It ends with the process that started it,
whatever becomes of that: its input ends then.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import core
from core.training.devices.measuring import Measurement, Timing
from core.training.devices.ways import Way, find_ways

__all__ = ["Measuring", "Told"]

COMMAND = (sys.executable, "-m", "core.training.devices.apart")

MOST_SECONDS = 90.0
"""How long the process may take; a driver may hang."""

FAILED = "The measurement ended early: its process was stopped, perhaps for want of memory. What was there is kept."
TOO_LONG = "The measurement ended early: it took too long. What was there is kept."

PAUSE_SECONDS = 300.0
"""How soon after one measurement the next may begin: it takes all cores from whatever else the server does."""

NICE = 10
"""How much it gives way to whatever else the machine has to do."""


@dataclass(frozen=True)
class Told:
    """How far a measurement is, and what it has found so far."""

    ways: tuple[Way, ...] = ()
    timings: tuple[Timing, ...] = ()
    total: int = 0
    """How many timings there will be at most; 0 until it is known."""
    notes: tuple[str, ...] = ()
    """Sentences about what was left out, or went wrong."""
    running: bool = False
    before: Told | None = None
    """What the measurement before this one found, unless this one is complete."""

    @property
    def outcome(self) -> Told:
        """What there is to look at: the last complete measurement, or as much as there is of the first."""
        return self.before or self


class Measuring:
    """One measurement at a time, for whoever asks, and what came of the last one."""

    def __init__(
        self,
        command: tuple[str, ...] = COMMAND,
        most_seconds: float = MOST_SECONDS,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._command = command
        self._most_seconds = most_seconds
        self._pause_seconds = pause_seconds
        self._next_start = 0.0
        self._lock = threading.Lock()
        self._told = Told()
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._closed = False

    @property
    def told(self) -> Told:
        return self._told

    def start(self) -> float:
        """Begin to measure, unless a measurement is going on or has just been completed. Returns at once.

        Returns:
            In how many seconds one may begin; 0 unless it is too soon.
        """
        with self._lock:
            if self._told.running or self._closed:
                return 0.0
            too_soon = self._next_start - time.monotonic()
            if too_soon > 0.0:
                return too_soon
            last = self._told.outcome
            before = last if last.timings else None
            self._told = Told(running=True, before=before)
            try:
                process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    errors="replace",
                    cwd=Path(core.__file__).parents[1],
                )
            except OSError:
                self._told = Told(notes=(FAILED,), before=before)
                return 0.0
            self._process = process
            self._listener = threading.Thread(target=self._listen, args=(process,), name="measuring", daemon=True)
            self._listener.start()
            return 0.0

    def close(self) -> None:
        """End what is going on, and begin nothing any more."""
        with self._lock:
            self._closed = True
            process, listener = self._process, self._listener
        if process is not None:
            process.kill()
        if listener is not None:
            listener.join()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the measurement has ended, if one is going on."""
        if self._listener is not None:
            self._listener.join(seconds)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._most_seconds, give_up)
        timer.daemon = True
        timer.start()
        complete = False
        try:
            with process:
                assert process.stdout is not None
                for line in process.stdout:
                    self._told = _further(self._told, _read(line))
            complete = process.returncode == 0 and bool(self._told.timings)
        finally:  # or nobody could measure any more
            timer.cancel()
            if complete:
                self._next_start = time.monotonic() + self._pause_seconds
                self._told = replace(self._told, running=False, before=None)
            else:
                notes = (*self._told.notes, TOO_LONG if late.is_set() else FAILED)
                self._told = replace(self._told, running=False, notes=notes)


def _read(line: str) -> dict[str, Any]:
    """The message; an empty one where there is none: a driver warns where it likes, and a process that is ended may
    leave half a line."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _further(told: Told, message: dict[str, Any]) -> Told:
    if "timing" in message:
        return replace(told, timings=(*told.timings, Timing(**message["timing"])))
    if "ways" in message:
        return replace(told, ways=tuple(Way(**way) for way in message["ways"]), total=message["total"])
    return replace(told, notes=(*told.notes, *message.get("notes", ())))


def _end_with_parent() -> None:
    # Not by `sys.stdin`, which the interpreter could not close at its end while a thread reads from it.
    while os.read(0, 1024):
        pass
    os._exit(1)


def _give_way() -> None:
    """Let everybody else go first: for the processor, and where memory is short it is this process that goes."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    with suppress(OSError):  # Linux alone has it
        Path("/proc/self/oom_score_adj").write_text("1000")


def _say(**message: Any) -> None:
    try:
        print(json.dumps(message), flush=True)
    except BrokenPipeError:  # nobody is there any more
        os._exit(1)


def main() -> None:
    """Measure, and tell whoever started this process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _give_way()
    measurement = Measurement(find_ways())
    _say(ways=[asdict(way) for way in measurement.ways], total=measurement.total)
    for timing in measurement:
        _say(timing=asdict(timing))
    _say(notes=measurement.notes)


if __name__ == "__main__":
    main()
