"""Hears what a library warns of while code of ours runs on show."""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["warnings_from"]

_FOR_DEVELOPERS = re.compile(r" \(Triggered internally at [^)]*\)$")
"""The line of PyTorch's own C++ code, which ends the warnings that come from there."""

_one_at_a_time = threading.Lock()
"""Who listens for warnings changes what the whole process does with them."""


@contextmanager
def warnings_from(file: str) -> Iterator[list[str]]:
    """A list that holds, afterwards, what was warned of in `file`. Other warnings go where they always do.

    What runs within takes turns with everything else that is listened to.
    """
    said: list[str] = []
    with _one_at_a_time:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield said
        # Other threads may have been heard too.
        for one in caught:
            if one.filename == file:
                said.append(f"{one.category.__name__}: {_FOR_DEVELOPERS.sub('', str(one.message))}")
            else:
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
