"""What the tests of the page without a browser share."""

from __future__ import annotations

import pytest

from core import Worker


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.close()
