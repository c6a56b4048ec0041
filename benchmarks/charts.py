"""What the browser draws: how many of its frames show a new epoch.

Live charts: page after page is opened in turns, one of the stage, one of `plain_app.py`, each with its training going
on, and watched at every animation frame of the browser. On the stage a frame counts that shows another epoch than the
one before (four charts, numbers, code and graph); of the script, which redraws three charts one by one, one in which
all three show another epoch than at the last that counted. Early epochs are made to last longer than a frame, so the
stage plays at speed 1 from epoch 300 on: there the playhead passes three epochs a frame, and later more, so that every
frame has a new one to show and one that has not was lost by the stage. A page that draws slowly is also given fewer
frames, which would flatter it: the share is of the frames that the browser gives an empty page in the same turn. The
number is the median of the turns.

Graph: one page plays a run in progress as for the live charts, in turns with the graph's panel closed (neither shown
nor told of the playhead), with it beside the charts, and with it enlarged, where it also asks for what is in the
epochs that rush by. Frames per second are compared with those while it is closed, turn by turn.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.browser import STAGE, chromium, new_page, stage_is
from benchmarks.server import LAB, PLAIN, serve
from benchmarks.table import Row, say

__all__ = ["GET_STAGE", "STAGE_EPOCH", "WATCH", "given", "graph", "live", "rate", "seek"]

WATCH = """
([seconds, read]) => new Promise((resolve) => {
  const shown = eval(read);
  const charts = new WeakSet();
  const seen = (element) => {
    if (!element.classList?.contains("js-plotly-plot") || charts.has(element)) return 0;
    charts.add(element);
    return 1;
  };
  for (const chart of document.querySelectorAll(".js-plotly-plot")) seen(chart);
  const result = { frames: 0, animationFrames: 0, nodes: 0 };
  const watching = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      result.nodes += seen(target);
      for (const node of addedNodes) {
        result.nodes += seen(node);
        for (const inner of node.querySelectorAll?.(".js-plotly-plot") ?? []) result.nodes += seen(inner);
      }
    }
  });
  watching.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
  let last = shown();
  const start = performance.now();
  const look = (now) => {
    result.animationFrames += 1;
    const current = shown();
    if (current.every((epoch, i) => epoch !== null && epoch !== last[i])) {
      result.frames += 1;
      last = current;
    }
    if (performance.now() - start < 1000 * seconds) return requestAnimationFrame(look);
    watching.disconnect();
    result.seconds = (performance.now() - start) / 1000;
    resolve(result);
  };
  requestAnimationFrame(look);
})
"""
STAGE_EPOCH = f"() => [{STAGE}.dataset.epoch]"
PLAIN_EPOCHS = """
() => {
  const epochs = { data: null, surface: null, loss: null };
  for (const title of document.querySelectorAll(".js-plotly-plot .gtitle")) {
    const [name, epoch] = title.textContent.split(" ");
    epochs[name] = Number(epoch);
  }
  return Object.values(epochs);
}
"""

GET_STAGE = """
async () => {
  const address = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/stage/stage.js")).name;
  const { Stage } = await import(address);
  const { drawFrame } = Stage.prototype;
  window.stage = await new Promise((resolve) => {
    Stage.prototype.drawFrame = function () { resolve(this); return drawFrame.call(this); };
    document.querySelector("[aria-label='Previous epoch']").click();
  });
  Stage.prototype.drawFrame = drawFrame;
}
"""
SHOW_GRAPH = """
(mode) => {
  const { graph } = window.stage;
  graph.panel.style.display = mode === "closed" ? "none" : "";
  if (mode === "closed") graph.follow = () => {};
  else delete graph.follow;
  if (graph.large !== (mode === "large")) graph.setLarge(mode === "large");
  window.stage.player.play();
}
"""


def live(*, quick: bool) -> list[Row]:
    seconds, turns = (3, 2) if quick else (6, 5)
    stage, plain, offered = [], [], []
    with serve(LAB) as lab, serve(PLAIN) as script, chromium() as browser:
        for turn in range(turns):
            with new_page(browser) as nothing:
                offered.append(nothing.evaluate(WATCH, [seconds / 3, "() => [null]"]))
            stage.append(watch_stage(browser, lab.address, seed=turn, seconds=seconds))
            plain.append(watch_plain(browser, script.address, seconds=seconds))
            say(f"  live charts, turn {turn + 1}: stage {told(stage[-1])}; plain script {told(plain[-1])}")
    ours, theirs = (
        median(rate(result) / given(empty) for result, empty in zip(side, offered, strict=True))
        for side in (stage, plain)
    )
    own = median(rate(result) / given(result) for result in stage)
    nodes, rebuilt = sum(result["nodes"] for result in stage), sum(result["nodes"] for result in plain)
    per_frame = rebuilt / max(sum(result["frames"] for result in plain), 1)
    return [
        Row(
            "live charts, share of the browser's frames that show a new epoch",
            "a plain Streamlit script redrawing three of the same charts in a loop",
            "≥ 0.98, with 0 chart nodes rebuilt",
            f"{ours:.3f} against {theirs:.3f} ({median(map(rate, stage)):.1f} and {median(map(rate, plain)):.1f}"
            f" of {median(map(given, offered)):.1f} a second; {own:.3f} of the frames given to the stage itself),"
            f" {nodes} chart nodes rebuilt against {per_frame:.0f} a frame",
            round(ours, 3) >= 0.98 and nodes == 0,
        )
    ]


def watch_stage(browser: Browser, address: str, *, seed: int, seconds: float) -> dict[str, Any]:
    with new_page(browser) as page:
        page.goto(f"{address}?epochs=100000&n=50000&seed={seed}")  # as many points as keep it training
        stage_is(page, "+trained > 2000")
        seek(page, 300)
        frames_before = int(page.evaluate(f"{STAGE}.dataset.frames"))
        result = page.evaluate(WATCH, [seconds, STAGE_EPOCH])
        frames_after, state, trained = page.evaluate(
            f"(({{ frames, state, trained }}) => [+frames, state, +trained])({STAGE}.dataset)"
        )
        if state != "playing" or trained >= 100_000:
            raise RuntimeError(
                f"The stage should have been playing a run in progress, but it was {state} at {trained} epochs."
            )
        return result | {"drawn": frames_after - frames_before}


def watch_plain(browser: Browser, address: str, *, seconds: float) -> dict[str, Any]:
    with new_page(browser) as page:
        page.goto(address)
        page.wait_for_function(f"() => ({PLAIN_EPOCHS})().every((epoch) => epoch !== null)", timeout=60_000)
        page.wait_for_timeout(1000)
        return page.evaluate(WATCH, [seconds, PLAIN_EPOCHS])


def seek(page: Page, epoch: int) -> None:
    """Move the playhead by its slider; playing goes on from there."""
    page.get_by_role("slider", name="Epoch", exact=True).evaluate(
        "(slider, epoch) => { slider.value = epoch; slider.dispatchEvent(new Event('input', { bubbles: true })); }",
        epoch,
    )


def rate(result: dict[str, Any]) -> float:
    return result["frames"] / result["seconds"]


def given(result: dict[str, Any]) -> float:
    """Animation frames a second."""
    return result["animationFrames"] / result["seconds"]


def told(result: dict[str, Any]) -> str:
    drawn = f", {result['drawn']} by its own count" if "drawn" in result else ""
    return (
        f"{result['frames']} frames{drawn} in {result['seconds']:.1f} s with {result['animationFrames']}"
        f" animation frames, {result['nodes']} chart nodes added"
    )


def graph(*, quick: bool) -> list[Row]:
    seconds, turns = (2, 2) if quick else (4, 6)
    modes = ("closed", "small", "large")
    rates: dict[str, list[float]] = {mode: [] for mode in modes}
    with serve(LAB) as server, chromium() as browser, new_page(browser) as page:
        page.goto(f"{server.address}?epochs=100000")
        stage_is(page, "+trained > 2000")
        page.evaluate(GET_STAGE)
        for turn in range(turns + 1):
            for mode in modes[:: 1 if turn % 2 else -1]:
                page.evaluate(SHOW_GRAPH, mode)
                seek(page, 100)
                found = rate(page.evaluate(WATCH, [seconds, STAGE_EPOCH]))
                if turn:
                    rates[mode].append(found)
    ratios = {
        mode: median(opened / closed for opened, closed in zip(rates[mode], rates["closed"], strict=True))
        for mode in ("small", "large")
    }
    return [
        Row(
            "frames drawn per second with the graph open",
            "with it closed",
            "≥ 0.8 ×",
            f"beside the charts {ratios['small']:.2f} ×, enlarged {ratios['large']:.2f} ×"
            f" ({median(rates['small']):.1f} and {median(rates['large']):.1f} against {median(rates['closed']):.1f})",
            min(ratios.values()) >= 0.8,
        )
    ]
