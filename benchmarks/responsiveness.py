"""How soon the stage answers while a run of 100 000 epochs trains: pause, scrub and stop.

The time is taken in the page, from the browser's own time stamp of the key or the pointer (so that it counts while the
page is busy) to the change of the stage's attributes: `data-state` for a pause, by the space bar or the button;
`data-epoch` for a click on the slider. A stop has to go to the server and back: it counts until the button has gone,
which happens when the server's answer is there, and until `data-trained` has grown for the last time.
"""

from __future__ import annotations

from statistics import median

from playwright.sync_api import Browser, Page

from benchmarks.browser import chromium, new_page, stage_is
from benchmarks.server import LAB, serve
from benchmarks.table import Row, say

__all__ = ["responsiveness"]

EPOCHS = 100_000

LISTEN = """
() => {
  const stage = document.querySelector("[data-testid=stage]");
  window.answered = (condition) => {
    const holds = eval(condition);
    window.answer = new Promise((resolve) => {
      let since = null;
      const begin = (event) => { since ??= event.timeStamp; };
      const watching = new MutationObserver(() => {
        if (since === null || !holds(stage)) return;
        watching.disconnect();
        for (const type of ["keydown", "pointerdown"]) document.removeEventListener(type, begin, true);
        resolve(performance.now() - since);
      });
      for (const type of ["keydown", "pointerdown"]) document.addEventListener(type, begin, true);
      watching.observe(stage, { attributes: true, subtree: true });
    });
  };
}
"""
PAUSED = "(stage) => stage.dataset.state === 'paused'"
FAR = "(stage) => Number(stage.dataset.epoch) > 500"
STOPPED = "(stage) => stage.querySelector('[aria-label=\"Stop training\"]').hidden"
GROWTH = """
() => {
  const stage = document.querySelector("[data-testid=stage]");
  window.grown = { trained: stage.dataset.trained, since: null, at: null };
  addEventListener("pointerdown", (event) => { window.grown.since = event.timeStamp; }, { capture: true, once: true });
  new MutationObserver(() => {
    if (stage.dataset.trained === window.grown.trained) return;
    Object.assign(window.grown, { trained: stage.dataset.trained, at: performance.now() });
  }).observe(stage, { attributes: true, attributeFilter: ["data-trained"] });
}
"""
QUIET_SECONDS = 2


def responsiveness(*, quick: bool) -> list[Row]:
    taken: dict[str, list[float]] = {"pause": [], "scrub": [], "stop": []}
    with serve(LAB) as address, chromium() as browser:
        for seed in range(2 if quick else 8):
            visit(browser, f"{address}?epochs={EPOCHS}&seed={seed}", taken)
    parts = []
    for name, times in taken.items():
        say(f"  {name}: " + ", ".join(f"{time:.0f}" for time in times) + " ms")
        parts.append(f"{name} p50 {median(times):.0f}, max {max(times):.0f} ms ({len(times)} ×)")
    return [
        Row(
            "pause, stop, scrub while a long run trains",
            "",
            "answers < 200 ms",
            "; ".join(parts),
            max(max(times) for times in taken.values()) < 200,
        )
    ]


def visit(browser: Browser, link: str, taken: dict[str, list[float]]) -> None:
    with new_page(browser) as page:
        page.goto(link)
        stage_is(page, "+trained > 2000")
        page.evaluate(LISTEN)
        for press in (lambda: page.keyboard.press("Space"), lambda: click(page, "Pause")):
            page.wait_for_timeout(300)
            taken["pause"].append(timed(page, PAUSED, press))
            page.keyboard.press("Space")
            stage_is(page, "state === 'playing' || state === 'training'")
        for _ in range(2):
            page.keyboard.press("Home")
            stage_is(page, "+epoch < 10")
            page.wait_for_timeout(300)
            slider = page.get_by_role("slider", name="Epoch", exact=True).bounding_box()
            assert slider
            x, y = slider["x"] + slider["width"] * 0.04, slider["y"] + slider["height"] / 2
            taken["scrub"].append(timed(page, FAR, lambda x=x, y=y: page.mouse.click(x, y)))
        page.keyboard.press("Home")
        page.wait_for_timeout(300)
        page.evaluate(GROWTH)
        gone = timed(page, STOPPED, lambda: click(page, "Stop training"))
        page.wait_for_timeout(1000 * QUIET_SECONDS)
        grown, now = page.evaluate("() => [window.grown, performance.now()]")
        if int(grown["trained"]) >= EPOCHS:
            raise RuntimeError("The run ended before it could be stopped.")
        last = grown["at"] or 0
        if now - last < 500 * QUIET_SECONDS:
            raise RuntimeError("The run went on after it was stopped.")
        rows_there = max(gone, last - grown["since"])
        taken["stop"].append(rows_there)
        say(f"  stopped at {grown['trained']}: button gone after {gone:.0f} ms, last rows there after {rows_there:.0f}")


def click(page: Page, name: str) -> None:
    """Press the player's button where it is, without waiting for a moment in which nothing on the page moves."""
    box = page.get_by_role("button", name=name, exact=True).bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def timed(page: Page, condition: str, act) -> float:
    """Milliseconds from the first key or pointer event of `act` until the stage fulfils the condition."""
    page.evaluate("(condition) => window.answered(condition)", condition)
    act()
    return float(page.evaluate("() => window.answer"))
