"""What is this machine alone, and what it is called on its networks."""

from __future__ import annotations

import socket

import pytest

from dashboard.room import network
from dashboard.room.network import is_local, own_addresses


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "lab.localhost", "127.3.2.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1"],
)
def test_what_means_the_machine_that_asks(host):
    assert is_local(host)


@pytest.mark.parametrize(
    "host", ["lab.example.org", "mylocalhost", "10.0.0.1", "fd00::7", "128.0.0.1", "::ffff:10.0.0.1"]
)
def test_what_others_can_ask_for(host):
    assert not is_local(host)


def having(monkeypatch, *, outwards=(), interfaces=(), name=()) -> list[str]:
    for which, addresses in (("_outwards", outwards), ("_of_interfaces", interfaces), ("_of_its_name", name)):
        monkeypatch.setattr(network, which, lambda addresses=addresses: addresses)
    return own_addresses()


def test_the_way_to_the_internet_comes_first(monkeypatch):
    found = having(monkeypatch, outwards=["192.168.0.7"], interfaces=["127.0.0.1", "10.42.0.1", "192.168.0.7"])
    assert found == ["192.168.0.7", "10.42.0.1"]


def test_hall_without_internet_is_found_by_the_network_cards(monkeypatch):
    assert having(monkeypatch, interfaces=["127.0.0.1", "10.42.0.1"], name=["127.0.1.1"]) == ["10.42.0.1"]


def test_address_that_a_machine_gave_itself_comes_last(monkeypatch):
    found = having(monkeypatch, outwards=["169.254.3.4"], name=["192.168.0.7", "fe80::1", "fd00::7"])
    assert found == ["192.168.0.7", "169.254.3.4", "fd00::7"]


def test_machine_without_a_network_has_none(monkeypatch):
    assert having(monkeypatch, interfaces=["127.0.0.1"], name=["127.0.1.1", "::1"]) == []


def test_addresses_of_this_machine_are_its_own():
    for one in own_addresses():
        with socket.socket(socket.AF_INET6 if ":" in one else socket.AF_INET) as probe:
            probe.bind((one, 0))  # fails with another machine's
