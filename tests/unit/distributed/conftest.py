"""What the tests of runs over several processes share."""

from __future__ import annotations

import signal

import pytest
from started import free_port

from core.distributed.command_line import main


@pytest.fixture
def by_itself(monkeypatch):
    """This process is all that torchrun started."""
    told = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "LOCAL_WORLD_SIZE": "1"}
    told |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port()}
    for name, value in told.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def torchrun_here(by_itself, capsys):
    """Calls the command line in this process: exit status, standard output, standard error."""
    before = signal.getsignal(signal.SIGTERM)

    def call(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = ended.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    yield call
    signal.signal(signal.SIGTERM, before)
