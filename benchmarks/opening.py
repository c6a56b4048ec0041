"""What a visitor who opens the page costs the server, in processor time.

Pages: one visit after another connects, runs the page, pulls as the browser does until it has all, and leaves; all that
the server's process used meanwhile, divided by the visits, is the cost of one. In turns these open the default link,
links that nobody else has (each its own learning rate, and one epoch, so that next to nothing is trained), and an empty
Streamlit page on a server with the same settings. The medians of the turns count.

Files: what a browser asks for on its first visit to the default link (see `first_visit.py`); in turns the lab's own,
all of them, with those of the page that Streamlit shows every app in, and all that the empty page asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from itertools import count, islice
from statistics import median

from benchmarks.browser import chromium, new_page
from benchmarks.first_visit import repeat, what_is_asked
from benchmarks.processes import cpu_seconds
from benchmarks.server import EMPTY, LAB, Server, serve
from benchmarks.table import Row, say
from benchmarks.visit import Visit, warm

__all__ = ["opening"]


def own_links() -> Iterable[str]:
    """Links that nobody has opened before, with next to nothing to train."""
    return (f"learning_rate={0.2 + index * 1e-5:.5f}&epochs=1" for index in count(1))


def opening(*, quick: bool) -> list[Row]:
    turns, visits = (3, 10) if quick else (7, 25)
    own = own_links()
    with serve(LAB) as lab, serve(EMPTY) as empty:
        for server in (lab, empty):
            asyncio.run(warm(server))
        pages = in_turns(
            turns,
            visits,
            default=(lab, lambda: asyncio.run(visit_all(lab, ["" for _ in range(visits)]))),
            own=(lab, lambda: asyncio.run(visit_all(lab, islice(own, visits)))),
            empty=(empty, lambda: asyncio.run(visit_all(empty, ["" for _ in range(visits)]))),
        )
        with chromium() as browser, new_page(browser) as ours, new_page(browser) as theirs:
            lab_files = what_is_asked(ours, lab.address, "[data-testid=stage] .js-plotly-plot .main-svg")
            empty_files = what_is_asked(theirs, empty.address, "h1")
            own_files = [asked for asked in lab_files if not asked.is_streamlits]
            size = repeat(own_files, 1)
            files = in_turns(
                turns,
                visits,
                own=(lab, lambda: repeat(own_files, visits)),
                all=(lab, lambda: repeat(lab_files, visits)),
                empty=(empty, lambda: repeat(empty_files, visits)),
            )
    for name, costs in {**pages, **{f"files, {side}": costs for side, costs in files.items()}}.items():
        say(f"  {name}: " + ", ".join(f"{cost:.1f}" for cost in costs) + " ms")

    def row(what: str, reach: float, ours: list[float], theirs: list[float], more: str = "") -> Row:
        cost = median(ours)
        measured = f"{cost:.1f} ms against {median(theirs):.1f} ms{more}"
        return Row(f"server CPU, {what}", "an empty Streamlit page", f"≤ {reach:.0f} ms", measured, cost <= reach)

    more = (
        f" ({len(own_files)} files, {size / 1e6:.1f} MB as sent); with Streamlit's own, {len(lab_files)} files,"
        f" {median(files['all']):.1f} ms"
    )
    return [
        row("the default link opened", 20, pages["default"], pages["empty"]),
        row("a link of one's own opened, without its training", 25, pages["own"], pages["empty"]),
        row("the lab's files on a browser's first visit", 10, files["own"], files["empty"], more),
    ]


def in_turns(turns: int, visits: int, **sides: tuple[Server, Callable[[], object]]) -> dict[str, list[float]]:
    """Milliseconds of a server's processor time a visit, turn by turn, for sides that each make so many visits."""
    costs: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(turns):
        for name in list(sides)[:: 1 if turn % 2 else -1]:
            server, visit = sides[name]
            before = cpu_seconds(server.pid)
            visit()
            costs[name].append(1000 * (cpu_seconds(server.pid) - before) / visits)
    return costs


async def visit_all(server: Server, queries: Iterable[str]) -> None:
    """One visit after the other."""
    for query in queries:
        visit = await Visit.begin(server.address, query)
        await asyncio.wait_for(visit.calm, 60)
        visit.end()
