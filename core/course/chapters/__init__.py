"""The chapters, one file each. A new file is a new chapter: its name says where it comes, its `CHAPTER` what it is."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from core.course.chapter import Chapter

__all__ = ["BY_NAME", "CHAPTERS"]

CHAPTERS: tuple[Chapter, ...] = tuple(
    import_module(f"{__name__}.{module.name}").CHAPTER
    for module in sorted(iter_modules(__path__), key=lambda module: module.name)
)
"""All of them, in the order of their files' names."""

BY_NAME = {chapter.name: chapter for chapter in CHAPTERS}
"""The same by the name that a link calls them."""
