"""A hall for each test, and a key that is not that of whoever runs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lecture_hall import Hall

from dashboard.room import key


@pytest.fixture(autouse=True)
def kept_key(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("GDL_ROOM_KEY", raising=False)
    key._key.cache_clear()


@pytest.fixture
def hall() -> Iterator[Hall]:
    hall = Hall()
    yield hall
    hall.close()
