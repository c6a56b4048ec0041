"""What a frame of the stage costs: with five runs on it, with a thousand rows or a landscape, and late in a run.

All pages are of one size in one browser and hold their runs whole, so that the server has nothing more to do; only one
of them does something at a time. Beside the base, whose learning rate is 0.1, the five are slower and faster ones and
one that swings for long.

Several: in turns a page with one run and one with five play, from the same epoch on and at the same speed; the frames a
second that show a new epoch are compared, turn by turn. So are, for rows, a page that shows them and one that shows the
code, both of a run on a thousand training points. What the browser draws at most, 60 a second, may hide what a
frame costs; so that is told besides, at the place where the playing was to end.

Frame cost: a page with a run of 1000 and one with 30 000 epochs in turns draw the stage's own frame for each of their
last epochs, and the medians are compared; the same with five runs on either. The time is that of `Stage.drawFrame` and
of the canvases and the layout it left to do, which reading a pixel and a height makes the browser do at once.

Landscape: as for several, a page that shows the loss in 3-D in turns with one that shows its contours.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any, TypeVar

from playwright.sync_api import Page

from benchmarks.browser import STAGE, chromium, new_page, stage_is
from benchmarks.charts import GET_STAGE, STAGE_EPOCH, WATCH, given, rate, seek
from benchmarks.server import LAB, Server, serve
from benchmarks.table import Row, say

__all__ = ["frame_cost", "landscape", "rows", "several"]

Side = TypeVar("Side", int, str)

VARIANTS = (0.005, 0.03, 0.3, 0.8)
"""Learning rates."""

LONG = 30_000
BEGIN = 300
"""Where playing begins: from here on every frame has a new epoch to show."""

DRAW = """
([last, frames]) => {
  const { stage } = window;
  const canvases = [...stage.charts.values()].map((chart) => chart.context).filter(Boolean);
  const start = performance.now();
  for (let k = last - frames; k < last; k += 1) {
    stage.player.seek(k);
    stage.drawFrame();
    for (const context of canvases) context.getImageData(0, 0, 1, 1);
    document.body.offsetHeight;
  }
  return (performance.now() - start) / frames;
}
"""
FRAMES = 30


def several(*, quick: bool) -> list[Row]:
    measured, fine = compared("one run", "", "five runs", variants(5), quick=quick)
    return [Row("frames with five runs on the stage", "with one", "≥ 0.8 ×", measured, fine)]


def rows(*, quick: bool) -> list[Row]:
    measured, fine = compared("code", "&n=1250", "rows", "&n=1250&panel=rows", quick=quick)
    return [Row("frames with a thousand rows beside the charts", "with the code", "≥ 0.8 ×", measured, fine)]


def landscape(*, quick: bool) -> list[Row]:
    measured, fine = compared("contours", "", "landscape", "&surface_view=3d", quick=quick)
    return [Row("frames with the loss in 3-D", "with its contours", "≥ 0.8 ×", measured, fine)]


def compared(one: str, its_query: str, other: str, other_query: str, *, quick: bool) -> tuple[str, bool]:
    """What was measured of the other page beside the one, by their names; and whether it has 0.8 of its frames."""
    seconds, turns = (3, 3) if quick else (5, 9)
    sides = (one, other)
    watched: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    costs: dict[str, list[float]] = {side: [] for side in sides}
    with serve(LAB) as server, chromium() as browser, new_page(browser) as first, new_page(browser) as second:
        pages = dict(zip(sides, (first, second), strict=True))
        for page, query in zip(pages.values(), (its_query, other_query), strict=True):
            hold(page, server, LONG, query)
        for side, warming in in_turns(sides, turns):
            found, epoch = play(pages[side], seconds)
            cost = pages[side].evaluate(DRAW, [epoch, FRAMES])
            if not warming:
                watched[side].append(found)
                costs[side].append(cost)
    rates = {side: list(map(rate, found)) for side, found in watched.items()}
    for side in sides:
        say(f"  {side}: " + ", ".join(f"{found:.1f}" for found in rates[side]) + " frames a second")
    ratio = median(b / a for a, b in zip(rates[one], rates[other], strict=True))
    offered = median(given(found) for found in watched[one])
    measured = (
        f"{ratio:.2f} × ({median(rates[other]):.1f} against {median(rates[one]):.1f} of {offered:.1f} a second;"
        f" a frame costs {median(costs[other]):.1f} against {median(costs[one]):.1f} ms)"
    )
    return measured, round(ratio, 2) >= 0.8


def frame_cost(*, quick: bool) -> list[Row]:
    return [cost_by_length(runs, turns=6 if quick else 25) for runs in (1, 5)]


def cost_by_length(runs: int, turns: int) -> Row:
    lengths = (1000, LONG)
    costs: dict[int, list[float]] = {epochs: [] for epochs in lengths}
    with serve(LAB) as server, chromium() as browser, new_page(browser) as short, new_page(browser) as long:
        pages = dict(zip(lengths, (short, long), strict=True))
        for epochs, page in pages.items():
            hold(page, server, epochs, variants(runs))
        for epochs, warming in in_turns(lengths, turns):
            cost = pages[epochs].evaluate(DRAW, [epochs, FRAMES])
            if not warming:
                costs[epochs].append(cost)
    ratio = median(b / a for a, b in zip(costs[1000], costs[LONG], strict=True))
    for epochs, times in costs.items():
        say(f"  {runs} on the stage, a frame at {epochs} epochs: {median(times):.2f} ms, at the least {min(times):.2f}")
    return Row(
        "frame cost at 30 000 epochs" + (", five runs on the stage" if runs == 5 else ""),
        "at 1000 epochs",
        "≤ 1.2 ×",
        f"{ratio:.2f} × ({median(costs[LONG]):.1f} ms against {median(costs[1000]):.1f} ms)",
        round(ratio, 2) <= 1.2,
    )


def variants(runs: int) -> str:
    """Of a link, so that one or five runs are on the stage."""
    return "".join(f"&versus=learning_rate:{value}" for value in VARIANTS[: runs - 1])


def hold(page: Page, server: Server, epochs: int, query: str) -> None:
    """Open a page with these runs, and wait until it has all of them and stands still at their end."""
    page.goto(f"{server.address}?epochs={epochs}{query}")
    runs = 1 + query.count("versus=")
    stage_is(page, f"stage.dataset.runs === '{runs}' && +trained >= {epochs}", seconds=120)
    page.keyboard.press("End")
    stage_is(page, "state === 'finished'")
    page.wait_for_timeout(1000)
    page.evaluate(GET_STAGE)


def in_turns(sides: tuple[Side, ...], turns: int) -> Iterable[tuple[Side, bool]]:
    """The sides turn by turn, now this one first and now that; and whether it is the turn before those that count."""
    for turn in range(turns + 1):
        for side in sides[:: 1 if turn % 2 else -1]:
            yield side, turn == 0


def play(page: Page, seconds: float) -> tuple[dict[str, Any], int]:
    """Play from the beginning for so long, and pause. Gives what was seen, and the epoch at the end."""
    seek(page, BEGIN)
    page.evaluate("() => window.stage.player.play()")
    found = page.evaluate(WATCH, [seconds, STAGE_EPOCH])
    state, epoch = page.evaluate(f"(({{ state, epoch }}) => [state, +epoch])({STAGE}.dataset)")
    # Once it has ended it does not begin again by itself, so it has been playing all the time.
    if state != "playing":
        raise RuntimeError(f"The stage should have been playing, but it was {state} at epoch {epoch}.")
    page.evaluate("() => window.stage.player.pause()")
    return found, epoch
