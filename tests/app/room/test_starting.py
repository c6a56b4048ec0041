"""`make run` is for this machine alone, `make lecture` for a hall; both open the lab, and Ctrl-C ends them."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

import pytest

from dashboard.room import __main__ as lecture
from dashboard.room import address
from dashboard.room.__main__ import announcement, main, streamlit_options
from dashboard.room.qr import qr_terminal

ROOT = Path(__file__).parents[3]
EVERYWHERE = ["--logger.hideWelcomeMessage=true"]

NOT_THE_LOOPBACK = "127.0.0.2"
"""Answered only by who listens to more than 127.0.0.1: in this a stand-in for the network, which a machine may lack."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def made(target: str, *variables: str) -> list[str]:
    """The command that `make` would run, by the Python that runs the tests."""
    dry = ["make", "--just-print", "--no-print-directory", "--old-file=.venv/.run-installed", target, *variables]
    said = subprocess.run(dry, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    command = shlex.split(said.splitlines()[-1])
    program = {"streamlit": ["-m", "streamlit"], "python": []}[Path(command[0]).name]
    return [sys.executable, *program, *command[1:]]


@dataclass
class Started:
    """A server that a command has started."""

    process: subprocess.Popen[str]
    opened: str
    """What it has opened in the browser."""
    said: Callable[[], str]

    def interrupt(self) -> int:
        """Press Ctrl-C. Gives the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[Started]:
    """Run the command until it has opened the browser, of which this machine has one that only writes down what."""
    opened, log = folder / "opened", folder / "log"
    browser = folder / "xdg-open"
    browser.write_text(f'#!/bin/sh\necho "$@" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "STREAMLIT_SERVER_HEADLESS": "false",
    }
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        until = monotonic() + 120
        while not opened.exists():
            if process.poll() is not None or monotonic() > until:
                raise AssertionError(f"Nothing was opened:\n{log.read_text()}")
            sleep(0.05)
        yield Started(process, opened.read_text().strip(), log.read_text)
        assert "Traceback" not in log.read_text()
    finally:
        process.kill()
        process.wait()


def answers(host: str, port: int) -> bool:
    try:
        with urlopen(f"http://{host}:{port}/_stcore/health", timeout=30) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


def test_run_is_for_this_machine_alone_and_opens_the_lab(tmp_path):
    port = free_port()
    with started(made("run", f"PORT={port}"), tmp_path) as lab:
        assert lab.opened == f"http://localhost:{port}"
        assert answers("127.0.0.1", port)
        assert not answers(NOT_THE_LOOPBACK, port)
        assert lab.opened in lab.said()
        lab.interrupt()


def test_lecture_is_for_everybody_and_says_where_it_is(tmp_path):
    port = free_port()
    with started(made("lecture", "ADDRESS=lab.example.org", f"PORT={port}"), tmp_path) as lab:
        assert lab.opened == f"http://localhost:{port}"
        assert answers("127.0.0.1", port)
        assert answers(NOT_THE_LOOPBACK, port)
        url = f"http://lab.example.org:{port}/"
        assert url in lab.said().split()
        assert qr_terminal(url, coloured=False) in lab.said()
        assert lab.interrupt() == 0


def test_lecture_at_an_address_of_this_machine_is_for_that_alone(tmp_path):
    port = free_port()
    with started(made("lecture", "ADDRESS=127.0.0.1", f"PORT={port}"), tmp_path) as lab:
        assert lab.opened == f"http://127.0.0.1:{port}"
        assert answers("127.0.0.1", port)
        assert not answers(NOT_THE_LOOPBACK, port)
        assert f"http://127.0.0.1:{port}/" in lab.said().split()
        assert "Only this machine can open it." in lab.said()
        assert lab.interrupt() == 0


def test_lecture_without_variables_asks_for_nothing():
    assert made("lecture")[1:] == ["-m", "dashboard.room"]


def test_address_of_this_machine_is_listened_on_and_any_other_is_what_the_hall_is_told():
    assert streamlit_options(None, None) == EVERYWHERE
    assert streamlit_options("", 8613) == [*EVERYWHERE, "--server.port=8613"]
    assert streamlit_options("0.0.0.0", None) == EVERYWHERE
    assert streamlit_options("127.0.0.1", None) == [*EVERYWHERE, "--server.address=127.0.0.1"]
    assert streamlit_options("localhost", None) == [*EVERYWHERE, "--server.address=127.0.0.1"]
    assert streamlit_options("192.0.2.77", None) == [*EVERYWHERE, "--browser.serverAddress=192.0.2.77"]
    assert streamlit_options("lab.example.org", None) == [*EVERYWHERE, "--browser.serverAddress=lab.example.org"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--address", "https://lab.example.org/"], "ADDRESS must be an IP address or a name"),
        (["--address", "a b"], "ADDRESS must be an IP address or a name"),
        (["--port", "70000"], "PORT must be from 1 to 65535, but got 70000."),
        (["--port", "eighty"], "invalid int value"),
    ],
)
def test_bad_value_is_refused_in_a_sentence(capsys, given, told):
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_machine_in_several_networks_names_them(monkeypatch):
    at(monkeypatch, "192.168.0.7", "10.42.0.1")
    said = announcement(coloured=False)
    assert "The lab for the hall: http://192.168.0.7:8501/" in said
    assert "http://192.168.0.7:8501/room." in said
    assert "this machine is also 10.42.0.1." in said


def test_machine_without_a_network_says_what_to_do(monkeypatch):
    at(monkeypatch)
    assert "This machine is in no network, so nobody else can open it: join one, or" in announcement(coloured=False)


def at(monkeypatch, *addresses: str) -> None:
    for module in (address, lecture):
        monkeypatch.setattr(module, "own_addresses", lambda: list(addresses))
