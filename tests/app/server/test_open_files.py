"""A server takes as many lines as its user may have, whatever the shell granted that started it."""

from __future__ import annotations

import subprocess
import sys

import pytest

SAY = """
import resource
from dashboard.server.open_files import allow_lines
allow_lines(500)
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("granted", "at_most", "then"), [(256, 1000, 500), (256, 300, 300), (600, 1000, 600), (256, 256, 256)]
)
def test_what_the_shell_granted_is_raised_and_never_lowered(granted, at_most, then):
    shell = f'ulimit -Sn {granted} && ulimit -Hn {at_most} && exec "$0" -c "$1"'
    said = subprocess.run(["sh", "-c", shell, sys.executable, SAY], capture_output=True, text=True, check=True)
    assert said.stdout.split() == [str(then), str(at_most)]
