"""The page of whoever follows a room: the stage with the room as its source. It is the same for all rooms.

Its addresses are relative, so that they hold under any prefix; the code of the room is in the page's own.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from streamlit.file_util import get_static_dir

from dashboard.server.kept_file import KeptFile
from dashboard.shared.static_address import PLOTLY, address_of, static_files
from dashboard.webpage.modules import FONTS
from dashboard.webpage.page import colours

__all__ = ["follower_page"]

ENTRY = "room/follow.js"

OWN_STYLES = ("room/follow.css", "room/reading.css", "room/asking/asking.css", "room/turn/turn.css")

ASKING = ("answering", "card", "histogram", "results", "server_clock", "tab_memory")
"""Of asking, what answers."""

TURN = ("card", "results")
"""The same of *Your turn*."""

OLD = """if (!("popover" in document.body && window.EventSource)) {
  document.querySelector(".problem").textContent =
    "This browser is too old for this page: open it in a present Chrome, Edge, Firefox or Safari.";
}"""


@cache
def follower_page() -> KeptFile:
    """The page, as an ASGI application that sends it."""
    files = static_files()
    styles = [name for name in files if name.startswith("stage/") and name.endswith(".css")]
    styles.sort(key=lambda name: (name != "stage/stage.css", name))
    modules = [name for name in files if name.startswith(("stage/", "room/")) and name.endswith(".js")]
    links = [f'<link rel="stylesheet" href="{_at(name)}">' for name in (*styles, *OWN_STYLES)]
    early = [f'<link rel="modulepreload" href="{_at(name)}">' for name in modules if _is_needed(name)]
    text = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Lecture · Gradient Descent Lab</title>
<link rel="icon" href="{_at("icon.svg")}">
<style>
{_fonts()}
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


def _is_needed(name: str) -> bool:
    """Whether a follower's page needs the module at its start."""
    own = {
        ENTRY,
        "room/names.js",
        "room/fetched.js",
        "room/outcomes.js",
        "room/reading.js",
        *(f"room/asking/{one}.js" for one in ASKING),
        *(f"room/turn/{one}.js" for one in TURN),
    }
    return name in own or (name.startswith("stage/") and name not in ("stage/index.js", "stage/sources/streamlit.js"))


def _fonts() -> str:
    """The lab's own letters, which Streamlit serves."""
    static = Path(get_static_dir())
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: 200 900; src: url("../{path.relative_to(static)}") }}'
        for family, pattern in FONTS.items()
        for path in (static / "static" / "media").glob(pattern)
    )
