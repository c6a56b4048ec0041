"""A lecture on two servers: followers on both, and neither a server that is killed nor a Redis that is lost ends it.

How long followers are without the lecture is printed (`pytest -s`), and not asserted: a busy machine decides that too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from cluster import Cluster, wait_until
from follower import Follower
from lecturer import Lecturer
from playwright.sync_api import expect
from serving import Server
from stage import Stage

from core import Experiment, train

LINK = "?learning_rate=0.05&epochs=40"
FOLLOWERS = 12


@pytest.fixture
def lecturer(cluster) -> Lecturer:
    """Has opened a room on the first server, and shows a run."""
    ours, _ = cluster.replicas.values()
    lecturer = Lecturer(ours.address)
    lecturer.show(link=LINK, epoch=7)
    return lecturer


@pytest.fixture
def follow() -> Iterator[Callable[..., list[Follower]]]:
    """So many come to a lecturer's room at an address; they leave after the test."""
    all_of_them: list[Follower] = []

    def follow(lecturer: Lecturer, address: str, count: int = 1) -> list[Follower]:
        new = [Follower(address, lecturer.code) for _ in range(count)]
        all_of_them.extend(new)
        return new

    yield follow
    for follower in all_of_them:
        follower.leave()


def all_see(followers: list[Follower], epoch: int) -> None:
    wait_until(lambda: all(follower.sees(epoch) for follower in followers))


def test_a_lecturer_on_one_server_is_followed_on_both(cluster: Cluster, lecturer, follow):
    ours, theirs = (replica.address for replica in cluster.replicas.values())
    followers = [one for address in (ours, theirs, cluster.address) for one in follow(lecturer, address, 2)]
    all_see(followers, 7)
    lecturer.show(epoch=23)
    all_see(followers, 23)
    assert {one.state["link"] for one in followers} == {LINK}
    lecturer.address = theirs
    lecturer.show(epoch=24)
    all_see(followers, 24)


def test_when_a_server_is_killed_its_followers_are_back_at_the_lecturers_epoch(
    cluster: Cluster, lecturer, follow, visitors
):
    followers = follow(lecturer, cluster.address, FOLLOWERS)
    all_see(followers, 7)
    page = Stage(visitors.come())
    page.page.goto(lecturer.page)
    page.wait_until_drawn()
    page.wait_epoch(7)
    lost, other = cluster.replicas.values()
    lecturer.address = other.address
    lost.kill()
    lecturer.show(epoch=31)
    all_see(followers, 31)
    page.wait_epoch(31)
    records = list(train(Experiment(learning_rate=0.05, epochs=40)))
    assert page.values == (records[31].b, records[31].w, records[31].loss)
    cut = [one for one in followers if one.cuts]
    assert 0 < len(cut) < FOLLOWERS
    print(f"After {max(one.returns[-1] - one.cuts[-1] for one in cut):.1f} s all {len(cut)} were back.")


@pytest.mark.parametrize("how", [Server.kill, Server.stop])
def test_a_visitors_run_comes_back_on_the_other_server_with_its_playhead(cluster, lecturer, follow, visitors, how):
    stage = visitors.open("epochs=400&seed=402&learning_rate=0.02", pace=0)
    stage.wait_trained(400)
    stage.seek(123)
    stage.click("Pause")
    before = stage.values
    followers = follow(lecturer, cluster.address, 4)
    all_see(followers, 7)
    [host] = [host for host, one in cluster.proxy.standing("visitors").items() if one.sessions]
    how(cluster.replicas[host])  # asked to, it ends within half a minute
    back = "The line to the server is back, and the run is where it was."
    expect(stage.element.get_by_role("status")).to_have_text(back)
    assert (stage.state, stage.epoch, stage.trained) == ("paused", 123, 400)
    records = list(train(Experiment(epochs=400, seed=402, learning_rate=0.02)))
    assert stage.values == before == (records[123].b, records[123].w, records[123].loss)
    # What happens within an epoch only a server knows: it is the other one, which has trained the run as well.
    stage.click("Next beat")
    assert len(stage.beat_lines()) > 0
    all_see(followers, 7)


def test_a_redis_that_is_lost_and_comes_back_empty_costs_nothing_but_the_way_to_the_other_server(
    cluster: Cluster, lecturer, follow
):
    ours, theirs = (replica.address for replica in cluster.replicas.values())
    here, there = follow(lecturer, ours), follow(lecturer, theirs)
    all_see([*here, *there], 7)
    cluster.redis.stop()
    lecturer.show(epoch=12)
    all_see(here, 12)
    assert there[0].sees(7)
    cluster.redis.start()
    all_see(there, 12)
    lecturer.show(epoch=13)
    all_see([*here, *there], 13)
    assert [one.cuts for one in (*here, *there)] == [[], []]
