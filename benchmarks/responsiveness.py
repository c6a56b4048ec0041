"""How soon the stage answers while a run of 100 000 epochs trains: pause, scrub, stop, and the beats of an epoch.

The time is taken in the page, from the browser's own time stamp of the key or the pointer (so that it counts while the
page is busy) to the change of the stage's attributes: `data-state` for a pause, by the space bar or the button;
`data-epoch` for a click on the slider. A stop has to go to the server and back: it counts until the button has gone,
which happens when the server's answer is there, and until `data-trained` has grown for the last time. A first beat
comes right after the playhead went to an epoch that the browser knows nothing of, so that it waits for the server; the
next is in the same epoch. They count until their numbers stand beside the code.
"""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from benchmarks.browser import chromium, new_page, stage_is
from benchmarks.server import LAB, serve
from benchmarks.table import Row, percentile, say

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
      watching.observe(stage, { attributes: true, childList: true, subtree: true });
    });
  };
}
"""
PAUSED = "(stage) => stage.dataset.state === 'paused'"
FAR = "(stage) => Number(stage.dataset.epoch) > 500"
STOPPED = "(stage) => stage.querySelector('[aria-label=\"Stop training\"]').hidden"
NUMBERS = """
(stage) => {
  const lit = stage.querySelector(".step.lit");
  return lit && lit.dataset.step === "%s" && lit.querySelector(".moment").textContent.length > 1;
}
"""
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
    taken: dict[str, list[float]] = {"pause": [], "scrub": [], "first beat": [], "next beat": [], "stop": []}
    with serve(LAB) as server, chromium() as browser:
        for seed in range(2 if quick else 8):
            visit(browser, f"{server.address}?epochs={EPOCHS}&seed={seed}", taken)
            beats(browser, f"{server.address}?epochs={EPOCHS}&seed={100 + seed}", taken)
    for name, times in taken.items():
        say(f"  {name}: " + ", ".join(f"{time:.0f}" for time in times) + " ms")

    def told(name: str) -> str:
        times = taken[name]
        p50, p95 = percentile(times, 50), percentile(times, 95)
        return f"{name} p50 {p50:.0f}, p95 {p95:.0f}, max {max(times):.0f} ms ({len(times)} ×)"

    within = all(percentile(taken[name], 95) < 100 for name in ("pause", "scrub")) and max(taken["stop"]) < 200
    return [
        Row(
            "pause, stop, scrub while a long run trains",
            "",
            "p95 < 100 ms, stop < 200 ms",
            "; ".join(map(told, ("pause", "scrub", "stop"))),
            within,
        ),
        Row(
            "beats of an unknown epoch while a long run trains",
            "",
            "first p95 < 150 ms",
            "; ".join(map(told, ("first beat", "next beat"))),
            percentile(taken["first beat"], 95) < 150,
        ),
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
            x, y = slider["x"] + slider["width"] * 0.1, slider["y"] + slider["height"] / 2
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


def beats(browser: Browser, link: str, taken: dict[str, list[float]]) -> None:
    with new_page(browser) as page:
        page.goto(link)
        stage_is(page, "+trained > 2000")
        page.evaluate(LISTEN)
        page.keyboard.press("Home")
        for _ in range(2):
            page.keyboard.press("Shift+ArrowRight")
            for name, step in (("first beat", "forward"), ("next beat", "loss")):
                taken[name].append(timed(page, NUMBERS % step, lambda: page.keyboard.press(".")))
                page.wait_for_timeout(500)


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
