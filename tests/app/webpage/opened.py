"""A page as its readers find it: what its HTML says, and what its stage is told."""

from __future__ import annotations

import gzip
import json
import struct
from base64 import b64decode
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Opened(HTMLParser):
    """The elements of a page, and the texts of its scripts by their id, or else by their type."""

    tags: list[str] = field(default_factory=list)
    scripts: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self._inside = (given.get("id") or given.get("type") or "plain") if tag == "script" else tag

    def handle_data(self, data: str) -> None:
        if self._inside in ("title", "noscript"):
            self.texts.append(data)
        elif self.lasttag == "script":
            self.scripts[self._inside] = self.scripts.get(self._inside, "") + data

    @property
    def about(self) -> dict[str, Any]:
        return json.loads(self.scripts["about"])

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(gzip.decompress(b64decode(self.scripts["told"])))


def opened(page: bytes) -> Opened:
    found = Opened()
    found.feed(page.decode())
    found.close()
    return found


def numbers(packed: dict[str, str]) -> tuple[float, ...]:
    """Those that travel as bytes in base64."""
    found = b64decode(packed["bdata"])
    size, letter = {"f8": (8, "d"), "f4": (4, "f"), "i4": (4, "i")}[packed["dtype"]]
    return struct.unpack(f"<{len(found) // size}{letter}", found)
