"""A table that some seeds split so that it cannot be trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def one_of_a_kind(tmp_path: Path) -> Path:
    """Five rows, of which one has another x. Seed 1 trains on it; seed 0 does not, so that no slope can be found."""
    other, another = (np.random.RandomState(seed).permutation(5)[-1] for seed in (0, 1))
    assert other != another
    path = tmp_path / "split.csv"
    path.write_text("a,b\n" + "".join(f"{2 if row == other else 1},{row}\n" for row in range(5)))
    return path
