"""A follower's stream: the last state at once, and after each change, however slow the follower is."""

from __future__ import annotations

from lecture_hall import STATE

from dashboard.room.bounds import ALIVE_SECONDS, ROOM_SECONDS


def say(hall, room, secret, epoch) -> None:
    hall.seconds += 1
    assert hall.ask("POST", f"{room}/state", {**STATE, "epoch": epoch}, x_presenter=secret).status == 204


def test_whoever_comes_late_has_the_last_state_at_once(hall):
    room, secret = hall.open()
    say(hall, room, secret, 7)
    reader = hall.listen(room)
    assert [state["epoch"] for state in reader.of("state")] == [7]
    assert reader.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reader.headers["cache-control"] == "no-store"
    assert "content-length" not in reader.headers


def test_all_followers_are_sent_the_same_text(hall):
    room, secret = hall.open()
    readers = [hall.listen(room) for _ in range(50)]
    say(hall, room, secret, 7)
    hall.settle()
    assert all(reader.chunks[-1] is readers[0].chunks[-1] for reader in readers)


def test_who_reads_slowly_holds_up_nobody_and_goes_on_with_the_last_state(hall):
    room, secret = hall.open()
    slow, quick = hall.listen(room, is_slow=True), hall.listen(room)
    for epoch in range(100):
        say(hall, room, secret, epoch)
    hall.settle()
    assert [state["epoch"] for state in quick.of("state")] == [0, *range(100)]
    assert slow.chunks == []
    slow.may_take.set()
    hall.settle()
    assert [state["epoch"] for state in slow.of("state")] == [0, 99]


def test_versions_grow_by_one(hall):
    room, secret = hall.open()
    reader = hall.listen(room)
    for epoch in range(5):
        say(hall, room, secret, epoch)
    hall.settle()
    versions = [state["version"] for state in reader.of("state")]
    assert versions == list(range(versions[0], versions[0] + 6))


def here(hall, room, secret) -> int:
    hall.seconds += 1
    return hall.ask("GET", f"{room}/lecture", x_presenter=secret).said["here"]


def test_lecturer_alone_is_told_how_many_follow(hall):
    room, secret = hall.open()
    readers = [hall.listen(room) for _ in range(3)]
    assert here(hall, room, secret) == 3
    for reader in readers[1:]:
        hall.run(reader.left.set)
    hall.tick(ALIVE_SECONDS - 1)
    assert here(hall, room, secret) == 1
    assert [name for name, _ in readers[0].events] == ["state"]


def test_streams_show_that_they_live(hall):
    room, _ = hall.open()
    reader = hall.listen(room)
    hall.tick(3 * ALIVE_SECONDS)
    assert reader.of("alive") == [{}] * 3


def test_room_ends_three_hours_after_the_last_sign_of_its_lecturer(hall):
    room, secret = hall.open()
    reader = hall.listen(room)
    hall.seconds += ROOM_SECONDS - 10
    assert hall.ask("GET", f"{room}/lecture", x_presenter=secret).status == 200
    hall.seconds += ROOM_SECONDS - 10
    hall.tick(5)
    assert reader.of("end") == []
    hall.tick(10)
    assert reader.of("end") == [{}]
    assert reader.is_closed
    assert hall.ask("GET", room).status == 404


def test_streams_end_with_the_server_though_not_the_lecture(hall):
    room, _ = hall.open()
    readers = [hall.listen(room) for _ in range(3)]
    hall.run(hall.rooms.close)
    assert all(reader.is_closed for reader in readers)
    assert not any(reader.of("end") for reader in readers)
    late = hall.listen(room)
    assert late.is_closed


def test_who_takes_nothing_is_let_go(hall, monkeypatch):
    monkeypatch.setattr("dashboard.room.events.TAKING_SECONDS", 0)
    room, secret = hall.open()
    reader = hall.listen(room, is_slow=True)
    assert reader.task.done()
    assert here(hall, room, secret) == 0
