"""The door: a hall comes in at once, a script does not hold it."""

from __future__ import annotations

from dashboard.server.door import Door


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_hall_behind_one_address_comes_in_at_once():
    door = Door()
    assert all(door.lets_in("hall") for _ in range(300))


def test_who_opens_more_than_that_is_let_in_as_time_passes():
    clock = Clock()
    door = Door(at_once=10, per_second=2, clock=clock)
    assert [door.lets_in("script") for _ in range(12)] == [True] * 10 + [False] * 2
    clock.now = 1.0
    assert [door.lets_in("script") for _ in range(3)] == [True, True, False]
    clock.now = 1.4
    assert not door.lets_in("script")
    clock.now = 1.5
    assert door.lets_in("script")


def test_one_address_takes_nothing_from_another():
    door = Door(at_once=3, per_second=0, clock=Clock())
    assert [door.lets_in("script") for _ in range(5)] == [True] * 3 + [False] * 2
    assert [door.lets_in("hall") for _ in range(3)] == [True] * 3


def test_patience_is_not_saved_up_beyond_the_first_number():
    clock = Clock()
    door = Door(at_once=2, per_second=1, clock=clock)
    assert door.lets_in("a")
    clock.now = 1000.0
    assert [door.lets_in("a") for _ in range(3)] == [True, True, False]


def test_all_addresses_of_one_ipv6_network_are_one():
    door = Door(at_once=2, per_second=0, clock=Clock())
    assert [door.lets_in(f"2001:db8::{number}") for number in range(1, 4)] == [True, True, False]
    assert door.lets_in("2001:db8:0:1::1")
    assert door.lets_in("192.0.2.1")
    assert door.lets_in("192.0.2.2")
