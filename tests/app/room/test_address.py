"""The room's address is one that a hall can reach, wherever the lecturer's browser and the server stand."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

import pytest
from starlette.requests import Request
from streamlit import config

from dashboard.room import address
from dashboard.room.address import Address, hall_address, room_address

Setting = Callable[..., None]

OPTIONS = ("browser.serverAddress", "browser.serverPort", "server.address", "server.port", "server.baseUrlPath")


@pytest.fixture
def options(monkeypatch) -> Setting:
    """Sets options as the command that starts the server does."""
    known = config.get_config_options()
    for name in OPTIONS:
        monkeypatch.setitem(known, name, copy(known[name]))

    def given(**values: object) -> None:
        for name, value in values.items():
            config._set_option(name.replace("_", "."), value, "command-line argument or environment variable")

    return given


@pytest.fixture(autouse=True)
def network(monkeypatch) -> Callable[[list[str]], None]:
    """A machine in the network 192.168.178.0, unless it is given other addresses."""

    def has(addresses: list[str]) -> None:
        monkeypatch.setattr(address, "own_addresses", lambda: addresses)

    has(["192.168.178.23", "10.42.0.1"])
    return has


def asked(host: str = "localhost:8501", path: str = "/room", scheme: str = "http", root: str = "", **headers: str):
    """The request of a lecturer's browser."""
    given = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Request(
        {
            "type": "http",
            "method": "POST",
            "scheme": scheme,
            "path": path,
            "root_path": root,
            "query_string": b"",
            "server": ("127.0.0.1", 8501),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
    )


def url(*given: object, **headers: object) -> str:
    found = room_address(asked(*given, **headers), "K7QXM2")
    assert found.reachable
    return found.url


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "127.8.9.1:1", "0.0.0.0:8501"])
def test_loopback_becomes_the_machines_address_on_the_network(options, host):
    options(server_port=8501)
    assert url(host) == "http://192.168.178.23:8501/room/K7QXM2"


def test_what_the_browser_asks_for_is_believed_where_others_can_ask_for_it():
    assert url("lab.example.org") == "http://lab.example.org/room/K7QXM2"
    assert url("lab.example.org:8080") == "http://lab.example.org:8080/room/K7QXM2"
    assert url("192.168.0.9:8501") == "http://192.168.0.9:8501/room/K7QXM2"
    assert url("[fd00::7]:8501") == "http://[fd00::7]:8501/room/K7QXM2"


def test_proxy_tells_what_it_was_asked_for():
    told = {"x_forwarded_host": "lab.example.org", "x_forwarded_proto": "https"}
    assert url("127.0.0.1:8501", **told) == "https://lab.example.org/room/K7QXM2"
    several = {"x_forwarded_host": "lab.example.org, inner:8080", "x_forwarded_proto": "https, http"}
    assert url("127.0.0.1:8501", **several) == "https://lab.example.org/room/K7QXM2"


def test_encrypted_server_has_an_encrypted_address():
    assert url("lab.example.org", scheme="https") == "https://lab.example.org/room/K7QXM2"
    assert url("lab.example.org:443", scheme="https") == "https://lab.example.org/room/K7QXM2"


def test_what_the_server_was_started_with_counts_most(options):
    options(browser_serverAddress="hall.example.org", server_port=8613)
    assert url("lab.example.org") == "http://hall.example.org:8613/room/K7QXM2"
    assert hall_address().url == "http://hall.example.org:8613/"
    options(browser_serverPort=443)
    assert url("localhost:8613") == "https://hall.example.org/room/K7QXM2"
    options(browser_serverAddress="fd00::7", browser_serverPort=8613)
    assert url("localhost:8613") == "http://[fd00::7]:8613/room/K7QXM2"


def test_loopback_that_the_server_was_started_with_counts_for_nothing(options):
    options(browser_serverAddress="localhost", server_port=8501)
    assert url("lab.example.org") == "http://lab.example.org/room/K7QXM2"
    assert url("localhost:8501") == "http://192.168.178.23:8501/room/K7QXM2"


def test_server_that_listens_on_one_address_has_that(options):
    options(server_address="10.42.0.1", server_port=8613)
    assert hall_address() == Address("http://10.42.0.1:8613/", True)


@pytest.mark.parametrize("listens", ["127.0.0.1", "localhost", "::1"])
def test_server_that_listens_to_its_own_machine_alone_says_so(options, listens):
    options(server_address=listens, server_port=8613)
    found = room_address(asked("localhost:9000"), "K7QXM2")
    assert found == Address("http://localhost:9000/room/K7QXM2", False)
    host = "[::1]" if listens == "::1" else listens
    assert hall_address() == Address(f"http://{host}:8613/", False)


def test_tunnel_to_a_server_on_loopback_is_believed(options):
    options(server_address="127.0.0.1")
    assert url("lab.example.org") == "http://lab.example.org/room/K7QXM2"


def test_machine_without_a_network_says_so(options, network):
    network([])
    options(server_port=8501)
    assert room_address(asked("localhost:8501"), "K7QXM2") == Address("http://localhost:8501/room/K7QXM2", False)
    assert hall_address() == Address("http://localhost:8501/", False)


def test_path_under_which_the_lab_is_served_stays(options):
    assert url("lab.example.org", root="/outer") == "http://lab.example.org/outer/room/K7QXM2"
    options(server_baseUrlPath="/lab/")
    assert url("lab.example.org") == "http://lab.example.org/lab/room/K7QXM2"
    assert hall_address().url.endswith("/lab/")


@pytest.mark.parametrize("page", ["/outer/", "/outer", "/outer/course?chapter=data", "/outer/mistakes/"])
def test_prefix_that_a_proxy_strips_is_read_from_the_page_that_asks(page):
    found = url("lab.example.org", referer=f"https://lab.example.org{page}", x_forwarded_proto="https")
    assert found == "https://lab.example.org/outer/room/K7QXM2"


def test_page_of_another_site_has_no_say():
    assert url("lab.example.org", referer="https://evil.example/outer/") == "http://lab.example.org/room/K7QXM2"
    assert url("lab.example.org", referer="http://lab.example.org/a\"b'<i>/") == "http://lab.example.org/room/K7QXM2"


@pytest.mark.parametrize(
    "host",
    ["", "a b", "lab.example.org/x", "user@evil.example", "<script>", "lab:port", "[::1", "lab:99999", '"'],
)
def test_what_cannot_be_a_host_is_not_believed(options, host):
    options(server_port=8501)
    assert url(host) == "http://192.168.178.23:8501/room/K7QXM2"
    assert url("lab.example.org", x_forwarded_proto="javascript") == "http://192.168.178.23:8501/room/K7QXM2"
