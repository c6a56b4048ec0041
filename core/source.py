"""The source of functions, as it is shown: without their first lines, at the margin."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from typing import Any

__all__ = ["body_of"]


@cache
def body_of(function: Callable[..., Any]) -> str:
    """The lines below the function's signature, with the comments above the first of them."""
    source = textwrap.dedent(inspect.getsource(function))
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    lines = source.splitlines()
    above = definition.body[0].lineno - 1
    while lines[above - 1].lstrip().startswith("#"):
        above -= 1
    return textwrap.dedent("\n".join(lines[above:]))
