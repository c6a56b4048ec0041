"""A lecture hall in which everybody tries a learning rate of their own: links that nobody else has, opened in 10 s.

Every visitor connects at a moment of their own, evenly spread, opens a link whose learning rate is theirs alone, and
pulls as the browser does until all rows of the run of 1000 epochs are there. Both times count from the moment at which
the visitor was to come, so that a line at the door counts as well: until the first answer with its scene, and until the
last row. Processor time is all that the server's process and what it started used from before the first came until the
last had everything, divided by the visitors. Static files are not in it: `opening` has them.

All clients are one process beside the server on the same processors: what they take from it is told too. Every visitor
must have got every row; of a few, spread over the hall, all columns are compared with what `train` gives, to the bit.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import pyarrow as pa

from benchmarks.processes import cpu_seconds
from benchmarks.server import LAB, Server, serve
from benchmarks.table import Row, percentile, say
from benchmarks.visit import Visit, warm
from core import Experiment, History, train

__all__ = ["hall"]

EPOCHS = 1000
WITHIN = 10.0
"""Seconds in which all open the page."""
GIVE_UP = 400.0
CHECKED = 6


@dataclass(frozen=True)
class Attended:
    """What a hall got: seconds from the moment of coming, and milliseconds of processor time a visitor."""

    opened: list[float]
    whole: list[float]
    server_ms: float
    client_ms: float
    wrong: list[str]


def hall(*, quick: bool) -> list[Row]:
    rows = []
    for visitors in (30, 100) if quick else (100, 300):
        with serve(LAB) as server:
            attended = asyncio.run(attend(server, visitors))
        for problem in attended.wrong[:5]:
            say(f"  {problem}")
        opened, whole = ({p: percentile(times, p) for p in (50, 95)} for times in (attended.opened, attended.whole))
        complete = f"{len(attended.wrong)} times something wrong" if attended.wrong else "all complete"
        measured = (
            f"page open p50 {opened[50]:.2f}, p95 {opened[95]:.2f} s; whole run there p50 {whole[50]:.2f},"
            f" p95 {whole[95]:.2f} s; server CPU {attended.server_ms:.0f} ms a visitor"
            f" (clients {attended.client_ms:.0f} ms); {complete}"
        )
        say(f"  {visitors}: {measured}; longest {max(attended.opened):.2f} and {max(attended.whole):.2f} s")
        met = opened[95] <= 2 and whole[95] <= 3.5 and attended.server_ms <= 30 and not attended.wrong
        reach = "page open p95 ≤ 2 s, whole run there p95 ≤ 3.5 s, ≤ 30 ms of CPU a visitor"
        rows.append(
            Row(f"{visitors} links of their own opened within 10 s, 1000 epochs each", "", reach, measured, met)
        )
    return rows


async def attend(server: Server, visitors: int) -> Attended:
    """Let so many visitors come, each with a link of their own, and wait until all have everything."""
    await warm(server)
    rates = [round(0.01 + 0.7 * index / visitors, 6) for index in range(visitors)]
    loop = asyncio.get_running_loop()
    server_before, client_before = cpu_seconds(server.pid), time.process_time()
    doors_open = loop.time()

    async def come(index: int) -> tuple[float, float, Visit]:
        due = doors_open + index * WITHIN / visitors
        await asyncio.sleep(due - loop.time())
        visit = await Visit.begin(server.address, f"learning_rate={rates[index]}&epochs={EPOCHS}")
        await visit.calm
        return visit.opened.result() - due, visit.whole.result() - due, visit

    async with asyncio.timeout(GIVE_UP), asyncio.TaskGroup() as group:  # if one fails, all end
        tasks = [group.create_task(come(index)) for index in range(visitors)]
    server_seconds, client_seconds = cpu_seconds(server.pid) - server_before, time.process_time() - client_before
    came = [task.result() for task in tasks]
    visits = [visit for _, _, visit in came]
    for visit in visits:
        visit.end()
    return Attended(
        [opened for opened, _, _ in came],
        [whole for _, whole, _ in came],
        1000 * server_seconds / visitors,
        1000 * client_seconds / visitors,
        wrong(visits, rates),
    )


def wrong(visits: list[Visit], rates: list[float]) -> list[str]:
    """What is missing or not as the engine gives it here."""
    problems = [
        f"a visitor has {visit.count} rows, and the run ended with {visit.stop}"
        for visit in visits
        if visit.count != EPOCHS + 1 or not visit.stop or visit.stop["reason"] != "finished"
    ]
    for index in range(0, len(visits), max(len(visits) // CHECKED, 1)):
        got = pa.concat_tables(pa.ipc.open_stream(blob).read_all() for blob in visits[index].blobs)
        expected = History(train(Experiment(learning_rate=rates[index], epochs=EPOCHS))).arrow()
        if not got.equals(expected):
            problems.append(f"the rows of the visitor with learning rate {rates[index]} are not those of the engine")
    return problems
