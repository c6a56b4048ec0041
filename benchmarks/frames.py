"""What a frame of the stage costs: with five runs on it, late in a run, and with the loss in 3-D.

All pages are of one size in one browser and hold their runs whole, so that the server has nothing more to do; only one
of them does something at a time. Beside the base, whose learning rate is 0.1, the five are slower and faster ones and
one that swings for long.

Several: in turns a page with one run and one with five play, from the same epoch on and at the same speed; the frames a
second that show a new epoch are compared, turn by turn. What the browser draws at most, 60 a second, may hide what a
frame costs; so that is told besides, at the place where the playing was to end.

Frame cost: a page with a run of 1000 and one with 30 000 epochs in turns draw the stage's own frame for each of their
last epochs, and the medians are compared; the same with five runs on either. The time is that of `Stage.drawFrame` and
of the canvases and the layout it left to do, which reading a pixel and a height makes the browser do at once.

Landscape: as for several, a page that shows the loss in 3-D in turns with one that shows its contours.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any, NamedTuple, TypeVar

from playwright.sync_api import Page

from benchmarks.browser import STAGE, chromium, new_page, stage_is
from benchmarks.charts import GET_STAGE, STAGE_EPOCH, WATCH, given, rate, seek
from benchmarks.server import LAB, Server, serve
from benchmarks.table import Row, say

__all__ = ["frame_cost", "landscape", "several"]

VARIANTS = (0.005, 0.03, 0.3, 0.8)
"""Learning rates."""

Side = TypeVar("Side")


class Shown(NamedTuple):
    """What a page has on its stage."""

    runs: int
    view: str = ""
    """What its link says besides."""


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
    return [compared("frames with five runs on the stage", "with one", Shown(5), Shown(1), quick=quick)]


def landscape(*, quick: bool) -> list[Row]:
    in_space = Shown(1, "&surface_view=3d")
    return [compared("frames with the loss in 3-D", "with its contours", in_space, Shown(1), quick=quick)]


def compared(what: str, against: str, one: Shown, other: Shown, *, quick: bool) -> Row:
    seconds, turns = (3, 3) if quick else (5, 9)
    sides = (other, one)
    watched: dict[Shown, list[dict[str, Any]]] = {side: [] for side in sides}
    costs: dict[Shown, list[float]] = {side: [] for side in sides}
    with serve(LAB) as server, chromium() as browser, new_page(browser) as first, new_page(browser) as second:
        pages = dict(zip(sides, (first, second), strict=True))
        for side, page in pages.items():
            hold(page, server, side, LONG)
        for side, warming in in_turns(sides, turns):
            found, epoch = play(pages[side], seconds)
            cost = pages[side].evaluate(DRAW, [epoch, FRAMES])
            if not warming:
                watched[side].append(found)
                costs[side].append(cost)
    rates = {side: list(map(rate, found)) for side, found in watched.items()}
    for side, found in rates.items():
        say(
            f"  {side.runs} on the stage{side.view}: " + ", ".join(f"{each:.1f}" for each in found) + " frames a second"
        )
    ratio = median(a / b for a, b in zip(rates[one], rates[other], strict=True))
    offered = median(given(found) for found in watched[other])
    measured = (
        f"{ratio:.2f} × ({median(rates[one]):.1f} against {median(rates[other]):.1f} of {offered:.1f} a second;"
        f" a frame costs {median(costs[one]):.1f} against {median(costs[other]):.1f} ms)"
    )
    return Row(what, against, "≥ 0.8 ×", measured, round(ratio, 2) >= 0.8)


def frame_cost(*, quick: bool) -> list[Row]:
    return [cost_by_length(runs, turns=6 if quick else 25) for runs in (1, 5)]


def cost_by_length(runs: int, turns: int) -> Row:
    lengths = (1000, LONG)
    costs: dict[int, list[float]] = {epochs: [] for epochs in lengths}
    with serve(LAB) as server, chromium() as browser, new_page(browser) as short, new_page(browser) as long:
        pages = dict(zip(lengths, (short, long), strict=True))
        for epochs, page in pages.items():
            hold(page, server, Shown(runs), epochs)
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


def hold(page: Page, server: Server, shown: Shown, epochs: int) -> None:
    """Open a page with one or five runs, and wait until it has all of them and stands still at their end."""
    variants = "".join(f"&versus=learning_rate:{value}" for value in VARIANTS[: shown.runs - 1])
    page.goto(f"{server.address}?epochs={epochs}{variants}{shown.view}")
    stage_is(page, f"stage.dataset.runs === '{shown.runs}' && +trained >= {epochs}", seconds=120)
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
