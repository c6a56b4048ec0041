"""Chromium as every measurement starts it: without a window, drawing in software, 1280 × 720."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

__all__ = ["chromium", "chromium_path", "new_page", "stage_is"]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
STAGE = "document.querySelector('[data-testid=stage]')"


def chromium_path() -> str:
    """Where this machine has a Chromium or Chrome."""
    script = Path(__file__).parents[1] / "tests" / "browser" / "find_chromium.sh"
    return subprocess.run(["sh", str(script)], capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for as long as the `with` block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def new_page(browser: Browser) -> Iterator[Page]:
    """A page of a visitor who was never here before."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    try:
        yield context.new_page()
    finally:
        context.close()


def stage_is(page: Page, condition: str, seconds: float = 60) -> None:
    """Wait until a condition on the stage's attributes holds: `stage_is(page, "+trained > 500")`."""
    page.wait_for_function(
        f"() => {{ const stage = {STAGE}; if (!stage) return false;"
        f" const {{ state, trained, epoch, loss }} = stage.dataset; return {condition}; }}",
        timeout=1000 * seconds,
    )
