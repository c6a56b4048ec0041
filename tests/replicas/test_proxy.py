"""What the proxy of `deploy/` does with a request: who is sent where, who is said to come, what is too long."""

from __future__ import annotations

import http.client
import json
from functools import partial
from urllib.parse import urlsplit

import pytest
from cluster import OPENINGS, is_found, wait_until


@pytest.fixture
def ask(cluster):
    """Asks the proxy, and gives the status, the headers and the body."""

    def ask(method, path, *, headers=None, body=None, source="127.0.0.1"):
        line = http.client.HTTPConnection(urlsplit(cluster.address).netloc, timeout=60, source_address=(source, 0))
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    return ask


def served(cluster, backend: str = "visitors") -> dict[str, int]:
    return {host: one.served for host, one in cluster.proxy.standing(backend).items()}


def test_a_visit_stays_on_its_server_and_the_next_one_goes_to_the_other(cluster, ask):
    cookies = set()
    for _ in range(4):
        status, headers, _ = ask("GET", "/")
        assert status == 200
        cookie, *attributes = headers["Set-Cookie"].split("; ")
        assert {"HttpOnly", "SameSite=Lax"} <= set(attributes)
        cookies.add(cookie)
    assert len(cookies) == 2
    for cookie in cookies:
        before = served(cluster)
        for _ in range(6):
            _, headers, _ = ask("GET", "/", headers={"Cookie": cookie})
            assert "Set-Cookie" not in headers
        assert sorted(after - before[host] for host, after in served(cluster).items()) == [0, 6]


def test_where_the_visit_is_by_https_the_cookie_is_taken_within_another_sites_page(ask):
    _, headers, _ = ask("GET", "/", headers={"X-Forwarded-Proto": "https"})
    assert {"HttpOnly", "SameSite=None", "Secure", "Partitioned"} <= set(headers["Set-Cookie"].split("; "))


def test_followers_go_anywhere_and_the_lecturer_does_not(cluster, ask):
    _, headers, told = ask("POST", "/room")
    cookie = headers["Set-Cookie"].split(";")[0]
    room, secret = f"/room/{json.loads(told)['code']}", json.loads(told)["secret"]
    # A server that was started just now is busy with itself for some seconds.
    for replica in cluster.replicas.values():
        wait_until(partial(is_found, replica.address, room.removeprefix("/room/")))
    followers, visitors = served(cluster, "followers"), served(cluster)

    def both_have_served() -> bool:
        status, headers, _ = ask("GET", room, headers={"Cookie": cookie})
        assert (status, headers["Set-Cookie"]) == (200, None)
        return all(after > followers[host] for host, after in served(cluster, "followers").items())

    wait_until(both_have_served)  # as soon as no stream of an earlier test makes one of them the busier one
    for _ in range(6):
        ask("GET", f"{room}/lecture", headers={"Cookie": cookie, "X-Presenter": secret})
    assert sorted(after - visitors[host] for host, after in served(cluster).items()) == [0, 6]


def test_the_lab_counts_by_the_visitors_address_whatever_a_visitor_says(ask):
    def opened(source, **headers):
        return ask("POST", "/room", headers=headers, source=source)[0]

    # Each server lets so many in at once, and a few more in the time that this takes.
    said = [opened("127.0.0.8", **{"X-Forwarded-For": f"10.0.0.{i}"}) for i in range(3 * OPENINGS)]
    assert said[0] == 201
    assert said[-1] == 429
    assert opened("127.0.0.9") == 201


def test_what_is_too_long_is_refused_before_it_is_sent(ask):
    too_long = {"Content-Length": str(26_000_000)}
    status, _, body = ask("PUT", "/_stcore/upload_file/session/file", headers=too_long)
    assert (status, body) == (413, b"One file at a time, of at most 20 MB.")
    status, _, body = ask("POST", "/room/ABCDEF/answers", headers={"Content-Length": "70000"})
    assert (status, json.loads(body)) == (413, {"error": "That is too long for a room."})


def test_a_server_that_was_killed_is_left_at_once_and_taken_back(cluster, ask):
    _, headers, _ = ask("GET", "/")
    cookie = headers["Set-Cookie"].split(";")[0]
    before = served(cluster)
    ask("GET", "/", headers={"Cookie": cookie})
    [host] = [host for host, after in served(cluster).items() if after > before[host]]
    cluster.replicas[host].kill()
    # Before the proxy has looked: who has the cookie of the dead one is served by the other, and stays there.
    status, headers, _ = ask("GET", "/", headers={"Cookie": cookie})
    assert status == 200
    assert headers["Set-Cookie"].split(";")[0] != cookie
    seconds = wait_until(lambda: not cluster.proxy.standing("visitors")[host].is_up)
    print(f"The proxy had it out after {seconds:.1f} s.")
    cluster.replicas[host].start()
    wait_until(cluster.is_whole)
    status, headers, _ = ask("GET", "/", headers={"Cookie": cookie})
    assert (status, headers["Set-Cookie"]) == (200, None)
