"""The page of whoever follows a room: the stage with the room as its source. It is the same for all rooms.

Its addresses are relative, so that they hold under any prefix; the code of the room is in the page's own.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from streamlit.file_util import get_static_dir

from dashboard.server.kept_file import KeptFile
from dashboard.shared.static_address import PLOTLY, address_of
from dashboard.webpage.modules import fonts, needed, style_names
from dashboard.webpage.page import colours

__all__ = ["follower_page"]

ENTRY = "room/follow.js"

OWN_STYLES = ("room/follow.css", "room/reading.css", "room/asking/asking.css", "room/turn/turn.css")

OLD = """if (!("popover" in document.body && window.EventSource)) {
  document.querySelector(".problem").textContent =
    "This browser is too old for this page: open it in a present Chrome, Edge, Firefox or Safari.";
}"""


@cache
def follower_page() -> KeptFile:
    """The page, as an ASGI application that sends it."""
    links = [f'<link rel="stylesheet" href="{_at(name)}">' for name in (*style_names(), *OWN_STYLES)]
    early = [f'<link rel="modulepreload" href="{_at(name)}">' for name in needed(ENTRY)]
    text = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Lecture · Gradient Descent Lab</title>
<link rel="icon" href="{_at("icon.svg")}">
<style>
{fonts(_letters)}
{colours()}</style>
{chr(10).join(links)}
{chr(10).join(early)}
</head>
<body>
<p class="problem" role="alert"></p>
<main data-testid="stage" data-state="idle" data-trained="0" data-epoch="0" data-follows="true"></main>
<article class="handout" hidden></article>
<footer></footer>
<noscript>This page follows a lecture, for which it needs JavaScript: allow it, and load the page again.</noscript>
<script>{OLD}</script>
<script src="{_at(PLOTLY.name)}"></script>
<script type="module">import {json.dumps(_at(ENTRY))};</script>
</body>
</html>
"""
    return KeptFile(text.encode(), ".html", "no-cache")


def _at(name: str) -> str:
    """Where a file is, as seen from the page."""
    return f"../{address_of(name)}"


def _letters(path: Path) -> str:
    """The lab's own, which Streamlit serves."""
    return f"../{path.relative_to(get_static_dir())}"
