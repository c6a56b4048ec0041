"""Hears what a library warns of while code of ours runs on show."""

from __future__ import annotations

import re
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

__all__ = ["warnings_from"]

_FOR_DEVELOPERS = re.compile(r" \(Triggered internally at [^)]*\)$")
"""The line of PyTorch's own C++ code, which ends the warnings that come from there."""

_one_at_a_time = threading.Lock()
"""Who listens for warnings changes what the whole process does with them."""


@contextmanager
def warnings_from(code_file: str) -> Iterator[list[str]]:
    """A list of what is warned of in `code_file` or in what it calls, each once. Others go where they always do.

    What runs within takes turns with everything else that is listened to.
    """
    said: list[str] = []
    others: list[tuple[Warning | str, type[Warning], str, int]] = []

    def hear(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not _blames(filename, code_file):
            others.append((message, category, filename, lineno))
            return
        text = f"{category.__name__}: {_FOR_DEVELOPERS.sub('', str(message))}"
        if text not in said:  # a loop brings it in every epoch
            said.append(text)

    with _one_at_a_time:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = hear  # which `catch_warnings` sets back
            yield said
        for message, category, filename, lineno in others:
            warnings.warn_explicit(message, category, filename, lineno)


def _blames(filename: str, code_file: str) -> bool:
    """Whether a warning that is being shown, of a line in `filename`, comes of code of `code_file`.

    A function of a library may blame a caller of its own for what it was given: so `nn.MSELoss`. This thread's calls
    tell such a warning from one of another thread.
    """
    files = []
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        files.append(frame.f_code.co_filename)
        frame = frame.f_back
    return filename in files and code_file in files[files.index(filename) :]
