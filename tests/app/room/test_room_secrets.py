"""Secrets of rooms, and the key that signs them: they outlive the server, and nobody makes one up."""

from __future__ import annotations

import stat

import pytest
from streamlit import config

from dashboard.room import key as keys
from dashboard.room.key import room_key
from dashboard.room.tokens import is_genuine, new_token

KEY, NOW, DAY = b"k" * 32, 1_800_000_000.0, 24 * 60 * 60


def test_secret_is_genuine_for_its_room_for_a_day():
    token = new_token(KEY, "K7QXM2", NOW)
    assert is_genuine(KEY, "K7QXM2", token, NOW)
    assert is_genuine(KEY, "K7QXM2", token, NOW + DAY)
    assert not is_genuine(KEY, "K7QXM2", token, NOW + DAY + 1)
    assert not is_genuine(KEY, "K7QXM2", token, NOW - DAY)


def test_two_secrets_of_one_moment_differ():
    assert new_token(KEY, "K7QXM2", NOW) != new_token(KEY, "K7QXM2", NOW)


def test_secret_of_another_room_or_of_another_key_is_not_genuine():
    token = new_token(KEY, "K7QXM2", NOW)
    assert not is_genuine(KEY, "K7QXM3", token, NOW)
    assert not is_genuine(b"x" * 32, "K7QXM2", token, NOW)


def test_no_part_of_a_secret_can_be_changed():
    token = new_token(KEY, "K7QXM2", NOW)
    time, nonce, signature = token.split(".")
    changed = [
        f"{int(time) + 1}.{nonce}.{signature}",
        f"{time}.{nonce}x.{signature}",
        f"{time}.{nonce}.{signature[:-1]}",
    ]
    changed += ["", ".", "..", "é..", "\ud800", token[1:], token + "0", f"{time}.{nonce}."]
    assert not any(is_genuine(KEY, "K7QXM2", text, NOW) for text in changed)


def restarted() -> bytes:
    """The key after the server has been started again."""
    keys._key.cache_clear()
    return room_key()


def test_key_is_kept_for_its_owner_alone(tmp_path):
    first = restarted()
    file = tmp_path / "gradient-descent-lab" / "room.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert restarted() == first


def test_another_file_is_another_key(monkeypatch, tmp_path):
    first = restarted()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    assert restarted() != first


def test_key_of_the_environment_is_believed_before_all_others(monkeypatch):
    kept = restarted()
    monkeypatch.setenv("GDL_ROOM_KEY", "of all replicas")
    given = restarted()
    assert given == restarted() != kept
    monkeypatch.setenv("GDL_ROOM_KEY", "of others")
    assert restarted() != given


def test_streamlits_secret_is_taken_where_somebody_has_set_it(monkeypatch, tmp_path):
    monkeypatch.setattr(config, "is_manually_set", lambda option: option == "server.cookieSecret")
    monkeypatch.setattr(config, "get_option", {"server.cookieSecret": "of all replicas"}.get)
    assert restarted() == restarted()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("there", ["a file in place of the folder", "no text of ours"])
def test_where_nothing_can_be_kept_the_key_lives_as_long_as_the_server(monkeypatch, tmp_path, there):
    if there == "no text of ours":
        (tmp_path / "gradient-descent-lab").mkdir()
        (tmp_path / "gradient-descent-lab" / "room.key").write_bytes(b"\xff\xfe")
    else:
        (tmp_path / "gradient-descent-lab").write_text("in the way")
    first = restarted()
    assert room_key() == first
    assert restarted() != first
