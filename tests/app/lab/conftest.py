"""What the tests of the lab leave behind: nothing that trains."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.lab.server import shared_worker
from dashboard.lab.sweeps import shared_sweeper


@pytest.fixture(scope="module", autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """Pages that are gone leave their runs to the server for minutes: they would train beside the tests of other files,
    which may break for a while what trains.
    """
    yield
    for shared in (shared_sweeper, shared_worker):
        shared().close()
        shared.clear()
