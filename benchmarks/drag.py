"""The answer to a hand: whether the very next animation frame shows what a move of the pointer did.

On one page with a thousand points a mouse drags the start about, on another one of the points, in moves that come as
the browser gives frames. A move counts as answered if in the next animation frame the stage has other numbers under the
hand than before, and has painted the line over the data; with a point in hand also the whole surface. How long that
took from the moment at which the browser had the move is told besides.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from playwright.sync_api import Page

from benchmarks.browser import STAGE, chromium, new_page, stage_is
from benchmarks.charts import GET_STAGE
from benchmarks.server import LAB, serve
from benchmarks.table import Row, percentile

__all__ = ["drag"]

WATCH = """
(surface) => {
  const { charts, root } = window.stage;
  const painted = { data: 0, surface: 0, ground: 0 };
  for (const name of ["data", "surface"]) {
    const { context } = charts.get(name);
    const { clearRect, drawImage } = context;
    context.clearRect = (...given) => { painted[name] += 1; return clearRect.apply(context, given); };
    context.drawImage = (...given) => { painted.ground += 1; return drawImage.apply(context, given); };
  }
  window.moves = [];
  const onMove = (event) => {
    const before = { hand: root.dataset.hand, ...painted };
    requestAnimationFrame(() => {
      const numbers = root.dataset.hand !== before.hand;
      const line = painted.data > before.data && painted.surface > before.surface;
      const ground = !surface || painted.ground > before.ground;
      window.moves.push({ answered: numbers && line && ground, ms: performance.now() - event.timeStamp });
    });
  };
  addEventListener("pointermove", onMove, true);
}
"""


def drag(*, quick: bool) -> list[Row]:
    moves = 60 if quick else 400
    with serve(LAB) as server, chromium() as browser:
        found = {}
        for what, chart in (("a start", "surface"), ("a point among 1000", "data")):
            with new_page(browser) as page:
                page.goto(f"{server.address}?n=1000&epochs=100&hand=on")
                stage_is(page, "+trained >= 100")
                page.keyboard.press("End")
                stage_is(page, "state === 'finished'")
                page.wait_for_timeout(1000)
                page.evaluate(GET_STAGE)
                found[what] = pull(page, chart, moves)
    told = "; ".join(
        f"{what}: {share(answers):.3f}, after p50 {median(one['ms'] for one in answers):.0f},"
        f" p95 {percentile([one['ms'] for one in answers], 95):.0f} ms ({len(answers)} moves)"
        for what, answers in found.items()
    )
    return [
        Row(
            "moves of a hand that the very next frame shows, for a start and for one of 1000 points with its surface",
            "",
            "≥ 0.98",
            told,
            all(round(share(answers), 2) >= 0.98 for answers in found.values()),
        )
    ]


def share(answers: list[dict[str, Any]]) -> float:
    return sum(one["answered"] for one in answers) / len(answers)


def pull(page: Page, chart: str, moves: int) -> list[dict[str, Any]]:
    """Take hold of something in this chart, and draw it to and fro over the picture."""
    area = page.locator(f"[data-chart={chart}] canvas").bounding_box()
    assert area is not None
    at = page.evaluate(
        """(chart) => {
          if (chart === "surface") return [0.5, 0.5];
          const holder = window.stage.hand.holders.get(chart);
          holder.know();
          const { shownX: x, shownY: y, chart: { shown } } = holder;
          const part = (value, [low, high]) => (value - low) / (high - low);
          return [part(x[0], shown.x), 1 - part(y[0], shown.y)];
        }""",
        chart,
    )
    page.mouse.move(area["x"] + at[0] * area["width"], area["y"] + at[1] * area["height"])
    page.mouse.down()
    page.evaluate(WATCH, chart == "data")
    for move in range(moves):
        # Never twice the same place, and never so near to the last that its numbers are the same.
        across, down = 0.1 + 0.8 * ((move * 37) % 101) / 101, 0.1 + 0.8 * ((move * 53) % 97) / 97
        page.mouse.move(area["x"] + across * area["width"], area["y"] + down * area["height"])
    page.wait_for_function(f"() => window.moves.length >= {moves // 2} && {STAGE}.dataset.hand")
    page.wait_for_timeout(300)
    page.mouse.up()
    return list(page.evaluate("window.moves"))
