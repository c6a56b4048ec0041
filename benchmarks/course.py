"""How long a chapter of the course takes to show once the app is warm.

Everything in it has been looked at before, so that all outputs and charts are drawn: the most there can be. The time is
taken in the page, from the browser's own time stamp of the key that turns the page until the new chapter's cells stand
there, each with its code and what came of it, and no script runs any more.
"""

from __future__ import annotations

from statistics import median

from playwright.sync_api import Page

from benchmarks.browser import chromium, new_page
from benchmarks.server import LAB, serve
from benchmarks.table import Row, say
from core.course import CHAPTERS, Chapter, run_cell

__all__ = ["course"]

LIMIT = 1000

LISTEN = """
() => {
  window.shown = ({title, blocks, charts}) => {
    window.answer = new Promise((resolve) => {
      let since = null;
      document.addEventListener("keydown", (event) => { since = event.timeStamp; }, { capture: true, once: true });
      const all = (selector) => document.querySelectorAll(`[class*=st-key-idea-] ${selector}`).length;
      const look = () => {
        const there = since !== null
          && document.querySelector(".st-key-course h2")?.textContent === title
          && all("[data-testid=stCode]") === blocks
          && all(".js-plotly-plot:has(.main-svg)") === charts
          && document.querySelector("[data-test-script-state=notRunning]");
        if (there) resolve(performance.now() - since);
        else requestAnimationFrame(look);
      };
      look();
    });
  };
}
"""


def course(*, quick: bool) -> list[Row]:
    taken: dict[str, list[float]] = {chapter.name: [] for chapter in CHAPTERS}
    with serve(LAB) as server, chromium() as browser, new_page(browser) as page:
        for chapter in CHAPTERS:
            look_at_all(page, f"{server.address}course?chapter={chapter.name}", chapter)
        page.evaluate(LISTEN)
        for _ in range(2 if quick else 5):
            page.keyboard.press("ArrowRight")  # from the last chapter to the overview
            page.locator(".st-key-rung-module").wait_for()
            page.wait_for_timeout(1000)
            for chapter in CHAPTERS:
                page.evaluate("(wanted) => window.shown(wanted)", wanted(chapter))
                page.keyboard.press("ArrowRight")
                taken[chapter.name].append(float(page.evaluate("() => window.answer")))
                page.wait_for_timeout(500)
    for name, times in taken.items():
        say(f"  {name}: " + ", ".join(f"{time:.0f}" for time in times) + " ms")
    slowest = max(taken, key=lambda name: median(taken[name]))
    everything = [time for times in taken.values() for time in times]
    measured = (
        f"p50 {median(everything):.0f}, max {max(everything):.0f} ms ({len(everything)} ×); "
        f"slowest is {slowest}, p50 {median(taken[slowest]):.0f} ms"
    )
    return [Row("a chapter of the course, everything in it shown", "", "≤ 1 s", measured, max(everything) <= LIMIT)]


def look_at_all(page: Page, link: str, chapter: Chapter) -> None:
    """Open the chapter and look at all of its outcomes."""
    page.goto(link)
    page.get_by_role("heading", name=chapter.cells[-1].title, exact=True).wait_for()
    page.wait_for_function("sessionStorage.getItem('gradient-descent-lab/course')")
    buttons = page.get_by_role("button", name="Just look")
    for left in range(sum(cell.question is not None for cell in chapter.cells), 0, -1):
        buttons.first.click()
        page.wait_for_function(
            "(left) => Array.from(document.querySelectorAll('button'), b => b.textContent)"
            ".filter(text => text === 'Just look').length === left",
            arg=left - 1,
        )
        page.wait_for_selector("[data-test-script-state=notRunning]")


def wanted(chapter: Chapter) -> dict[str, object]:
    """What stands there once the whole chapter is shown."""
    outcomes = [run_cell(chapter, cell) for cell in chapter.cells]
    blocks = sum(1 + bool(one.printed) + bool(one.error) + len(one.warned) for one in outcomes)
    number = CHAPTERS.index(chapter) + 1
    charts = sum(one.plot is not None for one in outcomes)
    return {"title": f"{number} · {chapter.title}", "blocks": blocks, "charts": charts}
