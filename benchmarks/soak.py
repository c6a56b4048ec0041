"""Hours of visitors, in minutes: `make soak`, or `MINUTES=480 make soak` for a night.

Fifty visitors a minute come over real WebSockets. Each opens the page or a link of their own, stays for some seconds,
and meanwhile changes controls, presses `Train`, chooses another optimizer, or uploads a file; then the tab is closed.
What they do is drawn from a fixed seed. A line a minute says how it goes.

Beside them three hundred follow a lecture room, in which something changes every second; each minute they must all have
heard the last change, leave and come again, and three hundred answers to a question must all be counted.

The server keeps some things on purpose, up to a bound: the sessions of those who left, ended runs, and points. Over
hours these bounds are reached; so before the minutes count they are filled, by so many visitors with runs and points of
their own that none holds more. Uploaded tables have a bound too, which these small files do not reach in minutes: they
count as growth.

It passes if memory grew by less than 10 % after the first tenth (the medians of the first and the last tenth of the
samples after it are compared), nothing went wrong for any visitor, and the server's log has neither error nor warning.
How fast memory grew in the second half is told as well: over a night it may say more than ten minutes can.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import re
import signal
import sys
import traceback
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from statistics import linear_regression, median

from benchmarks.followers import Followers
from benchmarks.processes import cpu_seconds, memory
from benchmarks.room import Lecturer
from benchmarks.server import LAB, Server, serve
from benchmarks.table import machine
from benchmarks.upload import upload
from benchmarks.visit import Visit

__all__ = ["soak"]

A_MINUTE = 50
FOLLOWERS = 300
STAYS = (20.0, 60.0)
FIRST = 2400
"""More visitors than Streamlit keeps sessions of those who left (128); their runs' records take 134 MB, more than the
worker keeps of runs that have ended."""
AT_ONCE = 20
LARGE = 5
"""Links with a million points: 16 MB each, together more than is kept of points."""
SAMPLE_SECONDS = 5.0
GROWTH = 0.10
COMPLAINTS = re.compile(r"Traceback|Warning|\bERROR\b|\bWARN")


@dataclass
class Tally:
    """What has happened so far."""

    acts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    here: int = 0


def soak(minutes: float) -> bool:
    """Run it; gives whether it passed."""
    print(f"{machine()}; {minutes:g} minutes, {A_MINUTE} visitors a minute", flush=True)
    with serve(LAB) as server:
        samples, tally = asyncio.run(lecture(server, minutes))
        said = server.log.read_text().splitlines()
    complaints = [index for index, line in enumerate(said) if COMPLAINTS.search(line)]
    later = samples[len(samples) // 10 :]
    tenth = max(len(later) // 10, 1)
    before, after = median(later[:tenth]), median(later[-tenth:])
    growth = after / before - 1
    half = later[len(later) // 2 :]
    an_hour = linear_regression(range(len(half)), half).slope * 3600 / SAMPLE_SECONDS if len(half) > 1 else 0.0
    visitors = tally.acts["came"]
    print(
        f"memory {before:.0f} MB after the first tenth, {after:.0f} MB at the end: {growth:+.1%}"
        f" (in the second half {an_hour:+.0f} MB an hour);"
        f" {visitors} visitors, {len(tally.problems)} problems, {len(complaints)} complaints in the log"
    )
    for line in tally.problems[:10] + (said[complaints[0] : complaints[0] + 40] if complaints else []):
        print(f"  {line}")
    passed = growth < GROWTH and not tally.problems and not complaints
    print("passed" if passed else "failed", flush=True)
    return passed


async def lecture(server: Server, minutes: float) -> tuple[list[float], Tally]:
    """Fill what has a bound, then let visitors come and go. Gives megabytes, sampled evenly, and what happened."""
    tally, randomness = Tally(), random.Random(0)
    await asyncio.wait_for(fill(server), 900)
    print(f"filled: memory {memory(server.pid)}", flush=True)
    samples: list[float] = []
    visits = set()
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with asyncio.TaskGroup() as group:  # if sampling fails, all ends
        sampling = group.create_task(sample(server, samples, tally))
        following = group.create_task(follow(server, tally))
        for index in range(round(minutes * A_MINUTE)):
            await asyncio.sleep(start + index * 60 / A_MINUTE - loop.time())
            visit = group.create_task(attend(server, index, random.Random(randomness.random()), tally))
            visits.add(visit)
            visit.add_done_callback(visits.discard)
        await asyncio.sleep(start + 60 * minutes - loop.time())
        for task in (sampling, following, *visits):
            task.cancel()
    return samples, tally


async def fill(server: Server) -> None:
    """Let more visitors come than are kept, each with a run that nobody else has."""
    links = iter(
        [f"learning_rate={0.01 + index / 10_000:.4f}" for index in range(FIRST)]
        + [f"n=1000000&epochs=1&seed={seed}" for seed in range(LARGE)]
    )

    async def queue() -> None:
        for link in links:
            visit = await Visit.begin(server.address, link)
            await visit.calm
            visit.end()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(queue())


async def sample(server: Server, samples: list[float], tally: Tally) -> None:
    """Memory every few seconds, and a line a minute."""
    used = cpu_seconds(server.pid)
    while True:
        for _ in range(round(60 / SAMPLE_SECONDS)):
            await asyncio.sleep(SAMPLE_SECONDS)
            samples.append(memory(server.pid).resident)
        before, used = used, cpu_seconds(server.pid)
        did = ", ".join(f"{name} {times}" for name, times in sorted(tally.acts.items()))
        minute = len(samples) * SAMPLE_SECONDS / 60
        print(
            f"{minute:4.0f} min: {samples[-1]:.0f} MB, {(used - before) / 60:.0%} of a core, {tally.here} here; {did};"
            f" {len(tally.problems)} problems",
            flush=True,
        )


async def follow(server: Server, tally: Tally) -> None:
    """A lecture that goes on, and those who follow it."""
    lecturer = await asyncio.to_thread(Lecturer, server)
    with Followers(lecturer.host, lecturer.port, lecturer.code) as crowd:
        for minute in itertools.count():
            await asyncio.to_thread(crowd.come, FOLLOWERS)
            for _ in range(60):
                await asyncio.sleep(1)
                await asyncio.to_thread(lecturer.say)
                tally.acts["change"] += 1
            heard = await asyncio.to_thread(crowd.heard, lecturer.epoch)
            if heard["last"] != {str(lecturer.epoch): FOLLOWERS} or heard["cut"]:
                tally.problems.append(f"Followers heard of {heard['last']} last, {heard['cut']} were cut off.")
            question = {
                "id": f"minute-{minute}",
                "text": "Will it diverge?",
                "kind": "choice",
                "choices": ["Yes", "No"],
            }
            await asyncio.to_thread(partial(lecturer.say, question=question))
            told = await asyncio.to_thread(crowd.answer, FOLLOWERS, question["id"])
            counted = await asyncio.to_thread(lecturer.answered)
            if counted != FOLLOWERS:
                tally.problems.append(f"{counted} answers counted, of which {told['statuses']} came back.")
            tally.acts["answers"] += counted
            await asyncio.to_thread(crowd.leave)


async def attend(server: Server, index: int, draw: random.Random, tally: Tally) -> None:
    """One visitor, from coming to leaving."""
    tally.here += 1
    try:
        query = draw.choice(["", f"learning_rate={draw.uniform(0.01, 1):.6f}", f"seed={index}&epochs=300", "data=iris"])
        visit = await Visit.begin(server.address, query)
        try:
            tally.acts["came"] += 1
            await asyncio.wait_for(visit.calm, 60)
            leaves = visit.loop.time() + draw.uniform(*STAYS)
            while visit.loop.time() < leaves:
                await asyncio.sleep(draw.uniform(3, 10))
                await act(visit, index, draw, tally)
        finally:
            visit.end()
    except Exception as error:  # noqa: BLE001  whatever it was, it is told at the end
        tally.problems.append("".join(traceback.format_exception_only(error)).strip() or repr(error))
    finally:
        tally.here -= 1


async def act(visit: Visit, index: int, draw: random.Random, tally: Tally) -> None:
    """Do one thing on the page."""
    visitor = visit.visitor
    what = draw.choice(["learning rate", "epochs", "noise", "points", "train", "more", "upload"])
    if visit.line_is_cut:
        raise ConnectionError("The line was cut.")
    tally.acts[what] += 1
    match what:
        case "learning rate":  # now and then too large a one
            visit.send(visitor.change("Learning rate, exactly", double_value=round(draw.uniform(0.01, 1), 6)))
        case "epochs":
            visit.send(visitor.change("Epochs, exactly", int_value=draw.randint(100, 3000)))
        case "noise":
            visit.send(visitor.change("Noise, exactly", double_value=round(draw.uniform(0, 1), 3)))
        case "points":
            visit.send(visitor.change("N, exactly", int_value=draw.randint(10, 20_000)))
        case "train":
            visit.send(visitor.press("Train"))
        case "more":
            await open_more(visit)
            visit.send(visitor.change("Seed", int_value=draw.randint(0, 10_000)))
        case "upload":
            await open_more(visit)
            rows = "".join(f"{k / 10},{k * 0.3 + draw.gauss(0, 1):.4f}\n" for k in range(draw.randint(50, 500)))
            await upload(visit, "Own CSV", f"measured-{index}.csv", f"x,y\n{rows}".encode())


async def open_more(visit: Visit) -> None:
    """The popover's contents come only when it is opened."""
    if "Seed" in visit.visitor.labels:
        return
    visit.send(visit.visitor.change("More", bool_value=True))
    async with asyncio.timeout(30):
        while "Own CSV" not in visit.visitor.labels:
            await asyncio.sleep(0.1)


def main() -> int:
    """The command; its exit status is 0 if it passed."""
    # Ended from outside, it still ends the server that it started.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    return int(not soak(float(os.environ.get("MINUTES", "10"))))


if __name__ == "__main__":
    sys.exit(main())
