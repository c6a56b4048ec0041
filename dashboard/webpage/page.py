"""The page itself: one HTML file that loads nothing, and in which no text of a user becomes HTML or script."""

from __future__ import annotations

import gzip
import json
import platform
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.metadata import version
from typing import Any

from dashboard.shared.palette import DARK, LIGHT
from dashboard.webpage.modules import ENTRY, fonts, import_map, plotly, styles

__all__ = ["About", "colours", "write_page"]

MADE_WITH = {"gradient-descent-lab": "Gradient Descent Lab", "torch": "torch", "numpy": "NumPy", "plotly": "plotly"}
"""The packages whose versions the page tells, and how they are called."""


@dataclass(frozen=True)
class About:
    """What a page says of itself."""

    title: str
    """What is to be seen, in a few words."""
    link: str
    """To the same runs in a lab; empty where there is no such link."""
    program: str
    """The run as a program; empty where the page does not hold it."""
    program_title: str
    """Which runs that is."""
    notes: Sequence[str]
    """Sentences on what the page holds."""


def write_page(told: Mapping[str, Any], about: About) -> bytes:
    """The page as the contents of an .html file, the same for what is equally told.

    Args:
        told: what its stage is fed with, see `told.tell`.
    """
    said = {
        "title": about.title,
        "link": about.link,
        "program": about.program,
        "program_title": about.program_title,
        "notes": [*about.notes],
    }
    said["versions"] = versions()
    head = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="generator" content="{escape(versions())}">
<title>{escape(about.title)} · Gradient Descent Lab</title>
"""
    body = f"""<body>
<main data-testid="stage" data-state="idle" data-trained="0" data-epoch="0"></main>
<footer></footer>
<noscript>This page plays a run, for which it needs JavaScript: allow it, and load the page again.</noscript>
<script>{OLD}</script>
<script type="application/json" id="about">{_harmless(said)}</script>
<script type="application/gzip" id="told">{_packed(told)}</script>
"""
    return b"".join([head.encode(), _same_head(), body.encode(), _same_end()])


POLICY = "default-src 'unsafe-inline' 'unsafe-eval' data: blob:; base-uri 'none'; form-action 'none'"
"""Scripts may do what they like with what is here; the browser itself sees to it that nothing is loaded or sent."""


OLD = """const supports = window.HTMLScriptElement?.supports?.("importmap");
if (!(supports && window.DecompressionStream && "popover" in document.body)) {
  document.querySelector("footer").textContent =
    "This browser is too old for this page: open it in a present Chrome, Edge, Firefox or Safari.";
}"""
"""Said where the page would not even load, or not as it is meant: of what it needs these three are the newest."""


@cache
def _same_head() -> bytes:
    return f"<style>\n{fonts()}\n{colours()}{styles()}\n</style>\n</head>\n".encode()


@cache
def _same_end() -> bytes:
    """What is the same on every page, and most of it."""
    return f"""<script>{plotly()}</script>
<script type="importmap">{import_map()}</script>
<script type="module">import "{ENTRY}";</script>
</body>
</html>
""".encode()


def colours() -> str:
    """Those of the page around the stage, for either theme, as a style."""
    light, dark = (
        f"--st-background-color: {palette['background']}; "
        + " ".join(f"--lab-{role}: {palette[role]};" for role in ("background", "panel", "grid", "muted", "text"))
        for palette in (LIGHT, DARK)
    )
    return f':root {{{light}}}\n:root[data-theme="dark"] {{{dark}}}\n'


@cache
def versions() -> str:
    """What the page was made with."""
    told = [f"{name} {version(package)}" for package, name in MADE_WITH.items()]
    return ", ".join([*told, f"Python {platform.python_version()}"])


def _harmless(said: Mapping[str, Any]) -> str:
    """JSON in which no text can end the script that it stands in."""
    return json.dumps(said).replace("<", "\\u003c")


def _packed(told: Mapping[str, Any]) -> str:
    """JSON, compressed: many of its lines are like one another."""
    text = json.dumps(told, separators=(",", ":"), allow_nan=False)
    return b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode()
