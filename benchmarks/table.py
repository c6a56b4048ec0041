"""The rows of the result, and the machine they were measured on, as Markdown."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import quantiles

from benchmarks.browser import chromium_path

__all__ = ["Row", "machine", "percentile", "say", "table"]


@dataclass(frozen=True)
class Row:
    """One promise and what became of it."""

    what: str
    against: str
    reach: str
    measured: str
    met: bool | None = None
    """None where nothing could be measured."""
    meanwhile: str = ""
    """What disturbed the measurement."""


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | against | reach | measured |", "| --- | --- | --- | --- |"]
    for row in rows:
        verdict = {True: "", False: " **(missed)**", None: ""}[row.met]
        doubt = f" ({row.meanwhile} of the processors meanwhile)" if row.meanwhile else ""
        lines.append(f"| {row.what} | {row.against} | {row.reach} | {row.measured}{verdict}{doubt} |")
    return "\n".join(lines)


def machine() -> str:
    """Processor, system and versions, in one line."""
    packages = [f"{name} {version(name)}" for name in ("torch", "streamlit", "plotly")]
    software = ", ".join([f"Python {platform.python_version()}", *packages, _chromium()])
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}; {software}"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` % of the values do not exceed, as nearly as so many of them can say."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def say(text: str) -> None:
    """Progress, for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _chromium() -> str:
    try:
        said = subprocess.run([chromium_path(), "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return "no Chromium"
    return " ".join(said.split()[:2])
