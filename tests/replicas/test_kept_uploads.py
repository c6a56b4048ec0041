"""Uploaded files that all servers find: within bounds, believed as far as their digest says, and lost without harm."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from playwright.sync_api import expect
from redis import Redis as Client
from redis_server import Redis

from core import Experiment, read_table, train
from dashboard.lab.uploads import Uploads
from dashboard.replicas.kept_uploads import KeptUploads, Upload, connect, digest_of
from dashboard.replicas.redis_address import Away

HOUR = 60 * 60
DAY = 24 * HOUR

CSV = b"time,speed\n" + b"".join(b"%d,%d\n" % (i, 3 * i + i % 2) for i in range(12))


def file(number: int) -> bytes:
    return CSV.replace(b"time", b"tim%d" % number)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def one_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis = Redis(tmp_path_factory.mktemp("redis"))
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture
def redis(one_redis: Redis) -> Redis:
    """An empty one, that runs."""
    if not one_redis.is_running:
        one_redis.start()
    with Client.from_url(one_redis.url) as client:
        client.flushall()
    return one_redis


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(redis, clock):
    """Makes the uploads of a server, of which there are several."""
    clients = []

    def server(most_bytes: int = 10_000_000, room: int = 10_000_000, read=read_table) -> Uploads:
        """`most_bytes` in Redis, and `room` for tables here."""
        clients.append(connect(redis.url))
        return Uploads(room, read, KeptUploads(clients[-1], most_bytes, clock), clock)

    yield server
    for client in clients:
        client.close()


def test_what_one_server_read_another_finds_the_same(server):
    one, other = server(), server()
    digest = one.add(CSV, "own.csv", "ann")
    assert one.is_everywhere(digest)
    table = other.get(digest)
    assert (table.name, table.reading) == ("own.csv", one.get(digest).reading)
    assert table.numeric_columns() == ["time", "speed"]
    assert other.get(digest) is table
    assert other.get("0" * 16) is None
    assert other.get("*") is None


def test_everything_there_leaves_within_a_day_and_use_renews_it(server, redis):
    one = server()
    digest = one.add(CSV, "own.csv", "ann")
    assert all(0 < seconds <= DAY for seconds in redis.lives().values())
    with Client.from_url(redis.url) as client:
        client.expire(f"gdl:upload:{digest}", 60)
        server().get(digest)
        assert redis.lives()[f"gdl:upload:{digest}"] > 60


def test_the_one_used_longest_ago_makes_room_for_all_servers(server):
    one, other, third = (server(3 * len(file(0))) for _ in range(3))
    digests = [one.add(file(i), f"{i}.csv", f"visitor {i}") for i in range(3)]
    other.get(digests[0])
    other.add(file(3), "3.csv", "visitor 3")
    assert [third.get(digest) is not None for digest in digests] == [True, False, True]


def test_one_visitor_who_uploads_again_and_again_pushes_nobody_else_out(server):
    one, other = server(4 * len(file(0))), server()
    digests = [one.add(file(0), "lecture.csv", "lecturer"), one.add(file(1), "1.csv", "bob")]
    on_stage = []
    for i in range(2, 9):
        digests.append(one.add(file(i), f"{i}.csv", "ann"))
        on_stage.append(one.get(digests[-1]))  # as long as the next one is not on it
    found = [i for i, digest in enumerate(digests) if other.get(digest) is not None]
    assert found == [0, 1, 7, 8]


def test_what_its_visitor_followed_by_another_stays_for_an_hour_and_for_a_day_if_it_is_used_again(server, redis, clock):
    one = server()
    first, second = (f"gdl:upload:{one.add(file(i), f'{i}.csv', 'ann')}" for i in range(2))
    assert redis.lives()[first] <= HOUR < redis.lives()[second]
    one.add(file(0), "0.csv", "ann")
    assert redis.lives()[second] <= HOUR < redis.lives()[first]
    server().get(digest_of(file(1)))
    assert redis.lives()[second] > HOUR


def test_what_a_class_uploads_too_stays_when_one_of_them_follows_it_by_a_variation(server, redis):
    lecturers, students = server(), server()
    lecturers.add(CSV, "lecture.csv", "lecturer")
    students.add(CSV, "lecture.csv", "ann")
    students.add(file(1), "variation.csv", "ann")
    assert redis.lives()[f"gdl:upload:{digest_of(CSV)}"] > HOUR


@pytest.mark.parametrize(
    "use",
    [lambda uploads: uploads.get(digest_of(CSV)), lambda uploads: uploads.add(CSV, "lecture.csv", "ann")],
    ids=["opened", "uploaded too"],
)
def test_what_others_use_stays_when_who_uploaded_it_first_follows_it_by_another(server, redis, use):
    lecturers, students = server(), server()
    lecturers.add(CSV, "lecture.csv", "lecturer")
    use(students)
    lecturers.add(file(1), "next.csv", "lecturer")
    assert redis.lives()[f"gdl:upload:{digest_of(CSV)}"] > HOUR


def test_what_is_nowhere_is_not_asked_for_again_at_once(server, redis, clock):
    one, other = server(), server()
    digest = digest_of(CSV)
    with Client.from_url(redis.url) as client:
        client.config_resetstat()
        assert [one.get(digest) for _ in range(5)] == [None] * 5
        assert client.info("commandstats")["cmdstat_hgetall"]["calls"] == 1
    other.add(CSV, "own.csv", "ann")
    clock.now += 60
    assert one.get(digest) is not None


def test_what_is_too_large_for_a_server_is_not_read_there_again_at_once(server, clock):
    read = []

    def reading(contents: bytes, name: str):
        read.append(name)
        return read_table(contents, name)

    digest = server().add(CSV, "own.csv", "ann")
    small = server(room=100, read=reading)
    assert [small.get(digest) for _ in range(5)] == [None] * 5
    assert read == ["own.csv"]
    clock.now += 60
    assert small.get(digest) is None
    assert len(read) == 2


def test_who_uploads_does_not_wait_for_what_is_asked_of_redis(redis, clock):
    asked, answered = Event(), Event()

    class Silent(KeptUploads):
        def find(self, digest: str) -> None:
            asked.set()
            answered.wait(10)

    with connect(redis.url) as client, ThreadPoolExecutor(1) as thread:
        uploads = Uploads(elsewhere=Silent(client, clock=clock), clock=clock)
        finding = thread.submit(uploads.get, digest_of(file(1)))
        assert asked.wait(10)
        assert uploads.get(uploads.add(CSV, "own.csv", "ann")) is not None
        assert not finding.done()
        answered.set()
        assert finding.result() is None


@pytest.mark.parametrize(
    "packed",
    [b"", b"no file", zlib.compress(file(1)), zlib.compress(CSV)[:-3], zlib.compress(bytes(30_000_000))],
    ids=["nothing", "no file", "another file", "half of it", "more than anybody can upload"],
)
def test_what_is_not_the_file_that_was_asked_for_is_not_believed(server, redis, packed):
    digest = digest_of(CSV)
    with Client.from_url(redis.url) as client:
        client.hset(f"gdl:upload:{digest}", mapping={"name": "own.csv", "packed": packed})
    assert server().get(digest) is None


def test_while_redis_is_away_an_upload_works_here_and_is_everywhere_once_it_is_used_afterwards(server, redis, clock):
    one, other = server(), server()
    redis.stop()
    digest = one.add(CSV, "own.csv", "ann")
    assert not one.is_everywhere(digest)
    assert one.get(digest).numeric_columns() == ["time", "speed"]
    assert other.get(digest) is None
    redis.start()
    clock.now += 60
    one.get(digest)
    assert one.is_everywhere(digest)
    assert other.get(digest) is not None


def test_a_redis_that_has_lost_everything_is_given_again_what_is_in_use(server, redis, clock):
    one, other = server(), server()
    digest = one.add(CSV, "own.csv", "ann")
    redis.stop()
    redis.start()
    clock.now += 60
    one.get(digest)
    assert other.get(digest) is not None


def test_who_does_not_answer_is_left_alone_for_a_while(redis, clock):
    asked = []

    class Dead(Client):
        def execute_command(self, *command, **options):
            asked.append(command)
            raise ConnectionError

    with Dead.from_url(redis.url) as client:
        uploads = KeptUploads(client, clock=clock)
        for _ in range(3):
            with pytest.raises(Away):
                uploads.keep(digest_of(CSV), Upload.of(CSV, "own.csv"))
        assert len(asked) == 1
        clock.now += 60
        with pytest.raises(Away):
            uploads.find(digest_of(CSV))
        assert len(asked) == 2


def test_a_table_uploaded_on_one_server_is_opened_by_its_link_on_the_other(cluster, visitors):
    here, there = (replica.address for replica in cluster.replicas.values())
    run = list(
        train(Experiment(epochs=40, learning_rate=0.001), read_table(CSV, "own.csv").dataset(None, None, Experiment()))
    )
    stage = visitors.open("epochs=40&learning_rate=0.001", at=here)
    stage.upload(CSV, "own.csv")
    stage.wait_run(run)
    stage.page.wait_for_url("**data=**")
    visitors.open(stage.page.url.split("?")[1], at=there).wait_run(run)
    cluster.redis.stop()
    stage.upload(file(1), "other.csv")
    news = stage.page.locator(".st-key-data-news")
    expect(news).to_contain_text("The other servers of this lab do not have this table yet")
