"""What a warm server holds in memory: after a visit to the default link, and after ten links of their own.

Every server is a fresh one. A visit pulls until it has the whole run and stays; then the server comes to rest, so that
what it loads in the background is there as well. The resident size is what a host with a limit counts; how much of it
nobody else maps is told besides. The median of some servers counts.
"""

from __future__ import annotations

import asyncio
from statistics import median

from benchmarks.processes import Memory, memory
from benchmarks.server import LAB, Server, serve
from benchmarks.table import Row, say
from benchmarks.visit import Visit, rest

__all__ = ["memory_held"]

OWN = 10


def memory_held(*, quick: bool) -> list[Row]:
    default, own = [], []
    for _ in range(1 if quick else 3):
        with serve(LAB) as server:
            after_default, after_own = asyncio.run(visit_in_turn(server))
        default.append(after_default)
        own.append(after_own)
        say(f"  after the default link {after_default}, after {OWN} links of their own {after_own}")
    resident = [median(held.resident for held in side) for side in (default, own)]
    private = median(held.own for held in default)
    measured = (
        f"{resident[0]:.0f} MB after a visit to the default link ({private:.0f} MB of them its own),"
        f" {resident[1]:.0f} MB after {OWN} links of their own"
    )
    return [Row("memory of a warm server", "", "", measured)]


async def visit_in_turn(server: Server) -> tuple[Memory, Memory]:
    visits = [await visited(server, "")]
    await rest(server)
    after_default = memory(server.pid)
    for index in range(OWN):
        visits.append(await visited(server, f"learning_rate={0.1 + index / 100:.2f}&seed={index}"))
    await rest(server)
    after_own = memory(server.pid)
    for visit in visits:
        visit.end()
    return after_default, after_own


async def visited(server: Server, query: str) -> Visit:
    visit = await Visit.begin(server.address, query)
    await asyncio.wait_for(visit.calm, 120)
    return visit
