"""One server and one browser for all tests, a fresh visitor for each, and nothing odd in anybody's console."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebError, expect, sync_playwright
from serving import Server
from stage import Stage

from core import Experiment, Record, train
from dashboard.shared.static_address import static_files, versioned

HERE = Path(__file__).parent
FAILURES = HERE / "failures"

PATIENCE_MS = 30_000
"""How long anything may take before it counts as never: much longer than it takes, for a busy machine."""

expect.set_options(timeout=PATIENCE_MS)

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

SEARCHING = re.compile(r"/(course|graph|mistakes)/_stcore/(health|host-config)$")
"""Where Streamlit looks for its server first when a page is opened by its address, before it looks one level up."""

NOTHING = re.compile(r"(?!)")

Open = Callable[..., Stage]

failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    item.stash[failed] = item.stash.get(failed, False) or report.failed
    return report


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The lab that all tests share. At the end, its log must have nothing to complain of."""
    server = Server(tmp_path_factory.mktemp("server") / "log.txt")
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def server(lab_server: Server) -> str:
    """Its address."""
    return lab_server.address


@pytest.fixture
def server_lives(lab_server: Server) -> Callable[[], bool]:
    """Asks the server how it is."""
    return lab_server.is_healthy


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = subprocess.run(
        ["sh", str(HERE / "find_chromium.sh")], check=True, capture_output=True, text=True
    ).stdout.strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Visitors:
    """Everybody who has the lab open, each in a browser of their own, and what their consoles complained of."""

    def __init__(self, browser: Browser, server: str) -> None:
        self._browser = browser
        self._server = server
        self._passing: list[BrowserContext] = []
        self._staying: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.forgiven = NOTHING
        """What their consoles may say until the end of the test."""

    def come(self, *, stay: bool = False, **options: Any) -> BrowserContext:
        """A visitor with an empty memory, who leaves at the end of the test, or stays until `leave`."""
        context = self._browser.new_context(
            **{"viewport": {"width": 1280, "height": 720}, "base_url": self._server} | options
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        (self._staying if stay else self._passing).append(context)
        return context

    def open(self, query: str = "", **options: Any) -> Stage:
        """A visitor before the lab, its stage drawn: `open("epochs=50", color_scheme="dark")`."""
        stage = Stage(self.come(**options).new_page())
        stage.open(query)
        return stage

    def open_blank(self, **options: Any) -> Page:
        """A visitor before an almost empty page of the same origin, from which the stage's modules can be imported.

        They are named there without the version that is in their addresses.
        """
        page = self.come(**options).new_page()
        page.goto("/_stcore/health")
        page.evaluate(
            """imports => {
                const map = Object.assign(document.createElement("script"), {type: "importmap"});
                map.textContent = JSON.stringify({imports});
                document.head.append(map);
            }""",
            {"/app/static/stage/": f"/{versioned(static_files())}stage/"},
        )
        return page

    def leave(self, *contexts: BrowserContext) -> None:
        for context in contexts or tuple(self._passing):
            context.close()
        self._passing = [context for context in self._passing if context not in contexts and contexts]
        self._staying = [context for context in self._staying if context not in contexts]

    def photograph(self, test: str) -> None:
        FAILURES.mkdir(exist_ok=True)
        name = re.sub(r"\W+", "-", test)[:80]
        pages = [page for context in (*self._passing, *self._staying) for page in context.pages]
        for number, page in enumerate(pages):
            page.screenshot(path=FAILURES / f"{name}{f'-{number}' if number else ''}.png")

    def _on_console(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        expected = SEARCHING.search(address) or self.forgiven.search(message.text)
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"{message.type}: {message.text} {address}")

    def _on_error(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error}")


@pytest.fixture(scope="session")
def visitors(browser: Browser, server: str) -> Visitors:
    return Visitors(browser, server)


@pytest.fixture(autouse=True)
def order(visitors: Visitors, request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test its visitors leave, and no console may have complained."""
    yield
    if request.node.stash.get(failed, False):
        visitors.photograph(request.node.name)
    visitors.leave()
    complaints, visitors.complaints, visitors.forgiven = visitors.complaints, [], NOTHING
    assert complaints == []


@pytest.fixture
def lab(visitors: Visitors) -> Open:
    """Opens the lab for a fresh visitor: see `Visitors.open`."""
    return visitors.open


@pytest.fixture(scope="module")
def blank_page(visitors: Visitors) -> Iterator[Page]:
    """An almost empty page of the same origin, from which the stage's modules can be imported."""
    page = visitors.open_blank(stay=True)
    yield page
    visitors.leave(page.context)


RESTING = Experiment(epochs=150, learning_rate=0.05, seed=3)


@pytest.fixture(scope="module")
def resting_stage(visitors: Visitors) -> Iterator[Stage]:
    stage = visitors.open("epochs=150&learning_rate=0.05&seed=3", stay=True)
    yield stage
    visitors.leave(stage.page.context)


@pytest.fixture
def resting(resting_stage: Stage) -> Stage:
    """The finished run of `resting_run`, at its end: for tests that only move the playhead, one page for them all."""
    resting_stage.page.mouse.move(0, 0)
    resting_stage.page.evaluate("document.activeElement.blur()")
    resting_stage.speed.select_option("1")
    resting_stage.rest()
    resting_stage.page.evaluate("document.activeElement.blur()")
    return resting_stage


@pytest.fixture(scope="module")
def resting_run() -> tuple[Experiment, list[Record]]:
    """What the engine says of that run."""
    return RESTING, list(train(RESTING))
