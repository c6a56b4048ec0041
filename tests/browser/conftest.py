"""One server and one browser for all tests, a fresh visitor for each, and nothing odd in anybody's console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from serving import Server
from stage import Stage
from visiting import NOTHING, Visitors, launched

from core import Experiment, Record, train

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
    with launched() as browser:
        yield browser


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
    visitors.leave(page)


RESTING = Experiment(epochs=150, learning_rate=0.05, seed=3)


@pytest.fixture(scope="module")
def resting_stage(visitors: Visitors) -> Iterator[Stage]:
    stage = visitors.open("epochs=150&learning_rate=0.05&seed=3", stay=True)
    yield stage
    visitors.leave(stage.page)


@pytest.fixture
def resting(resting_stage: Stage) -> Stage:
    """The finished run of `resting_run`, at its end: for tests that only move the playhead, one page for them all."""
    resting_stage.page.mouse.move(0, 0)
    resting_stage.page.evaluate("document.activeElement.blur()")
    resting_stage.speed.select_option("1")
    resting_stage.hurry(1)
    resting_stage.rest()
    resting_stage.page.evaluate("document.activeElement.blur()")
    return resting_stage


@pytest.fixture(scope="module")
def resting_run() -> tuple[Experiment, list[Record]]:
    """What the engine says of that run."""
    return RESTING, list(train(RESTING))
