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

FAILED = "The measurement ended early: its process was stopped, perhaps for want of memory. What was measured is kept."
TOO_LONG = "The measurement ended early: it took too long. What was measured is kept."

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


class Measuring:
    """One measurement at a time, for whoever asks, and what came of the last one."""

    def __init__(self, command: tuple[str, ...] = COMMAND, most_seconds: float = MOST_SECONDS) -> None:
        self._command = command
        self._most_seconds = most_seconds
        self._lock = threading.Lock()
        self._told = Told()
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._closed = False

    @property
    def told(self) -> Told:
        return self._told

    def start(self) -> None:
        """Begin to measure, unless a measurement is going on. Returns at once."""
        with self._lock:
            if self._told.running or self._closed:
                return
            self._told = Told(running=True)
            try:
                process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    cwd=Path(core.__file__).parents[1],
                )
            except OSError:
                self._told = Told(notes=(FAILED,))
                return
            self._process = process
            self._listener = threading.Thread(target=self._listen, args=(process,), name="measuring", daemon=True)
            self._listener.start()

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
        with process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.endswith("\n"):  # a process that is ended may leave half of one
                    self._told = _further(self._told, json.loads(line))
            status = process.wait()
        timer.cancel()
        notes = self._told.notes
        if status:
            notes += (TOO_LONG if late.is_set() else FAILED,)
        self._told = replace(self._told, notes=notes, running=False)


def _further(told: Told, message: dict[str, Any]) -> Told:
    if "timing" in message:
        return replace(told, timings=(*told.timings, Timing(**message["timing"])))
    if "ways" in message:
        return replace(told, ways=tuple(Way(**way) for way in message["ways"]), total=message["total"])
    return replace(told, notes=(*told.notes, *message["notes"]))


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
