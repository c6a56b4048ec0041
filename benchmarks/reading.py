"""Reading a table of 20 MB and almost a million rows: how long it takes, and how much memory.

Each table is read in a process of its own, which has read a small one before. Time and memory count from the bytes of
the file, which are there, to knowing of each column what it holds. Memory is that of the file and what the process
grows by at most meanwhile, told by Linux; the median of some processes counts, and of the times the least.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from statistics import median

from benchmarks.table import Row, say

__all__ = ["reading"]

ROWS = 990_000

TABLES: dict[str, Callable[[float, float], str]] = {
    "commas, decimal points": lambda x, y: f"{x:.7f},{y:.7f}",
    "semicolons, decimal commas": lambda x, y: f"{x:.7f};{y:.7f}".replace(".", ","),
}

PROGRAM = """
import json, random, resource, sys
from time import perf_counter
from benchmarks.reading import ROWS, TABLES
from core import read_table

write = TABLES[sys.argv[1]]
separator = ";" if ";" in write(1, 2) else ","
numbers = random.Random(1)
head = f"x{separator}y\\n"
contents = (head + "".join(f"{write(numbers.uniform(1, 9), numbers.uniform(1, 9))}\\n" for _ in range(ROWS))).encode()
read_table(contents[:10_000]).columns
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak counts from here


def kilobytes(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))


before, start = kilobytes("VmRSS"), perf_counter()
table = read_table(contents)
assert table.numeric_columns() == ["x", "y"]
seconds = perf_counter() - start
grown = 1024 * (kilobytes("VmHWM") - before)
assert len(table) == ROWS
print(json.dumps([seconds, len(contents), grown, table.nbytes]))
"""


def reading(*, quick: bool) -> list[Row]:
    """20 MB and almost a million rows."""
    return [measure(name, 1 if quick else 5) for name in TABLES]


def measure(name: str, turns: int) -> Row:
    seconds, times = [], []
    size = held = 0
    for _ in range(turns):
        run = subprocess.run([sys.executable, "-c", PROGRAM, name], capture_output=True, text=True, check=True)
        second, size, grown, held = json.loads(run.stdout)
        seconds.append(second)
        times.append((size + grown) / size)
        say(f"  {name}: {second:.2f} s, {times[-1]:.1f} times the file")
    measured = f"{min(seconds):.2f} s, {median(times):.1f} × at most, {held / size:.1f} × kept"
    return Row(
        f"reading {size / 1e6:.0f} MB of {ROWS:,} rows ({name})",
        "",
        "≤ 1 s, ≤ 3 × the file's size in memory",
        measured,
        min(seconds) <= 1 and round(median(times), 1) <= 3,
    )
