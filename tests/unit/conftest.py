"""What the tests of the engine share.

The property tests take the same examples every time, and are not judged by the clock of a busy machine.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

from core import Experiment, make_dataset
from core.__main__ import main
from core.training.joint import joint_kind

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")


@pytest.fixture
def call(capsys):
    """Calls `main` in this process: exit status, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = ended.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def kinds_known():
    """It is known what can be trained jointly here: a method that a test breaks afterwards is not tried for that."""
    for method in ("numpy", "autograd"):
        assert joint_kind(Experiment(method=method), make_dataset(Experiment())) is not None
