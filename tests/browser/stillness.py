"""When a page may be looked at: colours, places and sizes that are read while something moves are those of no state.

Streamlit fades what is about to be replaced, labels and menus fade in and out, fonts and code arrive late, and charts
follow the size of their panels. Whatever is measured or judged by its look is therefore looked at through here.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Frame, Locator, Page

__all__ = ["bounds", "measured", "wait_still"]

FRAMES = 3
"""In how many frames one after the other nothing may move: what one frame sets off, the next shows."""

STILL = """frames => {
    const app = document.querySelector("[data-testid=stApp]");
    // A page without a server has none.
    const busy = (app && app.dataset.testScriptState !== "notRunning") || document.fonts.status !== "loaded"
        || document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
        || document.getAnimations().some(one => one.playState === "running");
    const places = [];
    for (const one of busy ? [] : document.body.querySelectorAll("*")) {
        const {x, y, width, height} = one.getBoundingClientRect();
        places.push(x, y, width, height);
    }
    const now = places.join();
    window.stillFor = !busy && now === window.stillAt ? window.stillFor + 1 : 0;
    window.stillAt = now;
    return window.stillFor >= frames;
}"""


def wait_still(page: Page | Frame) -> None:
    """Wait until the server has nothing more to say, no element is stale or fades, and none changes its place."""
    page.evaluate("() => { window.stillAt = undefined; }")
    page.wait_for_function(STILL, arg=FRAMES)


def bounds(locator: Locator) -> dict[str, float]:
    """`x`, `y`, `width` and `height` of the element, once the page stands still."""
    wait_still(locator.page)
    found = locator.bounding_box()
    assert found, f"{locator} is not to be seen"
    return dict(found)


def measured(locator: Locator, script: str, given: Any = None) -> Any:
    """What `script` reads from the element, once the page stands still."""
    wait_still(locator.page)
    return locator.evaluate(script, given)
