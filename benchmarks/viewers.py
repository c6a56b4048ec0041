"""A lecture hall: 100 visitors over real WebSockets, each asking the stage's question once a second while runs train.

Each visitor opens the page through a link to a run of 100 000 epochs and from then on asks as the stage does (the same
messages, with the state of every control), each at a moment of their own within the second. The time is from sending
the question to having the answer, its rows read; it counts once everybody has been in for two seconds. Two halls are
measured: in the first half of the visitors have the same link and the others each a run of their own, so that 51 runs
train in turns; in the second all have the same link, so that all the rows go to everybody. Nothing is lost if every
answer continues the rows that the visitor has, and these are at the end the very numbers that the engine gives for the
experiment.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

import numpy as np
import pyarrow as pa
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.protocol import Answer, Visitor
from benchmarks.server import LAB, serve
from benchmarks.table import Row, percentile, say
from core import Experiment, History, train

__all__ = ["viewers"]

EPOCHS = 100_000
VIEWERS = 100
OPEN_SECONDS = 120
ANSWER_SECONDS = 30
SETTLE_SECONDS = 2
CHECKED = "w"
"""The column that is compared, bit by bit."""


@dataclass
class Viewer:
    """One visitor and what they have got so far."""

    seed: int
    begin: float
    """The moment within the second at which this one asks."""
    waited: list[float] = field(default_factory=list)
    count: int = 0
    received: list[np.ndarray[Any, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    scene: str = ""

    def take(self, answer: Answer) -> None:
        """The rows of an answer, which must continue those before."""
        (run,) = answer.data["runs"]
        self.scene = run["scene"]
        # A run whose records had to make room trains anew: until it is where it was, there is nothing to send.
        if run["sent"] and run["start"] != self.count:
            self.problems.append(f"rows from {run['start']} on came to a visitor who had {self.count}")
        if answer.rows:
            rows = pa.ipc.open_stream(answer.rows).read_all()
            self.received.append(rows.column(CHECKED).to_numpy())
            self.count += rows.num_rows
        if self.count < run["count"]:
            self.problems.append(f"there were {run['count']} rows, but {self.count} came")


def viewers(*, quick: bool) -> list[Row]:
    halls = {
        "half on one link, half on their own": [0] * (VIEWERS // 2) + list(range(1, VIEWERS // 2 + 1)),
        "all on one link": [0] * VIEWERS,
    }
    parts, met = [], True
    for name, seeds in halls.items():
        audience = [Viewer(seed, begin=index / len(seeds)) for index, seed in enumerate(seeds)]
        with serve(LAB) as server:
            opened, training = asyncio.run(watch(server.address, audience, seconds=5 if quick else 15))
        wrong = [problem for viewer in audience for problem in viewer.problems] + compare(audience)
        for problem in wrong[:5]:
            say(f"  {problem}")
        waited = [1000 * seconds for viewer in audience for seconds in viewer.waited]
        p50, p95 = percentile(waited, 50), percentile(waited, 95)
        rows = sum(viewer.count for viewer in audience)
        say(
            f"  {name}: {len(waited)} answers, p50 {p50:.0f}, p95 {p95:.0f}, longest {max(waited):.0f} ms; {rows} rows;"
            f" all pages open after {opened:.1f} s; for {training} the run went on to the end"
        )
        lost = f"{len(wrong)} times something lost or doubled" if wrong else "nothing lost"
        parts.append(f"{name}: p95 {p95:.0f} ms, p50 {p50:.0f} ms, {lost}")
        met = met and p95 < 500 and not wrong
    return [
        Row(f"{VIEWERS} viewers each pulling once a second", "", "p95 < 500 ms, nothing lost", "; ".join(parts), met)
    ]


async def watch(address: str, audience: list[Viewer], *, seconds: float) -> tuple[float, int]:
    """Let everybody in, then everybody ask. Gives how long the first took, and how many saw no end of training."""
    # What a server does only for its first visitor is over before the others come.
    await attend(address, Viewer(2**31, 0.0), Door(1, seconds=0.0), epochs=10)
    door = Door(len(audience), seconds)
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:  # if one fails, all end
        visits = [group.create_task(attend(address, viewer, door)) for viewer in audience]
        async with asyncio.timeout(OPEN_SECONDS):
            await door.all_in.wait()
        opened = time.perf_counter() - start
    return opened, sum(not visit.result() for visit in visits)


class Door:
    """Knows when everybody is in, and when it is time to leave."""

    def __init__(self, expected: int, seconds: float) -> None:
        self.missing = expected
        self.seconds = seconds
        self.all_in = asyncio.Event()
        self.counts_from = self.closes = float("inf")

    def enter(self) -> None:
        self.missing -= 1
        if not self.missing:
            self.counts_from = time.perf_counter() + SETTLE_SECONDS
            self.closes = self.counts_from + self.seconds
            self.all_in.set()


async def attend(address: str, viewer: Viewer, door: Door, epochs: int = EPOCHS) -> bool:
    """Open the page and ask every second until the door closes. Gives whether the run had ended by then."""
    visitor = Visitor(address, f"epochs={epochs}&seed={viewer.seed}")
    stream = address.replace("http", "ws") + "_stcore/stream"
    options = {
        "compression": None,
        "max_size": None,
        "proxy": None,
        "open_timeout": OPEN_SECONDS,
        "ping_interval": None,
    }
    async with connect(stream, subprotocols=[Subprotocol("streamlit")], **options) as socket:
        await socket.send(visitor.opening())
        answer = await hear(socket, visitor, OPEN_SECONDS)
        viewer.take(answer)
        door.enter()
        for question in count(1):
            now = time.perf_counter()
            # A question that was answered late leaves out the moments that have passed.
            await asyncio.sleep((viewer.begin - now) % 1.0)
            asked = time.perf_counter()
            if asked >= door.closes:
                break
            have = {
                "counts": {viewer.scene: viewer.count},
                "scenes": [viewer.scene],
                "sweep": None,
                "hidden": False,
                "moments": None,
                "question": question,
            }
            await socket.send(visitor.question(have))
            answer = await hear(socket, visitor, ANSWER_SECONDS, question)
            viewer.take(answer)
            if asked >= door.counts_from:
                viewer.waited.append(time.perf_counter() - asked)
        (run,) = answer.data["runs"]
        return bool(run["status"]["stop"])


async def hear(socket: ClientConnection, visitor: Visitor, seconds: float, question: int | None = None) -> Answer:
    """Listen until the answer is there, and to an opened page until it is complete."""
    answer = None
    async with asyncio.timeout(seconds):
        async for payload in socket:
            message = ForwardMsg.FromString(payload)
            answer = visitor.hear(message) or answer
            if question is not None and answer and answer.data["question"] == question:
                return answer
            if question is None and answer and message.WhichOneof("type") == "script_finished":
                return answer
    raise ConnectionError("The server hung up.")


def compare(audience: list[Viewer]) -> list[str]:
    """What is wrong with the rows that came, beside those that the engine gives here for the same experiments."""
    problems = []
    # Of a few: alone, a hundred thousand epochs take seconds that training them jointly did not.
    for seed in sorted({viewer.seed for viewer in audience})[::17]:
        watching = [viewer for viewer in audience if viewer.seed == seed]
        most = max(viewer.count for viewer in watching)
        records = History(islice(train(Experiment(epochs=EPOCHS, seed=seed)), most))
        expected = records.columns()[CHECKED]
        for viewer in watching:
            got = np.concatenate(viewer.received) if viewer.received else np.empty(0)
            if not np.array_equal(got, expected[: viewer.count]):
                problems.append(f"the {viewer.count} rows of a visitor with seed {seed} are not those of the engine")
    return problems
