"""How long the page takes to be ready in Chromium, against an empty Streamlit page that imports torch.

Ready is the lab when its stage has drawn a frame, every chart on it stands, and the controls are there; the other
page when its title is. The time is the browser's own, from the start of the navigation. Every opening is by a visitor
who was never here (an empty cache). Warm: both servers have had visitors and are at rest; pages are opened in turns.
First after start: a server is started and the page opened as soon as it answers; what the start itself took is told
besides, so that nothing can hide there. The ratios are those of the medians.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from benchmarks.browser import chromium, new_page
from benchmarks.server import EMPTY_WITH_TORCH, LAB, serve
from benchmarks.table import Row, say
from benchmarks.visit import warm

__all__ = ["ready"]

CHARTS = 4

READY = {
    LAB: f"""
() => {{
  const stage = document.querySelector("[data-testid=stage]");
  if (!stage || !(Number(stage.dataset.frames) > 0) || !stage.dataset.loss) return false;
  const charts = [...stage.querySelectorAll(".js-plotly-plot")];
  if (charts.length < {CHARTS} || !charts.every((chart) => chart.querySelector(".main-svg"))) return false;
  const buttons = [...document.querySelectorAll("button")];
  return Boolean(document.querySelector("input[aria-label='Learning rate, exactly']"))
    && buttons.some((button) => button.textContent.trim() === "Train");
}}
""",
    EMPTY_WITH_TORCH: "() => document.querySelector('h1')?.textContent.startsWith('Hello')",
}
WATCH = """
(() => {
  const isReady = %s;
  window.ready = new Promise((resolve) => {
    const look = () => (isReady() ? resolve(performance.now()) : requestAnimationFrame(look));
    look();
  });
})();
"""


def ready(*, quick: bool) -> list[Row]:
    sides = (LAB, EMPTY_WITH_TORCH)
    warm_times: dict[Path, list[float]] = {side: [] for side in sides}
    first_times: dict[Path, list[float]] = {side: [] for side in sides}
    starts: dict[Path, list[float]] = {side: [] for side in sides}
    with chromium() as browser:
        open_page(browser, "about:blank", "() => true")  # the browser's own first page
        for turn in range(2 if quick else 5):
            for side in sides[:: 1 if turn % 2 else -1]:
                with serve(side) as server:
                    starts[side].append(time.perf_counter() - server.started)
                    first_times[side].append(open_page(browser, server.address, READY[side]))
    with serve(LAB) as lab, serve(EMPTY_WITH_TORCH) as empty:
        for server in (lab, empty):
            asyncio.run(warm(server))
        with chromium() as browser:
            open_page(browser, "about:blank", "() => true")
            for turn in range(3 if quick else 9):
                for side, server in ((LAB, lab), (EMPTY_WITH_TORCH, empty))[:: 1 if turn % 2 else -1]:
                    warm_times[side].append(open_page(browser, server.address, READY[side]))
    for side in sides:
        for name, times in (("start", starts), ("first", first_times), ("warm", warm_times)):
            say(f"  {side.stem}, {name}: " + ", ".join(f"{seconds:.2f}" for seconds in times[side]) + " s")

    def row(what: str, reach: float, times: dict[Path, list[float]], more: str = "") -> Row:
        ours, theirs = (median(times[side]) for side in sides)
        measured = f"{ours / theirs:.1f} × ({ours:.1f} against {theirs:.1f} s{more})"
        return Row(
            f"page ready, {what}",
            "an empty page that imports torch",
            f"≤ {reach:g} ×",
            measured,
            ours / theirs <= reach,
        )

    started = "; the servers themselves started in " + " and ".join(f"{median(starts[side]):.1f}" for side in sides)
    return [row("warm", 1.5, warm_times), row("first after the server's start", 2, first_times, f"{started} s")]


def open_page(browser: Browser, address: str, is_ready: str) -> float:
    """Seconds from the start of the navigation until the page is ready."""
    with new_page(browser) as page:
        page.add_init_script(WATCH % is_ready)
        page.goto(address, wait_until="commit")
        return float(page.evaluate("() => window.ready")) / 1000
