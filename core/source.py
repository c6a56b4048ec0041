"""The source of functions and classes, read as text and as syntax trees, by one thread at a time.

Before Python 3.11.8, two threads that parse at once may both fail (https://github.com/python/cpython/issues/106905);
`inspect` parses as well, to find a class.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

__all__ = ["body_of", "definition_of", "parse", "source_of"]

_one_at_a_time = Lock()


def parse(text: str) -> ast.Module:
    """The syntax tree of `text`, made anew. Raises `SyntaxError`."""
    with _one_at_a_time:
        return ast.parse(text)


@cache
def source_of(what: Callable[..., Any]) -> str:
    """The source of a function or class, at the margin."""
    with _one_at_a_time:
        return textwrap.dedent(inspect.getsource(what)).rstrip()


def definition_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """The syntax tree of a function, made anew for whoever changes it."""
    (definition,) = parse(source_of(function)).body
    assert isinstance(definition, ast.FunctionDef)
    return definition


@cache
def body_of(function: Callable[..., Any]) -> str:
    """The lines below the function's signature, at the margin, with the comments above the first of them."""
    lines = source_of(function).splitlines()
    above = definition_of(function).body[0].lineno - 1
    while lines[above - 1].lstrip().startswith("#"):
        above -= 1
    return textwrap.dedent("\n".join(lines[above:]))
