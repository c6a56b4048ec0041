"""Visitors of the lab: a browser, pages in it, and what their consoles complain of."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    WebError,
    expect,
    sync_playwright,
)
from stage import Stage

from dashboard.shared.static_address import static_files, versioned

__all__ = ["NOTHING", "UNREACHABLE", "Visitors", "launched"]

HERE = Path(__file__).parent
FAILURES = HERE / "failures"

PATIENCE_MS = 90_000
"""How long anything may take before it counts as never: much longer than it takes, for a busy machine.

The first visitors of a server wait until it has loaded all that it is made of.
"""

expect.set_options(timeout=PATIENCE_MS)

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--process-per-site"]
"""One process for all pages of the lab: what it has compiled for one visitor it need not compile for the next."""

WINDOW: ViewportSize = {"width": 1280, "height": 720}

SEARCHING = re.compile(r"/(course|devices|graph|mistakes)/_stcore/(health|host-config)$")
"""Where Streamlit looks for its server first when a page is opened by its address, before it looks one level up."""

TOGETHER = re.compile("Multiple different fragmentIds detected")
"""Streamlit's warning where two parts of a page ask in one moment: it runs one of them, the page sees to the other."""

NOTHING = re.compile(r"(?!)")

UNREACHABLE = re.compile(
    r"net::ERR_|WebSocket onclose|Client Error in reaching server endpoint|Streamlit server is not responding"
    r"|Cannot send rerun backMessage when disconnected"
)
"""What the browser and Streamlit write into the console while there is no server."""


@contextmanager
def launched() -> Iterator[Browser]:
    """The Chromium of this machine."""
    path = subprocess.run(
        ["sh", str(HERE / "find_chromium.sh")], check=True, capture_output=True, text=True
    ).stdout.strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Visitors:
    """Everybody who has the lab open, each on a page of their own, and what their consoles complained of.

    They share a browser profile, which is cleared when they leave: a page opens there at less than half of what it
    costs in a profile of its own, where the browser reads and compiles every script anew.
    """

    def __init__(self, browser: Browser, server: str) -> None:
        self._browser = browser
        self._passing: list[Page] = []
        self._staying: list[Page] = []
        self.complaints: list[str] = []
        self.forgiven = NOTHING
        """What their consoles may say until the end of the test."""
        self._server = server
        self._profile = self._new_profile()
        # It keeps the process alive while nobody is there, and clears the profile.
        self._caretaker = self._profile.new_page()
        self._caretaker.goto("/_stcore/health")

    def come(
        self,
        *,
        stay: bool = False,
        viewport: ViewportSize = WINDOW,
        color_scheme: Literal["light", "dark"] = "light",
        reduced_motion: Literal["reduce", "no-preference"] = "no-preference",
        **own: Any,
    ) -> Page:
        """The page of a visitor with an empty memory, who leaves at the end of the test, or stays until `leave`.

        Whoever has something of their `own`, as a touch screen or a network, gets a profile of their own.
        """
        page = (self._new_profile(**own) if own else self._profile).new_page()
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        (self._staying if stay else self._passing).append(page)
        return page

    def open(self, query: str = "", *, at: str = "", pace: float = 1, **options: Any) -> Stage:
        """A visitor before the lab, its stage drawn: `open("epochs=50", color_scheme="dark")`. See `Stage.open`.

        `at` is the lab's address where that is not the usual one.
        """
        stage = Stage(self.come(**options))
        stage.open(query, at=at, pace=pace)
        return stage

    def open_blank(self, **options: Any) -> Page:
        """A visitor before an almost empty page of the same origin, from which the stage's modules can be imported.

        They are named there without the version that is in their addresses.
        """
        page = self.come(**options)
        page.goto("/_stcore/health")
        page.evaluate(
            """imports => {
                const map = Object.assign(document.createElement("script"), {type: "importmap"});
                map.textContent = JSON.stringify({imports});
                document.head.append(map);
            }""",
            {f"/app/static/{folder}/": f"/{versioned(static_files())}{folder}/" for folder in ("stage", "room")},
        )
        return page

    def leave(self, *pages: Page) -> None:
        """These leave, or all who do not stay."""
        for page in pages or tuple(self._passing):
            (page if page.context is self._profile else page.context).close()
        self._passing = [page for page in self._passing if page not in pages and pages]
        self._staying = [page for page in self._staying if page not in pages]
        self._profile.clear_cookies()
        self._caretaker.evaluate("localStorage.clear()")

    def _new_profile(self, **options: Any) -> BrowserContext:
        profile = self._browser.new_context(**{"base_url": self._server} | options)
        profile.set_default_timeout(PATIENCE_MS)
        profile.on("console", self._on_console)
        profile.on("weberror", self._on_error)
        return profile

    def photograph(self, test: str) -> None:
        FAILURES.mkdir(exist_ok=True)
        name = re.sub(r"\W+", "-", test)[:80]
        for number, page in enumerate((*self._passing, *self._staying)):
            page.screenshot(path=FAILURES / f"{name}{f'-{number}' if number else ''}.png")

    def _on_console(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        forgiven = (TOGETHER, self.forgiven)
        expected = SEARCHING.search(address) or any(pattern.search(message.text) for pattern in forgiven)
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"{message.type}: {message.text} {address}")

    def _on_error(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error}")
