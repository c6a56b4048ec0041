"""A lecture hall in which everybody tries a learning rate of their own: links that nobody else has, opened in 10 s.

Every visitor connects at a moment of their own, evenly spread, opens a link whose learning rate is theirs alone, and
pulls as the browser does until all rows of the run of 1000 epochs are there. Both times count from the moment at which
the visitor was to come, so that a line at the door counts as well: until the first answer with its scene, and until the
last row. Processor time is all that the server's process and what it started used from before the first came until the
last had everything, divided by the visitors. Static files are not in it: `opening` has them.

Processor time a visitor needs reading with care: a group of runs trained jointly costs much the same whatever its size,
and a server that others keep from its processors gathers larger groups. So a busy machine makes this number smaller and
the waiting longer; how many runs a group had is told beside it, and only a quiet machine's number counts.

All clients are one process beside the server on the same processors: what they take from it is told too. Every visitor
must have got every row, and who has not when it is time to give up is counted, with that time; of a few, spread over
the hall, all columns are compared with what `train` gives, to the bit.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import pyarrow as pa

from benchmarks.server import LAB, Server, serve
from benchmarks.table import Row, percentile, say
from benchmarks.visit import Visit, warm
from core import Experiment, History, train

__all__ = ["hall"]

EPOCHS = 1000
WITHIN = 10.0
"""Seconds in which all open the page."""
GIVE_UP = 120.0
CHECKED = 6


@dataclass(frozen=True)
class Attended:
    """What a hall got: seconds from the moment of coming, and milliseconds of processor time a visitor."""

    opened: list[float]
    whole: list[float]
    server_ms: float
    client_ms: float
    together: list[float]
    """With how many each run was trained, itself included."""
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
            f" (clients {attended.client_ms:.0f} ms), trained by {percentile(attended.together, 50):.0f} together;"
            f" {complete}"
        )
        say(f"  {visitors}: {measured}; longest {max(attended.opened):.2f} and {max(attended.whole):.2f} s")
        # Fewer visitors are trained with fewer others, so each of them costs more, and all of them less.
        affordable = visitors < 300 or attended.server_ms <= 30
        met = opened[95] <= 2 and whole[95] <= 3.5 and affordable and not attended.wrong
        reach = "page open p95 ≤ 2 s, whole run there p95 ≤ 3.5 s"
        if visitors >= 300:
            reach += ", ≤ 30 ms of CPU a visitor"
        rows.append(
            Row(f"{visitors} links of their own opened within 10 s, 1000 epochs each", "", reach, measured, met)
        )
    return rows


async def attend(server: Server, visitors: int) -> Attended:
    """Let so many visitors come, each with a link of their own, and wait until all have everything."""
    await warm(server)
    rates = [round(0.01 + 0.7 * index / visitors, 6) for index in range(visitors)]
    loop = asyncio.get_running_loop()
    server_before, client_before = server.cpu_seconds(), time.process_time()
    doors_open = loop.time()

    visits = [Visit(server.address, f"learning_rate={rate}&epochs={EPOCHS}") for rate in rates]

    async def come(index: int) -> None:
        await asyncio.sleep(doors_open + index * WITHIN / visitors - loop.time())
        await visits[index].connect()
        await visits[index].calm

    async with asyncio.TaskGroup() as group:  # if one fails, all end
        tasks = [group.create_task(come(index)) for index in range(visitors)]
        _, late = await asyncio.wait(tasks, timeout=GIVE_UP, return_when=asyncio.FIRST_EXCEPTION)
        for task in late:
            task.cancel()
    server_seconds, client_seconds = server.cpu_seconds() - server_before, time.process_time() - client_before
    dues = [doors_open + index * WITHIN / visitors for index in range(visitors)]
    attended = Attended(
        [waited(visit.opened, due) for visit, due in zip(visits, dues, strict=True)],
        [waited(visit.whole, due) for visit, due in zip(visits, dues, strict=True)],
        1000 * server_seconds / visitors,
        1000 * client_seconds / visitors,
        [float(visit.together) for visit in visits],
        wrong(visits, rates),
    )
    for visit in visits:
        visit.end()
    return attended


def waited(moment: asyncio.Future[float], due: float) -> float:
    """Seconds until it came; where it never did, those after which we gave up."""
    return moment.result() - due if moment.done() and not moment.exception() else GIVE_UP


def wrong(visits: list[Visit], rates: list[float]) -> list[str]:
    """What is missing or not as the engine gives it here."""
    problems = [
        f"a visitor has {visit.count} rows, and the run ended with {visit.stop}"
        for visit in visits
        if visit.count != EPOCHS + 1 or not visit.stop or visit.stop["reason"] != "finished"
    ]
    for index in range(0, len(visits), max(len(visits) // CHECKED, 1)):
        if visits[index].count != EPOCHS + 1:
            continue  # told above
        got = pa.concat_tables(pa.ipc.open_stream(blob).read_all() for blob in visits[index].blobs)
        expected = History(train(Experiment(learning_rate=rates[index], epochs=EPOCHS))).arrow()
        if not got.equals(expected):
            problems.append(f"the rows of the visitor with learning rate {rates[index]} are not those of the engine")
    return problems
