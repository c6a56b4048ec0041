"""The lab on two servers, for all tests here, and visitors of theirs. The tools are those of the browser tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

sys.path.append(str(Path(__file__).parents[1] / "browser"))

from cluster import Cluster, is_found, started, wait_until
from lecturer import Lecturer
from visiting import NOTHING, UNREACHABLE, Visitors, launched


@pytest.fixture(scope="session")
def lab_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """At the end, its servers' logs must have nothing to complain of."""
    with started(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster
    for replica in cluster.replicas.values():
        replica.require_quiet()


@pytest.fixture
def cluster(lab_cluster: Cluster) -> Iterator[Cluster]:
    """All of it, in order; what a test ends it starts again."""
    wait_until(lab_cluster.is_whole)
    yield lab_cluster
    ended = [one for one in (lab_cluster.redis, *lab_cluster.replicas.values()) if not one.is_running]
    for one in ended:
        one.start()
    if lab_cluster.redis in ended:
        wait_until_in_touch(lab_cluster)


def wait_until_in_touch(cluster: Cluster) -> None:
    """Wait until a room that is opened on one server is found on the other, either way."""
    servers = [replica.address for replica in cluster.replicas.values()]
    for here, there in (servers, servers[::-1]):
        lecturer = Lecturer(here)
        wait_until(partial(is_found, there, lecturer.code))
        lecturer.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with each file: while it lives, the tests of others could not have an event loop of their own."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def all_visitors(browser: Browser, lab_cluster: Cluster) -> Visitors:
    return Visitors(browser, lab_cluster.address)


@pytest.fixture
def visitors(all_visitors: Visitors, request: pytest.FixtureRequest) -> Iterator[Visitors]:
    """They come in through the proxy, and leave after the test. A console may say that a line was cut, and no more."""
    all_visitors.forgiven = UNREACHABLE
    yield all_visitors
    all_visitors.leave()
    complaints, all_visitors.complaints, all_visitors.forgiven = all_visitors.complaints, [], NOTHING
    assert complaints == []
