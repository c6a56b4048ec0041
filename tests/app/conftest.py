"""What the tests of the page without a browser share."""

from __future__ import annotations

import pytest

from core import Worker
from dashboard.stage import watching


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture
def quick_machine(monkeypatch) -> None:
    """How long a run is thought to take depends on what else the machine does: here no run takes long."""
    monkeypatch.setattr(watching, "estimate_seconds", lambda experiment, dataset: 1.0)
